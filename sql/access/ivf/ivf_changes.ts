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
import type { StoreView } from "../../../storage/engine/store_view.ts";
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";
import { KIND_PUT } from "../../../storage/mvcc/internal_key.ts";
import type { ProductCodebook } from "../../../vector/codes/product/product_codebook.ts";
import type { AnyVector } from "../../../vector/distance/metric.ts";
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
  /** A new codebook. */
  readonly codebook: ProductCodebook | undefined;
  /** Changes of clusters, by their numbers; none where there are codes. */
  readonly clusters: ReadonlyMap<number, readonly ClusterChange<AnyVector>[]>;
  /** Changes of clusters' codes, by their numbers. */
  readonly codes: ReadonlyMap<number, readonly ClusterChange<Uint8Array>[]>;
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

/** Changes of one commit that are being gathered. */
class GatheredChanges implements IvfChanges {
  readonly centroids: Centroid[] = [];
  calibration: Calibrated | undefined;
  codebook: ProductCodebook | undefined;
  readonly clusters = new Map<number, ClusterChange<AnyVector>[]>();
  readonly codes = new Map<number, ClusterChange<Uint8Array>[]>();
  readonly counts = new Map<number, number>();

  /** Adds what entry `i` of a run says. */
  add(entries: IvfEntries, entry: EntryOf, run: EntryRun, i: number): void {
    const isPut = run.kinds[i] === KIND_PUT;
    const { values } = run;
    const from = run.valueStarts[i]!;
    const to = run.valueEnds[i]!;
    if (entry.kind === "vector") {
      const { cluster, tid } = entry;
      if (!isPut) this.#count(cluster, -1);
      if (entries.isCoded) return;
      const item = isPut ? entries.decodeVector(values, from, to) : undefined;
      addChange(this.clusters, cluster, { locator: tid, item });
    } else if (entry.kind === "code") {
      const { cluster, tid } = entry;
      const item = isPut ? values.slice(from, to) : undefined;
      addChange(this.codes, cluster, { locator: tid, item });
    } else if (!isPut) return;
    else if (entry.kind === "place") {
      const { cluster, isNew } = decodePlace(values.subarray(from, to));
      if (isNew) this.#count(cluster, 1);
    } else if (entry.kind === "centroid") {
      const bytes = values.subarray(from, to);
      this.centroids.push(entries.decodeCentroid(entry.cluster, bytes));
    } else if (entry.kind === "codebook") {
      this.codebook = entries.decodeCodebook(values.subarray(from, to));
    } else this.calibration = decodeCalibration(values.subarray(from, to));
  }

  #count(cluster: number, delta: number): void {
    this.counts.set(cluster, (this.counts.get(cluster) ?? 0) + delta);
  }
}

function addChange<Item>(
  all: Map<number, ClusterChange<Item>[]>,
  cluster: number,
  change: ClusterChange<Item>,
): void {
  const changes = all.get(cluster);
  if (changes === undefined) all.set(cluster, [change]);
  else changes.push(change);
}

/** What a transaction's writes change when they are committed. */
export function changesOf(writes: WriteSet, entries: IvfEntries): IvfChanges {
  const changes = new GatheredChanges();
  for (const { entry, run, i } of newestEntries(writes, entries, entries.all)) {
    changes.add(entries, entry, run, i);
  }
  return changes;
}

/** A commit, and what it changed. */
export interface FollowedChanges {
  /** The commit's sequence. */
  readonly sequence: number;
  /** What it changed. */
  readonly changes: IvfChanges;
}

/** Changes that are worth following; beyond, an index is opened anew. */
const FOLLOWED_MAX = 20_000;

/**
 * What others changed after `from`, in the order of commits; `undefined` if
 * that cannot be known any more, or is too much.
 */
export async function changesAfter(
  view: StoreView,
  entries: IvfEntries,
  from: number,
): Promise<FollowedChanges[] | undefined> {
  // What was put and deleted below the horizon may have left no trace.
  if (view.manifest.horizon > from) return undefined;
  const commits = new Map<number, GatheredChanges>();
  let count = 0;
  for (const opening of view.changesSince(entries.all, from)) {
    const runs = await opening;
    // What is read is held until every source has come to its end.
    for (let run = await runs.nextRun(); run; run = await runs.nextRun()) {
      for (let i = 0; i < run.count && count <= FOLLOWED_MAX; i++) {
        const sequence = run.sequences[i]!;
        if (sequence <= from || sequence > view.sequence) continue;
        const { keys, keyStarts, keyEnds } = run;
        const entry = entries.entryOf(keys, keyStarts[i]!, keyEnds[i]!);
        if (entry === undefined) continue;
        let changes = commits.get(sequence);
        if (changes === undefined) {
          changes = new GatheredChanges();
          commits.set(sequence, changes);
        }
        changes.add(entries, entry, run, i);
        count++;
      }
    }
  }
  if (count > FOLLOWED_MAX) return undefined;
  return [...commits].sort(([a], [b]) => a - b)
    .map(([sequence, changes]) => ({ sequence, changes }));
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
