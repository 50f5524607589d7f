/**
 * Queries over a table of 200,000 rows whose keys came in random order: a scan
 * with a filter, groups, ranges of the key, a join with a small table.
 *
 * @module
 */
import type { Side, Workload } from "../harness.ts";
import { CREATE_ITEMS, insertText, itemKey, makeItems } from "../items.ts";
import {
  openOurPoints,
  openPglitePoints,
  openSqlitePoints,
  type PointEngine,
  type RunPrepared,
} from "../point_engines.ts";
import { randomNumbers } from "../random.ts";

const ROWS = 200_000;
const RANGE_ROWS = 1000;

/** A query, its parameters, and how many rows it gives. */
interface Query {
  readonly name: string;
  readonly text: string;
  readonly parameters: (random: () => number) => readonly unknown[];
  readonly rows: number;
  readonly targets: { readonly pglite: number; readonly sqlite: number };
}

const QUERIES: readonly Query[] = [
  {
    name: "sql-scan",
    text: "SELECT count(*), sum(price), avg(price) FROM items " +
      "WHERE price BETWEEN $1 AND $2",
    parameters: () => [1000, 8000],
    rows: 1,
    targets: { pglite: 4, sqlite: 1 },
  },
  {
    name: "sql-group",
    text: "SELECT price % 100 AS g, count(*), sum(ts) FROM items GROUP BY g",
    parameters: () => [],
    rows: 100,
    targets: { pglite: 3, sqlite: 5 },
  },
  {
    name: "sql-range",
    text: `SELECT * FROM items WHERE id >= $1 ORDER BY id LIMIT ${RANGE_ROWS}`,
    parameters: (
      random,
    ) => [itemKey(Math.floor(random() * (ROWS - RANGE_ROWS)))],
    rows: RANGE_ROWS,
    targets: { pglite: 3, sqlite: 0.8 },
  },
  {
    name: "sql-join",
    text: "SELECT count(*), sum(i.price + c.w) FROM items i " +
      "JOIN cat c ON c.k = i.price % 1000",
    parameters: () => [],
    rows: 1,
    targets: { pglite: 8, sqlite: 3 },
  },
];

class QuerySide implements Side {
  readonly #open: () => Promise<PointEngine>;
  readonly #query: Query;
  readonly #random = randomNumbers(5);
  #engine: PointEngine | undefined;
  #run: RunPrepared | undefined;

  constructor(open: () => Promise<PointEngine>, query: Query) {
    this.#open = open;
    this.#query = query;
  }

  async setup(): Promise<string> {
    const engine = this.#engine = await this.#open();
    await engine.exec(CREATE_ITEMS);
    const items = makeItems(ROWS);
    for (let i = 0; i < ROWS; i += 1000) {
      await engine.exec(insertText(items.slice(i, i + 1000)));
    }
    await engine.exec("CREATE TABLE cat (k int, w int)");
    const pairs = Array.from({ length: 1000 }, (_, i) => `(${i},${i * 3})`);
    await engine.exec(`INSERT INTO cat VALUES ${pairs.join(",")}`);
    await engine.exec("ANALYZE");
    this.#run = await engine.prepareRows(this.#query.text);
    await this.round();
    return `${ROWS} rows in memory`;
  }

  async round(): Promise<number> {
    const { parameters, rows } = this.#query;
    const given = await this.#run!(parameters(this.#random)) as unknown[];
    if (given.length !== rows) throw new Error(`${given.length} rows`);
    return 1;
  }

  async close(): Promise<void> {
    await this.#engine?.close();
  }
}

/** The queries. */
export const sqlQueries: readonly Workload[] = QUERIES.map((query) => ({
  name: query.name,
  unit: "queries/s",
  peers: {
    pglite: { name: "pglite", target: query.targets.pglite },
    sqlite: { name: "node:sqlite", target: query.targets.sqlite },
  },
  sides: {
    ours: () => new QuerySide(openOurPoints, query),
    pglite: () => new QuerySide(openPglitePoints, query),
    sqlite: () => new QuerySide(openSqlitePoints, query),
  },
}));
