/**
 * The index access method `hash`: rows by a hash of one column.
 *
 * | key | value |
 * | --- | --- |
 * | storage id, CRC-32C of the column's key form, tuple id | empty |
 *
 * Entries have 14 bytes, however long the values are. Values with one hash are
 * told apart by looking at the rows. NULL equals nothing and has no entry.
 *
 * @module
 */
import { ByteWriter } from "../../../base/bytes.ts";
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import { crc32c } from "../../../base/checksum.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { type Chunk, type Column, valueAt } from "../../chunk/chunk.ts";
import {
  isKeyType,
  keyFormOf,
  writeKeyValue,
} from "../../encoding/key_bytes.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import { readsOf, transactionOf } from "../../transaction/transaction_view.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import type { AccessRegistry } from "../access_registry.ts";
import type {
  BuildOptions,
  IndexAccessMethod,
  KeyProbe,
  OperatorClass,
} from "../index_access.ts";
import { eachSelected, keyTypes } from "../index_keys.ts";
import type { Exclusions } from "../exclusion/exclusion_entries.ts";
import { buildFromRows } from "../index_build.ts";
import { checkOptions, FILLFACTOR } from "../index_options.ts";
import {
  STORAGE_ID_BYTES,
  storagePrefix,
  TID_BYTES,
  writeTid,
} from "../row_key.ts";
import { scanTids } from "../tid_scan.ts";

const HASH_BYTES = 4;
const NOTHING = new Uint8Array(0);

/** Equals by their hashes. */
export class HashMethod implements IndexAccessMethod {
  readonly name: string = "hash";
  readonly operatorClasses: readonly OperatorClass[];
  readonly canBeUnique: boolean = false;
  readonly canExclude: boolean = true;
  readonly columnsMax: number = 1;
  readonly isLossy: boolean = true;
  readonly #access: AccessRegistry;
  readonly #exclusions: Exclusions;

  /** The method over columns of those of `types` that have an order. */
  constructor(
    access: AccessRegistry,
    types: readonly DataType[],
    exclusions: Exclusions,
  ) {
    this.#access = access;
    this.#exclusions = exclusions;
    const common = {
      orderingOperators: [],
      searchOperators: ["="],
      isDefault: true,
    };
    this.operatorClasses = [
      ...types.filter(isKeyType).map((type) => ({
        name: type.element === undefined ? `${type.name}_ops` : "array_ops",
        typeName: type.name,
        extension: type.extension,
        ...common,
      })),
      { name: "enum_ops", typeName: "anyenum", ...common },
      { name: "record_ops", typeName: "record", ...common },
      { name: "array_ops", typeName: "anyarray", ...common },
      { name: "range_ops", typeName: "anyrange", ...common },
      { name: "multirange_ops", typeName: "anymultirange", ...common },
    ];
  }

  /** Checks a definition. */
  validate(index: IndexEntry, _table: TableEntry): void {
    checkOptions(index, { fillfactor: FILLFACTOR });
  }

  /** Fills a new index. */
  async build(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    options: BuildOptions,
  ): Promise<void> {
    await buildFromRows(
      { access: this.#access, index, table, handle },
      options,
      (locators, chunk) =>
        index.exclusion === undefined
          ? this.insert(index, table, handle, locators, chunk)
          : this.#exclusions.entries(index, table, handle)
            .insert({ locators, chunk }, true),
    );
  }

  /** Adds entries. */
  insert(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): MaybePromise<void> {
    if (index.exclusion !== undefined) {
      return this.#exclusions.entries(index, table, handle)
        .insert({ locators, chunk });
    }
    const transaction = transactionOf(handle);
    const entries = new HashEntries(index, table);
    eachSelected(chunk, (row, i) => {
      const key = entries.key(chunk.columns, row, locators[i]!);
      if (key !== undefined) transaction.put(key, NOTHING, false);
    });
  }

  /** Replaces entries whose hash changed. */
  update(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    before: { readonly locators: Float64Array; readonly chunk: Chunk },
    after: { readonly locators: Float64Array; readonly chunk: Chunk },
  ): MaybePromise<void> {
    if (index.exclusion !== undefined) {
      return this.#exclusions.entries(index, table, handle)
        .update(before, after);
    }
    const transaction = transactionOf(handle);
    const entries = new HashEntries(index, table);
    const old: (number | undefined)[] = [];
    eachSelected(before.chunk, (row) => {
      old.push(entries.hash(before.chunk.columns, row));
    });
    eachSelected(after.chunk, (row, i) => {
      const now = entries.hash(after.chunk.columns, row);
      const from = before.locators[i]!;
      const to = after.locators[i]!;
      if (now === old[i] && from === to) return;
      if (old[i] !== undefined) {
        transaction.delete(entries.keyOf(old[i], from), false);
      }
      if (now !== undefined) {
        transaction.put(entries.keyOf(now, to), NOTHING, false);
      }
    });
  }

  /** Removes entries. */
  delete(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): void {
    if (index.exclusion !== undefined) {
      return this.#exclusions.entries(index, table, handle)
        .delete({ locators, chunk });
    }
    const transaction = transactionOf(handle);
    const entries = new HashEntries(index, table);
    eachSelected(chunk, (row, i) => {
      const key = entries.key(chunk.columns, row, locators[i]!);
      if (key !== undefined) transaction.delete(key, false);
    });
  }

  /** The rows whose column has the hash of `key`. */
  lookup(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    [value]: readonly Nullable[],
  ): MaybePromise<Float64Array> {
    if (index.exclusion !== undefined) {
      return this.#exclusions.lookup(index, table, handle, value!);
    }
    const entries = new HashEntries(index, table);
    const key = entries.keyOf(entries.hashOf(value as SqlValue), 0);
    const prefix = key.slice(0, key.length - TID_BYTES);
    return scanTids(readsOf(handle), prefix);
  }

  /** Finds what rows would conflict with. */
  probe(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    chunk: Chunk,
  ): MaybePromise<KeyProbe> {
    return this.#exclusions.entries(index, table, handle).probe(chunk);
  }
}

/** Makes the entries of an index; a key is valid until the next one. */
class HashEntries {
  readonly #form: ReturnType<typeof keyFormOf>;
  readonly #writer = new ByteWriter(64);
  readonly #key: Uint8Array;
  readonly #view: DataView;

  constructor(index: IndexEntry, table: TableEntry) {
    this.#form = keyFormOf(keyTypes(index, table)[0]!.type);
    this.#key = new Uint8Array(STORAGE_ID_BYTES + HASH_BYTES + TID_BYTES);
    this.#key.set(storagePrefix(index.storageId));
    this.#view = new DataView(this.#key.buffer);
  }

  hashOf(value: SqlValue): number {
    this.#writer.reset();
    writeKeyValue(this.#writer, this.#form, value);
    return crc32c(this.#writer.written);
  }

  hash([column]: readonly Column[], row: number): number | undefined {
    const value = valueAt(column!, row);
    return value === null ? undefined : this.hashOf(value);
  }

  keyOf(hash: number, tid: number): Uint8Array {
    this.#view.setUint32(STORAGE_ID_BYTES, hash);
    writeTid(this.#key, STORAGE_ID_BYTES + HASH_BYTES, tid);
    return this.#key;
  }

  key(
    columns: readonly Column[],
    row: number,
    tid: number,
  ): Uint8Array | undefined {
    const hash = this.hash(columns, row);
    return hash === undefined ? undefined : this.keyOf(hash, tid);
  }
}
