/**
 * A clustered vector index in memory: its centroids, and the clusters that were
 * read lately.
 *
 * Clusters are ranges of the tree, and the tree tells what a snapshot sees of
 * them. Centroids here are valid from `openedAt`, the sequence at which they were
 * read, and follow every commit after it. Who looks further back reads the tree.
 *
 * Where there are codes, clusters are read as codes, and the vectors of the
 * nearest by them put these in order.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import { type AnyVector, distanceOf } from "../../../vector/distance/metric.ts";
import { RowForm } from "../../../vector/hnsw/row_form.ts";
import type {
  CentroidSet,
  CentroidVersion,
} from "../../../vector/ivf/centroid_set.ts";
import type { RowSink } from "../../../vector/ivf/cluster_cache.ts";
import { VectorRows } from "../../../vector/ivf/cluster_rows.ts";
import { ClusterCursor } from "../../../vector/ivf/cluster_cursor.ts";
import { windowFor } from "../../../vector/ivf/code_windows.ts";
import { RankedCursor } from "../../../vector/ivf/ranked_cursor.ts";
import type { SearchCounters } from "../../../vector/segments/search_counters.ts";
import type { VectorBatch } from "../../../vector/segments/vector_cursor.ts";
import { probesFor } from "../../../vector/ivf/probes.ts";
import { locatorTest } from "../locator_sets.ts";
import type { IvfChanges } from "./ivf_changes.ts";
import { IvfClusters } from "./ivf_clusters.ts";
import { IvfCodes } from "./ivf_codes.ts";
import { type IvfDefinition, newCentroids } from "./ivf_definition.ts";
import {
  type Calibrated,
  decodeCalibration,
  type IvfEntries,
} from "./ivf_entries.ts";
import { IvfReader } from "./ivf_reader.ts";

/** A vector and its row. */
export interface LocatedVector {
  readonly locator: number;
  readonly vector: AnyVector;
}

/** What a state is opened with. */
export interface IvfStateOptions {
  readonly store: LsmStore;
  readonly definition: IvfDefinition;
  readonly dims: number;
  readonly entries: IvfEntries;
}

/** How a search is made. */
export interface IvfSearch {
  /** Whose versions are seen. */
  readonly snapshot: number;
  /** How many clusters are read, whatever is wanted; absent: as measured. */
  readonly probes?: number | undefined;
  /** The only rows that may be found, ascending; absent: all. */
  readonly allowed?: Float64Array | undefined;
  /** What is done is added here; absent: nobody counts. */
  readonly counters?: SearchCounters | undefined;
  /** Whether codes are not to be trusted (default false). */
  readonly isExact?: boolean | undefined;
}

/** The rows of a search, about nearest first, each once. */
export interface IvfCursor {
  /** The next rows: `count` of them, fewer if and only if no more are visible. */
  next(count: number): MaybePromise<VectorBatch>;
}

/** Reads the rows of the cluster at a place. */
type ReadPlace = (place: number, sink: RowSink) => MaybePromise<void>;

/** An open index. */
export class IvfState {
  readonly #store: LsmStore;
  /** Its entries. */
  readonly entries: IvfEntries;
  /** Reads them. */
  readonly reader: IvfReader;
  /** How vectors lie. */
  readonly form: RowForm;
  /** Where its clusters are. */
  readonly centroids: CentroidSet;
  /** Its codes; absent: clusters are read as vectors. */
  readonly codes: IvfCodes | undefined;
  readonly #vectors: IvfClusters<AnyVector, AnyVector>;
  /** What is known of numbers of clusters and recall. */
  calibration: Calibrated = { rows: 0, points: [] };
  /** The sequence that it was read at. */
  openedAt = Infinity;
  /** Commits that came while it was being opened. */
  #early: { readonly sequence: number; readonly changes: IvfChanges }[] = [];
  /** About how many vectors it has. */
  rows = 0;
  /** Is told of every commit: how many vectors came to which clusters. */
  onCounts: ((counts: ReadonlyMap<number, number>) => void) | undefined;

  /** An index that is not open yet. */
  constructor({ store, definition, dims, entries }: IvfStateOptions) {
    const { element, metric } = definition;
    this.#store = store;
    this.entries = entries;
    const reader = this.reader = new IvfReader(store, entries);
    this.form = new RowForm(element, metric, dims);
    this.centroids = newCentroids(this.form);
    this.#vectors = new IvfClusters({
      store,
      rows: new VectorRows(this.form),
      each: (...cluster) => reader.eachVector(...cluster),
      distance: distanceOf(metric, element),
    });
    this.codes = definition.codes &&
      new IvfCodes({ store, entries, reader, dims, codes: definition.codes });
  }

  /** Reads the centroids, and what else is not by cluster. */
  async open(): Promise<void> {
    const sequence = this.#store.visibleSequence;
    const centroids = await this.reader.centroids(sequence);
    const bytes = await this.#store.get(
      this.entries.calibrationKey(),
      sequence,
    );
    if (bytes !== undefined) this.calibration = decodeCalibration(bytes);
    await this.codes?.open(sequence);
    if (centroids.length > 0) this.centroids.change(0, centroids, 0);
    this.rows = estimateVectors(
      this.#store,
      this.entries.storageId,
      this.entries.isCoded,
    );
    this.openedAt = sequence;
    this.#vectors.openedAt = sequence;
    for (const each of this.#early) {
      if (each.sequence > sequence) this.apply(each.sequence, each.changes);
    }
    this.#early = [];
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.#vectors.byteLength + this.centroids.byteLength +
      (this.codes?.byteLength ?? 0);
  }

  /** How many clusters are in memory. */
  get cachedClusters(): number {
    return (this.codes?.clusters ?? this.#vectors).size;
  }

  /** How many clusters there are. */
  get clusters(): number {
    return Math.max(1, this.centroids.newest.clusters.length);
  }

  /** How many clusters a search for so many rows reads. */
  probesFor(rows: number): number {
    const { points } = this.calibration;
    return probesFor(points, { k: rows, clusters: this.clusters });
  }

  /** Of how many rows vectors are looked at for the nearest so many. */
  windowFor(rows: number): number {
    return this.codes === undefined
      ? 0
      : windowFor(this.calibration.windows, rows);
  }

  /** Takes over a commit, in the turn it becomes visible. */
  apply(sequence: number, changes: IvfChanges): void {
    if (this.openedAt === Infinity) {
      this.#early.push({ sequence, changes });
      return;
    }
    const { centroids, calibration, clusters, counts } = changes;
    if (calibration !== undefined) this.calibration = calibration;
    if (centroids.length > 0) {
      this.centroids.change(sequence, centroids, this.#store.oldestSnapshot);
    }
    if (this.codes === undefined) {
      for (const [cluster, rows] of clusters) {
        this.#vectors.change(cluster, sequence, rows);
      }
    } else this.codes.apply(sequence, changes);
    for (const delta of counts.values()) this.rows += delta;
    this.onCounts?.(counts);
  }

  /** Opens a search. */
  search(query: AnyVector, search: IvfSearch): MaybePromise<IvfCursor> {
    const { snapshot } = search;
    const version = snapshot < this.openedAt
      ? undefined
      : this.centroids.at(snapshot);
    if (version !== undefined) {
      return this.#cursor(this.centroids, version, query, search);
    }
    return this.reader.centroids(snapshot).then((read) => {
      const past = newCentroids(this.form);
      past.change(0, read, 0);
      return this.#cursor(past, past.newest, query, search);
    });
  }

  #cursor(
    set: CentroidSet,
    known: CentroidVersion,
    query: AnyVector,
    { snapshot, probes, allowed, counters, isExact }: IvfSearch,
  ): IvfCursor {
    // Before the first centroids there is one cluster, without one.
    const version = known.clusters.length === 0 ? ONE_CLUSTER : known;
    const distances = set.distances(version, query);
    const codes = isExact === true ? undefined : this.codes;
    const read = codes === undefined
      ? this.#readVectors(version, query, snapshot)
      : codes.reads({
        query: query as Float32Array,
        snapshot,
        set,
        version,
        hasCentroids: version === known,
        distances,
      });
    const { points, windows } = this.calibration;
    const clusters = version.clusters.length;
    const cursor = new ClusterCursor({
      order: set.order(version, distances),
      probesFor: (k) => probes ?? probesFor(points, { k, clusters }),
      read,
      admits: allowed && locatorTest(allowed),
      counters,
    });
    if (codes === undefined) return cursor;
    return new RankedCursor({
      cursor,
      windowFor: (k) => windowFor(windows, k),
      exact: (locators, places) =>
        this.distancesOf(
          query,
          snapshot,
          locators,
          places.map((place) => version.clusters[place]!),
        ),
      counters,
    });
  }

  #readVectors(
    { clusters }: CentroidVersion,
    query: AnyVector,
    snapshot: number,
  ): ReadPlace {
    if (this.codes === undefined) {
      return (place, sink) =>
        this.#vectors.read(clusters[place]!, query, snapshot, sink);
    }
    // They are not kept beside codes.
    const { metric, element } = this.form;
    const distance = distanceOf(metric, element);
    return (place, sink) =>
      this.reader.eachVector(
        clusters[place]!,
        snapshot,
        (locator, vector) => sink(locator, distance(vector, query)),
      );
  }

  /** How far rows in clusters are from a query, in 32 bits as everywhere. */
  distancesOf(
    query: AnyVector,
    snapshot: number,
    locators: ArrayLike<number>,
    clusters: ArrayLike<number>,
  ): MaybePromise<Float64Array> {
    const { metric, element } = this.form;
    const distance = distanceOf(metric, element);
    return then(
      this.reader.vectorsAt(locators, clusters, snapshot),
      (vectors) =>
        Float64Array.from(
          vectors,
          (vector) => Math.fround(distance(vector, query)),
        ),
    );
  }

  /**
   * Visits the rows of the nearest clusters, with their cluster and its rank; by
   * codes, where there are some.
   */
  async eachNearCluster(
    query: AnyVector,
    snapshot: number,
    count: number,
    visit: (
      row: { readonly locator: number; readonly distance: number },
      cluster: { readonly cluster: number; readonly rank: number },
    ) => void,
  ): Promise<void> {
    const set = this.centroids;
    const version = set.newest;
    const distances = set.distances(version, query);
    const order = set.order(version, distances);
    const read = this.codes?.reads({
      query: query as Float32Array,
      snapshot,
      set,
      version,
      hasCentroids: true,
      distances,
    }) ?? this.#readVectors(version, query, snapshot);
    for (let rank = 0; rank < count && order.count > 0; rank++) {
      const place = order.id;
      const cluster = version.clusters[place]!;
      order.pop();
      await read(place, (locator, distance) => {
        visit({ locator, distance }, { cluster, rank });
      });
    }
  }
}

/** About how many vectors an index has, from the store. */
export function estimateVectors(
  store: LsmStore,
  storageId: number,
  isCoded: boolean,
): number {
  return Math.ceil(store.estimateKeys(storageId) / (isCoded ? 3 : 2));
}

/** What there is before the first centroids: one cluster, wherever it is. */
const ONE_CLUSTER: CentroidVersion = {
  from: 0,
  clusters: new Uint32Array(1),
  rows: new Uint32Array(1),
  states: ["draining"],
};
