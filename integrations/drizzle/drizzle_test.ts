import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  and,
  arrayContains,
  avg,
  count,
  countDistinct,
  eq,
  exists,
  gt,
  ilike,
  inArray,
  isNull,
  l2Distance,
  max,
  or,
  placeholder,
  sql,
} from "drizzle-orm";
import {
  alias,
  bigint,
  bit,
  customType,
  doublePrecision,
  halfvec,
  interval,
  json,
  pgTable,
  point,
  serial,
  sparsevec,
  text,
  time,
  timestamp,
  unionAll,
  varchar,
  vector,
} from "drizzle-orm/pg-core";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { type Database, open, SqlError } from "@kriyadb/kriyadb";
import { drizzle } from "@kriyadb/kriyadb/drizzle";
import { PGlite } from "@kriyadb/kriyadb/pglite";
import {
  everything,
  fill,
  nearest,
  type Notes,
  openNotes,
  undoMigration,
} from "../../examples/drizzle_notes.ts";
import * as schema from "../../examples/drizzle_notes/schema.ts";

const { authors, notes } = schema;

/** Drizzle over the face of PGlite and over the database itself. */
function both(title: string, test: (db: Notes) => Promise<void>): void {
  Deno.test(`[O-006] drizzle: ${title}`, async () => {
    await using client = await open("memory:");
    const db = await openNotes(client);
    await fill(db);
    await test(db);
  });
  Deno.test(`[O-006] drizzle over ./pglite: ${title}`, async () => {
    await using pg = await PGlite.create();
    await fill(await openNotes(pg.kriya));
    await test(drizzlePglite(pg as never, { schema }) as unknown as Notes);
  });
}

async function namesIn(client: Database): Promise<unknown[]> {
  const { rows } = await client.query<{ relname: string }>(
    `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
     AND relkind IN ('r', 'v', 'i') ORDER BY relname`,
  );
  return rows.map(({ relname }) => relname);
}

Deno.test("[O-006] drizzle: migrations run up, and down by their scripts", async () => {
  await using client = await open("memory:");
  await openNotes(client);
  const all = await namesIn(client);
  assertEquals(all, [
    "authors",
    "authors_name_unique",
    "authors_pkey",
    "notes",
    "notes_author",
    "notes_embedding",
    "notes_pkey",
    "titles",
  ]);
  const db = await openNotes(client);
  await fill(db);
  await undoMigration(client);
  assertEquals((await namesIn(client)).includes("notes_embedding"), false);
  assertEquals(await db.$count(notes), 2);
  await openNotes(client);
  assertEquals(await namesIn(client), all);
  await undoMigration(client);
  await undoMigration(client);
  assertEquals(await namesIn(client), []);
  await assertRejects(() => undoMigration(client), Error, "nothing to undo");
});

both("the example reads what it wrote", async (db) => {
  assertEquals(await everything(db), [
    { name: "Ada", notes: [{ title: "On the engine", tags: ["maths"] }] },
    { name: "Grace", notes: [{ title: "A bug", tags: [] }] },
  ]);
  assertEquals(await nearest(db, [0, 1, 0.1]), ["A bug", "On the engine"]);
});

both("selections, joins and aggregates", async (db) => {
  const [row] = await db.select().from(notes).where(
    and(eq(notes.title, "On the engine"), arrayContains(notes.tags, ["maths"])),
  );
  assert(row!.written instanceof Date);
  assertEquals(row!.embedding, [1, 0, 0]);
  assertEquals([row!.about, row!.price, row!.due, row!.mood], [
    { pages: 66 },
    "1.50",
    "1843-09-01",
    "calm",
  ]);
  const joined = await db.select({
    author: authors.name,
    pages: sql<number>`(${notes.about}->>'pages')::int`,
    note: { title: notes.title },
  }).from(authors).leftJoin(
    notes,
    and(eq(notes.authorId, authors.id), eq(notes.mood, "calm")),
  ).orderBy(authors.id);
  assertEquals(joined, [
    { author: "Ada", pages: 66, note: { title: "On the engine" } },
    { author: "Grace", pages: null as never, note: null as never },
  ]);
  const other = alias(authors, "other");
  const [totals] = await db.select({
    all: count(),
    moods: countDistinct(notes.mood),
    last: max(notes.title),
    mean: avg(notes.price),
  }).from(notes).innerJoin(other, eq(other.id, notes.authorId))
    .where(or(isNull(notes.due), gt(notes.price, "1")));
  assertEquals(totals, {
    all: 2,
    moods: 2,
    last: "On the engine",
    mean: "1.50000000000000000000",
  });
  const glad = db.$with("glad").as(
    db.select().from(notes).where(eq(notes.mood, "glad")),
  );
  const names = await db.with(glad).select({ name: authors.name }).from(authors)
    .where(exists(
      db.select({ one: sql`1` }).from(glad).where(
        eq(glad.authorId, authors.id),
      ),
    ));
  assertEquals(names, [{ name: "Grace" }]);
  const united = await unionAll(
    db.select({ text: authors.name }).from(authors),
    db.select({ text: notes.title }).from(notes),
  ).orderBy(sql`1`).limit(2);
  assertEquals(united, [{ text: "A bug" }, { text: "Ada" }]);
});

both("relational queries of both directions", async (db) => {
  const found = await db.query.notes.findFirst({
    where: ilike(notes.title, "%BUG%"),
    columns: { title: true, mood: true },
    with: { author: { with: { notes: { columns: { embedding: true } } } } },
    extras: { loud: sql<string>`upper(${notes.title})`.as("loud") },
  });
  assertEquals(found as unknown, {
    title: "A bug",
    mood: "glad",
    loud: "A BUG",
    author: { id: 2, name: "Grace", notes: [{ embedding: [0, 1, 0] }] },
  });
  const none = await db.query.authors.findFirst({
    where: eq(authors.name, "nobody"),
  });
  assertEquals(none, undefined);
});

both("changes with RETURNING and conflicts", async (db) => {
  const inserted = await db.insert(authors).values({ name: "Ada" })
    .onConflictDoUpdate({ target: authors.name, set: { name: "Ada L." } })
    .returning();
  assertEquals(inserted, [{ id: 1, name: "Ada L." }]);
  const nothing = await db.insert(authors).values({ name: "Grace" })
    .onConflictDoNothing().returning();
  assertEquals(nothing, []);
  const updated = await db.update(notes).set({
    tags: ["a", "b"],
    written: new Date("2020-02-02T02:02:02.020Z"),
    about: null,
  }).where(eq(notes.title, "A bug")).returning({
    tags: notes.tags,
    written: notes.written,
  });
  assertEquals(updated, [{
    tags: ["a", "b"],
    written: new Date("2020-02-02T02:02:02.020Z"),
  }]);
  const prepared = db.select({ id: authors.id }).from(authors)
    .where(eq(authors.name, placeholder("name"))).prepare("by_name");
  assertEquals(await prepared.execute({ name: "Grace" }), [{ id: 2 }]);
  assertEquals(await prepared.execute({ name: "none" }), []);
  await db.delete(authors).where(inArray(authors.id, [1, 2]));
  assertEquals(await db.$count(notes), 0);
});

both("transactions and savepoints", async (db) => {
  await db.transaction(async (tx) => {
    await tx.insert(authors).values({ name: "Edsger" });
    await assertRejects(() =>
      tx.transaction(async (inner) => {
        await inner.insert(authors).values({ name: "Niklaus" });
        inner.rollback();
      })
    );
    await tx.transaction((inner) =>
      inner.insert(authors).values({ name: "Barbara" })
    );
  }, { isolationLevel: "serializable" });
  const names = await db.select({ name: authors.name }).from(authors)
    .orderBy(authors.id);
  assertEquals(names.slice(2).map(({ name }) => name), ["Edsger", "Barbara"]);
  const error = await db.insert(authors).values({ name: "Ada" })
    .then(() => undefined, (error) => error);
  assert(error.cause instanceof SqlError);
  assertEquals(error.cause.code, "23505");
});

const bytea = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

const kinds = pgTable("kinds", {
  id: serial().primaryKey(),
  big: bigint({ mode: "bigint" }),
  small: bigint({ mode: "number" }),
  real: doublePrecision(),
  at: timestamp({ mode: "string", precision: 3 }),
  times: timestamp({ withTimezone: true }).array(),
  clock: time(),
  span: interval(),
  data: json(),
  bytes: bytea(),
  spot: point({ mode: "xy" }),
  words: varchar({ length: 5 }).array(),
  half: halfvec({ dimensions: 2 }),
  thin: sparsevec({ dimensions: 4 }),
  bits: bit({ dimensions: 3 }),
  vec: vector({ dimensions: 2 }),
});

Deno.test("[O-006] drizzle: columns of every kind", async () => {
  await using client = await open("memory:");
  await client.exec(`CREATE TABLE kinds (id serial PRIMARY KEY, big bigint,
    small bigint, real float8, at timestamp(3), times timestamptz[], clock time,
    span interval, data json, bytes bytea, spot point, words varchar(5)[],
    half halfvec(2), thin sparsevec(4), bits bit(3), vec vector(2))`);
  const db = drizzle(client);
  const value = {
    big: 2n ** 60n,
    small: 2 ** 52,
    real: 0.1,
    at: "2024-01-02 03:04:05.678",
    times: [new Date("2024-01-01T00:00:00Z"), new Date("2024-06-01T12:00:00Z")],
    clock: "10:11:12",
    span: "1 day",
    data: { a: [1, null, "x"] },
    bytes: new Uint8Array([0, 255]),
    spot: { x: 1, y: 2.5 },
    words: ["a", "b,c", '"'],
    half: [1, 2],
    thin: "{1:2}/4",
    bits: "101",
    vec: [3, 4],
  };
  await db.insert(kinds).values(value);
  const [row] = await db.select().from(kinds);
  assertEquals<unknown>(row, { id: 1, ...value });
  const near = await db.select({
    d: sql<number>`${l2Distance(kinds.vec, [0, 0])}`,
  })
    .from(kinds).orderBy(l2Distance(kinds.vec, [0, 0]));
  assertEquals(near, [{ d: 5 }]);
  await db.insert(kinds).values({});
  const [empty] = await db.select().from(kinds).where(eq(kinds.id, 2));
  assertEquals(Object.values(empty!).filter((each) => each !== null), [2]);
});

Deno.test("[O-006] drizzle: casing and a logger", async () => {
  await using client = await open("memory:");
  const told: string[] = [];
  const db = drizzle(client, {
    casing: "snake_case",
    logger: { logQuery: (query) => void told.push(query) },
  });
  await client.exec("CREATE TABLE t (first_name text)");
  const table = pgTable("t", { firstName: text() });
  await db.insert(table).values({ firstName: "Ada" });
  assertEquals(await db.select().from(table), [{ firstName: "Ada" }]);
  assertEquals(told.length, 2);
  assert(told[0]!.includes('"first_name"'));
});
