/**
 * Vector indexes whose vectors stay in the bucket: what is found, what is read,
 * what is held in memory, and what happens when an object is damaged.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import {
  MemoryBucket,
  MemoryStore,
} from "../../storage/object_store/memory_store.ts";
import { clusteredVectors } from "../support/vector_data.ts";

const DIMS = 256;
const ROWS = 2600;

/** Rows, and behind them queries from the same clusters. */
const VECTORS = clusteredVectors({
  seed: 4,
  count: ROWS + 12,
  dims: DIMS,
  clusters: 40,
  spread: 0.4,
}).map((vector) => `[${vector.map((x) => Math.fround(x)).join(",")}]`);

async function openOn(bucket: MemoryBucket): Promise<Database> {
  return await open("memory:", { store: new MemoryStore({ bucket }) });
}

async function fill(db: Database): Promise<void> {
  await db.exec(
    `CREATE TABLE t (id int PRIMARY KEY, g int, e vector(${DIMS}))`,
  );
  for (let from = 0; from < ROWS; from += 650) {
    const rows = VECTORS.slice(from, Math.min(ROWS, from + 650)).map((e, i) =>
      `(${from + i}, ${(from + i) % 10}, '${e}')`
    );
    await db.exec(`INSERT INTO t VALUES ${rows.join(",")}`);
  }
}

const nearest = (where = ""): string =>
  `SELECT id FROM t ${where} ORDER BY e <-> $1 LIMIT 10`;

async function ids(
  db: Database,
  text: string,
  query: string,
  onNotice?: (notice: { readonly message: string }) => void,
): Promise<number[]> {
  const { rows } = await db.query<{ id: number }>(text, [query], {
    ...(onNotice && { onNotice }),
  });
  return rows.map(({ id }) => id);
}

/** The share of the exact answers that the index finds, over all queries. */
async function recall(db: Database, where = ""): Promise<number> {
  let found = 0;
  const queries = VECTORS.slice(ROWS);
  for (const query of queries) {
    await db.exec("SET enable_indexscan = off");
    const exact = await ids(db, nearest(where), query);
    await db.exec("RESET enable_indexscan; SET enable_seqscan = off");
    const got = await ids(db, nearest(where), query);
    assertEquals(got.length, 10);
    found += got.filter((id) => exact.includes(id)).length;
    await db.exec("RESET enable_seqscan");
  }
  return found / (10 * queries.length);
}

function statusOf(db: Database): Record<string, number> {
  const indexes = db.status()["vectorIndexes"] as Record<string, number>[];
  assertEquals(indexes.length, 1);
  return indexes[0]!;
}

Deno.test("[K-178, K-180] vectors left in the bucket: recall, filters, changes, merges, reopening", async () => {
  const bucket = new MemoryBucket();
  {
    await using db = await openOn(bucket);
    await fill(db);
    await db.exec(
      "CREATE INDEX t_e ON t USING lsm_hnsw (e) WITH (vectors = 'bucket')",
    );
    assert(await recall(db) >= 0.95);
    assert(await recall(db, "WHERE g < 5") >= 0.95);
    assert(await recall(db, "WHERE g = 3 AND id < 900") >= 0.95);
    const status = statusOf(db);
    assertEquals(status["rowsLeftInBucket"], ROWS);
    assert(status["storedBytesPerVector"]! > 4 * DIMS);
    // Enough are made anew for segments to be sealed and merged.
    await db.exec(`
      DELETE FROM t WHERE id % 4 = 1;
      INSERT INTO t SELECT id + 10000, g, e FROM t;
      INSERT INTO t SELECT id + 30000, g, e FROM t WHERE id % 4 = 2;
    `);
    await db.settle();
    await ids(db, nearest(), VECTORS[0]!);
    assertEquals(
      statusOf(db)["rowsLeftInBucket"],
      statusOf(db)["rows"]! - statusOf(db)["liveRows"]!,
    );
    assert(await recall(db) >= 0.95);
  }
  await using again = await openOn(bucket);
  assert(await recall(again, "WHERE g <> 7") >= 0.95);
  const { rows: [measured] } = await again.query<{ recall: number }>(
    "SELECT lsm_recall('t_e', 10, 20) AS recall",
  );
  assert(measured!.recall >= 0.9, `${measured!.recall}`);
  // All of them, nearest first, each once.
  const { rows } = await again.query<{ id: number }>(
    "SELECT id FROM t ORDER BY e <-> $1 LIMIT 3000",
    [VECTORS[ROWS]!],
  );
  assertEquals(new Set(rows.map(({ id }) => id)).size, 3000);
});

Deno.test("EXPLAIN ANALYZE says what was read of vectors in the bucket", async () => {
  const bucket = new MemoryBucket();
  {
    await using db = await openOn(bucket);
    await fill(db);
    await db.exec(
      "CREATE INDEX ON t USING lsm_hnsw (e) WITH (vectors = 'bucket')",
    );
  }
  await using db = await openOn(bucket);
  await db.exec("SET enable_seqscan = off");
  const explain = async (): Promise<string> => {
    const { rows } = await db.query<{ "QUERY PLAN": string }>(
      `EXPLAIN (ANALYZE, COSTS OFF) ${nearest()}`,
      [VECTORS[ROWS]!],
    );
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  };
  const first = await explain();
  const [, reads] = /Vector Reads: (\d+)/.exec(first) ?? [];
  const [, bytes] = /Vector Bytes Read: (\d+)/.exec(first) ?? [];
  assert(Number(reads) > 0, first);
  assert(Number(bytes) >= 10 * 4 * DIMS, first);
  assert(Number(bytes) < 4 * DIMS * ROWS, first);
  // What was read stays in the cache.
  assert(!(await explain()).includes("Vector Reads"));
});

Deno.test("vectors in the bucket that are damaged are made again from the rows, in the search that finds it", async () => {
  const bucket = new MemoryBucket();
  {
    await using db = await openOn(bucket);
    await fill(db);
    await db.exec(
      "CREATE INDEX t_e ON t USING lsm_hnsw (e) WITH (vectors = 'bucket')",
    );
  }
  await using db = await openOn(bucket);
  await db.exec("SET enable_seqscan = off");
  const expected = await ids(db, nearest(), VECTORS[ROWS]!);
  for (const path of bucket.paths()) {
    if (!path.startsWith("vec/")) continue;
    const { bytes } = bucket.object(path)!;
    for (let at = bytes.length - 1; at > bytes.length / 2; at -= 512) {
      bytes[at]! ^= 255;
    }
  }
  const warnings: string[] = [];
  let found = 0;
  for (const query of VECTORS.slice(ROWS + 1)) {
    const got = await ids(db, nearest(), query, ({ message }) => {
      warnings.push(message);
    });
    await db.exec("SET enable_indexscan = off");
    const exact = await ids(db, nearest(), query);
    await db.exec("RESET enable_indexscan");
    found += got.filter((id) => exact.includes(id)).length;
    assertEquals(got.length, 10);
  }
  assert(found >= 0.95 * 110, `${found}`);
  assertEquals(warnings, [
    'index "t_e" was damaged, and is rebuilt from the rows of table "t"',
  ]);
  await db.settle();
  assertEquals(await ids(db, nearest(), VECTORS[ROWS]!), expected);
});

Deno.test("WITH (vectors) is checked", async () => {
  await using db = await open("memory://vectors-option");
  await db.exec("CREATE TABLE t (e vector(4), b bit(8))");
  const create = (rest: string): Promise<Error> =>
    assertRejects(
      () => db.exec(`CREATE INDEX ON t USING lsm_hnsw ${rest}`),
      Error,
    );
  const cases: [string, string][] = [
    [
      "(e) WITH (vectors = 'disk')",
      'invalid value for enum option "vectors": disk',
    ],
    [
      "(e) WITH (vectors = 'bucket', quantization = 'none')",
      "vectors cannot be left in the bucket without quantization",
    ],
    [
      "(b bit_hamming_ops) WITH (vectors = 'bucket')",
      'operator class "lsm_bit_hamming_ops" does not support quantization',
    ],
  ];
  for (const [rest, message] of cases) {
    assertEquals((await create(rest)).message, message);
  }
});
