import { assertEquals, assertRejects } from "@std/assert";
import { open, SqlError } from "@kriyadb/kriyadb";
import {
  column,
  type InsertOf,
  type RowOf,
  table,
} from "@kriyadb/kriyadb/typed";

const items = table("items", {
  id: column.identity(),
  name: column.text().notNull(),
  price: column.numeric(),
  tags: column.text().array().notNull().default("'{}'"),
  about: column.jsonb<{ pages: number }>(),
  made: column.timestamptz().notNull().default("now()"),
  embedding: column.vector(2),
});

/** True where two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles where its type argument is true. */
function holds<_T extends true>(): void {}

interface ItemRow {
  readonly id: number;
  readonly name: string;
  readonly price: string | null;
  readonly tags: readonly (string | null)[];
  readonly about: { pages: number } | null;
  readonly made: Date;
  readonly embedding: Float32Array | null;
}

Deno.test("[O-006] typed: rows and parameters have the types of the columns", () => {
  holds<Same<Readonly<RowOf<typeof items>>, ItemRow>>();
  const least: InsertOf<typeof items> = { name: "a" };
  // @ts-expect-error: a name is needed
  const without: InsertOf<typeof items> = { price: "1" };
  // @ts-expect-error: a name is text
  const wrong: InsertOf<typeof items> = { name: 1 };
  // @ts-expect-error: a name is not NULL
  const none: InsertOf<typeof items> = { name: null };
  // @ts-expect-error: there is no such column
  const more: InsertOf<typeof items> = { name: "a", nothing: 1 };
  assertEquals([least, without, wrong, none, more].length, 5);
});

Deno.test("[O-006] typed: calls take columns and values that are there", async () => {
  await using db = await open("memory:");
  await items.create(db);
  await assertRejects(
    // @ts-expect-error: there is no such column
    () => items.select(db, { where: { nothing: 1 } }),
    SqlError,
    'column "nothing" does not exist',
  );
  await assertRejects(
    // @ts-expect-error: not a vector
    () => items.nearest(db, "name", [1, 0]),
    SqlError,
  );
  // @ts-expect-error: a name is compared with text
  assertEquals(await items.select(db, { where: { name: new Date(0) } }), []);
  await assertRejects(
    () => items.delete(db, { name: undefined as never }),
    SqlError,
    'the condition on "name" has no value',
  );
  await assertRejects(
    () => items.update(db, {}, {}),
    SqlError,
    "there is nothing to change",
  );
});

Deno.test("[O-006] typed: rows are inserted, found, changed and deleted", async () => {
  await using db = await open("memory:");
  await items.create(db);
  await items.create(db);
  const made = new Date("2024-01-02T03:04:05Z");
  const [one, two] = await items.insert(db, [
    { name: "red", price: 1.5, embedding: [1, 0], made },
    { name: "blue", tags: ["x"], about: { pages: 3 }, made },
  ]);
  assertEquals<unknown>(one, {
    id: 1,
    name: "red",
    price: "1.5",
    tags: [],
    about: null,
    made,
    embedding: new Float32Array([1, 0]),
  });
  assertEquals(two!.about?.pages, 3);
  const names = async (
    where: Parameters<typeof items.select>[1],
  ): Promise<string> =>
    (await items.select(db, where)).map(({ name }) => name).join();
  assertEquals(await names({ orderBy: "-id" }), "blue,red");
  assertEquals(await names({ orderBy: "name", limit: 1, offset: 1 }), "red");
  assertEquals(await names({ where: { price: null } }), "blue");
  assertEquals(await names({ where: { price: { not: null } } }), "red");
  assertEquals(await names({ where: { id: { gt: 1, lte: 2 } } }), "blue");
  assertEquals(await names({ where: { name: { like: "b%" } } }), "blue");
  assertEquals(await names({ where: { id: { in: [1, 7] } } }), "red");
  assertEquals(await names({ where: { about: { pages: 3 } } }), "blue");
  assertEquals(await names({ where: { name: { not: "red" }, id: 1 } }), "");
  const near = await items.nearest(db, "embedding", [1, 1], {
    where: { embedding: { not: null } },
    metric: "euclidean",
  });
  assertEquals(near.map(({ name, distance }) => [name, distance]), [[
    "red",
    1,
  ]]);
  await assertRejects(
    () =>
      db.transaction(async (tx) => {
        await items.delete(tx, {});
        throw new Error("no");
      }),
    Error,
    "no",
  );
  const changed = await items.update(db, { id: 2 }, {
    price: 9n,
    about: null,
  });
  assertEquals(changed.map(({ price, about }) => [price, about]), [[
    "9",
    null,
  ]]);
  assertEquals(await items.delete(db, { name: "red" }), 1);
  const { rows } = await db.sql<RowOf<typeof items>>`SELECT * FROM items`;
  assertEquals(rows.map(({ name }) => name), ["blue"]);
});
