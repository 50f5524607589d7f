/**
 * What a transaction, or others since a sequence, changed in a clustered index.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import type { Memtable } from "../../../storage/memtable/memtable.ts";
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";
import { KIND_PUT } from "../../../storage/mvcc/internal_key.ts";
import type { Centroid } from "../../../vector/ivf/centroid_set.ts";
import type { ClusterChange } from "../../../vector/ivf/cluster_cache.ts";
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

/** Visits the newest version of each entry in a range of a memtable. */
function visitNewest(
  writes: Memtable,
  entries: IvfEntries,
  { start, end }: Range,
  sequenceMax: number,
  visit: (entry: EntryOf, run: EntryRun, i: number) => void,
): void {
  const source = writes.runs({ start, end });
  let last: EntryOf | undefined;
  for (let run = source.nextRun(); run; run = source.nextRun()) {
    if (isPromise(run)) continue;
    for (let i = 0; i < run.count; i++) {
      const entry = entries.entryOf(
        run.keys,
        run.keyStarts[i]!,
        run.keyEnds[i]!,
      );
      if (entry === undefined || run.sequences[i]! > sequenceMax) continue;
      if (last !== undefined && isSame(last, entry)) continue;
      last = entry;
      visit(entry, run, i);
    }
  }
}

function isSame(a: EntryOf, b: EntryOf): boolean {
  if (a.kind !== b.kind) return false;
  if (a.kind === "calibration") return true;
  if (a.kind === "centroid") return "cluster" in b && a.cluster === b.cluster;
  if (a.kind === "place") return "tid" in b && a.tid === b.tid;
  return "cluster" in b && "tid" in b && a.tid === b.tid &&
    a.cluster === b.cluster;
}

/** What a transaction's writes change when they are committed. */
export function changesOf(writes: Memtable, entries: IvfEntries): IvfChanges {
  const centroids: Centroid[] = [];
  let calibration: Calibrated | undefined;
  const clusters = new Map<number, ClusterChange[]>();
  const counts = new Map<number, number>();
  const count = (cluster: number, delta: number): void => {
    counts.set(cluster, (counts.get(cluster) ?? 0) + delta);
  };
  visitNewest(writes, entries, entries.all, Infinity, (entry, run, i) => {
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
    } else if (!isPut) return;
    else if (entry.kind === "place") {
      const { cluster, isNew } = decodePlace(values.subarray(from, to));
      if (isNew) count(cluster, 1);
    } else if (entry.kind === "centroid") {
      const bytes = values.subarray(from, to);
      centroids.push(entries.decodeCentroid(entry.cluster, bytes));
    } else calibration = decodeCalibration(values.subarray(from, to));
  });
  return { centroids, calibration, clusters, counts };
}

/** A transaction's own vectors, and rows of which it removed them. */
export function ownVectors(
  transaction: TransactionReads,
  entries: IvfEntries,
): MaybePromise<readonly VectorChange[]> {
  const { writes, readSequence } = transaction;
  if (writes === undefined || writes.count === 0) return [];
  const changes: MaybePromise<VectorChange>[] = [];
  visitNewest(
    writes,
    entries,
    entries.places,
    readSequence,
    (entry, run, i) => {
      if (entry.kind !== "place") return;
      const { tid } = entry;
      if (run.kinds[i] !== KIND_PUT) {
        changes.push({ tid, vector: undefined });
        return;
      }
      const { cluster } = decodePlace(
        run.values.subarray(run.valueStarts[i]!, run.valueEnds[i]!),
      );
      const stored = transaction.get(entries.vectorKey(cluster, tid));
      changes.push(then(stored, (bytes) => ({
        tid,
        vector: bytes && entries.decodeVector(bytes, 0, bytes.length),
      })));
    },
  );
  return changes.some(isPromise)
    ? Promise.all(changes)
    : changes as VectorChange[];
}
