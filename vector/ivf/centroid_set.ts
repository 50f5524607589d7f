/**
 * The centroids of an index, as they were at every sequence that is still read.
 *
 * A change makes a new version, which shares the memory of rows with those
 * before it. A cluster is never forgotten, so that what was written under its
 * number by somebody who saw an older version is found: one that is not needed
 * any more is `closed`, takes no more vectors, and is the first to be given
 * another centroid.
 *
 * @module
 */
import type { Frame, ProductCoder } from "../codes/product/product_coder.ts";
import type { AnyVector } from "../distance/metric.ts";
import type { RowForm } from "../hnsw/row_form.ts";
import { SegmentMemory } from "../hnsw/segment_memory.ts";
import { BATCH_MAX } from "../kernels/kernels.ts";
import { DistanceHeap } from "../segments/distance_heap.ts";
import { isNearer, shapeOf } from "./k_means.ts";

/** What a cluster is in: `draining` is searched whatever is asked for. */
export type ClusterState = "open" | "closed" | "draining";

/** A cluster and where its vectors are about. */
export interface Centroid {
  /** Its number. */
  readonly cluster: number;
  /** Its centroid. */
  readonly vector: AnyVector;
  /** Whether it takes vectors. */
  readonly state: ClusterState;
}

/** The centroids from one sequence on. */
export interface CentroidVersion {
  /** The sequence that made it. */
  readonly from: number;
  /** The clusters' numbers, ascending. */
  readonly clusters: Uint32Array<ArrayBuffer>;
  /** Where each lies in memory. */
  readonly rows: Uint32Array<ArrayBuffer>;
  /** What each is in. */
  readonly states: readonly ClusterState[];
}

const NONE: CentroidVersion = {
  from: 0,
  clusters: new Uint32Array(0),
  rows: new Uint32Array(0),
  states: [],
};

/** Rows of versions that are gone are kept up to so many times those in use. */
const SPARE_ROWS = 4;

/** Versions of centroids. */
export class CentroidSet {
  /** How centroids lie. */
  readonly form: RowForm;
  #memory: SegmentMemory;
  #used = 0;
  #capacity = 0;
  readonly #frames = new WeakMap<
    CentroidVersion,
    { readonly coder: ProductCoder; readonly frames: Frame[] }
  >();
  /** Oldest first. */
  #versions: CentroidVersion[] = [NONE];

  /** None; vectors lie as `form` says. */
  constructor(form: RowForm) {
    this.form = form;
    this.#memory = new SegmentMemory({ ...shapeOf(form), efMax: 1 });
  }

  /** The newest version. */
  get newest(): CentroidVersion {
    return this.#versions.at(-1)!;
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.#memory.byteLength;
  }

  /** The version that a snapshot sees; `undefined` if it is gone. */
  at(snapshot: number): CentroidVersion | undefined {
    return this.#versions.findLast(({ from }) => from <= snapshot);
  }

  /** The highest number of a cluster; -1: there is none. */
  get clusterMax(): number {
    return this.newest.clusters.at(-1) ?? -1;
  }

  /** Changes centroids from `sequence` on; snapshots below `oldest` are gone. */
  change(
    sequence: number,
    changes: readonly Centroid[],
    oldest: number,
  ): void {
    const merged = new Map<number, { row: number; state: ClusterState }>();
    const { clusters, rows, states } = this.newest;
    clusters.forEach((cluster, i) =>
      merged.set(cluster, { row: rows[i]!, state: states[i]! })
    );
    for (const { cluster, vector, state } of changes) {
      merged.set(cluster, { row: this.#add(vector), state });
    }
    const order = [...merged].sort(([a], [b]) => a - b);
    this.#versions.push({
      from: sequence,
      clusters: Uint32Array.from(order, ([cluster]) => cluster),
      rows: Uint32Array.from(order, ([, { row }]) => row),
      states: order.map(([, { state }]) => state),
    });
    const first = this.#versions.findLastIndex(({ from }) => from <= oldest);
    if (first > 0) this.#versions.splice(0, first);
    this.#tidy();
  }

  #add(vector: AnyVector): number {
    if (this.#used === this.#capacity) {
      this.#capacity = 2 * this.#capacity + 16;
      this.#memory.reserveRows(this.#capacity);
    }
    this.#memory.setRow(this.#used, vector);
    return this.#used++;
  }

  /** Moves to another memory once most rows are of versions that are gone. */
  #tidy(): void {
    const { rows } = this.newest;
    if (this.#versions.length > 1) return;
    if (this.#used <= SPARE_ROWS * rows.length + BATCH_MAX) return;
    const before = this.#memory;
    this.#memory = new SegmentMemory({ ...shapeOf(this.form), efMax: 1 });
    this.#memory.reserveRows(rows.length);
    this.#capacity = rows.length;
    this.#used = rows.length;
    rows.forEach((row, i) => this.#memory.copyRow(i, before, row));
    const moved = rows.map((_, i) => i);
    this.#versions = [{ ...this.newest, rows: moved }];
  }

  /** The centroid of the cluster at `place` of a version. */
  vectorAt({ rows }: CentroidVersion, place: number): AnyVector {
    return this.#memory.vectorAt(rows[place]!);
  }

  /** How far each cluster of a version is from a vector; NaN: not known. */
  distances(
    { rows }: CentroidVersion,
    vector: AnyVector,
  ): Float32Array<ArrayBuffer> {
    const all = new Float32Array(rows.length);
    this.#memory.setQuery(vector);
    for (let from = 0; from < rows.length; from += BATCH_MAX) {
      const batch = rows.subarray(from, from + BATCH_MAX);
      this.#memory.ids.set(batch);
      this.#memory.kernels.distanceBatch(batch.length);
      all.set(this.#memory.distances.subarray(0, batch.length), from);
    }
    return all;
  }

  /**
   * The places of a version's clusters at these distances, nearest first; those
   * that are draining before all others.
   */
  order(
    version: CentroidVersion,
    known: Float32Array<ArrayBuffer>,
  ): DistanceHeap {
    const distances = known.slice();
    version.states.forEach((state, place) => {
      if (state === "draining") distances[place] = -Infinity;
    });
    const places = distances.map((_, place) => place);
    return new DistanceHeap(
      Uint32Array.from(places),
      distances,
      distances.length,
    );
  }

  /** The place of the cluster that a vector belongs to; -1 where there is none. */
  nearest(version: CentroidVersion, vector: AnyVector): number {
    const { clusters, states } = version;
    if (clusters.length === 0) return -1;
    const distances = this.distances(version, vector);
    let best = -1;
    for (let i = 0; i < clusters.length; i++) {
      if (states[i] === "closed") continue;
      if (best < 0 || isNearer(distances[i]!, distances[best]!)) best = i;
    }
    return Math.max(best, 0);
  }

  /** What codes of the cluster at `place` of a version are relative to. */
  frameAt(
    version: CentroidVersion,
    place: number,
    coder: ProductCoder,
  ): Frame {
    let known = this.#frames.get(version);
    if (known?.coder !== coder) {
      known = { coder, frames: [] };
      this.#frames.set(version, known);
    }
    return known.frames[place] ??= coder.frameOf(
      this.vectorAt(version, place) as Float32Array,
    );
  }
}
