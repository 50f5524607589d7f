/**
 * PGlite with pgvector at the filter sweep: the table and index of
 * `knn-glove-100k`, an index on the filter's column (the primary key), and
 * iterative scans. Of the widths that give the recall and all rows the fastest
 * counts; where the planner prefers the filter's index to the vectors', that
 * is what is measured.
 *
 * @module
 */
import { join } from "node:path";
import { dataFolder, exists } from "../cache.ts";
import { type Cell, type FilterData, WANTED } from "./filter_data.ts";
import { type Ask, measureCell, type Measured } from "./measure_cell.ts";

/** What a width must give. */
const RECALL = 0.95;

/** CPU time of a width. */
const WIDTH_MS = 1500;

const WIDTHS = [40, 80, 120, 200, 400];

/** As much of PGlite as is used here. */
interface Engine {
  exec(sql: string): Promise<unknown>;
  query(
    sql: string,
    parameters: unknown[],
  ): Promise<{ readonly rows: readonly unknown[] }>;
  close(): Promise<void>;
}

/** The peer, open. */
export class PgliteFilter {
  readonly #engine: Engine;
  readonly #data: FilterData;

  private constructor(engine: Engine, data: FilterData) {
    this.#engine = engine;
    this.#data = data;
  }

  /**
   * Opens the peer over the data that `knn-glove-100k` keeps.
   *
   * @throws {Error} where that benchmark has not made it.
   */
  static async open(data: FilterData): Promise<PgliteFilter> {
    const dataDir = join(dataFolder(), "pglite-0.5.14-glove-m16-efc64");
    if (!exists(`${dataDir}.done`)) {
      throw new Error(
        "PGlite's index is made by: deno task bench knn-glove-100k",
      );
    }
    const { PGlite } = await import("@electric-sql/pglite");
    const { vector } = await import("@electric-sql/pglite-pgvector");
    const engine = await PGlite.create({ dataDir, extensions: { vector } });
    return new PgliteFilter(engine, data);
  }

  /** The fastest setting that gives all rows at the recall. */
  async measure(
    cell: Cell,
    answers: readonly ReadonlySet<number>[],
  ): Promise<{ readonly theirs: Measured; readonly setting: string }> {
    let best: { theirs: Measured; setting: string } | undefined;
    for (const ef of WIDTHS) {
      await this.#engine.exec(
        `SET hnsw.iterative_scan = strict_order; SET hnsw.ef_search = ${ef}`,
      );
      const theirs = await measureCell(cell, answers, this.#ask, WIDTH_MS);
      const setting = `ef_search ${ef}`;
      const isGood = theirs.recall >= RECALL && theirs.isWhole;
      best = best === undefined || isGood ? { theirs, setting } : best;
      if (isGood) break;
    }
    return best!;
  }

  readonly #ask: Ask = async ({ column, operator, bound }, i) => {
    const { glove, queries } = this.#data;
    const vector = `[${glove.query(queries[i]!).join(",")}]`;
    const { rows } = await this.#engine.query(
      `SELECT id FROM v WHERE ${column} ${operator} ${bound}
       ORDER BY e <=> $1::vector LIMIT ${WANTED}`,
      [vector],
    );
    return (rows as { readonly id: number }[]).map(({ id }) => id);
  };

  /** Closes it. */
  async close(): Promise<void> {
    await this.#engine.close();
  }
}
