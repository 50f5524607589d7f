/**
 * The seam of `CREATE TABLE … USING name`: how rows of a table are read and
 * written.
 *
 * A row is named by a locator: a non-negative safe integer that says nothing to
 * anybody but the access method (`lsm_s3`: the tuple id). An UPDATE may move a
 * row to another locator or keep it; it says which.
 *
 * Everything answers at once where memory can; callers test for a promise
 * before they await.
 *
 * @module
 */
import type { Cancellation } from "../../base/cancellation.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { TableEntry } from "../catalog/entries.ts";
import type { Chunk, Column } from "../chunk/chunk.ts";
import type { RowStrength } from "../transaction/locks/lock_mode.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import type { RowRuns } from "./parallel/row_runs.ts";
import type { SingleRows } from "./single_rows.ts";

/** Rows with their locators. */
export interface LocatedChunk {
  /**
   * The wanted columns, in the order asked for. `chunk.rowCount` rows; no
   * selection.
   */
  readonly chunk: Chunk;
  /** The rows' locators: `chunk.rowCount` of them. */
  readonly locators: Float64Array;
}

/** A scan over the rows a transaction sees, in the order of their locators. */
export interface TableScan {
  /**
   * The next rows, about a chunk of them, or `undefined` at the end. What it
   * returns stays valid: the columns are not used again.
   */
  next(): MaybePromise<LocatedChunk | undefined>;
  /** Lets go of what the scan holds; may be called at any time, and twice. */
  close(): void;
}

/** Rows that a scan looks at; a column is read when it is asked for. */
export interface ScannedRows {
  /** How many there are. */
  readonly rowCount: number;
  /**
   * The column at `index` of those wanted, for the rows `rows` (default all);
   * its other places hold anything. Valid until the next rows are looked at.
   */
  column(index: number, rows: Uint32Array | undefined): Column;
}

/** The rows that are wanted, ascending; `undefined`: all. */
export type RowFilter = (rows: ScannedRows) => Uint32Array | undefined;

/** How a scan goes. */
export interface TableScanOptions {
  /** The columns wanted: positions in `table.columns`. */
  readonly columns: readonly number[];
  /**
   * Leaves out rows before all of their columns are read: of a method that
   * `filters`.
   */
  readonly filter?: RowFilter | undefined;
  /** Stops between chunks when aborted. */
  readonly signal?: Cancellation | undefined;
}

/** How rows are to be locked. */
export interface RowLockRequest {
  /** How much of them. */
  readonly strength: RowStrength;
  /** Whether locks are kept for rows that are not written (default false). */
  readonly keep?: boolean;
  /** Whether keys of the rows are about to be changed (default false). */
  readonly changesKey?: boolean;
  /** What is done with a row that another holds (default `wait`). */
  readonly policy?: "wait" | "nowait" | "skip";
  /**
   * What the rows were read by (default: the transaction as it is). Rows that it
   * has changed itself since then are gone, as to PostgreSQL.
   */
  readonly readBy?: TransactionHandle;
}

/**
 * A row that was to be locked: held, and as the transaction sees it; held, and
 * changed or removed since its snapshot; or not held, as another has it.
 */
export type LockedRow = "same" | "changed" | "gone" | "skipped";

/** A kind of table. */
export interface TableAccessMethod {
  /** The name after USING. */
  readonly name: string;
  /** Whether scans look at their `filter` (default false). */
  readonly filters?: boolean;

  /**
   * Opens a scan over the rows that the transaction sees, its own changes
   * included as they are now; rows that it changes during the scan are seen as
   * they were when the scan was opened.
   */
  scan(
    table: TableEntry,
    transaction: TransactionHandle,
    options: TableScanOptions,
  ): TableScan;

  /**
   * Opens a scan over the same rows as they are stored, for others to decode.
   * Absent: nobody else can.
   */
  runs?(table: TableEntry, transaction: TransactionHandle): RowRuns;

  /**
   * Reads the rows at `locators` in one go. The result has the rows that the
   * transaction sees, in the order of `locators`; others are missing from it.
   */
  fetch(
    table: TableEntry,
    transaction: TransactionHandle,
    locators: Float64Array,
    options: TableScanOptions,
  ): MaybePromise<LocatedChunk>;

  /**
   * Adds the selected rows of `chunk`, whose columns are all of the table's in
   * order, to the table alone (indexes are the caller's, see
   * `relation_writer.ts`). Returns the new locators, in the order of the
   * selection.
   */
  insert(
    table: TableEntry,
    transaction: TransactionHandle,
    chunk: Chunk,
  ): MaybePromise<Float64Array>;

  /**
   * Replaces the rows at `locators` by the rows of `chunk` (as in `insert`; the
   * n-th selected row replaces the n-th locator). Returns the locators the rows
   * have now.
   */
  update(
    table: TableEntry,
    transaction: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): MaybePromise<Float64Array>;

  /**
   * Locks rows for the transaction, and waits for others who hold them; what it
   * says of each row is in its order. Absent: rows are not locked. `undefined`:
   * nobody was in the way and all are as the transaction sees them; unless
   * `keep` was asked for, only what is written in the same turn stays so.
   *
   * @throws {SqlError} `55P03`, `40P01`.
   */
  lock?(
    table: TableEntry,
    transaction: TransactionHandle,
    locators: Float64Array,
    request: RowLockRequest,
  ): MaybePromise<readonly LockedRow[] | undefined>;

  /** Removes the rows at `locators`. */
  delete(
    table: TableEntry,
    transaction: TransactionHandle,
    locators: Float64Array,
  ): MaybePromise<void>;

  /**
   * Makes the commit fail if the table's definition changes meanwhile: for who
   * has looked at it and writes elsewhere.
   */
  dependOn?(table: TableEntry, transaction: TransactionHandle): void;

  /** Makes the commit fail if any row is written meanwhile by others. */
  dependOnRows?(table: TableEntry, transaction: TransactionHandle): void;

  /** About how many rows the table has; answers at once. */
  estimateRows(table: TableEntry, transaction: TransactionHandle): number;

  /** Its rows one by one; absent: only in chunks. */
  readonly single?: SingleRows | undefined;
}
