/**
 * The table access method `lsm_s3`: rows in the tree, by tuple id.
 *
 * A row lies under its table's storage id and its tuple id (`row_key.ts`), in
 * the form of `encoding/row_encoding.ts`. Its locator is the tuple id, which an
 * UPDATE keeps.
 *
 * Every statement that writes makes its transaction depend on the table's row
 * in the catalog: a DROP, a TRUNCATE or a CREATE INDEX that commits in between
 * makes it fail with `40001` instead of losing rows.
 *
 * @module
 */
import { ByteWriter } from "../../base/bytes.ts";
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { LsmStore, Scan } from "../../storage/engine/lsm_store.ts";
import { entryKey } from "../catalog/catalog_rows.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { TableEntry } from "../catalog/entries.ts";
import { isTemporaryId } from "../catalog/temporary_schema.ts";
import { type Chunk, selectedCount } from "../chunk/chunk.ts";
import { RowCodec, type RowColumn } from "../encoding/row_encoding.ts";
import { growthOf, type RowTallies } from "../transaction/row_tally.ts";
import { Transaction } from "../transaction/transaction.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { readsOf, transactionOf } from "../transaction/transaction_view.ts";
import { rowKey, STORAGE_ID_BYTES, storageRange, writeTid } from "./row_key.ts";
import { ColumnsReader, FetchedRows } from "./fetched_rows.ts";
import { LsmSingleRows } from "./lsm_single_rows.ts";
import { LsmTableScan } from "./lsm_table_scan.ts";
import { rowColumn } from "./parallel/access_over.ts";
import type { RowRuns } from "./parallel/row_runs.ts";
import { lockRows } from "./row_locking.ts";
import type {
  LocatedChunk,
  LockedRow,
  RowLockRequest,
  TableAccessMethod,
  TableScan,
  TableScanOptions,
} from "./table_access.ts";

/** The name of the access method. */
export const LSM_TABLE_METHOD = "lsm_s3";

/** Rows in the tree. */
export class LsmTableMethod implements TableAccessMethod {
  readonly name: string = LSM_TABLE_METHOD;
  readonly filters: boolean = true;
  readonly #store: LsmStore;
  readonly #catalog: Catalog;
  readonly #codecs = new WeakMap<TableEntry, RowCodec>();
  readonly #readers = new WeakMap<readonly number[], ColumnsReader>();
  /** About how many rows there are, by storage id. */
  readonly #rowCounts = new Map<number, number>();
  readonly #writer = new ByteWriter(4096);
  readonly single: LsmSingleRows;

  /** The access method over the tables of `catalog`, in `store`. */
  constructor(store: LsmStore, catalog: Catalog) {
    this.#store = store;
    this.#catalog = catalog;
    this.single = new LsmSingleRows(catalog, (table) => this.#codec(table));
  }

  /** Opens a scan. */
  scan(
    table: TableEntry,
    handle: TransactionHandle,
    options: TableScanOptions,
  ): TableScan {
    const transaction = readsOf(handle);
    const scan = transaction.scan(storageRange(table.storageId));
    const codec = this.#codec(table);
    return new LsmTableScan(scan, columnsAt(codec, options.columns), options);
  }

  /** Opens a scan for others to decode. */
  runs(table: TableEntry, handle: TransactionHandle): RowRuns {
    return readsOf(handle).scan(storageRange(table.storageId));
  }

  /** The rows that a scan of a table's keys finds. */
  rowsOf(table: TableEntry, scan: Scan): TableScan {
    return new LsmTableScan(scan, this.#codec(table).columns, {});
  }

  /** Reads the rows at `locators`. */
  fetch(
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    options: TableScanOptions,
  ): MaybePromise<LocatedChunk> {
    const rows = new FetchedRows(
      this.#reader(table, options.columns),
      locators,
    );
    const order = ascending(locators);
    const key = rowKey(table.storageId, 0);
    const finding = readsOf(handle).findEach(
      {
        count: locators.length,
        key: (i) => {
          const index = order === undefined ? i : order[i]!;
          writeTid(key, STORAGE_ID_BYTES, locators[index]!);
          return key;
        },
      },
      (i, bytes, start, end) =>
        rows.set(order === undefined ? i : order[i]!, bytes, start, end),
    );
    return then(finding, () => rows.finish(options.filter));
  }

  /** Adds rows. */
  insert(
    table: TableEntry,
    handle: TransactionHandle,
    chunk: Chunk,
  ): MaybePromise<Float64Array> {
    const transaction = this.#writing(table, handle);
    const count = selectedCount(chunk);
    transaction.noteTids(table.storageId);
    const first = this.#catalog.counters.newTids(table.storageId, count);
    return then(first, (first) => {
      const codec = this.#codec(table);
      const key = rowKey(table.storageId, 0);
      const locators = new Float64Array(count);
      const { selection, columns } = chunk;
      const writer = this.#writer;
      for (let i = 0; i < count; i++) {
        const tid = locators[i] = first + i;
        writeTid(key, STORAGE_ID_BYTES, tid);
        writer.reset();
        codec.encodeRow(
          writer,
          columns,
          selection === undefined ? i : selection[i]!,
        );
        transaction.put(key, writer.written, false);
      }
      transaction.countRows(table.storageId, "inserted", count);
      return locators;
    });
  }

  /** Replaces rows, which keep their locators. */
  update(
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): Float64Array {
    const transaction = this.#writing(table, handle);
    const codec = this.#codec(table);
    const key = rowKey(table.storageId, 0);
    const { selection, columns } = chunk;
    const writer = this.#writer;
    for (let i = 0; i < locators.length; i++) {
      writeTid(key, STORAGE_ID_BYTES, locators[i]!);
      writer.reset();
      codec.encodeRow(
        writer,
        columns,
        selection === undefined ? i : selection[i]!,
      );
      transaction.put(key, writer.written, true);
    }
    transaction.countRows(table.storageId, "updated", locators.length);
    return locators;
  }

  /** Locks rows. */
  lock(
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    request: RowLockRequest,
  ): MaybePromise<readonly LockedRow[] | undefined> {
    return lockRows(transactionOf(handle), table, locators, request);
  }

  /** Removes rows. */
  delete(
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
  ): void {
    const transaction = this.#writing(table, handle);
    const key = rowKey(table.storageId, 0);
    for (const tid of locators) {
      writeTid(key, STORAGE_ID_BYTES, tid);
      transaction.delete(key, true);
    }
    transaction.countRows(table.storageId, "deleted", locators.length);
  }

  /** Makes the commit fail if the table's definition changes meanwhile. */
  dependOn(table: TableEntry, handle: TransactionHandle): void {
    this.#writing(table, handle);
  }

  /** Makes the commit fail if others write rows meanwhile. */
  dependOnRows(table: TableEntry, handle: TransactionHandle): void {
    const { start, end } = storageRange(table.storageId);
    transactionOf(handle).guardRange(start, end);
  }

  /** About how many rows the table has. */
  estimateRows(table: TableEntry, handle: TransactionHandle): number {
    const { storageId } = table;
    let count = this.#rowCounts.get(storageId);
    if (count === undefined) {
      count = isTemporaryId(storageId)
        ? 0
        : this.#store.estimateKeys(storageId);
      this.#rowCounts.set(storageId, count);
    }
    const own = handle instanceof Transaction
      ? growthOf(handle.rowTallies.get(storageId))
      : 0;
    return Math.max(0, count + own);
  }

  /** Takes over what a committed transaction added and removed. */
  applyTallies(tallies: RowTallies): void {
    for (const [storageId, tally] of tallies) {
      const count = this.#rowCounts.get(storageId) ??
        (isTemporaryId(storageId) ? 0 : undefined);
      if (count !== undefined) {
        this.#rowCounts.set(storageId, count + growthOf(tally));
      }
    }
  }

  /** Counts anew: commits were taken back. */
  forgetCounts(): void {
    for (const storageId of this.#rowCounts.keys()) {
      if (!isTemporaryId(storageId)) this.#rowCounts.delete(storageId);
    }
  }

  /** Forgets the rows of storages that are gone. */
  forgetCountsOf(storageIds: Iterable<number>): void {
    for (const storageId of storageIds) this.#rowCounts.delete(storageId);
  }

  /** The codec of a table's rows. */
  codec(table: TableEntry): RowCodec {
    return this.#codec(table);
  }

  /** Plans ask for the same columns again and again, by the same array. */
  #reader(table: TableEntry, columns: readonly number[]): ColumnsReader {
    const codec = this.#codec(table);
    const known = this.#readers.get(columns);
    if (known?.codec === codec) return known;
    const reader = new ColumnsReader(codec, columns);
    this.#readers.set(columns, reader);
    return reader;
  }

  #codec(table: TableEntry): RowCodec {
    let codec = this.#codecs.get(table);
    if (codec === undefined) {
      codec = new RowCodec(
        table.columns.map(rowColumn),
      );
      this.#codecs.set(table, codec);
    }
    return codec;
  }

  #writing(table: TableEntry, handle: TransactionHandle): Transaction {
    const transaction = transactionOf(handle);
    transaction.guardRelation(table.id, entryKey(table.id));
    return transaction;
  }
}

/** Locators whose rows are looked for in order: for fewer it is not worth it. */
const SORTED_MIN = 16;
/** A place among them, beside a locator in one number. */
const PLACES = 2048;

/** The places of locators in ascending order; absent: as they are. */
function ascending(locators: Float64Array): Float64Array | undefined {
  const { length } = locators;
  if (length < SORTED_MIN || length > PLACES) return undefined;
  let isAscending = true;
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < length; i++) {
    const locator = locators[i]!;
    if (locator < most) isAscending = false;
    if (locator > most) most = locator;
    if (locator < least) least = locator;
  }
  if (isAscending || (most - least + 1) * PLACES > Number.MAX_SAFE_INTEGER) {
    return undefined;
  }
  const order = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    order[i] = (locators[i]! - least) * PLACES + i;
  }
  order.sort();
  for (let i = 0; i < length; i++) order[i] = order[i]! % PLACES;
  return order;
}

/** The columns of rows at these positions. */
function columnsAt(
  { columns }: RowCodec,
  positions: readonly number[],
): RowColumn[] {
  return positions.map((position) => columns[position]!);
}
