/**
 * A search of clusters: the nearest are read, then, if more rows are wanted,
 * the next ones, until all are.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { DistanceHeap } from "../segments/distance_heap.ts";
import type { SearchCounters } from "../segments/search_counters.ts";
import type { VectorBatch } from "../segments/vector_cursor.ts";
import type { RowSink } from "./cluster_cache.ts";
import { NearestDistances } from "./nearest_distances.ts";

/** Clusters that are read at the same time. */
const READS_MAX = 16;

/** How many times as many clusters are read as gave the nearest rows. */
const BEYOND = 3;

/** What is searched, and how. */
export interface ClusterSearch {
  /** The places of clusters, nearest first. */
  readonly order: DistanceHeap;
  /** How many of them to read for so many rows. */
  readonly probesFor: (rows: number) => number;
  /** Gives the rows of the cluster at a place that are seen. */
  readonly read: (place: number, sink: RowSink) => MaybePromise<void>;
  /** Whether a row may be found; absent: all may. */
  readonly admits?: ((locator: number) => boolean) | undefined;
  /** What is done is added here; absent: nobody counts. */
  readonly counters?: SearchCounters | undefined;
}

/** Rows, and at which place each one's cluster is. */
export interface ClusterBatch extends VectorBatch {
  readonly places: Uint32Array;
}

/** The visible rows of an index, about nearest first, each once. */
export class ClusterCursor {
  readonly #search: ClusterSearch;
  /** Clusters that were read. */
  probes = 0;
  /** Distances that were computed. */
  computed = 0;
  /** Rows that were wanted in all. */
  #wanted = 0;
  /** Rows that may be found, of those that were read. */
  #admitted = 0;
  /** The nearest of them, where not all may be found. */
  readonly #nearest = new NearestDistances();
  #locators: Float64Array<ArrayBuffer> = new Float64Array(256);
  #places: Uint32Array<ArrayBuffer> = new Uint32Array(256);
  #distances: Float32Array<ArrayBuffer> = new Float32Array(256);
  #heap = new DistanceHeap(new Uint32Array(0), new Float32Array(0), 0);
  /** Rows since the heap was made. */
  #heaped = 0;
  /** Distances that were added to the counters. */
  #counted = 0;
  readonly #given = new Set<number>();

  /** Nothing is read before the first call of `next`. */
  constructor(search: ClusterSearch) {
    this.#search = search;
  }

  /**
   * The next rows: `count` of them, fewer if and only if no more are visible.
   * Clusters are read for the nearest `wanted` of them.
   */
  next(count: number, wanted = count): MaybePromise<ClusterBatch> {
    const given = this.#given.size;
    this.#nearest.widen(given + count);
    this.#wanted += wanted;
    // Who comes back wants rows from the far end, which are missed more often
    // than those before them.
    const aim = this.#search.probesFor((given === 0 ? 1 : 2) * this.#wanted);
    return this.#upTo(aim, count);
  }

  /**
   * How many clusters to read if few rows may be found: as for so many more
   * rows as there are others among those that were read, which is what it takes
   * where they lie anywhere; and three times as many as it took to find the
   * nearest so far, which is more where they begin far away. (With half as many
   * again one build in two had a recall below 0.85 there.)
   */
  #aimFor(count: number): number {
    const { admits, probesFor } = this.#search;
    if (admits === undefined) return 0;
    const share = Math.max(this.#admitted, 1) / Math.max(this.computed, 1);
    return Math.max(
      probesFor(
        Math.ceil(Math.min(this.#wanted, this.#given.size + count) / share),
      ),
      Math.ceil(BEYOND * this.#nearest.foundAt),
    );
  }

  /** Reads up to `aim` clusters, and more while rows are missing. */
  #upTo(aim: number, count: number): MaybePromise<ClusterBatch> {
    const { order } = this.#search;
    let goal = aim;
    for (;;) {
      while (this.probes < goal && order.count > 0) {
        const reading = this.#readSome(Math.min(goal - this.probes, READS_MAX));
        if (isPromise(reading)) {
          return reading.then(() => this.#upTo(goal, count));
        }
      }
      if (order.count === 0) return this.#give(count);
      if (this.#waiting >= count) {
        const further = this.#aimFor(count);
        if (further <= this.probes) return this.#give(count);
        // In steps, as more is known after each.
        goal = Math.min(further, 2 * Math.max(this.probes, 1));
      } else goal = 2 * Math.max(goal, 1);
    }
  }

  /** Rows that were read and not given, twice read ones twice. */
  get #waiting(): number {
    return this.#admitted - this.#heaped + this.#heap.count;
  }

  #readSome(count: number): MaybePromise<void> {
    const { order, read, counters } = this.#search;
    const waiting: Promise<void>[] = [];
    for (let i = 0; i < count && order.count > 0; i++) {
      const place = order.id;
      order.pop();
      this.probes++;
      if (counters !== undefined) counters.clusters++;
      const reading = read(
        place,
        (locator, distance) => this.#add(place, locator, distance),
      );
      if (isPromise(reading)) waiting.push(reading);
    }
    if (waiting.length > 0) return Promise.all(waiting).then(() => {});
  }

  #add(place: number, locator: number, distance: number): void {
    this.computed++;
    const { admits } = this.#search;
    if (admits !== undefined) {
      if (!admits(locator)) return;
      this.#nearest.add(distance, this.probes);
    }
    const at = this.#admitted++;
    if (at === this.#locators.length) {
      const locators = new Float64Array(2 * at);
      locators.set(this.#locators);
      this.#locators = locators;
      const distances = new Float32Array(2 * at);
      distances.set(this.#distances);
      this.#distances = distances;
      const places = new Uint32Array(2 * at);
      places.set(this.#places);
      this.#places = places;
    }
    this.#locators[at] = locator;
    this.#distances[at] = distance;
    this.#places[at] = place;
  }

  /** Gives rows of clusters that were read, and reads more if some are missing. */
  #give(count: number): MaybePromise<ClusterBatch> {
    const batch = this.nextRead(count);
    // Some were there twice.
    if (batch.count < count && this.#search.order.count > 0) {
      for (const locator of batch.locators) this.#given.delete(locator);
      this.#heaped = 0;
      return this.#upTo(this.probes + 1, count);
    }
    return batch;
  }

  /** The next `count` rows of the clusters that were read, or fewer. */
  nextRead(count: number): ClusterBatch {
    this.#count();
    if (this.#admitted > this.#heaped) this.#heapUp();
    const locators = new Float64Array(count);
    const distances = new Float64Array(count);
    const places = new Uint32Array(count);
    let found = 0;
    while (found < count && this.#heap.count > 0) {
      const { id, distance } = this.#heap;
      this.#heap.pop();
      const locator = this.#locators[id]!;
      if (this.#given.has(locator)) continue;
      this.#given.add(locator);
      locators[found] = locator;
      places[found] = this.#places[id]!;
      distances[found++] = distance;
    }
    return {
      count: found,
      locators: locators.slice(0, found),
      distances: distances.slice(0, found),
      places: places.slice(0, found),
    };
  }

  #count(): void {
    const { counters } = this.#search;
    if (counters === undefined) return;
    counters.distances += this.computed - this.#counted;
    this.#counted = this.computed;
  }

  #heapUp(): void {
    const all = this.#admitted;
    const ids = new Uint32Array(all);
    const distances = new Float32Array(all);
    let count = 0;
    for (let id = 0; id < all; id++) {
      if (this.#given.has(this.#locators[id]!)) continue;
      ids[count] = id;
      distances[count++] = this.#distances[id]!;
    }
    this.#heap = new DistanceHeap(ids, distances, count);
    this.#heaped = all;
  }
}
