/**
 * A transaction's own vectors, laid over what an index knows.
 *
 * Its entries are in its write set: a put says that the row has a vector now
 * (the row's own write holds it), a deletion that it has none. Either hides
 * what the index has of the row.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { KIND_PUT } from "../../storage/mvcc/internal_key.ts";
import {
  type AnyVector,
  type DistanceFunction,
  distanceOf,
} from "../../vector/distance/metric.ts";
import type { RowForm } from "../../vector/hnsw/row_form.ts";
import type { VectorBatch } from "../../vector/segments/vector_cursor.ts";
import type { IndexEntry } from "../catalog/entries.ts";
import type { WriteSet } from "../transaction/write_set.ts";
import type { TransactionReads } from "../transaction/transaction_view.ts";
import type { VectorChange } from "./hnsw_changes.ts";
import type { VectorPlace } from "./hnsw_vectors.ts";
import { vectorOrNone } from "./indexed_vectors.ts";
import type { NearestBatch, NearestCursor } from "./index_access.ts";
import {
  readTid,
  ROW_KEY_BYTES,
  rowKey,
  STORAGE_ID_BYTES,
  storageRange,
} from "./row_key.ts";

/**
 * What a transaction has changed in an index, as it is now. Waits only for
 * rows that it has not written itself (an index it has just made).
 */
export function ownChanges(
  transaction: TransactionReads,
  index: IndexEntry,
  place: VectorPlace,
): MaybePromise<readonly VectorChange[]> {
  const changes = [...changesLater(transaction, index, place)];
  return changes.some(isPromise)
    ? Promise.all(changes)
    : changes as VectorChange[];
}

/**
 * As `ownChanges`, for going over them once: where memory does not hold what was
 * written, it does not hold its vectors either.
 */
export function ownChangesOnce(
  transaction: TransactionReads,
  index: IndexEntry,
  place: VectorPlace,
): MaybePromise<Iterable<VectorChange>> {
  if (transaction.writes?.hasSpilled !== true) {
    return ownChanges(transaction, index, place);
  }
  // Rows that it has not written are few: a build puts most into segments.
  const later: Promise<VectorChange>[] = [];
  for (const change of changesLater(transaction, index, place)) {
    if (isPromise(change)) later.push(change);
  }
  return Promise.all(later).then((waited) =>
    eachChange(changesLater(transaction, index, place), waited)
  );
}

function* eachChange(
  changes: Iterable<MaybePromise<VectorChange>>,
  waited: readonly VectorChange[],
): Generator<VectorChange> {
  yield* waited;
  const known = new Set(waited.map(({ tid }) => tid));
  for (const change of changes) {
    if (isPromise(change)) change.catch(() => {}); // It is among `waited`.
    else if (!known.has(change.tid)) yield change;
  }
}

function* changesLater(
  transaction: TransactionReads,
  index: IndexEntry,
  place: VectorPlace,
): Generator<MaybePromise<VectorChange>> {
  const { writes, readSequence } = transaction;
  if (writes === undefined || writes.count === 0) return;
  const range = storageRange(index.storageId);
  const versions = writes.newest(range, readSequence);
  while (versions.next()) {
    const { run, index: at } = versions;
    const start = run.keyStarts[at]!;
    if (run.keyEnds[at]! - start !== ROW_KEY_BYTES) continue;
    const tid = readTid(run.keys, start + STORAGE_ID_BYTES);
    yield run.kinds[at] === KIND_PUT
      ? ownVector(transaction, place, tid)
      : { tid, vector: undefined };
  }
}

function ownVector(
  transaction: TransactionReads,
  { storageId, codec, position }: VectorPlace,
  tid: number,
): MaybePromise<VectorChange> {
  const decode = (row: Uint8Array | undefined): VectorChange => {
    const value = row === undefined
      ? null
      : codec.decodeValue(row, 0, row.length, position);
    return { tid, vector: vectorOrNone(value) };
  };
  const row = transaction.get(rowKey(storageId, tid));
  return isPromise(row) ? row.then(decode) : decode(row);
}

/** A search of what is committed. */
interface CommittedSearch {
  /** The next rows: fewer than wanted if and only if there are no more. */
  next(wanted: number): MaybePromise<VectorBatch>;
}

/** A search of an index with a transaction's own changes over it. */
export class OverlaidCursor implements NearestCursor {
  readonly #cursor: CommittedSearch;
  /** Rows of which the index's version does not count. */
  readonly #hidden = new Set<number>();
  /** Own rows, nearest first, and how many were given. */
  readonly #own: { readonly tid: number; readonly distance: number }[] = [];
  #given = 0;

  /** Lays `changes` over `cursor`. */
  constructor(
    cursor: CommittedSearch,
    changes: Iterable<VectorChange>,
    query: AnyVector,
    { metric, element }: Pick<RowForm, "metric" | "element">,
  ) {
    this.#cursor = cursor;
    const distance: DistanceFunction = distanceOf(metric, element);
    for (const { tid, vector } of changes) {
      this.#hidden.add(tid);
      if (vector === undefined) continue;
      this.#own.push({ tid, distance: distance(vector, query) });
    }
    this.#own.sort((a, b) => compareDistances(a.distance, b.distance));
  }

  /** The next rows; at least one, whatever is wanted, while there are any. */
  next(wanted: number): MaybePromise<NearestBatch> {
    const size = Math.max(wanted, 1);
    if (this.#hidden.size === 0) return this.#cursor.next(size);
    for (;;) {
      const batch = this.#cursor.next(size);
      if (isPromise(batch)) {
        return batch.then((came) => this.#merge(came, size) ?? this.next(size));
      }
      const merged = this.#merge(batch, size);
      if (merged !== undefined) return merged;
    }
  }

  /** Lays own rows over a batch; `undefined` where nothing is left of it. */
  #merge(batch: VectorBatch, size: number): NearestBatch | undefined {
    const locators: number[] = [];
    const distances: number[] = [];
    for (let i = 0; i < batch.count; i++) {
      const distance = batch.distances[i]!;
      this.#giveOwn(locators, distances, distance);
      const locator = batch.locators[i]!;
      if (this.#hidden.has(locator)) continue;
      locators.push(locator);
      distances.push(distance);
    }
    if (batch.count < size) this.#giveOwn(locators, distances, Infinity);
    else if (locators.length === 0) return undefined;
    return {
      count: locators.length,
      locators: Float64Array.from(locators),
      distances: Float64Array.from(distances),
    };
  }

  /** Nothing is held. */
  close(): void {}

  /** Gives the own rows that are no farther than `distance`; NaN is last. */
  #giveOwn(locators: number[], distances: number[], distance: number): void {
    const own = this.#own;
    const all = distance === Infinity;
    while (
      this.#given < own.length &&
      (all || own[this.#given]!.distance <= distance)
    ) {
      const next = own[this.#given++]!;
      locators.push(next.tid);
      distances.push(next.distance);
    }
  }
}

function compareDistances(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  return Number.isNaN(b) ? -1 : a - b;
}

/** Whether a transaction has written entries of an index. */
export function hasWrites(writes: WriteSet, index: IndexEntry): boolean {
  return writes.newest(storageRange(index.storageId)).next();
}
