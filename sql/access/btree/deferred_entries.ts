/**
 * Entries of a unique index whose check can wait: DEFERRABLE.
 *
 * | row | key | value |
 * | --- | --- | --- |
 * | has its key alone, or had it first | storage id, columns | tuple id |
 * | came while another has the key | storage id, columns, tuple id | empty |
 *
 * So the index is as that of any unique constraint but for the second kind of
 * entry, the surplus, which is there only between a change and its check: at the
 * end of the statement or at COMMIT. When the row that has a key goes, the first
 * of the surplus takes its place. What the check still finds there is a
 * duplicate. Nobody else ever sees surplus; two sessions that want one key meet
 * at the key itself, as they do where nothing is deferred.
 *
 * Rejected: all entries with tuple ids, counted by the check. Two sessions would
 * meet nowhere, and every lookup of a key would be a scan, for all time.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import { equalBytes } from "../../../base/bytes.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { type Chunk, selectedCount } from "../../chunk/chunk.ts";
import { constraintKey } from "../../transaction/pending_checks.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import { newestOfKey } from "../key_locking.ts";
import { readTid, TID_BYTES, writeTid } from "../row_key.ts";
import { scanTids } from "../tid_scan.ts";
import type { EntryEncoder } from "./btree_entries.ts";

const EMPTY = new Uint8Array(0);

/** Rows with where they are. */
interface LocatedRows {
  readonly locators: Float64Array;
  readonly chunk: Chunk;
}

/** Writes the entries of one deferrable index in one transaction. */
export class DeferredEntries {
  readonly #index: IndexEntry;
  readonly #table: TableEntry;
  readonly #encoder: EntryEncoder;
  readonly #transaction: Transaction;
  /** The surplus that came, by its keys. */
  readonly #surplus: Uint8Array[] = [];

  /** A writer of `index`. */
  constructor(
    index: IndexEntry,
    encoder: EntryEncoder,
    transaction: Transaction,
  ) {
    this.#index = index;
    this.#table = encoder.table;
    this.#encoder = encoder;
    this.#transaction = transaction;
  }

  /** Adds the entries of rows. */
  insert(rows: LocatedRows): MaybePromise<void> {
    const added = this.#each(
      selectedCount(rows.chunk),
      (i) => this.#add(rows, i),
    );
    return then(added, () => this.#noteCheck());
  }

  /** Removes the entries of rows. */
  delete(rows: LocatedRows): MaybePromise<void> {
    return this.#each(selectedCount(rows.chunk), (i) => this.#remove(rows, i));
  }

  /** Replaces the entries of rows whose key or locator changed. */
  update(before: LocatedRows, after: LocatedRows): MaybePromise<void> {
    const changed: number[] = [];
    for (let i = 0; i < before.locators.length; i++) {
      const isSame = before.locators[i] === after.locators[i] &&
        equalBytes(this.#keyOf(before, i).key, this.#keyOf(after, i).key);
      if (!isSame) changed.push(i);
    }
    const removed = this.#each(
      changed.length,
      (n) => this.#remove(before, changed[n]!),
    );
    const add = (): MaybePromise<void> =>
      this.#each(changed.length, (n) => this.#add(after, changed[n]!));
    return then(then(removed, add), () => this.#noteCheck());
  }

  #each(
    count: number,
    visit: (i: number) => MaybePromise<void>,
    from = 0,
  ): MaybePromise<void> {
    for (let i = from; i < count; i++) {
      const done = visit(i);
      if (isPromise(done)) {
        return done.then(() => this.#each(count, visit, i + 1));
      }
    }
  }

  /** The key of a row, and whether no other can have it. */
  #keyOf(
    { locators, chunk: { columns, selection } }: LocatedRows,
    i: number,
  ): { readonly key: Uint8Array; readonly isDistinct: boolean } {
    const row = selection === undefined ? i : selection[i]!;
    const unique = this.#encoder.uniqueKey(columns, row);
    if (unique !== undefined) return { key: unique, isDistinct: false };
    const key = this.#encoder.key(columns, row, locators[i]!).slice();
    return { key, isDistinct: true };
  }

  #add(rows: LocatedRows, i: number): MaybePromise<void> {
    const { key, isDistinct } = this.#keyOf(rows, i);
    if (isDistinct) return this.#transaction.put(key, EMPTY, false);
    const tid = rows.locators[i]!;
    return then(this.#holderOf(key), (holder) => {
      if (holder === undefined) return this.#give(key, tid);
      const surplus = surplusKey(key, tid);
      this.#transaction.put(surplus, EMPTY, false);
      this.#surplus.push(surplus);
    });
  }

  #remove(rows: LocatedRows, i: number): MaybePromise<void> {
    const { key, isDistinct } = this.#keyOf(rows, i);
    if (isDistinct) return this.#transaction.delete(key, true);
    const surplus = surplusKey(key, rows.locators[i]!);
    return then(this.#transaction.get(surplus), (there) => {
      if (there !== undefined) {
        return this.#transaction.delete(surplus, false);
      }
      this.#transaction.delete(key, true);
      return then(
        scanTids(this.#transaction, key),
        ([next]) => next === undefined ? undefined : this.#promote(key, next),
      );
    });
  }

  /** The row that has a key, as nobody else can change it any more. */
  #holderOf(key: Uint8Array): MaybePromise<number | undefined> {
    const { locks } = this.#transaction;
    const value = locks === undefined || locks.isUndisturbed
      ? this.#transaction.get(key)
      : newestOfKey(this.#transaction, key, this.#index);
    return then(
      value,
      (bytes) => bytes === undefined ? undefined : readTid(bytes, 0),
    );
  }

  #give(key: Uint8Array, tid: number): void {
    const value = new Uint8Array(TID_BYTES);
    writeTid(value, 0, tid);
    this.#transaction.put(key, value, true);
  }

  #promote(key: Uint8Array, tid: number): void {
    this.#transaction.delete(surplusKey(key, tid), false);
    this.#give(key, tid);
  }

  /** Sees to it that the surplus is checked. */
  #noteCheck(): void {
    const surplus = this.#surplus;
    if (surplus.length === 0) return;
    const { checks } = this.#transaction;
    const { constraintName, deferrable, initiallyDeferred } = this.#index;
    const key = constraintKey(this.#table.id, constraintName!);
    checks.add(
      { constraint: key, run: () => this.#check(surplus) },
      checks.isDeferred({
        key,
        deferrable: deferrable === true,
        initiallyDeferred: initiallyDeferred === true,
      }),
    );
  }

  /** @throws {SqlError} `23505` for surplus that is there yet. */
  async #check(surplus: readonly Uint8Array[]): Promise<void> {
    const index = this.#transaction.catalog.byId(this.#index.id);
    // It was dropped, or its table emptied.
    if (index?.kind !== "index") return;
    if (index.storageId !== this.#index.storageId) return;
    for (const entry of surplus) {
      if (await this.#transaction.get(entry) === undefined) continue;
      const key = entry.slice(0, entry.length - TID_BYTES);
      if (await this.#holderOf(key) !== undefined) {
        throw this.#encoder.duplicateOf(entry);
      }
      this.#promote(key, readTid(entry, key.length));
    }
  }
}

function surplusKey(key: Uint8Array, tid: number): Uint8Array {
  const surplus = new Uint8Array(key.length + TID_BYTES);
  surplus.set(key);
  writeTid(surplus, key.length, tid);
  return surplus;
}
