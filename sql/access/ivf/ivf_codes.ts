/**
 * The codes of a clustered index: what they are made with, and clusters of them.
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import type { ProductCodebook } from "../../../vector/codes/product/product_codebook.ts";
import { partsFor } from "../../../vector/codes/product/product_codebook.ts";
import {
  ProductCoder,
  type ProductMetric,
} from "../../../vector/codes/product/product_coder.ts";
import {
  ProductQueries,
  type ProductQuery,
} from "../../../vector/codes/product/product_query.ts";
import { ProductRows } from "../../../vector/codes/product/product_rows.ts";
import type {
  CentroidSet,
  CentroidVersion,
} from "../../../vector/ivf/centroid_set.ts";
import type { RowSink } from "../../../vector/ivf/cluster_cache.ts";
import type { IvfChanges } from "./ivf_changes.ts";
import { IvfClusters } from "./ivf_clusters.ts";
import type { IvfEntries } from "./ivf_entries.ts";
import type { IvfReader } from "./ivf_reader.ts";

/** What the definition of an index says of its codes. */
export interface CodesDefinition {
  readonly metric: ProductMetric;
  /** Parts of a vector, if that was said. */
  readonly parts: number | undefined;
}

/** What codes are opened with. */
export interface IvfCodesOptions {
  readonly store: LsmStore;
  readonly entries: IvfEntries;
  readonly reader: IvfReader;
  readonly dims: number;
  readonly codes: CodesDefinition;
}

/** A search of clusters as they were. */
export interface CodeSearch {
  readonly query: Float32Array;
  readonly snapshot: number;
  readonly set: CentroidSet;
  readonly version: CentroidVersion;
  /** Whether the version's clusters have centroids. */
  readonly hasCentroids: boolean;
  /** How far they are from the query. */
  readonly distances: Float32Array;
}

/** See the module. */
export class IvfCodes {
  readonly #store: LsmStore;
  readonly #entries: IvfEntries;
  readonly #reader: IvfReader;
  readonly #definition: CodesDefinition;
  /** Parts of a code. */
  readonly parts: number;
  /** Those that were read. */
  readonly clusters: IvfClusters<Uint8Array, ProductQuery>;
  /** What makes them; absent: there is no codebook yet. */
  coder: ProductCoder | undefined;

  /** Nothing is read. */
  constructor({ store, entries, reader, dims, codes }: IvfCodesOptions) {
    this.#store = store;
    this.#entries = entries;
    this.#reader = reader;
    this.#definition = codes;
    this.parts = partsFor(dims, codes.parts);
    this.clusters = new IvfClusters({
      store,
      rows: new ProductRows(this.parts),
      each: (...cluster) => reader.eachCode(...cluster),
      // Who looks that far back looks at vectors.
      distance: () => -Infinity,
    });
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.clusters.byteLength + (this.coder?.codebook.byteLength ?? 0);
  }

  /** Reads the codebook. */
  async open(sequence: number): Promise<void> {
    const bytes = await this.#store.get(this.#entries.codebookKey(), sequence);
    if (bytes !== undefined) this.#take(this.#entries.decodeCodebook(bytes));
    this.clusters.openedAt = sequence;
  }

  #take(codebook: ProductCodebook): void {
    if (codebook.parts !== this.parts) {
      throw new KriyaError(
        "corrupt",
        `Cannot use the codebook of a vector index: it has ${codebook.parts} parts, not ${this.parts}`,
      );
    }
    this.coder = new ProductCoder(codebook, this.#definition.metric);
  }

  /** Takes over a commit. */
  apply(sequence: number, { codebook, codes }: IvfChanges): void {
    if (codebook !== undefined) this.#take(codebook);
    for (const [cluster, rows] of codes) {
      this.clusters.change(cluster, sequence, rows);
    }
  }

  /** Reads clusters for a search, by place. */
  reads(
    { query, snapshot, set, version, hasCentroids, distances }: CodeSearch,
  ): (place: number, sink: RowSink) => MaybePromise<void> {
    const { coder } = this;
    const { metric } = this.#definition;
    const queries = new ProductQueries(coder, metric, query);
    return (place, sink) => {
      const frame = hasCentroids && coder !== undefined
        ? set.frameAt(version, place, coder)
        : undefined;
      const compared = queries.of(frame, distances[place]!);
      const cluster = version.clusters[place]!;
      return this.clusters.read(cluster, compared, snapshot, sink);
    };
  }

  /** How many codes of each cluster are not in its frame. */
  async countStale(
    set: CentroidSet,
    version: CentroidVersion,
  ): Promise<Map<number, number>> {
    const stale = new Map<number, number>();
    const { coder } = this;
    if (coder === undefined) return stale;
    const names = new Map<number, number>();
    version.clusters.forEach((cluster, place) =>
      names.set(cluster, set.frameAt(version, place, coder).name)
    );
    const sequence = this.#store.visibleSequence;
    await this.#reader.eachCode(undefined, sequence, (_, code, cluster) => {
      if (coder.frameNameOf(code) === names.get(cluster)) return;
      stale.set(cluster, (stale.get(cluster) ?? 0) + 1);
    });
    return stale;
  }
}
