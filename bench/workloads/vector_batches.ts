/**
 * Vectors through SQL, many at a time:
 *
 * - `vectors-burst`: 20,000 GloVe vectors in statements of 1000 rows into a table
 *   in memory with `lsm_hnsw` live, in times of the same without the index; by
 *   the clock, until they are acknowledged.
 * - `vectors-lateral`: the 10 nearest for each of 200 queries in one statement
 *   (LATERAL over `unnest`), in times of 200 statements; CPU time. With a filter
 *   that 1 % match: `vectors-lateral-filter`.
 *
 * @module
 */
import process from "node:process";
import type { Database } from "../../mod.ts";
import { type LimitWorkload, median } from "../harness.ts";
import { DATA } from "../vectors/data_sets.ts";
import { openingFolder, prepareOpening } from "./vector_opening.ts";

const BURST_ROWS = 20_000;
const STATEMENT_ROWS = 1000;
const QUERIES = 200;

async function burst(db: Database, indexed: boolean): Promise<number> {
  const data = DATA.glove.load();
  await db.exec(
    `DROP TABLE IF EXISTS t;
    CREATE TABLE t (id int PRIMARY KEY, e vector(${data.dimensions}))`,
  );
  if (indexed) {
    await db.exec("CREATE INDEX ON t USING lsm_hnsw (e lsm_vector_cosine_ops)");
  }
  let elapsedMs = 0;
  for (let from = 0; from < BURST_ROWS; from += STATEMENT_ROWS) {
    const rows = Array.from({ length: STATEMENT_ROWS }, (_, i) => from + i);
    const vectors = rows.map((id) => data.vector(id));
    const start = performance.now();
    await db.query(
      "INSERT INTO t SELECT * FROM unnest($1::int[], $2::vector[])",
      [rows, vectors],
    );
    elapsedMs += performance.now() - start;
  }
  return elapsedMs;
}

async function measureBurst(): Promise<number> {
  const { open } = await import("../../mod.ts");
  const ratios: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    const times: number[] = [];
    for (const indexed of turn % 2 === 0 ? [false, true] : [true, false]) {
      // What is still to be sealed is not waited for.
      await using db = await open("memory:");
      times[indexed ? 1 : 0] = await burst(db, indexed);
    }
    // The first turn compiles.
    if (turn > 0) ratios.push(times[1]! / times[0]!);
  }
  return median(ratios);
}

async function cpuMs(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** CPU time of one statement by that of one a query, warm. */
async function measureLateral(condition: string): Promise<number> {
  const { open } = await import("../../mod.ts");
  const { FileStore } = await import("../../storage/mod.ts");
  const store = await FileStore.open(openingFolder());
  await using db = await open("memory:", { store, readOnly: true });
  const data = DATA.glove.load();
  const queries = Array.from({ length: QUERIES }, (_, i) => data.query(i));
  const nearest = (query: string): string =>
    `SELECT id FROM words ${condition} ORDER BY e <=> ${query} LIMIT 10`;
  const alone = async (): Promise<void> => {
    for (const query of queries) await db.query(nearest("$1"), [query]);
  };
  const together = (): Promise<unknown> =>
    db.query(
      `SELECT n.id FROM unnest($1::vector[]) q (v), LATERAL (${
        nearest("q.v")
      }) n`,
      [queries],
    );
  const ratios: number[] = [];
  for (let turn = 0; turn < 3; turn++) {
    const single = await cpuMs(alone);
    ratios.push(await cpuMs(together) / single);
  }
  return median(ratios);
}

/** Many vectors at a time. */
export const vectorBatches: readonly LimitWorkload[] = [
  {
    name: "vectors-burst",
    unit: "x without the index",
    limit: 1 / 0.6,
    turns: 1,
    prepare: DATA.glove.prepare,
    measure: measureBurst,
  },
  {
    name: "vectors-lateral",
    unit: "x one by one",
    limit: 1,
    turns: 1,
    prepare: prepareOpening,
    measure: () => measureLateral(""),
  },
  {
    name: "vectors-lateral-filter",
    unit: "x one by one",
    limit: 0.2,
    turns: 1,
    prepare: prepareOpening,
    measure: () => measureLateral("WHERE id < 1000"),
  },
];
