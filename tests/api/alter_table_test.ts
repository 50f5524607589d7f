import { assert, assertEquals } from "@std/assert";
import { type Database, open, type SqlError } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";
import { rejectsWith } from "../support/databases.ts";

async function opened(
  bucket: MemoryBucket,
): Promise<{ db: Database; bytes: () => number }> {
  let bytes = 0;
  const store = new FaultyStore(new MemoryStore({ bucket }), {
    onRequest: ({ operation }) => {
      if (operation === "put") bytes++;
    },
  });
  const db = await open("memory:", { store, takeover: true });
  return { db, bytes: () => bytes };
}

Deno.test("columns come and go without the rows being touched, and hold after a crash", async () => {
  const bucket = new MemoryBucket();
  let { db } = await opened(bucket);
  await db.exec(
    `CREATE TABLE t (id int PRIMARY KEY, a text);
     INSERT INTO t SELECT i, 'x' || i FROM generate_series(1, 5000) AS g(i)`,
  );
  await db.query("SELECT lsm_s3_flush()");
  const { bytes } = await opened(bucket);
  const opening = await opened(bucket);
  db = opening.db;
  const before = opening.bytes();
  await db.exec("ALTER TABLE t ADD b int DEFAULT 7, DROP a");
  assertEquals(opening.bytes() - before, 1, "one write to the log");
  assert(bytes() > 0);
  ({ db } = await opened(bucket));
  const { rows } = await db.query("SELECT count(*), sum(b) FROM t");
  assertEquals(rows, [{ count: 5000, sum: 35_000 }]);
  await db.exec("ALTER TABLE t ADD a text");
  assertEquals((await db.query("SELECT * FROM t WHERE id = 3")).rows, [
    { id: 3, b: 7, a: null },
  ]);
  await db.close();
});

Deno.test("who writes while a table is altered fails, or the change does; nothing is half done", async () => {
  const changes = [
    "ALTER TABLE t ADD b int DEFAULT 5 NOT NULL",
    "ALTER TABLE t DROP v",
    "ALTER TABLE t ALTER v TYPE text",
    "ALTER TABLE t ALTER v SET NOT NULL",
    "ALTER TABLE t ADD CHECK (v > 0)",
    "ALTER TABLE t ADD UNIQUE (v)",
  ];
  for (const change of changes) {
    for (const first of ["writer", "change"]) {
      const { db } = await opened(new MemoryBucket());
      await db.exec(
        "CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1)",
      );
      const gate = Promise.withResolvers<void>();
      const write = db.transaction(async (tx) => {
        await tx.query("INSERT INTO t VALUES (2, -1), (3, NULL), (4, 1)");
        await gate.promise;
      }).then(() => "ok", (error: SqlError) => error.code);
      const altered = db.transaction(async (tx) => {
        await tx.query(change);
        if (first === "writer") {
          gate.resolve();
          await write;
        }
      }).then(() => "ok", (error: SqlError) => error.code);
      if (first === "change") {
        await altered;
        gate.resolve();
      }
      const outcomes = [await write, await altered];
      assert(outcomes.includes("ok"), `${change}: ${outcomes}`);
      const scanned = !change.includes("ADD b") && !change.includes("DROP");
      if (first === "change" || scanned) {
        assertEquals(
          outcomes.filter((each) => each === "40001").length,
          1,
          change,
        );
      }
      const { rows } = await db.query("SELECT * FROM t");
      assert(rows.length === 1 || rows.length === 4);
      await db.close();
    }
  }
});

Deno.test("a vector index follows its table through ALTER", async () => {
  const bucket = new MemoryBucket();
  let { db } = await opened(bucket);
  const nearest = async (): Promise<unknown[]> =>
    (await db.query("SELECT id FROM t ORDER BY e <-> '[5,5]' LIMIT 2")).rows
      .map(({ id }) => id);
  await db.exec(
    `CREATE TABLE t (gone int, id int, e LsmVector(2));
     INSERT INTO t SELECT i, i, ('[' || i || ',' || i || ']')::vector FROM generate_series(1, 50) AS g(i);
     CREATE INDEX ON t USING lsm_hnsw (e);
     ALTER TABLE t DROP gone, ADD more int DEFAULT 3`,
  );
  assertEquals((await nearest())[0], 5);
  await db.query("INSERT INTO t VALUES (100, '[5.01,5]', 1)");
  assertEquals(await nearest(), [5, 100]);
  await db.exec("ALTER TABLE t ALTER id TYPE bigint USING id * 2");
  assertEquals(await nearest(), [10, 200]);
  await db.exec("ALTER TABLE t RENAME TO u; ALTER TABLE u RENAME e TO f");
  ({ db } = await opened(bucket));
  const { rows } = await db.query(
    "SELECT id, more FROM u ORDER BY f <-> '[5,5]' LIMIT 2",
  );
  assertEquals(rows, [{ id: 10, more: 3 }, { id: 200, more: 1 }]);
  await db.close();
});

Deno.test("a plan that was made before ALTER is not run after it", async () => {
  await using db = await open("memory:");
  await db.exec("CREATE TABLE t (a int, b int); INSERT INTO t VALUES (1, 2)");
  const select = await db.prepare("SELECT * FROM t");
  const insert = await db.prepare("INSERT INTO t VALUES ($1, $2)");
  assertEquals((await select.query()).rows, [{ a: 1, b: 2 }]);
  await db.exec("ALTER TABLE t DROP a");
  assertEquals((await select.query()).rows, [{ b: 2 }]);
  await rejectsWith(insert.query([1, 2]), "42601");
  await db.exec("ALTER TABLE t ADD CONSTRAINT c CHECK (b < 10)");
  await rejectsWith(db.query("INSERT INTO t VALUES (10)"), "23514");
});
