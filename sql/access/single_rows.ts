/**
 * The seam for single rows: what an access method can do with one row of a
 * table, or one entry of an index, without putting a chunk around it.
 *
 * It means what the same does for a chunk of one row (`table_access.ts`,
 * `index_access.ts`); who uses it keeps the table's indexes, constraints and
 * locks as `relation_writer.ts` does.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import type { RowValues } from "../encoding/single_row.ts";
import type { RowStrength } from "../transaction/locks/lock_mode.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import type { Nullable } from "../types/data_type.ts";

/** A row that was read. */
export interface SingleRow {
  /** The values of the columns asked for, in that order. */
  readonly values: readonly Nullable[];
  /** All of it, as it is stored. */
  readonly bytes: Uint8Array;
}

/** Rows of tables one by one. */
export interface SingleRows {
  /**
   * Reads the row at `locator`: the columns at `columns`, which is the same
   * array every time.
   */
  read(
    table: TableEntry,
    transaction: TransactionHandle,
    locator: number,
    columns: readonly number[],
  ): MaybePromise<SingleRow | undefined>;

  /** Adds a row with a value for every column; resolves with its locator. */
  insert(
    table: TableEntry,
    transaction: TransactionHandle,
    values: readonly Nullable[],
  ): MaybePromise<number>;

  /**
   * Replaces a row that was read: values where they change. `false`: nothing
   * was done, since it needs the whole row.
   */
  update(
    table: TableEntry,
    transaction: TransactionHandle,
    locator: number,
    values: RowValues,
    bytes: Uint8Array,
  ): boolean;

  /** Removes a row. */
  delete(
    table: TableEntry,
    transaction: TransactionHandle,
    locator: number,
  ): void;

  /**
   * Whether nobody is in the way of a lock on the row, and it is as the
   * transaction sees it: for writes in the same turn.
   */
  isFree(
    table: TableEntry,
    transaction: TransactionHandle,
    locator: number,
    strength: RowStrength,
  ): boolean;
}

/** Entries of indexes one by one. */
export interface SingleEntries {
  /** The locator of the one row that a unique index has under a key. */
  find(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    key: readonly Nullable[],
  ): MaybePromise<number | undefined>;

  /**
   * Adds the entry of a row.
   *
   * @throws {SqlError} `23505`.
   */
  insert(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    locator: number,
    key: readonly Nullable[],
  ): MaybePromise<void>;

  /** Removes the entry of a row. */
  delete(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionHandle,
    locator: number,
    key: readonly Nullable[],
  ): MaybePromise<void>;
}
