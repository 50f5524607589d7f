import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { type Database, open, SqlError } from "@kriyadb/kriyadb";
import {
  avg,
  column,
  count,
  distance,
  from,
  max,
  type RowOf,
  sum,
  table,
} from "@kriyadb/kriyadb/typed";

const authors = table("authors", {
  id: column.int4().primaryKey(),
  name: column.text().notNull(),
});
const books = table("books", {
  id: column.int4().primaryKey(),
  author: column.int4().references("authors"),
  title: column.text().notNull().unique(),
  pages: column.int4(),
  price: column.numeric().notNull().default("1.50"),
  embedding: column.vector(2),
});
const loans = table("loans", {
  id: column.identity(),
  book: column.int4().notNull().references("books"),
  since: column.timestamptz().notNull(),
});

/** True where two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles where its type argument is true. */
function holds<_T extends true>(): void {}

const SINCE = new Date("2024-01-02T03:04:05Z");

async function library(): Promise<Database> {
  const db = await open("memory:");
  for (const one of [authors, books, loans]) await one.create(db);
  await authors.insert(db, [{ id: 1, name: "Ann" }, { id: 2, name: "Bob" }]);
  await books.insert(db, [
    { id: 1, author: 1, title: "A", pages: 10, embedding: [1, 0] },
    { id: 2, author: 1, title: "B", pages: 30, embedding: [0, 1] },
    { id: 3, title: "C", price: "2.25", embedding: [1, 1] },
  ]);
  await loans.insert(db, [{ book: 2, since: SINCE }]);
  return db;
}

Deno.test("[O-006] typed: joins of tables, with NULL where a left join has no row", async () => {
  await using db = await library();
  const lent = from(books, "b")
    .join(authors, "a", { "a.id": "b.author" })
    .leftJoin(loans, "l", { "l.book": "b.id" })
    .where({ "a.name": "Ann", "b.pages": { gt: 5 } })
    .select({ title: "b.title", author: "a.name", since: "l.since" })
    .orderBy("-b.id");
  holds<
    Same<
      RowOf<typeof lent>,
      { title: string; author: string; since: Date | null }
    >
  >();
  assertEquals(lent.toSql(), {
    text: 'SELECT "b"."title" AS "title", "a"."name" AS "author", ' +
      '"l"."since" AS "since" FROM "books" AS "b" ' +
      'JOIN "authors" AS "a" ON "a"."id" = "b"."author" ' +
      'LEFT JOIN "loans" AS "l" ON "l"."book" = "b"."id" ' +
      'WHERE "a"."name" = $1 AND "b"."pages" > $2 ORDER BY "b"."id" DESC',
    values: ["Ann", 5],
  });
  assertEquals(await lent.rows(db), [
    { title: "B", author: "Ann", since: SINCE },
    { title: "A", author: "Ann", since: null },
  ]);
  const free = from(books, "b")
    .leftJoin(loans, "l", { "l.book": "b.id" })
    .where({ "l.id": null })
    .where({ "b.id": { in: [1, 2] } })
    .select({ id: "b.id", 'a "name"': "b.title" });
  assertEquals(await free.rows(db), [{ id: 1, 'a "name"': "A" }]);
});

Deno.test("[O-006] typed: aggregates of groups, in an order of several, a page of them", async () => {
  await using db = await library();
  const written = from(authors, "a")
    .leftJoin(books, "b", { "b.author": "a.id" })
    .select({
      name: "a.name",
      books: count("b.id"),
      rows: count(),
      pages: sum("b.pages"),
      mean: avg("b.pages"),
      cost: sum("b.price"),
      last: max("b.title"),
    })
    .groupBy("a.name")
    .orderBy("-books", "name");
  holds<
    Same<RowOf<typeof written>, {
      name: string;
      books: number;
      rows: number;
      pages: number | bigint | null;
      mean: number | null;
      cost: string | null;
      last: string | null;
    }>
  >();
  const [ann, bob] = [
    {
      name: "Ann",
      books: 2,
      rows: 2,
      pages: 40,
      mean: 20,
      cost: "3.00",
      last: "B",
    },
    {
      name: "Bob",
      books: 0,
      rows: 1,
      pages: null,
      mean: null,
      cost: null,
      last: null,
    },
  ];
  assertEquals<unknown>(await written.rows(db), [ann, bob]);
  assertEquals<unknown>(await written.limit(1).offset(1).rows(db), [bob]);
  assertEquals<unknown>(await written.having({ books: { gte: 1 } }).rows(db), [
    ann,
  ]);
});

Deno.test("[O-006] typed: the nearest rows by the distance of a vector column", async () => {
  await using db = await library();
  await db.exec(
    "CREATE INDEX ON books USING lsm_hnsw (embedding lsm_vector_l2_ops)",
  );
  const near = from(books, "b")
    .leftJoin(authors, "a", { "a.id": "b.author" })
    .select({
      title: "b.title",
      author: "a.name",
      far: distance("b.embedding", [1, 0.9], "euclidean"),
    })
    .orderBy("far")
    .limit(2);
  holds<
    Same<
      RowOf<typeof near>,
      { title: string; author: string | null; far: number | null }
    >
  >();
  const { text, values } = near.toSql();
  const plan = await db.query(`EXPLAIN ${text}`, [...values]);
  assertMatch(
    JSON.stringify(plan.rows),
    /KNN: exact is cheaper for 2 of 3 rows/,
  );
  const rows = await near.rows(db);
  assertEquals(rows.map(({ title, author }) => [title, author]), [
    ["C", null],
    ["A", "Ann"],
  ]);
  assertEquals(values, [[1, 0.9], 2]);
});

Deno.test("[O-006] typed: columns that are not there, or do not compare, are refused", async () => {
  await using db = await library();
  const source = from(books, "b");
  assertThrows(
    // @ts-expect-error: there is no such column
    () => source.select({ x: "b.nothing" }).toSql(),
    SqlError,
    "column b.nothing does not exist",
  );
  // @ts-expect-error: a number is not compared with a text
  source.join(authors, "a", { "a.name": "b.id" });
  // @ts-expect-error: a text has no distance
  source.select({ far: distance("b.title", [1, 0]) });
  // @ts-expect-error: what is selected has no such name
  const order = source.select({ id: "b.id" }).orderBy("nothing");
  assertThrows(() => order.toSql(), SqlError, "column nothing does not exist");
  assertThrows(
    () => source.join(books, "b", { "b.id": "b.id" }),
    SqlError,
    'table name "b" specified more than once',
  );
  assertThrows(
    () => source.join(authors, "a", {}),
    SqlError,
    'the join with "a" has no columns',
  );
  await assertRejects(
    () => source.select({ title: "b.title", n: count() }).rows(db),
    SqlError,
    "must appear in the GROUP BY clause",
  );
});

Deno.test("[O-006] typed: rows that are there are changed or left by an insert", async () => {
  await using db = await library();
  const changed = await books.insert(db, [
    { id: 1, title: "A", pages: 11 },
    { id: 4, title: "D", pages: 40 },
  ], { onConflict: { columns: ["id"], update: ["title", "pages"] } });
  assertEquals(
    changed.map(({ id, author, pages }) => [id, author, pages]),
    [[1, 1, 11], [4, null, 40]],
  );
  const left = await books.insert(db, [
    { id: 9, title: "A" },
    { id: 5, title: "E" },
  ], { onConflict: { columns: ["title"] } });
  assertEquals(left.map(({ id }) => id), [5]);
  await assertRejects(
    () =>
      books.insert(db, [{ id: 8, title: "X" }], {
        onConflict: {
          // @ts-expect-error: there is no such column
          columns: ["nothing"],
        },
      }),
    SqlError,
    'column "nothing" does not exist',
  );
  await assertRejects(
    () => books.insert(db, [{ id: 1, title: "A" }]),
    SqlError,
    "duplicate key value",
  );
  await assertRejects(
    () =>
      db.transaction(async (tx) => {
        const gone = await books.deleteReturning(tx, { id: { gte: 4 } });
        assertEquals(gone.map(({ title }) => title).sort(), ["D", "E"]);
        const ids = await from(books, "b").select({ n: count() }).rows(tx);
        assertEquals(ids, [{ n: 3 }]);
        throw new Error("no");
      }),
    Error,
    "no",
  );
  const all = await from(books, "b").select({ n: count() }).rows(db);
  assertEquals(all, [{ n: 5 }]);
});
