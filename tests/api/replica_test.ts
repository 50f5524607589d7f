/**
 * Readers of a database that another process writes to: what they show, and
 * what moves with it.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  type Consistency,
  type Database,
  open,
  type OpenOptions,
  SqlError,
} from "../../mod.ts";
import { nextTurn } from "../../base/environment.ts";
import { LsmStore } from "../../storage/engine/lsm_store.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { rejectsWith, withFolder } from "../support/databases.ts";

/** A bucket with a writer and readers, each with a handle of its own. */
class Bucket {
  readonly bucket = new MemoryBucket();

  handle(): FaultyStore {
    return new FaultyStore(new MemoryStore({ bucket: this.bucket }));
  }

  writer(options: OpenOptions = {}): Promise<Database> {
    const store = this.handle();
    return open("memory:", { store, takeover: true, ...options });
  }

  reader(
    consistency: Consistency,
    pin: "auto" | "never" = "never",
  ): Promise<Database> {
    const store = this.handle();
    return open("memory:", { store, readOnly: true, consistency, pin });
  }
}

async function ids(db: Database, where = ""): Promise<unknown[]> {
  const { rows } = await db.query(`SELECT id FROM t ${where} ORDER BY id`);
  return rows.map(({ id }) => id);
}

Deno.test("[L-256, Y-221] a reader's tables, plans and vector indexes move with the writer", async () => {
  const bucket = new Bucket();
  await using db = await bucket.writer();
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, e vector(2), s text)");
  await using reader = await bucket.reader("strong");
  assertEquals(await ids(reader), []);
  await db.exec(`
    CREATE INDEX t_e ON t USING lsm_hnsw (e);
    INSERT INTO t SELECT i, ('[' || i || ',0]')::vector, 'x' FROM generate_series(1, 300) AS g(i);
  `);
  const nearest = "SELECT id FROM t ORDER BY e <-> $1 LIMIT 3";
  const near = async (at: number): Promise<unknown[]> =>
    (await reader.query(nearest, [[at, 0]])).rows.map(({ id }) => id);
  assertEquals((await near(100)).toSorted(), [100, 101, 99].toSorted());
  const plan = await reader.query(`EXPLAIN ${nearest}`, [[1, 0]]);
  assert(JSON.stringify(plan.rows).includes("t_e"), JSON.stringify(plan.rows));
  await db.exec(
    "UPDATE t SET e = '[5000,0]' WHERE id = 7; DELETE FROM t WHERE id = 100",
  );
  assertEquals(await near(5000), [7, 300, 299]);
  assertEquals(await near(100.2), [101, 99, 102]);
  await db.query("SELECT lsm_s3_flush()");
  await db.query("INSERT INTO t VALUES (1000, '[5001,0]', 'y')");
  assertEquals(await near(5001), [1000, 7, 300]);
  assertEquals(await ids(reader, "WHERE s = 'y'"), [1000]);
  await db.exec("DROP INDEX t_e; CREATE TABLE u (a int)");
  assertEquals(await near(5001), [1000, 7, 300]);
  assertEquals((await reader.query("SELECT * FROM u")).rows, []);
  await db.exec("DROP TABLE u");
  await rejectsWith(reader.query("SELECT * FROM u"), "42P01");
  await db.exec("TRUNCATE t");
  assertEquals(await ids(reader), []);
  assertEquals(await near(1), []);
  await rejectsWith(reader.query("INSERT INTO t VALUES (1)"), "25006");
});

Deno.test("[L-256, Y-221] vector indexes of a reader go over to the segments that the writer made", async () => {
  const bucket = new Bucket();
  await using db = await bucket.writer();
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, e vector(2));
    CREATE INDEX t_e ON t USING lsm_hnsw (e);
  `);
  await using reader = await bucket.reader("strong");
  const insert = (from: number, to: number) =>
    db.query(
      "INSERT INTO t SELECT i, ('[' || i || ',0]')::vector FROM generate_series($1::int, $2::int) AS g(i)",
      [from, to],
    );
  const near = async (at: number): Promise<unknown> => {
    const text = "SELECT id FROM t ORDER BY e <-> $1 LIMIT 1";
    return (await reader.query(text, [[at, 0]])).rows[0]?.id;
  };
  await insert(1, 10);
  assertEquals(await near(3.1), 3);
  for (let from = 11; from < 6000; from += 1500) {
    await insert(from, from + 1499);
    await db.query("DELETE FROM t WHERE id = $1", [from + 5]);
    const neighbour = await near(from + 5.1);
    assertEquals(neighbour, from + 6);
    await db.settle();
    await db.query("SELECT lsm_s3_flush()");
    assertEquals(await near(from + 100.1), from + 100);
  }
  const live = (): number =>
    (reader.status()["vectorIndexes"] as { liveRows: number }[])[0]!.liveRows;
  for (let i = 0; i < 50 && live() > 2048; i++) {
    await insert(7000 + i, 7000 + i);
    await near(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert(live() <= 2048, String(live()));
  assertEquals(await near(3011.1), 3011);
  const { rows } = await reader.query(
    "SELECT count(*)::int AS n FROM (SELECT id FROM t ORDER BY e <-> '[0,0]' LIMIT 100000) s",
  );
  const { rows: all } = await db.query("SELECT count(*)::int AS n FROM t");
  assertEquals(rows, all);
});

Deno.test("[L-256, Y-221] sequences, views, types and altered tables of a reader move with the writer", async () => {
  const bucket = new Bucket();
  await using db = await bucket.writer();
  await db.exec("CREATE SEQUENCE s; CREATE TABLE t (id int, a int)");
  await using reader = await bucket.reader("strong");
  const last = async (of: Database): Promise<number> =>
    (await of.query<{ n: number }>("SELECT last_value::int AS n FROM s"))
      .rows[0]!.n;
  assertEquals(await last(reader), 1);
  for (let i = 0; i < 3; i++) {
    await db.query("SELECT setval('s', $1)", [i * 100 + 7]);
    if (i === 1) await db.query("SELECT lsm_s3_flush()");
    await db.query("INSERT INTO t VALUES ($1, $1)", [i]);
    // The log is ahead of the numbers that were drawn, as PostgreSQL's is.
    const ahead = await last(reader) - (i * 100 + 7);
    assert(ahead >= 0 && ahead <= 32, String(ahead));
  }
  await db.exec(`
    CREATE TYPE mood AS ENUM ('low', 'high');
    ALTER TABLE t ADD COLUMN m mood DEFAULT 'high';
    CREATE VIEW v AS SELECT id, m FROM t WHERE m > 'low';
  `);
  const text = "SELECT id, m::text AS m FROM v ORDER BY id LIMIT 1";
  assertEquals((await reader.query(text)).rows, [{ id: 0, m: "high" }]);
  await db.exec("DROP VIEW v; ALTER TABLE t DROP COLUMN m");
  await rejectsWith(reader.query(text), "42P01");
  assertEquals(
    (await reader.query("SELECT * FROM t ORDER BY 1 LIMIT 1")).rows,
    [
      { id: 0, a: 0 },
    ],
  );
});

Deno.test("[L-256, Y-221] a transaction of a reader stands still, a statement after it does not", async () => {
  const bucket = new Bucket();
  await using db = await bucket.writer();
  await db.exec(
    "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)",
  );
  await using reader = await bucket.reader("strong");
  await reader.transaction(async (tx) => {
    const before = await tx.query("SELECT id FROM t ORDER BY id");
    await db.query("INSERT INTO t VALUES (2)");
    assertEquals(await ids(reader), [1, 2]);
    const after = await tx.query("SELECT id FROM t ORDER BY id");
    assertEquals([before.rows, after.rows], [[{ id: 1 }], [{ id: 1 }]]);
  });
  await reader.exec("BEGIN");
  await db.query("INSERT INTO t VALUES (3)");
  assertEquals(await ids(reader), [1, 2]);
  await reader.exec("COMMIT");
  assertEquals(await ids(reader), [1, 2, 3]);
  // Given without waiting, they keep their order.
  const given = [
    reader.query("BEGIN"),
    reader.query("SELECT count(*)::int AS n FROM t"),
    reader.query("COMMIT"),
  ];
  const results = await Promise.all(given);
  assertEquals(results[1]!.rows, [{ n: 3 }]);
  const streamed: unknown[] = [];
  await db.query("INSERT INTO t VALUES (4)");
  for await (const { id } of reader.stream("SELECT id FROM t ORDER BY id")) {
    streamed.push(id);
  }
  assertEquals(streamed, [1, 2, 3, 4]);
});

Deno.test("[O-194] a snapshot stands still until refresh, bounded is never older than it says", async () => {
  const bucket = new Bucket();
  await using db = await bucket.writer();
  await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
  await using still = await bucket.reader("snapshot");
  await using bounded = await bucket.reader({ boundedMs: 30 });
  for (let id = 1; id <= 5; id++) {
    await db.query("INSERT INTO t VALUES ($1)", [id]);
    await new Promise((resolve) => setTimeout(resolve, 31));
    assertEquals((await ids(bounded)).length, id);
    assertEquals(await ids(still), id <= 3 ? [] : [1, 2, 3]);
    if (id === 3) await still.refresh();
  }
  await db.refresh();
});

const COUNTS = "SELECT s, count(*)::int AS n FROM t GROUP BY s ORDER BY s";
const BEFORE = [{ s: "before", n: 2000 }];
const AFTER = [{ s: "after", n: 1000 }, { s: "before", n: 1000 }];

/** A bucket with a table of 2000 rows in tables; who writes closes `change`. */
async function flushed(bucket: Bucket): Promise<() => Promise<void>> {
  const db = await bucket.writer();
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, s text)");
  await db.exec(
    "INSERT INTO t SELECT i, 'before' FROM generate_series(1, 2000) AS g(i)",
  );
  await db.query("SELECT lsm_s3_flush()");
  return async () => {
    await db.exec("UPDATE t SET s = 'after' WHERE id > 1000");
    await db.close();
    const engine = await LsmStore.open(bucket.handle(), { takeover: true });
    await engine.compact();
    await engine.collectGarbage();
    await engine.close();
  };
}

Deno.test("[L-256, Y-221] what is collected under a statement of a reader is looked for once more, and else 72000", async () => {
  const bucket = new Bucket();
  const change = await flushed(bucket);
  await using one = await bucket.reader("snapshot");
  await using two = await bucket.reader("snapshot");
  await using three = await bucket.reader("snapshot");
  await three.exec("BEGIN");
  await change();
  assertEquals((await one.query(COUNTS)).rows, AFTER);
  assertEquals(await Array.fromAsync(two.stream(COUNTS)), AFTER);
  const error = await rejectsWith(three.query(COUNTS), "72000");
  assert(error.detail?.includes("newer manifests do not need it"));
  assertEquals(error.hint, "Read again");
  await rejectsWith(three.query(COUNTS), "25P02");
  await three.exec("ROLLBACK");
  assertEquals((await three.query(COUNTS)).rows, AFTER);
});

Deno.test("[L-256, Y-221] a reader with a pin finds what it began with", async () => {
  const bucket = new Bucket();
  const change = await flushed(bucket);
  const pinned = await bucket.reader("snapshot", "auto");
  await pinned.exec("BEGIN");
  const pins = (): number =>
    bucket.bucket.paths().filter((path) => path.startsWith("pins/")).length;
  for (let i = 0; i < 100 && pins() === 0; i++) await nextTurn();
  await change();
  assertEquals((await pinned.query(COUNTS)).rows, BEFORE);
  await pinned.exec("COMMIT");
  await pinned.refresh();
  assertEquals((await pinned.query(COUNTS)).rows, AFTER);
  await pinned.close();
  assertEquals(pins(), 0);
});

Deno.test("[L-256, Y-221] two readers of a folder follow its writer in another store", () =>
  withFolder(async (folder) => {
    const address = `file:${folder}/db`;
    await using db = await open(address);
    await db.exec("CREATE TABLE t (id int PRIMARY KEY)");
    await using one = await open(address, {
      readOnly: true,
      consistency: "strong",
    });
    await using two = await open(address, {
      readOnly: true,
      consistency: "strong",
    });
    for (let id = 1; id <= 20; id++) {
      await db.query("INSERT INTO t VALUES ($1)", [id]);
      if (id % 7 === 0) await db.query("SELECT lsm_s3_flush()");
      assertEquals((await ids(id % 2 === 0 ? one : two)).length, id);
    }
    const error = await one.query("SELECT * FROM none").catch((e) => e);
    assert(error instanceof SqlError);
  }));

Deno.test("a reader of a place where nothing was made yet answers, and follows who makes it", async () => {
  const bucket = new MemoryBucket();
  const options = { readOnly: true, consistency: "strong" } as const;
  const store = new MemoryStore({ bucket });
  await using reader = await open("memory:", { ...options, store });
  assertEquals((await reader.query("SELECT 1 AS one")).rows, [{ one: 1 }]);
  await using writer = await open("memory:", {
    store: new MemoryStore({ bucket }),
  });
  await writer.exec("CREATE TABLE made (id int); INSERT INTO made VALUES (7)");
  await writer.query("SELECT lsm_s3_flush()");
  const { rows } = await reader.query("SELECT id FROM made");
  assertEquals(rows, [{ id: 7 }]);
});
