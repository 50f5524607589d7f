/**
 * The entries of a B-tree index: how rows become keys. They are drawn in
 * `btree_index.ts`.
 *
 * @module
 */
import { ByteWriter, copyBytes } from "../../../base/bytes.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { type Column, isNull, valueAt } from "../../chunk/chunk.ts";
import { KeyCodec } from "../../encoding/key_encoding.ts";
import { atRow } from "../../errors/failed_row.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { keyNames, keyTypes } from "../index_keys.ts";
import { newestOfKey } from "../key_locking.ts";
import {
  STORAGE_ID_BYTES,
  storagePrefix,
  TID_BYTES,
  writeTid,
} from "../row_key.ts";

/** The longest key, in bytes: less than the store's, with room for the rest. */
const KEY_BYTES_MAX = 60_000;

const EMPTY = new Uint8Array(0);

/** An entry that is being added: of which row, with what values, for errors. */
interface AddedEntry {
  readonly tid: number;
  readonly row: number;
  readonly valuesOf: () => readonly Nullable[];
}

/** Makes the entries of one index. */
export class EntryEncoder {
  readonly #index: IndexEntry;
  /** The table. */
  readonly table: TableEntry;
  /** Writes and reads the key columns. */
  readonly codec: KeyCodec;
  readonly #names: readonly string[];
  /** The types of the key columns. */
  readonly types: readonly DataType[];
  readonly #writer = new ByteWriter(64);
  #lookup = new Uint8Array(0);
  readonly #tid = new Uint8Array(TID_BYTES);
  /** Whether the last key holds its tuple id. */
  #hasTid = false;

  /** An encoder of the entries of `index`. */
  constructor(index: IndexEntry, table: TableEntry) {
    this.#index = index;
    this.table = table;
    this.#names = keyNames(index, table);
    this.types = keyTypes(index, table).map(({ type }) => type);
    this.codec = new KeyCodec(
      index.columns.map(({ descending, nullsFirst }, i) => ({
        type: this.types[i]!,
        descending,
        nullsFirst,
      })),
      index.name,
    );
    this.#writer.raw(storagePrefix(index.storageId));
  }

  /** The key of a row: valid until the next one. */
  key(columns: readonly Column[], row: number, tid: number): Uint8Array {
    this.#writer.truncate(STORAGE_ID_BYTES);
    this.codec.writeRow(this.#writer, columns, row);
    return this.#finish(tid, !this.#isDistinct(columns, row));
  }

  /** The key of a row of values; as `key`. */
  keyOf(values: readonly Nullable[], tid: number): Uint8Array {
    const writer = this.#writer;
    writer.truncate(STORAGE_ID_BYTES);
    for (let i = 0; i < values.length; i++) {
      this.codec.writeColumn(writer, i, values[i]!);
    }
    const isDistinct = this.#index.nullsNotDistinct !== true &&
      values.includes(null);
    return this.#finish(tid, !isDistinct);
  }

  /** The key whose columns are written; `isComparable`: it may equal others. */
  #finish(tid: number, isComparable: boolean): Uint8Array {
    const writer = this.#writer;
    if (writer.length > KEY_BYTES_MAX) {
      throw new SqlError(
        "54000",
        `index row size ${writer.length} exceeds maximum ${KEY_BYTES_MAX} for index "${this.#index.name}"`,
        { table: this.table.name },
      );
    }
    this.#hasTid = !this.#index.unique || !isComparable;
    if (this.#hasTid) {
      writeTid(this.#tid, 0, tid);
      writer.raw(this.#tid);
    }
    return writer.written;
  }

  /** A copy of the key that no other row may have; absent where one may. */
  uniqueKey(columns: readonly Column[], row: number): Uint8Array | undefined {
    const key = this.key(columns, row, 0);
    return this.#hasTid ? undefined : key.slice();
  }

  /** Whether a row's key equals no other: it has a NULL that equals none. */
  #isDistinct(columns: readonly Column[], row: number): boolean {
    return this.#index.nullsNotDistinct !== true &&
      columns.some((column) => isNull(column, row));
  }

  /** What the keys of `values` begin with. */
  lookupKey(values: readonly Nullable[]): Uint8Array {
    this.#writeLookup(values);
    return this.#writer.toBytes();
  }

  /** The same, until it is asked for the next. */
  briefLookupKey(values: readonly Nullable[]): Uint8Array {
    this.#writeLookup(values);
    const { length, memory } = this.#writer;
    let key = this.#lookup;
    // Most keys are as long as the one before.
    if (key.length !== length) this.#lookup = key = new Uint8Array(length);
    copyBytes(memory, 0, length, key, 0);
    return key;
  }

  #writeLookup(values: readonly Nullable[]): void {
    const writer = this.#writer;
    writer.truncate(STORAGE_ID_BYTES);
    for (let i = 0; i < values.length; i++) {
      this.codec.writeColumn(writer, i, values[i]!);
    }
  }

  /** Adds the entry of a row, unless its key is taken. */
  add(
    transaction: Transaction,
    columns: readonly Column[],
    row: number,
    tid: number,
  ): MaybePromise<void> {
    const key = this.key(columns, row, tid);
    const valuesOf = (): Nullable[] =>
      columns.map((column) => valueAt(column, row));
    return this.#addKey(transaction, key, { tid, row, valuesOf });
  }

  /** Adds the entry of a row of values, unless its key is taken. */
  addOf(
    transaction: Transaction,
    values: readonly Nullable[],
    tid: number,
  ): MaybePromise<void> {
    const key = this.keyOf(values, tid);
    return this.#addKey(transaction, key, {
      tid,
      row: 0,
      valuesOf: () => values,
    });
  }

  /** Adds the entry whose key was made last. */
  #addKey(
    transaction: Transaction,
    key: Uint8Array,
    entry: AddedEntry,
  ): MaybePromise<void> {
    if (this.#hasTid) {
      transaction.put(key, EMPTY, false);
      return;
    }
    const { locks } = transaction;
    if (locks !== undefined && !locks.isUndisturbed) {
      return this.#addAmongOthers(transaction, key, entry);
    }
    const there = transaction.get(key);
    if (isPromise(there)) {
      const copy = key.slice();
      return there.then((there) => {
        // Somebody may have come meanwhile.
        return locks === undefined || locks.isUndisturbed
          ? this.#put(transaction, copy, there, entry)
          : this.#addAmongOthers(transaction, copy, entry);
      });
    }
    this.#put(transaction, key, there, entry);
  }

  /** Adds an entry whose key others may have written or may want to write. */
  #addAmongOthers(
    transaction: Transaction,
    key: Uint8Array,
    entry: AddedEntry,
  ): MaybePromise<void> {
    const copy = key.slice();
    return then(
      newestOfKey(transaction, copy, this.#index),
      (there) => this.#put(transaction, copy, there, entry),
    );
  }

  #put(
    transaction: Transaction,
    key: Uint8Array,
    there: Uint8Array | undefined,
    { tid, row, valuesOf }: AddedEntry,
  ): void {
    if (there !== undefined) throw atRow(this.#duplicate(valuesOf()), row);
    writeTid(this.#tid, 0, tid);
    transaction.put(key, this.#tid, true);
  }

  /** The error for an entry, by its key. */
  duplicateOf(key: Uint8Array): SqlError {
    const values: Nullable[] = [];
    this.codec.decodePrefix(key, STORAGE_ID_BYTES, key.length, values);
    return this.#duplicate(values);
  }

  #duplicate(values: readonly Nullable[]): SqlError {
    const shown = values.map((value, i) =>
      value === null ? "null" : this.types[i]!.output(value)
    );
    return new SqlError(
      "23505",
      `duplicate key value violates unique constraint "${this.#index.name}"`,
      {
        detail: `Key (${this.#names.join(", ")})=(${
          shown.join(", ")
        }) already exists.`,
        schema: this.table.schema,
        table: this.table.name,
        constraint: this.#index.name,
      },
    );
  }
}
