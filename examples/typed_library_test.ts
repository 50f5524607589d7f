import { assertEquals, assertRejects } from "@std/assert";
import { open, SqlError } from "../mod.ts";
import { authors, books, keep, like, writtenBy } from "./typed_library.ts";

Deno.test("[O-006] typed library: authors and books are kept together, and found", async () => {
  await using db = await open("memory:");
  await authors.create(db);
  await books.create(db);
  const ann = { id: 1, name: "Ann'); DROP TABLE books; --" };
  const seas = { id: 1, author: 1, title: "Seas", embedding: [1, 0] };
  await keep(db, [ann], [seas]);
  await keep(db, [ann, { id: 2, name: "Bob" }], [
    { ...seas, title: "The seas" },
    { id: 2, author: 1, title: "Hills", embedding: [0, 1] },
  ]);
  await assertRejects(
    () => keep(db, [{ id: 3, name: "Eve" }], [{ ...seas, id: 3, author: 9 }]),
    SqlError,
    "violates foreign key constraint",
  );
  assertEquals(await writtenBy(db), [
    { name: ann.name, books: 2, last: "The seas" },
    { name: "Bob", books: 0, last: null },
  ]);
  assertEquals(await like(db, [1, 0.2], 1), ["The seas"]);
});
