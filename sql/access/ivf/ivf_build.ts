/**
 * CREATE INDEX … USING lsm_ivfflat on a table that has rows: centroids from a
 * sample of them, then every vector to its cluster.
 *
 * @module
 */
import { delay } from "../../../base/environment.ts";
import type { Environment } from "../../../base/environment.ts";
import type { Cancellation } from "../../../base/cancellation.ts";
import type { AnyVector } from "../../../vector/distance/metric.ts";
import type { SeededRandom } from "../../../vector/hnsw/seeded_random.ts";
import { ProductCoder } from "../../../vector/codes/product/product_coder.ts";
import { RowForm } from "../../../vector/hnsw/row_form.ts";
import { kMeans } from "../../../vector/ivf/k_means.ts";
import { type Chunk, valueAt } from "../../chunk/chunk.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import { vectorOf } from "../indexed_vectors.ts";
import { trainCodebook } from "./ivf_codebook.ts";
import { type IvfDefinition, newCentroids } from "./ivf_definition.ts";
import type { IvfEntries } from "./ivf_entries.ts";
import type { Clusters } from "./ivf_writer.ts";

/** Vectors of a cluster, about, where nobody says how many clusters there are. */
export const CLUSTER_ROWS = 300;

/** Vectors at most that centroids are made of … */
const SAMPLE_MAX = 32_768;
/** … and of how many bytes … */
const SAMPLE_BYTES_MAX = 128 * 1024 * 1024;
/** … and as many for each centroid. */
const SAMPLE_A_CLUSTER = 64;

/** Turns of training between two looks at everything else. */
const TURNS = 8;

/** A sample of vectors, each as likely as any other (reservoir: Vitter 1985). */
export class VectorSample {
  readonly vectors: AnyVector[] = [];
  /** Vectors that were offered. */
  count = 0;
  readonly #random: SeededRandom;
  #max = SAMPLE_MAX;

  /** None yet. */
  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** Offers a vector. */
  add(vector: AnyVector): void {
    if (this.count === 0 && vector instanceof Float32Array) {
      const most = Math.floor(SAMPLE_BYTES_MAX / vector.byteLength);
      this.#max = Math.min(SAMPLE_MAX, Math.max(most, 1024));
    }
    this.count++;
    if (this.vectors.length < this.#max) {
      this.vectors.push(vector);
      return;
    }
    const place = this.#random.below(this.count);
    if (place < this.#max) this.vectors[place] = vector;
  }

  /** Offers those of the key columns of rows. */
  addAll({ columns: [column], selection, rowCount }: Chunk): void {
    const count = selection?.length ?? rowCount;
    for (let i = 0; i < count; i++) {
      const value = valueAt(
        column!,
        selection === undefined ? i : selection[i]!,
      );
      if (value !== null) this.add(vectorOf(value));
    }
  }
}

/** How many clusters so many rows need, by what the index asks for. */
export function clustersFor(rows: number, lists: number | undefined): number {
  return lists ?? Math.ceil(rows / CLUSTER_ROWS);
}

/** Rows that a cluster has about, by what the index asks for. */
export function rowsPerCluster(
  rows: number,
  lists: number | undefined,
): number {
  if (lists === undefined) return CLUSTER_ROWS;
  return Math.max(CLUSTER_ROWS / 8, rows / lists);
}

/** What centroids are made of. */
export interface Training {
  readonly sample: VectorSample;
  /** How centroids lie. */
  readonly form: RowForm;
  readonly clusters: number;
  readonly random: SeededRandom;
  readonly environment: Environment;
  readonly signal?: Cancellation | undefined;
}

/** Makes centroids, in slices. */
export async function trainCentroids(
  { sample, form, clusters, random, environment, signal }: Training,
): Promise<AnyVector[]> {
  const most = Math.min(sample.vectors.length, clusters * SAMPLE_A_CLUSTER);
  const work = kMeans({
    form,
    vectors: sample.vectors.slice(0, most),
    clusters,
    random,
  });
  for (let turn = 1;; turn++) {
    const next = work.next();
    if (next.done === true) return next.value;
    if (turn % TURNS !== 0) continue;
    await delay(environment, 0);
    signal?.throwIfAborted();
  }
}

/** What the first clusters of an index are made with. */
export interface FirstClusters {
  readonly sample: VectorSample;
  readonly definition: IvfDefinition;
  readonly entriesOf: (dims: number) => IvfEntries;
  readonly transaction: Transaction;
  readonly random: SeededRandom;
  readonly environment: Environment;
  readonly signal?: Cancellation | undefined;
}

/**
 * Writes centroids and the codebook for an index whose vectors are not in it
 * yet; `undefined` where there are none.
 */
export async function firstClusters(
  { sample, definition, entriesOf, transaction, ...rest }: FirstClusters,
): Promise<Clusters | undefined> {
  const [first] = sample.vectors;
  if (first === undefined) return undefined;
  const dims = "dims" in first ? first.dims : first.length;
  const { element, metric, lists, codes } = definition;
  const set = newCentroids(new RowForm(element, metric, dims));
  const clusters = clustersFor(sample.count, lists);
  if (clusters <= 1) return { set, version: set.newest, coder: undefined };
  const form = set.form;
  const vectors = await trainCentroids({ sample, form, clusters, ...rest });
  const entries = entriesOf(dims);
  const centroids = vectors.map((vector, cluster) => ({
    cluster,
    vector,
    state: "open" as const,
  }));
  for (const centroid of centroids) {
    transaction.put(
      entries.centroidKey(centroid.cluster),
      entries.encodeCentroid(centroid),
      false,
    );
  }
  set.change(0, centroids, 0);
  const version = set.newest;
  const codebook = codes && await trainCodebook({
    vectors: sample.vectors,
    set,
    version,
    codes,
    dims,
    ...rest,
  });
  if (codes === undefined || codebook === undefined) {
    return { set, version, coder: undefined };
  }
  transaction.put(entries.codebookKey(), codebook.encode(), false);
  const coder = new ProductCoder(codebook, codes.metric);
  return { set, version, coder };
}
