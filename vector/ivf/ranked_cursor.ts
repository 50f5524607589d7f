/**
 * A search of clusters by codes: the vectors of the nearest by codes, more than
 * are asked for, put them in order. What codes say nothing of is looked at
 * whatever there is.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { SearchCounters } from "../segments/search_counters.ts";
import type { VectorBatch } from "../segments/vector_cursor.ts";
import type { ClusterBatch, ClusterCursor } from "./cluster_cursor.ts";

/** What is put in order, and how. */
export interface RankedSearch {
  /** Rows by their codes. */
  readonly cursor: ClusterCursor;
  /** Of how many to look at vectors for so many. */
  readonly windowFor: (rows: number) => number;
  /** How far rows are, in the clusters at places. */
  readonly exact: (
    locators: readonly number[],
    places: readonly number[],
  ) => MaybePromise<Float64Array>;
  /** What is done is added here; absent: nobody counts. */
  readonly counters?: SearchCounters | undefined;
}

interface Candidate {
  readonly locator: number;
  readonly distance: number;
}

/** The visible rows of an index, about nearest first, each once. */
export class RankedCursor {
  readonly #search: RankedSearch;
  /** Those whose vectors were looked at and that were not given, nearest first. */
  #candidates: Candidate[] = [];
  /** Rows with codes whose vectors were looked at. */
  #looked = 0;
  #given = 0;
  /** Whether there may be more. */
  #goesOn = true;

  /** Nothing is read before the first call of `next`. */
  constructor(search: RankedSearch) {
    this.#search = search;
  }

  /** The next rows: `count` of them, fewer if and only if no more are visible. */
  next(count: number): MaybePromise<VectorBatch> {
    const wanted = Math.max(
      this.#search.windowFor(this.#given + count) - this.#looked,
      count - this.#candidates.length,
    );
    if (!this.#goesOn || wanted <= 0) return this.#give(count);
    const batch = this.#search.cursor.next(wanted, count);
    return then(
      then(batch, (rows) => this.#look(rows, wanted)),
      () => this.#give(count),
    );
  }

  /** Looks at the vectors of rows, and of more for those without a distance. */
  #look(rows: ClusterBatch, wanted: number): MaybePromise<void> {
    this.#goesOn = rows.count >= wanted;
    const batches = [rows];
    for (let unknown = unknownIn(rows); unknown > 0;) {
      const more = this.#search.cursor.nextRead(unknown);
      batches.push(more);
      unknown = unknownIn(more);
    }
    for (const batch of batches) this.#looked += batch.count - unknownIn(batch);
    const locators = batches.flatMap((batch) => [...batch.locators]);
    const places = batches.flatMap((batch) => [...batch.places]);
    if (locators.length === 0) return;
    const { exact, counters } = this.#search;
    if (counters !== undefined) counters.distances += locators.length;
    return then(exact(locators, places), (distances) => {
      locators.forEach((locator, i) =>
        this.#candidates.push({ locator, distance: distances[i]! })
      );
      this.#candidates.sort(byDistance);
    });
  }

  #give(count: number): VectorBatch {
    const rows = this.#candidates.splice(0, count);
    this.#given += rows.length;
    return {
      count: rows.length,
      locators: Float64Array.from(rows, ({ locator }) => locator),
      distances: Float64Array.from(rows, ({ distance }) => distance),
    };
  }
}

/** What is not known is farther than everything. */
function byDistance(a: Candidate, b: Candidate): number {
  if (Number.isNaN(a.distance)) return Number.isNaN(b.distance) ? 0 : 1;
  return Number.isNaN(b.distance) ? -1 : a.distance - b.distance;
}

/** How many rows of a batch have no distance. */
function unknownIn({ distances }: ClusterBatch): number {
  const known = distances.findIndex((each) => each !== -Infinity);
  return known < 0 ? distances.length : known;
}
