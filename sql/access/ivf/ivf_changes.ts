/**
 * What a transaction, or others since a sequence, changed in a clustered index.
 *
 * @module
 */
import { invariant } from "../../../base/invariant.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";
import { KIND_PUT } from "../../../storage/mvcc/internal_key.ts";
import type { Centroid } from "../../../vector/ivf/centroid_set.ts";
import type { ClusterChange } from "../../../vector/ivf/cluster_cache.ts";
import type { WriteSet } from "../../transaction/write_set.ts";
import type { TransactionReads } from "../../transaction/transaction_view.ts";
import type { VectorChange } from "../hnsw_changes.ts";
import {
  type Calibrated,
  decodeCalibration,
  decodePlace,
  type EntryOf,
  type IvfEntries,
  type Range,
} from "./ivf_entries.ts";

/** Changes of one commit. */
export interface IvfChanges {
  /** Centroids that were set. */
  readonly centroids: readonly Centroid[];
  /** A new calibration. */
  readonly calibration: Calibrated | undefined;
  /** Changes of clusters, by their numbers. */
  readonly clusters: ReadonlyMap<number, readonly ClusterChange[]>;
  /** How many vectors came to each cluster, less those that went. */
  readonly counts: ReadonlyMap<number, number>;
}

/** The newest writes of the entries in a range. */
function* newestEntries(
  writes: WriteSet,
  entries: IvfEntries,
  range: Range,
  sequenceMax?: number,
): Generator<
  { readonly entry: EntryOf; readonly run: EntryRun; readonly i: number }
> {
  const versions = writes.newest(range, sequenceMax);
  while (versions.next()) {
    const { run, index: i } = versions;
    const entry = entries.entryOf(
      run.keys,
      run.keyStarts[i]!,
      run.keyEnds[i]!,
    );
    if (entry !== undefined) yield { entry, run, i };
  }
}

/** What a transaction's writes change when they are committed. */
export function changesOf(writes: WriteSet, entries: IvfEntries): IvfChanges {
  const centroids: Centroid[] = [];
  let calibration: Calibrated | undefined;
  const clusters = new Map<number, ClusterChange[]>();
  const counts = new Map<number, number>();
  const count = (cluster: number, delta: number): void => {
    counts.set(cluster, (counts.get(cluster) ?? 0) + delta);
  };
  for (const { entry, run, i } of newestEntries(writes, entries, entries.all)) {
    const isPut = run.kinds[i] === KIND_PUT;
    const { values } = run;
    const from = run.valueStarts[i]!;
    const to = run.valueEnds[i]!;
    if (entry.kind === "vector") {
      const { cluster, tid } = entry;
      const vector = isPut ? entries.decodeVector(values, from, to) : undefined;
      const change = { locator: tid, vector };
      const changes = clusters.get(cluster);
      if (changes === undefined) clusters.set(cluster, [change]);
      else changes.push(change);
      if (!isPut) count(cluster, -1);
    } else if (!isPut) continue;
    else if (entry.kind === "place") {
      const { cluster, isNew } = decodePlace(values.subarray(from, to));
      if (isNew) count(cluster, 1);
    } else if (entry.kind === "centroid") {
      const bytes = values.subarray(from, to);
      centroids.push(entries.decodeCentroid(entry.cluster, bytes));
    } else calibration = decodeCalibration(values.subarray(from, to));
  }
  return { centroids, calibration, clusters, counts };
}

/**
 * A transaction's own vectors, and rows of which it removed them: for going over
 * them once. Where memory does not hold what was written, it does not hold the
 * vectors either.
 */
export function ownVectors(
  transaction: TransactionReads,
  entries: IvfEntries,
): MaybePromise<Iterable<VectorChange>> {
  const { writes } = transaction;
  if (writes === undefined || writes.count === 0) return [];
  if (writes.hasSpilled) return vectorsNow(transaction, entries);
  const changes = [...vectorsLater(transaction, entries)];
  return changes.some(isPromise)
    ? Promise.all(changes)
    : changes as VectorChange[];
}

/** A vector is written with its place: nothing waits. */
function* vectorsNow(
  transaction: TransactionReads,
  entries: IvfEntries,
): Generator<VectorChange> {
  for (const change of vectorsLater(transaction, entries)) {
    invariant(!isPromise(change), "a vector is written with its place");
    yield change;
  }
}

function* vectorsLater(
  transaction: TransactionReads,
  entries: IvfEntries,
): Generator<MaybePromise<VectorChange>> {
  const { writes, readSequence } = transaction;
  const { places } = entries;
  const found = newestEntries(writes!, entries, places, readSequence);
  for (const { entry, run, i } of found) {
    if (entry.kind !== "place") continue;
    const { tid } = entry;
    if (run.kinds[i] !== KIND_PUT) {
      yield { tid, vector: undefined };
      continue;
    }
    const { cluster } = decodePlace(
      run.values.subarray(run.valueStarts[i]!, run.valueEnds[i]!),
    );
    const stored = transaction.get(entries.vectorKey(cluster, tid));
    yield then(stored, (bytes) => ({
      tid,
      vector: bytes && entries.decodeVector(bytes, 0, bytes.length),
    }));
  }
}
