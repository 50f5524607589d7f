/**
 * The filter promise: `WHERE … ORDER BY v <-> $1 LIMIT k` gives k rows whenever k
 * match, nearly all of them the nearest, whatever share matches and wherever it
 * lies. Each cell is a share, a place, an index and a strategy, the chosen one or
 * one that is set; the oracle looks at all rows.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { type Database, open } from "../../mod.ts";
import { squaredL2 } from "../../vector/distance/reference.ts";
import { testSeed } from "../support/test_seed.ts";
import { clusteredVectors } from "../support/vector_data.ts";

const ROWS = 5000;
const QUERIES = 8;
const K = 10;

const STRATEGIES = ["auto", "exact", "index", "filtered_index"];

const SHARES = [1, 0.5, 0.1, 0.02, 0.002];

/** Where what matches lies: anywhere, near the queries, far from them. */
const PLACES: Readonly<Record<string, (rows: number) => string>> = {
  anywhere: (rows) => `any_rank < ${rows}`,
  near: (rows) => `near_rank < ${rows}`,
  far: (rows) => `near_rank >= ${ROWS - rows}`,
};

interface Row {
  readonly vector: Float32Array;
  readonly anyRank: number;
  readonly nearRank: number;
}

function makeRows(vectors: readonly Float32Array[]): Row[] {
  const [home] = vectors;
  const order = vectors.map((_, i) => i)
    .sort((a, b) =>
      squaredL2(vectors[a]!, home!) - squaredL2(vectors[b]!, home!)
    );
  const ranks = new Uint32Array(vectors.length);
  order.forEach((id, rank) => ranks[id] = rank);
  // 2741 has no divisor in common with the number of rows.
  return vectors.map((vector, i) => ({
    vector,
    anyRank: i * 2741 % vectors.length,
    nearRank: ranks[i]!,
  }));
}

async function tableOf(
  rows: readonly Row[],
  method: string,
): Promise<Database> {
  const db = await open("memory:");
  await db.exec(
    "CREATE TABLE t (id int PRIMARY KEY, any_rank int, near_rank int, v vector(16))",
  );
  await db.query(
    "INSERT INTO t SELECT * FROM unnest($1::int[], $2::int[], $3::int[], $4::vector[])",
    [
      rows.map((_, i) => i),
      rows.map(({ anyRank }) => anyRank),
      rows.map(({ nearRank }) => nearRank),
      rows.map(({ vector }) => vector),
    ],
  );
  await db.exec(`
    CREATE INDEX ON t (any_rank);
    CREATE INDEX ON t (near_rank);
    CREATE INDEX t_v ON t USING ${method} (v vector_l2_ops);
    ANALYZE t`);
  await db.settle();
  return db;
}

const matches = (row: Row, place: string, count: number): boolean =>
  place === "anywhere"
    ? row.anyRank < count
    : place === "near"
    ? row.nearRank < count
    : row.nearRank >= ROWS - count;

for (const method of ["lsm_hnsw", "lsm_ivfflat"]) {
  Deno.test(`[K-170] ${method}: k rows and their recall, whatever share matches and wherever`, async () => {
    const vectors = clusteredVectors({
      seed: testSeed(),
      count: ROWS,
      dims: 16,
      clusters: 30,
      spread: 0.6,
    });
    const rows = makeRows(vectors);
    await using db = await tableOf(rows, method);
    // Around the vector that ranks are counted from.
    const queries = rows.filter(({ nearRank }) => nearRank < 400)
      .slice(0, QUERIES).map(({ vector }) => vector.map((x) => x + 0.01));
    const ways = new Set<string>();
    const recalls = new Map<string, number[]>();
    for (const share of SHARES) {
      for (const [place, conditionOf] of Object.entries(PLACES)) {
        const count = Math.round(ROWS * share);
        const sql = `SELECT id FROM t WHERE ${conditionOf(count)}
          ORDER BY v <-> $1 LIMIT ${K}`;
        const candidates = rows.map((row, id) => ({ ...row, id }))
          .filter((row) => matches(row, place, count));
        const answers = queries.map((query) =>
          candidates.map(({ id, vector }) => ({
            id,
            d: squaredL2(vector, query),
          })).sort((a, b) => a.d - b.d).slice(0, K).map(({ id }) => id)
        );
        for (const strategy of STRATEGIES) {
          await db.exec(`SET lsm_knn.strategy = ${strategy}`);
          let found = 0;
          for (const [i, query] of queries.entries()) {
            const result = await db.query(sql, [query]);
            assertEquals(result.rows.length, Math.min(K, count), sql);
            const right = answers[i]!;
            found += result.rows.filter(({ id }) =>
              right.includes(id as number)
            ).length / right.length;
          }
          const recall = found / queries.length;
          // So few queries in one place may all be harder than others.
          assert(recall >= 0.85, `${strategy}: ${sql}: recall ${recall}`);
          const some = recalls.get(strategy);
          if (some === undefined) recalls.set(strategy, [recall]);
          else some.push(recall);
        }
        await db.exec("SET lsm_knn.strategy = auto");
        const plan = await db.query(`EXPLAIN ${sql}`, [queries[0]]);
        const text = plan.rows.map((row) => Object.values(row)[0]).join("\n");
        ways.add(/KNN: (.*) is cheaper/.exec(text)![1]!);
      }
    }
    for (const [strategy, some] of recalls) {
      const mean = some.reduce((sum, each) => sum + each, 0) / some.length;
      assert(mean >= 0.95, `${strategy}: recall ${mean} of all`);
    }
    assert(ways.has("index") && ways.has("filtered index"), [...ways].join());
  });
}

for (const method of ["lsm_hnsw", "lsm_ivfflat"]) {
  Deno.test(`${method}: a filtered search sees the transaction's own rows, and no others'`, async () => {
    const vectors = clusteredVectors({
      seed: testSeed(),
      count: ROWS,
      dims: 16,
      clusters: 30,
      spread: 0.6,
    });
    await using db = await tableOf(makeRows(vectors), method);
    await db.exec("SET lsm_knn.strategy = filtered_index");
    const query = vectors[0]!;
    const sql =
      "SELECT id FROM t WHERE any_rank < 100 ORDER BY v <-> $1 LIMIT 3";
    const nearest = async (from: Pick<Database, "query">): Promise<unknown[]> =>
      (await from.query(sql, [query])).rows.map(({ id }) => id);
    const before = await nearest(db);
    const session = db.session();
    await session.query("SET lsm_knn.strategy = filtered_index");
    await session.query("BEGIN");
    await session.query("INSERT INTO t VALUES (9001, 7, 0, $1)", [query]);
    await session.query("UPDATE t SET any_rank = 5000 WHERE id = $1", [
      before[1],
    ]);
    await session.query("UPDATE t SET any_rank = 5, v = $1 WHERE id = $2", [
      query.map((x) => x + 0.001),
      before[2],
    ]);
    assertEquals(
      (await nearest(session)).slice(0, 2).toSorted(),
      [
        9001,
        before[0] === 0 ? 0 : before[2],
      ].toSorted(),
    );
    assertEquals(await nearest(db), before);
    await session.query("COMMIT");
    const after = await nearest(db);
    assert(after.includes(9001) && !after.includes(before[1]));
    await session.close();
  });
}
