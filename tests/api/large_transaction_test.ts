import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";

/** Opens the database, whose transactions of more than 2 KB become tables. */
async function opened(bucket: MemoryBucket): Promise<Database> {
  return await open("memory:", {
    store: new MemoryStore({ bucket }),
    takeover: true,
    storage: { ingestBytesMin: 2000 },
  });
}

async function check(db: Database, rows: number): Promise<void> {
  const counted = await db.query("SELECT count(*) AS n FROM t");
  assertEquals(Number(counted.rows[0]!["n"]), rows);
  const found = await db.query("SELECT id FROM t ORDER BY v <-> $1 LIMIT 3", [
    [250, 0],
  ]);
  assertEquals(found.rows.map(({ id }) => id), [250, 249, 251]);
  const byKey = await db.query("SELECT name FROM t WHERE id = 300");
  assertEquals(byKey.rows, [{ name: "changed" }]);
}

Deno.test("a large transaction that is committed as tables keeps rows, keys, tuple ids and vector indexes in step", async () => {
  const bucket = new MemoryBucket();
  const db = await opened(bucket);
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, name text, v vector(2));
    CREATE INDEX ON t USING lsm_hnsw (v);
    INSERT INTO t VALUES (300, 'first', '[300,1]');
  `);
  const values = Array.from(
    { length: 400 },
    (_, i) => `(${i}, 'name ${i}', '[${i},${i === 250 ? 0 : 1}]')`,
  ).filter((_, i) => i !== 300);
  const small: Promise<unknown>[] = [];
  await db.transaction(async (tx) => {
    await tx.exec(`INSERT INTO t VALUES ${values.join()}`);
    await tx.exec("UPDATE t SET name = 'changed' WHERE id = 300");
    // Others commit meanwhile, with tuple ids from the same counter.
    for (let i = 0; i < 5; i++) {
      small.push(db.exec(`INSERT INTO t VALUES (${1000 + i}, 'x', '[0,999]')`));
    }
    await Promise.all(small);
  });
  const ingested = bucket.paths().filter((path) => path.startsWith("sst/"));
  assert(ingested.length > 0, "it was not written as tables");
  await check(db, 405);
  await db.exec("INSERT INTO t VALUES (2000, 'after', '[0,998]')");
  await check(db, 406);
  // A crash, and a writer and a reader that open what it left.
  const next = await opened(bucket);
  await check(next, 406);
  await next.exec("INSERT INTO t VALUES (2001, 'after', '[0,998]')");
  await next.close();
  const reader = await open("memory:", {
    store: new MemoryStore({ bucket }),
    readOnly: true,
  });
  await check(reader, 407);
  await reader.close();
});
