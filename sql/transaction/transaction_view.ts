/**
 * A transaction as it was at one moment: for statements that change tables in
 * several places (WITH), all parts of which see the tables as they were before
 * the statement.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { ValueTaker, WantedKeys } from "../../storage/engine/find_each.ts";
import type { Scan } from "../../storage/engine/lsm_store.ts";
import type {
  RangeTaker,
  WantedRanges,
} from "../../storage/engine/scan_each.ts";
import type { KeyRange } from "../../storage/mvcc/entry_run.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import type { RowTallies } from "./row_tally.ts";
import { Transaction } from "./transaction.ts";
import type { WriteSet } from "./write_set.ts";
import type { TransactionHandle } from "./transaction_handle.ts";

/** What can be read in a transaction. */
export interface TransactionReads extends TransactionHandle {
  readonly catalog: CatalogState;
  /** The sequence of what was committed when the transaction began. */
  readonly snapshotSequence: number;
  /** The number of the newest of its own writes that are seen. */
  readonly readSequence: number;
  /** Its own writes, those that are not seen too. */
  readonly writes: WriteSet | undefined;
  /** What it did to rows, by storage id: for estimates. */
  readonly rowTallies: RowTallies;
  /** The value of a key. */
  get(key: Uint8Array): MaybePromise<Uint8Array | undefined>;
  /** The values of keys, in their order. */
  getMany(
    keys: readonly Uint8Array[],
  ): MaybePromise<(Uint8Array | undefined)[]>;
  /** Scans a range. */
  scan(range: KeyRange & { readonly reverse?: boolean }): Scan;
  /** Shows the values of keys, see `LsmStore`. */
  findEach(wanted: WantedKeys, take: ValueTaker): MaybePromise<void>;
  /** Reads many short ranges, see `LsmStore`. */
  scanEach(ranges: WantedRanges, taker: RangeTaker): MaybePromise<void>;
  /** Notes a range that was read otherwise. */
  noteRead(range: KeyRange): void;
}

/** A transaction as it was when the view was made. */
class TransactionView implements TransactionReads {
  readonly #transaction: Transaction;
  readonly catalog: CatalogState;
  readonly startedAt: number;
  readonly snapshotSequence: number;
  readonly readSequence: number;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
    this.catalog = transaction.catalog;
    this.startedAt = transaction.startedAt;
    this.snapshotSequence = transaction.snapshotSequence;
    this.readSequence = transaction.readSequence;
    transaction.keepSnapshot();
  }

  get writes(): WriteSet | undefined {
    return this.#transaction.writes;
  }

  noteRead(range: KeyRange): void {
    this.#transaction.noteRead(range);
  }

  get rowTallies(): RowTallies {
    return this.#transaction.rowTallies;
  }

  get(key: Uint8Array): MaybePromise<Uint8Array | undefined> {
    return this.#transaction.get(
      key,
      this.readSequence,
      this.snapshotSequence,
    );
  }

  getMany(
    keys: readonly Uint8Array[],
  ): MaybePromise<(Uint8Array | undefined)[]> {
    return this.#transaction.getMany(
      keys,
      this.readSequence,
      this.snapshotSequence,
    );
  }

  scan(range: KeyRange & { readonly reverse?: boolean }): Scan {
    return this.#transaction.scan(
      range,
      this.readSequence,
      this.snapshotSequence,
    );
  }

  findEach(wanted: WantedKeys, take: ValueTaker): MaybePromise<void> {
    return this.#transaction.findEach(
      wanted,
      take,
      this.readSequence,
      this.snapshotSequence,
    );
  }

  scanEach(ranges: WantedRanges, taker: RangeTaker): MaybePromise<void> {
    return this.#transaction.scanEach(
      ranges,
      taker,
      this.readSequence,
      this.snapshotSequence,
    );
  }
}

/**
 * A transaction's own writes over what is committed now: for rows and keys that
 * it has locked, whose newest versions count.
 */
class NewestView implements TransactionReads {
  readonly #transaction: Transaction;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  get catalog(): CatalogState {
    return this.#transaction.catalog;
  }

  get startedAt(): number {
    return this.#transaction.startedAt;
  }

  get snapshotSequence(): number {
    return this.#transaction.visibleSequence;
  }

  get readSequence(): number {
    return this.#transaction.readSequence;
  }

  get writes(): WriteSet | undefined {
    return this.#transaction.writes;
  }

  get rowTallies(): RowTallies {
    return this.#transaction.rowTallies;
  }

  noteRead(range: KeyRange): void {
    this.#transaction.noteRead(range);
  }

  get(key: Uint8Array): MaybePromise<Uint8Array | undefined> {
    return this.#transaction.getNewest(key);
  }

  getMany(
    keys: readonly Uint8Array[],
  ): MaybePromise<(Uint8Array | undefined)[]> {
    return this.#transaction.getMany(
      keys,
      this.readSequence,
      this.snapshotSequence,
    );
  }

  scan(range: KeyRange & { readonly reverse?: boolean }): Scan {
    return this.#transaction.scan(range);
  }

  findEach(wanted: WantedKeys, take: ValueTaker): MaybePromise<void> {
    return this.#transaction.findEach(
      wanted,
      take,
      this.readSequence,
      this.snapshotSequence,
    );
  }

  scanEach(ranges: WantedRanges, taker: RangeTaker): MaybePromise<void> {
    return this.#transaction.scanEach(ranges, taker);
  }
}

/** What is newest behind a handle: single rows and keys, not ranges. */
export function newestOf(handle: TransactionHandle): TransactionHandle {
  return handle instanceof Transaction ? new NewestView(handle) : handle;
}

/** The transaction behind a handle as it is now; others as they are. */
export function viewOf(handle: TransactionHandle): TransactionHandle {
  return handle instanceof Transaction ? new TransactionView(handle) : handle;
}

/** The transaction behind a handle that can be written through. */
export function transactionOf(handle: TransactionHandle): Transaction {
  invariant(handle instanceof Transaction, "not a transaction of ours");
  return handle;
}

/** What can be read through a handle. */
export function readsOf(handle: TransactionHandle): TransactionReads {
  invariant(
    handle instanceof Transaction || handle instanceof TransactionView ||
      handle instanceof NewestView,
    "not a transaction of ours",
  );
  return handle;
}
