/**
 * Exact search in plain TypeScript: the definition of what an index answers,
 * and the oracle of every other search.
 *
 * It keeps every version in one list and computes every distance by
 * `distance/reference.ts`. Rows come by distance, NaN last, then by locator.
 *
 * @module
 */
import {
  type AnyVector,
  distanceOf,
  type Metric,
  type VectorElement,
} from "../distance/metric.ts";

/** A version of a row and its vector. */
export interface FlatEntry {
  /** The row. */
  readonly locator: number;
  /** Its vector. */
  readonly vector: AnyVector;
  /** The sequence that began it. */
  readonly begin: number;
  /** The sequence that ended it; Infinity while it is open. */
  end: number;
}

/** A row that was found. */
export interface FlatResult {
  /** The row. */
  readonly locator: number;
  /** Its distance. */
  readonly distance: number;
}

/** Options of {@linkcode FlatIndex.search}. */
export interface FlatSearchOptions {
  /** How many rows (default: all). */
  readonly k?: number;
  /** Whose versions are visible (default: the newest). */
  readonly snapshot?: number;
  /** The only locators that may be found. */
  readonly allowed?: ReadonlySet<number>;
}

/**
 * An index that is a list.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { FlatIndex } from "./flat_search.ts";
 *
 * const index = new FlatIndex("l2");
 * index.insert(1, new Float32Array([3, 4]), 1);
 * index.insert(2, new Float32Array([1, 0]), 1);
 * assertEquals(index.search(new Float32Array([0, 0])), [
 *   { locator: 2, distance: 1 },
 *   { locator: 1, distance: 5 },
 * ]);
 * ```
 */
export class FlatIndex {
  readonly #metric: Metric;
  readonly #element: VectorElement;
  #entries: FlatEntry[] = [];

  /** Creates an empty index. */
  constructor(metric: Metric, element: VectorElement = "float32") {
    this.#metric = metric;
    this.#element = element;
  }

  /** Every version. */
  get entries(): readonly FlatEntry[] {
    return this.#entries;
  }

  /** Adds an open version. */
  insert(locator: number, vector: AnyVector, begin: number): void {
    this.#entries.push({ locator, vector, begin, end: Infinity });
  }

  /** Ends the open version of a row; gives whether there was one. */
  end(locator: number, end: number): boolean {
    const entry = this.#entries.find((e) =>
      e.locator === locator && e.end === Infinity
    );
    if (entry === undefined) return false;
    entry.end = end;
    return true;
  }

  /** Takes back every begin and end after `seq`. */
  rollbackTo(seq: number): void {
    this.#entries = this.#entries.filter(({ begin }) => begin <= seq);
    for (const entry of this.#entries) {
      if (entry.end > seq) entry.end = Infinity;
    }
  }

  /** The visible rows, nearest first. */
  search(query: AnyVector, options: FlatSearchOptions = {}): FlatResult[] {
    const { k = Infinity, snapshot = Infinity, allowed } = options;
    const distance = distanceOf(this.#metric, this.#element);
    const isVisible = ({ begin, end }: FlatEntry): boolean =>
      snapshot === Infinity
        ? end === Infinity
        : begin <= snapshot && snapshot < end;
    return this.#entries
      .filter((entry) =>
        isVisible(entry) && allowed?.has(entry.locator) !== false
      )
      .map(({ locator, vector }) => ({
        locator,
        distance: distance(query, vector),
      }))
      .sort(compare)
      .slice(0, k);
  }
}

function compare(a: FlatResult, b: FlatResult): number {
  const nanA = Number.isNaN(a.distance);
  const nanB = Number.isNaN(b.distance);
  if (nanA !== nanB) return nanA ? 1 : -1;
  return (nanA ? 0 : a.distance - b.distance) || a.locator - b.locator;
}
