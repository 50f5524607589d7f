/**
 * Single rows of the table access method `lsm_s3`; see `lsm_table.ts`.
 *
 * @module
 */
import { ByteWriter } from "../../base/bytes.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import { entryKey } from "../catalog/catalog_rows.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { TableEntry } from "../catalog/entries.ts";
import type { RowCodec, RowReader } from "../encoding/row_encoding.ts";
import { type RowValues, SingleRowWriter } from "../encoding/single_row.ts";
import type { RowStrength } from "../transaction/locks/lock_mode.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { readsOf, transactionOf } from "../transaction/transaction_view.ts";
import type { Nullable } from "../types/data_type.ts";
import { ROW_KEY_BYTES, setRowKey } from "./row_key.ts";
import { isRowFree } from "./row_locking.ts";
import type { SingleRow, SingleRows } from "./single_rows.ts";

/** How the rows of one table are written and read. */
interface TableCodec {
  readonly rows: SingleRowWriter;
  /** Of its row in the catalog. */
  readonly entryKey: Uint8Array;
}

/** Rows in the tree, one by one. */
export class LsmSingleRows implements SingleRows {
  readonly #catalog: Catalog;
  readonly #codecOf: (table: TableEntry) => RowCodec;
  readonly #codecs = new WeakMap<TableEntry, TableCodec>();
  readonly #readers = new WeakMap<readonly number[], ReaderOf>();
  readonly #writer = new ByteWriter(4096);
  /** The key of the row that is read or written now. */
  readonly #key = new Uint8Array(ROW_KEY_BYTES);

  /** Of the tables of `catalog`, whose rows `codecOf` says how to read. */
  constructor(catalog: Catalog, codecOf: (table: TableEntry) => RowCodec) {
    this.#catalog = catalog;
    this.#codecOf = codecOf;
  }

  read(
    table: TableEntry,
    handle: TransactionHandle,
    locator: number,
    columns: readonly number[],
  ): MaybePromise<SingleRow | undefined> {
    const bytes = readsOf(handle).get(this.#rowKey(table, locator));
    return isPromise(bytes)
      ? bytes.then((bytes) => this.#decode(table, columns, bytes))
      : this.#decode(table, columns, bytes);
  }

  #decode(
    table: TableEntry,
    columns: readonly number[],
    bytes: Uint8Array | undefined,
  ): SingleRow | undefined {
    if (bytes === undefined) return undefined;
    const reader = this.#reader(table, columns);
    return { values: reader.decode(bytes, 0, bytes.length), bytes };
  }

  insert(
    table: TableEntry,
    handle: TransactionHandle,
    values: readonly Nullable[],
  ): MaybePromise<number> {
    const { storageId } = table;
    const { transaction, rows } = this.#writing(table, handle);
    transaction.noteTids(storageId);
    return then(this.#catalog.counters.newTids(storageId, 1), (tid) => {
      const writer = this.#writer;
      writer.reset();
      rows.write(writer, values);
      transaction.put(this.#rowKey(table, tid), writer.written, false);
      transaction.countRows(storageId, "inserted", 1);
      return tid;
    });
  }

  update(
    table: TableEntry,
    handle: TransactionHandle,
    locator: number,
    values: RowValues,
    bytes: Uint8Array,
  ): boolean {
    const { transaction, rows } = this.#writing(table, handle);
    const writer = this.#writer;
    writer.reset();
    if (!rows.replace(writer, values, bytes)) return false;
    transaction.put(this.#rowKey(table, locator), writer.written, true);
    transaction.countRows(table.storageId, "updated", 1);
    return true;
  }

  delete(
    table: TableEntry,
    handle: TransactionHandle,
    locator: number,
  ): void {
    const { transaction } = this.#writing(table, handle);
    transaction.delete(this.#rowKey(table, locator), true);
    transaction.countRows(table.storageId, "deleted", 1);
  }

  isFree(
    table: TableEntry,
    handle: TransactionHandle,
    locator: number,
    strength: RowStrength,
  ): boolean {
    return isRowFree(transactionOf(handle), table, locator, strength);
  }

  /** The key of a row, until the next is asked for. */
  #rowKey(table: TableEntry, tid: number): Uint8Array {
    setRowKey(this.#key, table.storageId, tid);
    return this.#key;
  }

  /** Plans ask for the same columns again and again, by the same array. */
  #reader(table: TableEntry, columns: readonly number[]): RowReader {
    const known = this.#readers.get(columns);
    if (known?.table === table) return known.reader;
    const reader = this.#codecOf(table).reader(columns);
    this.#readers.set(columns, { table, reader });
    return reader;
  }

  /** As {@linkcode LsmTableMethod}: the commit depends on the table. */
  #writing(
    table: TableEntry,
    handle: TransactionHandle,
  ): { readonly transaction: Transaction; readonly rows: SingleRowWriter } {
    const transaction = transactionOf(handle);
    let codec = this.#codecs.get(table);
    if (codec === undefined) {
      const rows = new SingleRowWriter(this.#codecOf(table).columns);
      codec = { rows, entryKey: entryKey(table.id) };
      this.#codecs.set(table, codec);
    }
    transaction.guardRelation(table.id, codec.entryKey);
    return { transaction, rows: codec.rows };
  }
}

/** What reads certain columns of a table. */
interface ReaderOf {
  readonly table: TableEntry;
  readonly reader: RowReader;
}
