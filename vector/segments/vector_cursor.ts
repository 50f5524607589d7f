/**
 * A search over all segments: their cursors, merged.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import {
  forEachOf,
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { Metric } from "../distance/metric.ts";
import type { SearchPlan } from "./search_cost.ts";
import type { SegmentSource } from "./segment_source.ts";

/** Rows of a search, nearest first. */
export interface VectorBatch {
  /** How many rows. */
  readonly count: number;
  /** Their locators; as long as `count`. */
  readonly locators: Float64Array<ArrayBuffer>;
  /**
   * Their distances, as the metric's operator gives them but in 32 bits; NaN
   * where the cosine has none.
   */
  readonly distances: Float64Array<ArrayBuffer>;
}

/**
 * The visible rows of an index, nearest first.
 *
 * Each call of `next` gives rows in order of distance, and a row at most once.
 * The search is approximate: a batch may hold a row nearer than some of an
 * earlier batch, so whoever wants order across batches sorts what it gathered.
 * Asked long enough, a cursor gives every visible row.
 *
 * Cursors do not disturb each other, and rows may be inserted and ended
 * between calls: what is visible was fixed when the cursor was opened.
 */
export class VectorCursor {
  readonly #sources: readonly SegmentSource[];
  readonly #metric: Metric;
  readonly #checkOpen: () => void;

  /** Merges `sources`; `checkOpen` throws once the cursor may not be used. */
  constructor(
    sources: readonly SegmentSource[],
    metric: Metric,
    checkOpen: () => void,
  ) {
    this.#sources = sources;
    this.#metric = metric;
    this.#checkOpen = checkOpen;
  }

  /** How each segment was searched last; `undefined` for one not yet. */
  get plans(): (SearchPlan | undefined)[] {
    return this.#sources.map((source) => source.plan);
  }

  /**
   * The next rows: `count` of them, fewer if and only if no more are visible.
   *
   * REQUIRES: no segment's vectors are elsewhere; else {@linkcode read}.
   *
   * @throws {KriyaError} of kind `fenced` if the rows this cursor could see
   * were taken back by a rollback.
   */
  next(count: number): VectorBatch {
    const batch = this.read(count);
    invariant(!isPromise(batch), "vectors that are not in memory");
    return batch;
  }

  /**
   * The next rows, as `next`; later where vectors have to be read. REQUIRES:
   * the rows of the call before have come.
   */
  read(count: number): MaybePromise<VectorBatch> {
    invariant(Number.isInteger(count) && count >= 0, "a whole number of rows");
    this.#checkOpen();
    const sources = this.#sources;
    const ready = forEachOf(
      sources,
      sources.length,
      (source) => source.prepare(count),
    );
    return then(ready, () => {
      this.#checkOpen();
      return this.#merge(count);
    });
  }

  #merge(count: number): VectorBatch {
    const locators = new Float64Array(count);
    const distances = new Float64Array(count);
    let found = 0;
    while (found < count) {
      const nearest = this.#nearest();
      if (nearest === undefined) break;
      locators[found] = nearest.locator;
      distances[found++] = toDistance(this.#metric, nearest.distance);
      nearest.advance();
    }
    if (found === count) return { count, locators, distances };
    return {
      count: found,
      locators: locators.slice(0, found),
      distances: distances.slice(0, found),
    };
  }

  #nearest(): SegmentSource | undefined {
    let best: SegmentSource | undefined;
    for (const source of this.#sources) {
      if (source.isEmpty) continue;
      if (best === undefined || isLess(source.distance, best.distance)) {
        best = source;
      }
    }
    return best;
  }
}

/** Whether a distance is less; NaN is more than all others. */
function isLess(a: number, b: number): boolean {
  return a < b || (Number.isNaN(b) && !Number.isNaN(a));
}

/** The distance of a metric of what its kernel gives. */
export function toDistance(metric: Metric, internal: number): number {
  switch (metric) {
    case "l2":
      return Math.sqrt(internal);
    case "cosine":
      return internal < 0 ? 0 : internal > 2 ? 2 : internal;
    default:
      return internal;
  }
}

/** The error of a cursor whose rows were taken back. */
export function takenBack(snapshot: number): KriyaError {
  return new KriyaError(
    "fenced",
    `Cannot go on with a search at sequence ${snapshot}: it was taken back`,
  );
}
