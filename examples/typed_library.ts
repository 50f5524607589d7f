/**
 * A library by typed tables: an upsert in a transaction, a join with groups, and the books
 * nearest to a vector.
 *
 *     deno run --allow-read examples/typed_library.ts
 *
 * @module
 */
import { type Database, open } from "../mod.ts";
import {
  column,
  count,
  distance,
  from,
  type InsertOf,
  max,
  type RowOf,
  table,
} from "../typed/mod.ts";

/** Who writes. */
export const authors = table("authors", {
  id: column.int4().primaryKey(),
  name: column.text().notNull(),
});

/** What was written. */
export const books = table("books", {
  id: column.int4().primaryKey(),
  author: column.int4().notNull().references("authors"),
  title: column.text().notNull(),
  embedding: column.vector(2).notNull(),
});

const written = from(authors, "a")
  .leftJoin(books, "b", { "b.author": "a.id" })
  .select({ name: "a.name", books: count("b.id"), last: max("b.title") })
  .groupBy("a.name")
  .orderBy("-books", "name");

/** Authors and books that are there take the new values; all of them or none. */
export async function keep(
  db: Database,
  people: readonly InsertOf<typeof authors>[],
  works: readonly InsertOf<typeof books>[],
): Promise<void> {
  await db.transaction(async (tx) => {
    await authors.insert(tx, people, {
      onConflict: { columns: ["id"], update: ["name"] },
    });
    await books.insert(tx, works, {
      onConflict: { columns: ["id"], update: ["title", "embedding"] },
    });
  });
}

/** How much each author wrote. */
export function writtenBy(db: Database): Promise<RowOf<typeof written>[]> {
  return written.rows(db);
}

/** The titles of the `k` books nearest to a vector. */
export async function like(
  db: Database,
  vector: readonly number[],
  k: number,
): Promise<string[]> {
  const rows = await from(books, "b")
    .select({ title: "b.title", far: distance("b.embedding", vector) })
    .orderBy("far")
    .limit(k)
    .rows(db);
  return rows.map(({ title }) => title);
}

if (import.meta.main) {
  await using db = await open("memory:");
  await authors.create(db);
  await books.create(db);
  await keep(db, [{ id: 1, name: "Ann" }, { id: 2, name: "Bob" }], [
    { id: 1, author: 1, title: "Seas", embedding: [1, 0] },
    { id: 2, author: 1, title: "Hills", embedding: [0, 1] },
  ]);
  console.log(written.toSql().text);
  console.log(await writtenBy(db));
  console.log(await like(db, [1, 0.2], 1));
}
