/**
 * All workloads, and the benchmarks that are groups of them.
 *
 * @module
 */
import { parallelSweep } from "./parallel.ts";
import { filterSweep } from "./filter/filter_sweep.ts";
import type { BenchResult, LimitWorkload, Workload } from "./harness.ts";
import { bucketLimits, bucketVectors } from "./workloads/bucket.ts";
import { bucketSessions } from "./workloads/bucket_sessions.ts";
import { copyCsv, copyText } from "./workloads/copy.ts";
import { insertParameters, insertValues } from "./workloads/insert.ts";
import { kv } from "./workloads/kv.ts";
import { kvDisk, kvStalls } from "./workloads/kv_limits.ts";
import { knn } from "./workloads/knn.ts";
import { lookup } from "./workloads/lookup.ts";
import { reopen } from "./workloads/reopen.ts";
import { sqlQueries } from "./workloads/sql.ts";
import { idleSession, snapshotGet } from "./workloads/snapshots.ts";
import { transactions } from "./workloads/transactions.ts";
import { vectorBatches } from "./workloads/vector_batches.ts";
import { vectorBuilds, vectorThreads } from "./workloads/vector_builds.ts";
import { vectorOpening } from "./workloads/vector_opening.ts";
import { vectorSizes } from "./workloads/vector_sizes.ts";
import { wire } from "./workloads/wire.ts";
import { vectorSearches } from "./workloads/vectors.ts";

/** Workloads that count operations. */
export const workloads: readonly Workload[] = [
  knn,
  insertValues,
  insertParameters,
  copyText,
  copyCsv,
  lookup,
  ...kv,
  bucketVectors,
  bucketSessions,
  ...transactions,
  snapshotGet,
  ...vectorSearches,
  ...vectorBuilds,
  ...wire,
  ...sqlQueries,
];

/** Workloads that measure one value. */
export const limitWorkloads: readonly LimitWorkload[] = [
  reopen,
  kvDisk,
  kvStalls,
  ...bucketLimits,
  idleSession,
  vectorThreads,
  ...vectorSizes,
  ...vectorOpening,
  ...vectorBatches,
];

/** Benchmarks that are a table of cells, in one process. */
export const sweeps: Readonly<
  Record<string, (note: (text: string) => void) => Promise<BenchResult[]>>
> = {
  filter: filterSweep,
  parallel: parallelSweep,
};

/** Benchmarks by name; a workload's own name runs it alone. */
export const benches: Readonly<Record<string, readonly string[]>> = {
  first: [
    "lookup",
    "insert-values",
    "insert-parameters",
    "reopen-demo",
    "knn-glove-100k",
  ],
  copy: [copyText, copyCsv].map(({ name }) => name),
  bucket: [...bucketLimits, bucketVectors, bucketSessions].map(({ name }) =>
    name
  ),
  transactions: [...transactions, snapshotGet, idleSession].map(({ name }) =>
    name
  ),
  vectors: [
    ...vectorSearches,
    ...vectorBuilds,
    vectorThreads,
    ...vectorSizes,
    ...vectorOpening,
    ...vectorBatches,
  ].map(({ name }) => name),
  wire: wire.map(({ name }) => name),
  sql: ["lookup", ...sqlQueries.map(({ name }) => name)],
  kv: [...kv, kvDisk, kvStalls].map(({ name }) => name),
};
