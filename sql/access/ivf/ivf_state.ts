/**
 * A clustered vector index in memory: its centroids, and the clusters that were
 * read lately.
 *
 * Clusters are ranges of the tree, and the tree tells what a snapshot sees of
 * them. What is here is a copy, valid from `openedAt`, the sequence at which the
 * centroids were read: it follows every commit after it. Who looks further back
 * reads the tree.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";
import { type AnyVector, distanceOf } from "../../../vector/distance/metric.ts";
import { RowForm } from "../../../vector/hnsw/row_form.ts";
import {
  type Centroid,
  CentroidSet,
  type CentroidVersion,
} from "../../../vector/ivf/centroid_set.ts";
import {
  type CachedCluster,
  ClusterCache,
  type ClusterChange,
  type RowSink,
} from "../../../vector/ivf/cluster_cache.ts";
import { ClusterCursor } from "../../../vector/ivf/cluster_cursor.ts";
import type { SearchCounters } from "../../../vector/segments/search_counters.ts";
import { probesFor } from "../../../vector/ivf/probes.ts";
import { locatorTest } from "../locator_sets.ts";
import type { IvfChanges } from "./ivf_changes.ts";
import { clusteringMetric, type IvfDefinition } from "./ivf_definition.ts";
import {
  type Calibrated,
  decodeCalibration,
  decodePlace,
  type IvfEntries,
  type Range,
} from "./ivf_entries.ts";

/** The share of all memory that the clusters of one index may take. */
const MEMORY_SHARE = 4;

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
}

/** A cluster that is being read, and what was committed meanwhile. */
interface Reading {
  readonly cluster: Promise<CachedCluster>;
  readonly changes: {
    readonly sequence: number;
    readonly changes: readonly ClusterChange[];
  }[];
}

/** An open index. */
export class IvfState {
  readonly #store: LsmStore;
  /** Its entries. */
  readonly entries: IvfEntries;
  /** How vectors lie. */
  readonly form: RowForm;
  /** Where its clusters are. */
  readonly centroids: CentroidSet;
  /** The clusters in memory. */
  readonly cache: ClusterCache;
  /** What is known of numbers of clusters and recall. */
  calibration: Calibrated = { rows: 0, points: [] };
  /** The sequence that it was read at. */
  openedAt = Infinity;
  /** When a cluster was last changed, since then. */
  readonly #changedAt = new Map<number, number>();
  readonly #reading = new Map<number, Reading>();
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
    this.form = new RowForm(element, metric, dims);
    this.centroids = newCentroids(this.form);
    this.cache = new ClusterCache(this.form);
  }

  /** Reads the centroids. */
  async open(): Promise<void> {
    const sequence = this.#store.visibleSequence;
    const centroids = await this.#readCentroids(sequence);
    const bytes = await this.#store.get(
      this.entries.calibrationKey(),
      sequence,
    );
    if (bytes !== undefined) this.calibration = decodeCalibration(bytes);
    if (centroids.length > 0) this.centroids.change(0, centroids, 0);
    this.rows = estimateVectors(this.#store, this.entries.storageId);
    this.openedAt = sequence;
    for (const each of this.#early) {
      if (each.sequence > sequence) this.apply(each.sequence, each.changes);
    }
    this.#early = [];
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.cache.byteLength + this.centroids.byteLength;
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
    for (const [cluster, rows] of clusters) {
      this.#changedAt.set(cluster, sequence);
      this.cache.change(cluster, sequence, rows);
      this.#reading.get(cluster)?.changes.push({ sequence, changes: rows });
    }
    for (const delta of counts.values()) this.rows += delta;
    this.onCounts?.(counts);
  }

  /** Opens a search. */
  search(query: AnyVector, search: IvfSearch): MaybePromise<ClusterCursor> {
    const { snapshot } = search;
    const version = snapshot < this.openedAt
      ? undefined
      : this.centroids.at(snapshot);
    if (version !== undefined) {
      return this.#cursor(this.centroids, version, query, search);
    }
    return this.#readCentroids(snapshot).then((read) => {
      const past = newCentroids(this.form);
      past.change(0, read, 0);
      return this.#cursor(past, past.newest, query, search);
    });
  }

  #cursor(
    centroids: CentroidSet,
    version: CentroidVersion,
    query: AnyVector,
    { snapshot, probes, allowed, counters }: IvfSearch,
  ): ClusterCursor {
    // Before the first centroids there is one cluster, without one.
    const none = version.clusters.length === 0;
    const clusters = none ? [0] : version.clusters;
    const { points } = this.calibration;
    return new ClusterCursor({
      order: centroids.order(none ? ONE_CLUSTER : version, query),
      probesFor: (k) =>
        probes ?? probesFor(points, { k, clusters: clusters.length }),
      read: (place, sink) =>
        this.#read(clusters[place]!, query, snapshot, sink),
      admits: allowed && locatorTest(allowed),
      counters,
    });
  }

  /** Visits the rows of the nearest clusters, with the rank of their cluster. */
  async eachNearCluster(
    query: AnyVector,
    snapshot: number,
    count: number,
    visit: (rank: number, locator: number, distance: number) => void,
  ): Promise<void> {
    const version = this.centroids.newest;
    const order = this.centroids.order(version, query);
    for (let rank = 0; rank < count && order.count > 0; rank++) {
      const cluster = version.clusters[order.id]!;
      order.pop();
      const reading = this.#read(cluster, query, snapshot, (row, distance) => {
        visit(rank, row, distance);
      });
      if (isPromise(reading)) await reading;
    }
  }

  /** Gives the rows of a cluster that a snapshot sees. */
  #read(
    cluster: number,
    query: AnyVector,
    snapshot: number,
    sink: RowSink,
  ): MaybePromise<void> {
    const cached = this.cache.get(cluster, snapshot);
    if (cached !== undefined) {
      return this.cache.scan(cached, query, snapshot, sink);
    }
    const validFrom = this.#changedAt.get(cluster) ?? this.openedAt;
    if (snapshot >= Math.max(validFrom, this.openedAt)) {
      return then(this.#load(cluster), (loaded) => {
        this.cache.scan(loaded, query, snapshot, sink);
      });
    }
    const distance = distanceOf(this.form.metric, this.form.element);
    return this.eachVector(cluster, snapshot, (locator, vector) => {
      sink(locator, distance(vector, query));
    });
  }

  /** Reads a cluster as it is now. */
  #load(cluster: number): MaybePromise<CachedCluster> {
    const reading = this.#reading.get(cluster);
    if (reading !== undefined) return reading.cluster;
    const sequence = this.#store.visibleSequence;
    const rows: LocatedVector[] = [];
    const read = this.eachVector(cluster, sequence, (locator, vector) => {
      rows.push({ locator, vector });
    });
    const validFrom = this.#changedAt.get(cluster) ?? this.openedAt;
    const bytesMax = this.#store.config.memoryBytesMax / MEMORY_SHARE;
    const put = (): CachedCluster =>
      this.cache.put(cluster, rows, validFrom, bytesMax);
    if (!isPromise(read)) return put();
    const changes: Reading["changes"] = [];
    const loading = read.then(() => {
      const cached = put();
      for (const each of changes) {
        this.cache.change(cluster, each.sequence, each.changes);
      }
      return cached;
    }).finally(() => this.#reading.delete(cluster));
    this.#reading.set(cluster, { cluster: loading, changes });
    return loading;
  }

  /** Visits the vectors of a cluster as of a sequence, by tuple id. */
  eachVector(
    cluster: number,
    sequence: number,
    visit: (locator: number, vector: AnyVector) => void,
    from = 0,
  ): MaybePromise<void> {
    const { entries } = this;
    const { start, end } = entries.vectorsOf(cluster);
    const range = from === 0
      ? { start, end }
      : { start: entries.vectorKey(cluster, from), end };
    return this.#scan(range, sequence, (run, i) => {
      const entry = entries.entryOf(
        run.keys,
        run.keyStarts[i]!,
        run.keyEnds[i]!,
      );
      if (entry?.kind !== "vector") return;
      const vector = entries.decodeVector(
        run.values,
        run.valueStarts[i]!,
        run.valueEnds[i]!,
      );
      visit(entry.tid, vector);
    });
  }

  async #readCentroids(sequence: number): Promise<Centroid[]> {
    const { entries } = this;
    const centroids: Centroid[] = [];
    await this.#scan(entries.centroids, sequence, (run, i) => {
      const entry = entries.entryOf(
        run.keys,
        run.keyStarts[i]!,
        run.keyEnds[i]!,
      );
      if (entry?.kind !== "centroid") return;
      const bytes = run.values.subarray(run.valueStarts[i]!, run.valueEnds[i]!);
      centroids.push(entries.decodeCentroid(entry.cluster, bytes));
    });
    return centroids;
  }

  /** Visits the entries of a range as of a sequence; at once from memory. */
  #scan(
    { start, end }: Range,
    snapshot: number,
    visit: (run: EntryRun, i: number) => void,
  ): MaybePromise<void> {
    const scan = this.#store.scan({ start, end, snapshot });
    const visitRun = (run: EntryRun): void => {
      for (let i = 0; i < run.count; i++) visit(run, i);
    };
    const rest = async (
      first: Promise<EntryRun | undefined>,
    ): Promise<void> => {
      try {
        for (let run = await first; run; run = await scan.next()) visitRun(run);
      } finally {
        scan.close();
      }
    };
    let waits = false;
    try {
      for (;;) {
        const next = scan.next();
        if (isPromise(next)) {
          waits = true;
          return rest(next);
        }
        if (next === undefined) return;
        visitRun(next);
      }
    } finally {
      if (!waits) scan.close();
    }
  }

  /** How many vectors each cluster has, and the sequence that it is as of. */
  async countClusters(): Promise<Map<number, number>> {
    const { entries } = this;
    const counts = new Map<number, number>();
    const sequence = this.#store.visibleSequence;
    await this.#scan(entries.places, sequence, (run, i) => {
      const bytes = run.values.subarray(run.valueStarts[i]!, run.valueEnds[i]!);
      const { cluster } = decodePlace(bytes);
      counts.set(cluster, (counts.get(cluster) ?? 0) + 1);
    });
    return counts;
  }
}

/** About how many vectors an index has, from the store. */
export function estimateVectors(store: LsmStore, storageId: number): number {
  // Each has two entries.
  return Math.ceil(store.estimateKeys(storageId) / 2);
}

/** What there is before the first centroids: one cluster, wherever it is. */
const ONE_CLUSTER: CentroidVersion = {
  from: 0,
  clusters: new Uint32Array(1),
  rows: new Uint32Array(1),
  states: ["draining"],
};

/** An empty set of centroids of an index whose vectors have a form. */
export function newCentroids({ element, metric, dims }: RowForm): CentroidSet {
  return new CentroidSet(new RowForm(element, clusteringMetric(metric), dims));
}
