/**
 * Clusters as searches read them: those of late in memory, others from the tree.
 *
 * What is in memory is a copy, valid from `openedAt` or the last change before it
 * was read: it follows every commit after it. Who looks further back reads the
 * tree.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import {
  type CachedCluster,
  ClusterCache,
  type ClusterChange,
  type LocatedItem,
  type RowSink,
} from "../../../vector/ivf/cluster_cache.ts";
import type { ClusterRows } from "../../../vector/ivf/cluster_rows.ts";

/** The share of all memory that the clusters of one index may take. */
const MEMORY_SHARE = 4;

/** A cluster that is being read, and what was committed meanwhile. */
interface Reading<Item> {
  readonly cluster: Promise<CachedCluster>;
  readonly changes: {
    readonly sequence: number;
    readonly changes: readonly ClusterChange<Item>[];
  }[];
}

/** Where clusters come from. */
export interface ClusterSource<Item, Query> {
  readonly store: LsmStore;
  /** The memory that they are kept in. */
  readonly rows: ClusterRows<Item, Query>;
  /** Visits the rows of a cluster as of a sequence. */
  readonly each: (
    cluster: number,
    sequence: number,
    visit: (locator: number, item: Item) => void,
  ) => MaybePromise<void>;
  /** How far one row is from a query, without the memory. */
  readonly distance: (item: Item, query: Query) => number;
}

/** The clusters of an index. */
export class IvfClusters<Item, Query> {
  readonly #source: ClusterSource<Item, Query>;
  readonly #cache: ClusterCache<Item, Query>;
  /** When a cluster was last changed, since they were opened. */
  readonly #changedAt = new Map<number, number>();
  readonly #reading = new Map<number, Reading<Item>>();
  /** The lowest snapshot that memory may answer. */
  openedAt = Infinity;

  /** None in memory. */
  constructor(source: ClusterSource<Item, Query>) {
    this.#source = source;
    this.#cache = new ClusterCache(source.rows);
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.#cache.byteLength;
  }

  /** How many are in memory. */
  get size(): number {
    return this.#cache.size;
  }

  /** Takes over what a commit changed in a cluster. */
  change(
    cluster: number,
    sequence: number,
    changes: readonly ClusterChange<Item>[],
  ): void {
    this.#changedAt.set(cluster, sequence);
    this.#cache.change(cluster, sequence, changes);
    this.#reading.get(cluster)?.changes.push({ sequence, changes });
  }

  /** Gives the rows of a cluster that a snapshot sees. */
  read(
    cluster: number,
    query: Query,
    snapshot: number,
    sink: RowSink,
  ): MaybePromise<void> {
    const cached = this.#cache.get(cluster, snapshot);
    if (cached !== undefined) {
      return this.#cache.scan(cached, query, snapshot, sink);
    }
    const validFrom = this.#changedAt.get(cluster) ?? this.openedAt;
    if (snapshot >= Math.max(validFrom, this.openedAt)) {
      return then(this.#load(cluster), (loaded) => {
        this.#cache.scan(loaded, query, snapshot, sink);
      });
    }
    const { each, distance } = this.#source;
    return each(cluster, snapshot, (locator, item) => {
      sink(locator, distance(item, query));
    });
  }

  /** Reads a cluster as it is now. */
  #load(cluster: number): MaybePromise<CachedCluster> {
    const reading = this.#reading.get(cluster);
    if (reading !== undefined) return reading.cluster;
    const { store, each } = this.#source;
    const sequence = store.visibleSequence;
    const rows: LocatedItem<Item>[] = [];
    const read = each(cluster, sequence, (locator, item) => {
      rows.push({ locator, item });
    });
    const validFrom = this.#changedAt.get(cluster) ?? this.openedAt;
    const bytesMax = store.config.memoryBytesMax / MEMORY_SHARE;
    const put = (): CachedCluster =>
      this.#cache.put(cluster, rows, validFrom, bytesMax);
    if (!isPromise(read)) return put();
    const changes: Reading<Item>["changes"] = [];
    const loading = read.then(() => {
      const cached = put();
      for (const each of changes) {
        this.#cache.change(cluster, each.sequence, each.changes);
      }
      return cached;
    }).finally(() => this.#reading.delete(cluster));
    this.#reading.set(cluster, { cluster: loading, changes });
    return loading;
  }
}
