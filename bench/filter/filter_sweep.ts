/**
 * The filter sweep: selectivity × where what matches lies × the way that is
 * gone, forced and chosen. `deno task bench filter`.
 *
 * All in one process and in memory, 100,000 rows, an index on the filter's
 * columns, parameters for the vector and the bound. A cell is asked
 * `QUERY_COUNT` queries as it comes, which must have all rows and their recall;
 * each way that is forced is asked as many as half a second of CPU time allows.
 * The peer is PGlite with pgvector's iterative scan, where rows match anywhere.
 *
 * @module
 */
import type { Database } from "../../mod.ts";
import type { BenchResult } from "../harness.ts";
import { prepareGlove } from "../glove.ts";
import {
  type Cell,
  cellName,
  cellsOf,
  FilterData,
  WANTED,
} from "./filter_data.ts";
import { type Ask, measureCell } from "./measure_cell.ts";
import { PgliteFilter } from "./pglite_filter.ts";

const WAYS = ["exact", "index", "filtered_index"];

/** CPU time that a forced way is given, and the queries it is asked at least. */
const FORCED_MS = 500;

/** How far from the best forced way the chosen one may be. */
const WORSE_MAX = 1.3;

/** How much faster than the peer. */
const PEER_TARGET = 5;

/** Puts the table into a database. */
export async function fillDatabase(
  db: Database,
  { glove, nearRanks }: FilterData,
): Promise<void> {
  await db.exec(
    `CREATE TABLE v (id int PRIMARY KEY, near_rank int, e vector(${glove.dimensions}))`,
  );
  const rows = 5000;
  for (let from = 0; from < glove.count; from += rows) {
    const ids = Array.from({ length: rows }, (_, i) => from + i);
    await db.query(
      "INSERT INTO v SELECT * FROM unnest($1::int[], $2::int[], $3::vector[])",
      [
        ids,
        ids.map((id) => nearRanks[id]!),
        ids.map((id) => glove.vector(id)),
      ],
    );
  }
  await db.exec(`CREATE INDEX ON v (near_rank);
    CREATE INDEX ON v USING lsm_hnsw (e lsm_vector_cosine_ops);
    ANALYZE v`);
  await db.settle();
}

/** How our side is asked. */
export function ourAsk(db: Database, { glove, queries }: FilterData): Ask {
  return async ({ column, operator, bound }, i) => {
    const { rows } = await db.query(
      `SELECT id FROM v WHERE ${column} ${operator} $2
       ORDER BY e <=> $1 LIMIT ${WANTED}`,
      [glove.query(queries[i]!), bound],
    );
    return rows.map(({ id }) => id as number);
  };
}

/** The way that is chosen for a cell, as EXPLAIN names it. */
async function chosenWay(
  db: Database,
  { column, operator, bound }: Cell,
  vector: Float32Array,
): Promise<string> {
  const { rows } = await db.query(
    `EXPLAIN SELECT id FROM v WHERE ${column} ${operator} $2
     ORDER BY e <=> $1 LIMIT ${WANTED}`,
    [vector, bound],
  );
  const text = rows.map((row) => Object.values(row)[0]).join("\n");
  return /KNN: (.*?) is cheaper/.exec(text)?.[1] ?? "?";
}

/** The chosen way of each cell beside the forced ones. */
export async function sweepWays(
  db: Database,
  data: FilterData,
  note: (text: string) => void,
): Promise<BenchResult[]> {
  const ask = ourAsk(db, data);
  const results: BenchResult[] = [];
  for (const cell of cellsOf(data.glove.count)) {
    const answers = data.answers(cell);
    await db.exec("SET lsm_knn.strategy = auto");
    const chosen = await measureCell(cell, answers, ask);
    const way = await chosenWay(db, cell, data.glove.query(data.queries[0]!));
    const forced: { readonly way: string; readonly perSecond: number }[] = [];
    for (const each of WAYS) {
      await db.exec(`SET lsm_knn.strategy = ${each}`);
      const { perSecond } = await measureCell(cell, answers, ask, FORCED_MS);
      forced.push({ way: each, perSecond });
    }
    const best = forced.reduce((a, b) => a.perSecond >= b.perSecond ? a : b);
    const ways = forced.map(({ way, perSecond }) =>
      `${way} ${(1e6 / perSecond).toFixed(0)}`
    );
    note(
      `${cellName(cell)}: chosen ${way} ${
        (1e6 / chosen.perSecond).toFixed(0)
      } us (${ways.join(", ")}), recall ${chosen.recall.toFixed(4)}${
        chosen.isWhole ? "" : ", ROWS ARE MISSING"
      }`,
    );
    results.push({
      bench: "filter",
      workload: `filter-${cellName(cell)}`,
      ours: chosen.perSecond,
      peer: `forced ${best.way}, recall ${chosen.recall.toFixed(3)}`,
      peerValue: best.perSecond,
      unit: "queries/s",
      ratio: chosen.perSecond / best.perSecond,
      target: 1 / WORSE_MAX,
    });
  }
  await db.exec("SET lsm_knn.strategy = auto");
  return results;
}

/** The same cells beside PGlite, where rows match anywhere. */
async function beside(
  db: Database,
  data: FilterData,
  note: (text: string) => void,
): Promise<BenchResult[]> {
  const peer = await PgliteFilter.open(data);
  const results: BenchResult[] = [];
  const ask = ourAsk(db, data);
  const cells = cellsOf(data.glove.count).filter(({ place, share }) =>
    place === "anywhere" && share <= 0.1 && share >= 0.001
  );
  for (const cell of cells) {
    const answers = data.answers(cell);
    const ours = await measureCell(cell, answers, ask, 2000);
    const { theirs, setting } = await peer.measure(cell, answers);
    note(
      `${cellName(cell)}: PGlite with ${setting}: ${
        (1e6 / theirs.perSecond).toFixed(0)
      } us, recall ${theirs.recall.toFixed(4)}${
        theirs.isWhole ? "" : ", ROWS ARE MISSING"
      }`,
    );
    results.push({
      bench: "filter",
      workload: `filter-${cellName(cell)}`,
      ours: ours.perSecond,
      peer: `pglite+pgvector, ${setting}`,
      peerValue: theirs.perSecond,
      unit: "queries/s",
      ratio: ours.perSecond / theirs.perSecond,
      target: PEER_TARGET,
    });
  }
  await peer.close();
  return results;
}

/** The whole benchmark. */
export async function filterSweep(
  note: (text: string) => void,
): Promise<BenchResult[]> {
  await prepareGlove();
  const { open } = await import("../../mod.ts");
  const data = new FilterData();
  await using db = await open("memory:");
  await fillDatabase(db, data);
  note("the table is there");
  return [
    ...await sweepWays(db, data, note),
    ...await beside(db, data, note),
  ];
}
