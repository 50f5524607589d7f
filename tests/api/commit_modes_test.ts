import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { KriyaError } from "../../base/errors.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { FaultyStore } from "../../testing/faulty_store.ts";

/** A database, and the writes to its log so far. */
async function opened(
  bucket: MemoryBucket,
  storage: NonNullable<Parameters<typeof open>[1]>["storage"] = {},
): Promise<{ db: Database; puts: () => number; objects: FaultyStore }> {
  let puts = 0;
  const objects = new FaultyStore(new MemoryStore({ bucket }), {
    onRequest: ({ operation, path }) => {
      if (operation === "put" && path.startsWith("wal/")) puts++;
    },
  });
  const db = await open("memory:", { store: objects, takeover: true, storage });
  return { db, puts: () => puts, objects };
}

async function shown(db: Database): Promise<unknown> {
  const { rows } = await db.query("SHOW synchronous_commit");
  return rows[0]!["synchronous_commit"];
}

Deno.test("[L-111] SET synchronous_commit = off returns before the log is written, local and on after", async () => {
  const { db, puts } = await opened(new MemoryBucket(), {
    walPeriodMs: 3_600_000,
  });
  await db.exec("CREATE TABLE t (a int PRIMARY KEY)");
  assertEquals(await shown(db), "on");
  let before = puts();
  const cost = async (text: string): Promise<number> => {
    before = puts();
    await db.exec(text);
    return puts() - before;
  };
  assertEquals(await cost("INSERT INTO t VALUES (1)"), 1);
  await db.exec("SET synchronous_commit = off");
  assertEquals(await cost("INSERT INTO t VALUES (2)"), 0);
  assertEquals(await cost("BEGIN; INSERT INTO t VALUES (3); COMMIT"), 0);
  // What changes the catalog is durable, and all before it with it.
  assertEquals(await cost("CREATE TABLE u (a int)"), 1);
  assertEquals(await cost("INSERT INTO t VALUES (4)"), 0);
  const local = "SET LOCAL synchronous_commit = on";
  assertEquals(
    await cost(`BEGIN; ${local}; INSERT INTO t VALUES (5); COMMIT`),
    1,
  );
  assertEquals(await shown(db), "off");
  await db.exec("SET synchronous_commit = local");
  assertEquals(await cost("INSERT INTO t VALUES (6)"), 1);
  await db.close();
});

Deno.test("[L-112] a database opened in a mode stays in it until SET says otherwise, and close makes all durable", async () => {
  const bucket = new MemoryBucket();
  const { db, puts } = await opened(bucket, { walMode: "async" });
  assertEquals(await shown(db), "off");
  await db.exec("CREATE TABLE t (a int PRIMARY KEY)");
  const before = puts();
  for (let i = 0; i < 20; i++) await db.exec(`INSERT INTO t VALUES (${i})`);
  assertEquals(puts(), before);
  await db.close();
  const again = await opened(bucket);
  const { rows } = await again.db.query("SELECT count(*) AS n FROM t");
  assertEquals(Number(rows[0]!["n"]), 20);
  assertEquals(await shown(again.db), "on");
  await again.db.close();
});

Deno.test("after a takeover, tables and vector indexes of the old writer show what is durable, and nothing else", async () => {
  const bucket = new MemoryBucket();
  const { db, objects } = await opened(bucket, { walMode: "async" });
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, v vector(2));
    CREATE INDEX ON t USING lsm_hnsw (v);
    SET enable_seqscan = off;
    SET synchronous_commit = on;
    INSERT INTO t VALUES (1, '[1,0]'), (2, '[2,0]'), (3, '[3,0]');
    SET synchronous_commit = off;
  `);
  const nearest = async (): Promise<unknown[]> =>
    (await db.query("SELECT id FROM t ORDER BY v <-> '[0,0]' LIMIT 10")).rows
      .map(({ id }) => id);
  assertEquals(await nearest(), [1, 2, 3]);
  objects.setChances({ fail: 1 });
  await db.exec(`
    DELETE FROM t WHERE id = 1;
    UPDATE t SET v = '[9,9]' WHERE id = 2;
    INSERT INTO t VALUES (4, '[0,0]');
  `);
  assertEquals(await nearest(), [4, 3, 2]);
  const next = await opened(bucket);
  objects.setChances({});
  const error = await assertRejects(
    () => db.exec("SET synchronous_commit = on; INSERT INTO t VALUES (5)"),
    KriyaError,
  );
  assertEquals(error.code, "57P01");
  assertEquals(await nearest(), [1, 2, 3]);
  const { rows } = await db.query("SELECT id, v FROM t ORDER BY id");
  assertEquals(rows.map(({ id }) => id), [1, 2, 3]);
  assertEquals(
    (await next.db.query("SELECT id, v FROM t ORDER BY id")).rows,
    rows,
  );
  assert(rows.length === 3);
  await db.close();
  await next.db.close();
});
