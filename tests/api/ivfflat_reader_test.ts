/**
 * A reader of a clustered index, which follows what another process writes.
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { seededRandom } from "../support/seeded_random.ts";
import { testSeed } from "../support/test_seed.ts";

const DIMS = 4;

/** Clustered indexes that a database has open. */
async function openIndexes(db: Database): Promise<number> {
  const { rows } = await db.query("SELECT lsm_s3_status() AS status");
  const status = JSON.parse(String(rows[0]!.status));
  return status.vectorIndexes.length;
}

Deno.test("a reader of a clustered index follows commits and divisions without opening it anew", async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  const bucket = new MemoryBucket();
  const vector = (): string =>
    `[${Array.from({ length: DIMS }, () => Math.round(random() * 1000) / 10)}]`;
  await using db = await open("memory:", {
    store: new MemoryStore({ bucket }),
  });
  await db.exec(`CREATE TABLE t (id int PRIMARY KEY, v vector(${DIMS}))`);
  await db.exec("CREATE INDEX ON t USING lsm_ivfflat (v) WITH (lists = 8)");
  await using reader = await open("memory:", {
    store: new MemoryStore({ bucket }),
    readOnly: true,
    consistency: "strong",
  });
  await reader.exec("SET enable_seqscan = off; SET lsm_ivfflat.probes = 1000");
  let next = 0;
  let followed = 0;
  for (let step = 0; step < 40; step++) {
    const label = `seed ${seed}, step ${step}`;
    const kind = random();
    if (kind < 0.6) {
      const rows = Array.from(
        { length: 1 + Math.floor(random() * 120) },
        () => `(${next++}, '${vector()}')`,
      );
      await db.query(`INSERT INTO t VALUES ${rows}`);
    } else if (kind < 0.75) {
      await db.query("DELETE FROM t WHERE id % 11 = $1", [step % 11]);
    } else if (kind < 0.9) {
      await db.query(
        `UPDATE t SET v = '${vector()}' WHERE id % 13 = ${step % 13}`,
      );
    } else await db.settle();
    if (step > 0) followed += await openIndexes(reader);
    const asked = vector();
    const nearest = `SELECT id FROM t ORDER BY v <-> '${asked}' LIMIT 12`;
    const exact = `SELECT id FROM t ORDER BY (v <-> '${asked}') + 0 LIMIT 12`;
    assertEquals(
      (await reader.query(nearest)).rows,
      (await db.query(exact)).rows,
      label,
    );
  }
  assert(followed > 30, `seed ${seed}: open in ${followed} of 39 steps`);
});
