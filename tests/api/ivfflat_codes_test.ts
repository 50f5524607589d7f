/**
 * Clusters of product codes, through SQL: from an empty index on, as rows come,
 * change and go, with what happens in the background at the same time.
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open, type Queryable } from "../../mod.ts";
import { MemoryBucket, MemoryStore } from "../../storage/mod.ts";
import { distanceOf } from "../../vector/distance/metric.ts";
import { testSeed } from "../support/test_seed.ts";
import { clusteredVectors } from "../support/vector_data.ts";

const DIMS = 17;
const K = 10;

type Rows = Map<number, Float32Array>;

async function add(
  db: Queryable,
  rows: Rows,
  vectors: readonly Float32Array[],
  { from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
  const ids = Array.from({ length: to - from }, (_, i) => from + i);
  await db.query(
    "INSERT INTO t SELECT * FROM unnest($1::int[], $2::vector[])",
    [ids, vectors.slice(from, to)],
  );
  for (const id of ids) rows.set(id, vectors[id]!);
}

/** The recall of the nearest rows, whose distances have to be right. */
async function recallOf(
  db: Queryable,
  rows: Rows,
  queries: readonly Float32Array[],
): Promise<number> {
  const distance = distanceOf("l2", "float32");
  let hits = 0;
  for (const query of queries) {
    const { rows: found } = await db.query<{ id: number; d: number }>(
      `SELECT id, v <-> $1 AS d FROM t ORDER BY d LIMIT ${K}`,
      [query],
    );
    assertEquals(found.length, K);
    const nearest = [...rows.values()].map((v) => distance(v, query))
      .sort((a, b) => a - b);
    for (const { id, d } of found) {
      const vector = rows.get(id);
      assert(vector !== undefined, `row ${id} is not there`);
      assert(Math.abs(distance(vector, query) - d) < 1e-4);
      if (d <= nearest[K - 1]! + 1e-5) hits++;
    }
  }
  return hits / queries.length / K;
}

function statusOf(db: Database): Record<string, number> {
  const indexes = db.status()["vectorIndexes"] as Record<string, number>[];
  return indexes.find((each) => each["clusters"] !== undefined)!;
}

Deno.test("[O-083] clusters of product codes keep to the rows and their recall: grown, changed, reopened, read, as of a snapshot", async () => {
  const vectors = clusteredVectors({
    seed: testSeed(),
    count: 3420,
    dims: DIMS,
    clusters: 40,
    spread: 0.5,
  });
  const queries = vectors.splice(3400);
  const bucket = new MemoryBucket();
  const settings = { "enable_seqscan": "off" };
  const openIt = (readOnly = false): Promise<Database> =>
    open("memory:", {
      store: new MemoryStore({ bucket }),
      settings,
      ...readOnly ? { readOnly } : { takeover: true },
    });
  let db = await openIt();
  await db.exec(`
    CREATE TABLE t (id int PRIMARY KEY, v vector(${DIMS}));
    CREATE INDEX t_v ON t USING lsm_ivfflat (v vector_l2_ops)
      WITH (quantization = pq, pq_m = 7)`);
  const rows: Rows = new Map();
  await add(db, rows, vectors, { from: 0, to: 200 });
  assert(await recallOf(db, rows, queries) === 1, "before there are clusters");
  for (let from = 200; from < 2600; from += 800) {
    await add(db, rows, vectors, { from, to: from + 800 });
    await db.settle();
    assert(await recallOf(db, rows, queries) >= 0.95, `${from} rows`);
  }
  const status = statusOf(db);
  assert(status["trainedRows"]! >= 512, JSON.stringify(status));
  assertEquals(status["codeBytesPerVector"], 8 + 4);
  assertEquals(status["vectorBytesPerVector"], 4 * DIMS);
  // Of what is looked at, few are vectors.
  assert(status["window"]! < 500, JSON.stringify(status));
  const { rows: plan } = await db.query(
    "EXPLAIN SELECT id FROM t ORDER BY v <-> $1 LIMIT 5",
    [queries[0]],
  );
  const text = plan.map((row) => Object.values(row)[0]).join("\n");
  assert(text.includes("Quantization: pq"), text);

  // What a transaction sees stays, whatever is divided and coded meanwhile.
  const past = new Map(rows);
  await using session = db.session();
  await session.exec("BEGIN ISOLATION LEVEL REPEATABLE READ");
  assert(await recallOf(session, past, queries) >= 0.95, "the snapshot");
  await add(db, rows, vectors, { from: 2600, to: 3400 });
  await db.query("UPDATE t SET v = v + $1 WHERE id % 7 = 0", [
    new Float32Array(DIMS).fill(3),
  ]);
  await db.query("DELETE FROM t WHERE id % 3 = 0");
  for (const [id, v] of rows) {
    if (id % 7 === 0) rows.set(id, v.map((x) => x + 3));
    if (id % 3 === 0) rows.delete(id);
  }
  await db.settle();
  assert(await recallOf(session, past, queries) >= 0.95, "the old snapshot");
  await session.exec("ROLLBACK");
  assert(await recallOf(db, rows, queries) >= 0.95, "changed");
  // Every row, each once.
  const { rows: all } = await db.query<{ id: number }>(
    "SELECT id FROM t ORDER BY v <-> $1 LIMIT 10000",
    [queries[1]],
  );
  assertEquals(
    all.map(({ id }) => id).sort((a, b) => a - b),
    [...rows.keys()].sort((a, b) => a - b),
  );
  {
    await using reader = await openIt(true);
    assert(await recallOf(reader, rows, queries) >= 0.95, "read");
  }
  await db.close();
  db = await openIt();
  assert(await recallOf(db, rows, queries) >= 0.95, "reopened");
  const { rows: [own] } = await db.query<{ r: number }>(
    "SELECT lsm_recall('t_v', 10, 20) AS r",
  );
  assert(own!.r >= 0.9, `lsm_recall gives ${own!.r}`);
  await db.close();
});
