/**
 * A search of what is committed, which outlives the segments it began with.
 *
 * Where vectors are read as they are looked at, an object may be gone, for its
 * segment was merged, or damaged. Then the search is made again, of the index as
 * it is now or is filled anew from the rows, and what was given is left out.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { AnyVector } from "../../vector/distance/metric.ts";
import type {
  VectorBatch,
  VectorCursor,
} from "../../vector/segments/vector_cursor.ts";
import type { SealedSegment } from "../../vector/segments/sealed_segment.ts";
import { isDamage } from "./hnsw_objects.ts";
import type { HnswState } from "./hnsw_state.ts";
import type { NearestRequest } from "./index_access.ts";

/** How often a search is made again, for all that may go wrong. */
const ATTEMPTS_MAX = 8;

/** See the module. */
export class SteadySearch {
  readonly #open: () => MaybePromise<HnswState>;
  readonly #query: AnyVector;
  readonly #snapshot: number;
  readonly #request: NearestRequest;
  #state: HnswState | undefined;
  #cursor: VectorCursor | undefined;
  /** The segments that the cursor searches. */
  #sealed: readonly SealedSegment[] = [];
  /** What was given, where the search may have to be made again. */
  readonly #given = new Set<number>();
  #attempts = 0;

  /** A search; `open` gives the index as it is. */
  constructor(
    open: () => MaybePromise<HnswState>,
    query: AnyVector,
    snapshot: number,
    request: NearestRequest,
  ) {
    this.#open = open;
    this.#query = query;
    this.#snapshot = snapshot;
    this.#request = request;
  }

  /** Opens the index and begins, or begins anew. */
  open(): MaybePromise<void> {
    return then(this.#open(), (state) => {
      state.checkSnapshot(this.#snapshot);
      const { expectedRows, searchWidth, allowed } = this.#request;
      const { shared, counters } = this.#request;
      this.#state = state;
      this.#sealed = state.index.sealed;
      this.#cursor = state.index.search(this.#query, {
        k: expectedRows + this.#given.size,
        ef: searchWidth,
        allowed,
        shared,
        counters,
        snapshot: this.#snapshot,
      });
    });
  }

  /** The next rows. REQUIRES: it was opened. */
  next(wanted: number): MaybePromise<VectorBatch> {
    try {
      const batch = this.#read(wanted);
      if (!isPromise(batch)) return batch;
      return batch.catch((error) => this.#again(error, wanted));
    } catch (error) {
      return this.#again(error, wanted);
    }
  }

  #read(wanted: number): MaybePromise<VectorBatch> {
    if (this.#sealed.every(({ stored }) => stored === undefined)) {
      return this.#cursor!.read(wanted);
    }
    return then(this.#cursor!.read(wanted), (batch) => {
      const left = this.#without(batch);
      for (const locator of left.locators) this.#given.add(locator);
      const isEnd = batch.count < wanted;
      if (left.count === batch.count || isEnd) return left;
      return then(
        this.#read(wanted - left.count),
        (more) => concat(left, more),
      );
    });
  }

  /** A batch without what was given before. */
  #without(batch: VectorBatch): VectorBatch {
    const { locators, distances } = batch;
    const isNew = (_: number, i: number): boolean =>
      !this.#given.has(locators[i]!);
    const left = locators.filter(isNew);
    if (left.length === batch.count) return batch;
    return {
      count: left.length,
      locators: left,
      distances: distances.filter(isNew),
    };
  }

  async #again(error: unknown, wanted: number): Promise<VectorBatch> {
    const state = this.#state!;
    if (!isDamage(error) || error.kind !== "corrupt") throw error;
    if (++this.#attempts > ATTEMPTS_MAX) throw error;
    // Segments that were merged may be gone with their objects: no damage.
    if (state.index.sealed === this.#sealed) state.noteDamage(error);
    await this.open();
    return await this.next(wanted);
  }
}

/** One batch after the other. */
function concat(a: VectorBatch, b: VectorBatch): VectorBatch {
  return {
    count: a.count + b.count,
    locators: Float64Array.from([...a.locators, ...b.locators]),
    distances: Float64Array.from([...a.distances, ...b.distances]),
  };
}
