/**
 * The table of the filter sweep: GloVe's vectors, where each row stands by chance
 * and by its distance from a home, and the queries around that home.
 *
 * | place | what matches |
 * | --- | --- |
 * | anywhere | rows by chance: the first ones of a shuffled table |
 * | near | the rows nearest to the home, which the queries are near to |
 * | far | the rows farthest from it |
 *
 * @module
 */
import { type Glove, loadGlove } from "../glove.ts";

/** How many queries a cell has. */
export const QUERY_COUNT = 200;

/** Rows that a query asks for. */
export const WANTED = 10;

/** Where what matches lies. */
export type Place = "anywhere" | "near" | "far";

/** Rows that match: `column operator bound`. */
export interface Cell {
  readonly place: Place;
  readonly share: number;
  readonly column: "id" | "near_rank";
  readonly operator: "<" | ">=";
  readonly bound: number;
}

const SHARES = [1, 0.5, 0.1, 0.01, 0.001, 0.0001];
const PLACES: readonly Place[] = ["anywhere", "near", "far"];

/** The cells of the sweep. */
export function cellsOf(count: number): Cell[] {
  return SHARES.flatMap((share) => {
    const rows = Math.round(count * share);
    return PLACES.filter((place) => share < 1 || place === "anywhere").map((
      place,
    ): Cell => ({
      place,
      share,
      column: place === "anywhere" ? "id" : "near_rank",
      operator: place === "far" ? ">=" : "<",
      bound: place === "far" ? count - rows : rows,
    }));
  });
}

/** The name of a cell: `near-0.1%`. */
export function cellName({ place, share }: Cell): string {
  return `${place}-${Number((100 * share).toPrecision(3))}%`;
}

/** The vectors, where they stand, the queries, and what is right. */
export class FilterData {
  readonly glove: Glove = loadGlove();
  /** Of each row, how many are nearer to the home. */
  readonly nearRanks: Int32Array;
  /** The queries, as numbers of the glove's. */
  readonly queries: readonly number[];
  /** For each query the distances of all rows. */
  readonly #distances: readonly Float32Array[];

  /** Computes all of it: some seconds. */
  constructor() {
    const { glove } = this;
    const home = glove.vector(0);
    const ofRows = Float64Array.from(
      { length: glove.count },
      (_, i) => cosine(glove.vector(i), home),
    );
    this.nearRanks = new Int32Array(glove.count);
    Array.from(ofRows.keys()).sort((a, b) => ofRows[a]! - ofRows[b]!)
      .forEach((row, rank) => this.nearRanks[row] = rank);
    this.queries = Array.from({ length: glove.queryCount }, (_, i) => i)
      .map((i) => ({ i, d: cosine(glove.query(i), home) }))
      .sort((a, b) => a.d - b.d).slice(0, QUERY_COUNT).map(({ i }) => i);
    this.#distances = this.queries.map((query) => this.#all(query));
  }

  #all(query: number): Float32Array {
    const { glove } = this;
    const vector = glove.query(query);
    const distances = new Float32Array(glove.count);
    for (let i = 0; i < glove.count; i++) {
      distances[i] = cosine(glove.vector(i), vector);
    }
    return distances;
  }

  /** Whether a row matches. */
  matches({ column, operator, bound }: Cell, row: number): boolean {
    const value = column === "id" ? row : this.nearRanks[row]!;
    return operator === "<" ? value < bound : value >= bound;
  }

  /** The true answer of each query of a cell, as sets of ids. */
  answers(cell: Cell): Set<number>[] {
    const rows: number[] = [];
    for (let row = 0; row < this.glove.count; row++) {
      if (this.matches(cell, row)) rows.push(row);
    }
    return this.#distances.map((distances) => {
      const best: number[] = [];
      for (const row of rows) {
        const distance = distances[row]!;
        if (
          best.length === WANTED && distance >= distances[best.at(-1)!]!
        ) continue;
        if (best.length === WANTED) best.pop();
        let at = best.length;
        while (at > 0 && distances[best[at - 1]!]! > distance) at--;
        best.splice(at, 0, row);
      }
      return new Set(best);
    });
  }
}

function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0;
  let left = 0;
  let right = 0;
  for (let i = 0; i < a.length; i++) {
    product += a[i]! * b[i]!;
    left += a[i]! * a[i]!;
    right += b[i]! * b[i]!;
  }
  return 1 - product / Math.sqrt(left * right);
}
