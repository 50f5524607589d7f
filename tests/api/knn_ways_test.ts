/**
 * How KNN queries go, and what can be set of it: the strategy, the limits of
 * a search, and what EXPLAIN says was done.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { testSeed } from "../support/test_seed.ts";
import { clusteredVectors } from "../support/vector_data.ts";

const ROWS = 3000;
const KINDS = 100;

const QUERY = `SELECT id FROM t WHERE kind = 3 ORDER BY v <-> $1 LIMIT 10`;

async function database(method: string): Promise<Database> {
  const vectors = clusteredVectors({
    seed: testSeed(),
    count: ROWS,
    dims: 8,
    clusters: 20,
    spread: 0.5,
  });
  const db = await open("memory:");
  await db.exec("CREATE TABLE t (id int PRIMARY KEY, kind int, v vector(8))");
  await db.query(
    `INSERT INTO t SELECT i, i % ${KINDS}, v
     FROM unnest($1::vector[]) WITH ORDINALITY AS u (v, i)`,
    [vectors],
  );
  await db.exec(`
    CREATE INDEX t_kind ON t (kind);
    CREATE INDEX t_v ON t USING ${method} (v vector_l2_ops);
    ANALYZE t`);
  await db.settle();
  return db;
}

async function explained(db: Database, options = "ANALYZE"): Promise<string> {
  const { rows } = await db.query(`EXPLAIN (${options}) ${QUERY}`, [PLACE]);
  return rows.map((row) => Object.values(row)[0]).join("\n");
}

const PLACE = new Float32Array(8).fill(0.5);

const ids = async (db: Database): Promise<unknown[]> =>
  (await db.query(QUERY, [PLACE])).rows.map(({ id }) => id);

Deno.test("[Y-223] every strategy that is set gives the k rows, and EXPLAIN names it", async () => {
  await using db = await database("lsm_hnsw");
  const wanted = await ids(db);
  assertEquals(wanted.length, 10);
  for (const strategy of ["exact", "index", "filtered_index"]) {
    await db.exec(`SET lsm_knn.strategy = ${strategy}`);
    const found = await ids(db);
    assertEquals(found.length, 10);
    const common = found.filter((id) => wanted.includes(id)).length;
    assert(common >= 8, `${strategy}: ${common} of 10`);
    const text = await explained(db);
    const way = strategy.replace("_", " ");
    const said =
      `KNN: ${way} for 10 of ${ROWS} rows of which about 1% match, as lsm_knn.strategy says so`;
    assert(text.includes(said), text);
    assertEquals(text.includes("Bitmap Index Scan on t_kind"), way[0] === "f");
  }
  await db.exec("SET lsm_knn.strategy = auto");
  assert((await explained(db)).includes(" is cheaper for 10 of 3000 rows"));
});

Deno.test("a strategy that cannot be, is not", async () => {
  await using db = await database("lsm_hnsw");
  await db.exec("DROP INDEX t_kind; SET lsm_knn.strategy = filtered_index");
  assertEquals((await ids(db)).length, 10);
  const text = await explained(db);
  assert(text.includes("is cheaper for 10 of 3000 rows"), text);
});

Deno.test("EXPLAIN ANALYZE counts nodes, distances and rows of a search", async () => {
  await using db = await database("lsm_hnsw");
  const count = (text: string, name: string): number =>
    Number(new RegExp(`${name}: (\\d+)`).exec(text)?.[1] ?? 0);
  await db.exec("SET lsm_knn.strategy = filtered_index");
  const among = await explained(db);
  // Thirty rows match: they are compared one by one.
  assertEquals(count(among, "Distances Computed"), ROWS / KINDS);
  assertEquals(count(among, "Rows Rechecked"), 10);
  assertEquals(count(among, "Nodes Visited"), 0);
  await db.exec("SET lsm_knn.strategy = index; SET lsm_hnsw.ef_search = 10");
  const sql = "EXPLAIN ANALYZE SELECT id FROM t ORDER BY v <-> $1 LIMIT 5";
  const { rows } = await db.query(sql, [PLACE]);
  const walk = rows.map((row) => Object.values(row)[0]).join("\n");
  const nodes = count(walk, "Nodes Visited");
  assert(nodes >= 10 && nodes < ROWS, walk);
  assert(count(walk, "Distances Computed") >= nodes, walk);
  assertEquals(count(walk, "Rows Rechecked"), 5);
  const json = await db.query(
    "EXPLAIN (ANALYZE, FORMAT JSON) SELECT id FROM t ORDER BY v <-> $1 LIMIT 5",
    [PLACE],
  );
  const said = JSON.stringify(Object.values(json.rows[0]!)[0]);
  assert(said.includes("Nodes Visited"), said);
  // Nothing is done, and nothing said, without ANALYZE.
  assert(!(await explained(db, "COSTS OFF")).includes("Nodes Visited"));
});

Deno.test("a search of clusters says how many it read", async () => {
  await using db = await database("lsm_ivfflat");
  await db.exec("SET lsm_knn.strategy = index; SET lsm_ivfflat.probes = 2");
  const sql = "EXPLAIN ANALYZE SELECT id FROM t ORDER BY v <-> $1 LIMIT 5";
  const { rows } = await db.query(sql, [PLACE]);
  const text = rows.map((row) => Object.values(row)[0]).join("\n");
  assert(text.includes("Clusters Read: 2"), text);
  assert(/Distances Computed: [1-9]/.test(text), text);
});

Deno.test("a search ends at lsm_hnsw.max_scan_tuples, and after one round without lsm_hnsw.iterative_scan", async () => {
  await using db = await database("lsm_hnsw");
  await db.exec(
    "SET lsm_knn.strategy = index; SET lsm_hnsw.max_scan_tuples = 200",
  );
  const text = await explained(db);
  assert(text.includes("Rows Rechecked: 200"), text);
  const few = await ids(db);
  assert(few.length > 0 && few.length < 10, `${few.length}`);
  await db.exec("SET lsm_hnsw.max_scan_tuples = 0");
  assertEquals((await ids(db)).length, 10);
  // The planner believes that far more match.
  await db.exec("SET lsm_hnsw.iterative_scan = off");
  const sql = `SELECT id FROM t WHERE kind + 1 > 3 AND kind - 1 < 3
    ORDER BY v <-> $1 LIMIT 10`;
  assert((await db.query(sql, [PLACE])).rows.length < 10);
  await db.exec("SET lsm_hnsw.iterative_scan = relaxed_order");
  assertEquals((await db.query(sql, [PLACE])).rows.length, 10);
});

Deno.test("values of these settings are checked", async () => {
  await using db = await open("memory:");
  for (
    const [sql, hint] of [
      [
        "SET lsm_knn.strategy = best",
        "Available values: auto, exact, index, filtered_index.",
      ],
      [
        "SET lsm_hnsw.iterative_scan = on",
        "Available values: off, relaxed_order, strict_order.",
      ],
    ] as const
  ) {
    const error = await db.exec(sql).then(() => undefined, (error) => error);
    assertEquals([error.code, error.hint], ["22023", hint]);
  }
});
