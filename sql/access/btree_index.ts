/**
 * The index access method `btree`: order-preserving keys in the tree.
 *
 * | index | key | value |
 * | --- | --- | --- |
 * | unique, no column NULL | storage id, columns | tuple id, 6 bytes |
 * | unique, some column NULL | storage id, columns, tuple id | empty |
 * | not unique | storage id, columns, tuple id | empty |
 *
 * Two NULLs are different, so a key with one holds its row's tuple id, unless
 * the index is NULLS NOT DISTINCT: then it is a key as any other.
 *
 * A unique key is written under the condition that it is unchanged since the
 * transaction's snapshot: of two transactions that insert it, both of which
 * found it absent, the second fails with `40001`, and finds it when it is run
 * again.
 *
 * @module
 */
import { ByteWriter, equalBytes } from "../../base/bytes.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import { prefixEnd } from "../../storage/mvcc/internal_key.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import {
  type Chunk,
  type Column,
  isNull,
  selectedCount,
  valueAt,
} from "../chunk/chunk.ts";
import { isKeyType } from "../encoding/key_bytes.ts";
import { KeyCodec } from "../encoding/key_encoding.ts";
import { atRow } from "../errors/failed_row.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import {
  readsOf,
  type TransactionReads,
} from "../transaction/transaction_view.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import type { AccessRegistry } from "./access_registry.ts";
import {
  type BuildOptions,
  type IndexAccessMethod,
  keyColumns,
  type KeyProbe,
  type OperatorClass,
} from "./index_access.ts";
import { transactionOf } from "./lsm_table.ts";
import {
  readTid,
  STORAGE_ID_BYTES,
  storagePrefix,
  TID_BYTES,
  writeTid,
} from "./row_key.ts";

/** The name of the access method. */
export const BTREE_METHOD = "btree";

/** The longest key, in bytes: less than the store's, with room for the rest. */
const KEY_BYTES_MAX = 60_000;

const EMPTY = new Uint8Array(0);

/** Keys in order. */
export class BtreeMethod implements IndexAccessMethod {
  readonly name: string = BTREE_METHOD;
  readonly operatorClasses: readonly OperatorClass[];
  readonly canBeUnique: boolean = true;
  readonly columnsMax: number = 32;
  readonly #access: AccessRegistry;
  readonly #encoders = new WeakMap<IndexEntry, EntryEncoder>();

  /** The method over columns of those of `types` that have an order. */
  constructor(access: AccessRegistry, types: readonly DataType[]) {
    this.#access = access;
    const common = {
      orderingOperators: [],
      searchOperators: ["="],
      isDefault: true,
    };
    this.operatorClasses = [
      ...types.filter(isKeyType).map((type) => ({
        name: type.element === undefined ? `${type.name}_ops` : "array_ops",
        typeName: type.name,
        ...common,
      })),
      { name: "enum_ops", typeName: "anyenum", ...common },
    ];
  }

  /** Checks a definition. */
  validate(index: IndexEntry, _table: TableEntry): void {
    for (const option of Object.keys(index.options)) {
      if (option !== "fillfactor") {
        throw new SqlError("22023", `unrecognized parameter "${option}"`);
      }
    }
  }

  /** Fills a new index. */
  async build(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    options: BuildOptions,
  ): Promise<void> {
    const method = this.#access.table(table.accessMethod);
    const rowsTotal = method.estimateRows(table, handle);
    const scan = method.scan(table, handle, {
      columns: table.columns.map((_, position) => position),
      signal: options.signal,
    });
    let rowsDone = 0;
    try {
      for (let next = await scan.next(); next; next = await scan.next()) {
        await this.insert(index, table, handle, next.locators, next.chunk);
        rowsDone += next.locators.length;
        options.onProgress?.({ phase: "scanning table", rowsDone, rowsTotal });
      }
    } catch (error) {
      if (error instanceof SqlError && error.code === "23505") {
        throw new SqlError(
          "23505",
          `could not create unique index "${index.name}"`,
          {
            detail: error.detail?.replace("already exists", "is duplicated") ??
              "",
            schema: table.schema,
            table: table.name,
            constraint: index.name,
          },
        );
      }
      throw error;
    } finally {
      scan.close();
    }
  }

  /** Adds entries. */
  insert(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
    from = 0,
  ): MaybePromise<void> {
    const transaction = transactionOf(handle);
    const encoder = this.#encoder(index, table);
    const columns = keyColumns(index, table, chunk);
    const { selection } = chunk;
    const count = selectedCount(chunk);
    for (let i = from; i < count; i++) {
      const row = selection === undefined ? i : selection[i]!;
      const added = encoder.add(transaction, columns, row, locators[i]!);
      if (isPromise(added)) {
        return added.then(() =>
          this.insert(index, table, handle, locators, chunk, i + 1)
        );
      }
    }
  }

  /** Replaces the entries of rows whose key or locator changed. */
  update(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    before: { readonly locators: Float64Array; readonly chunk: Chunk },
    after: { readonly locators: Float64Array; readonly chunk: Chunk },
  ): MaybePromise<void> {
    const transaction = transactionOf(handle);
    const encoder = this.#encoder(index, table);
    const oldColumns = keyColumns(index, table, before.chunk);
    const newColumns = keyColumns(index, table, after.chunk);
    const { selection } = after.chunk;
    const changed: number[] = [];
    for (let i = 0; i < before.locators.length; i++) {
      const row = selection === undefined ? i : selection[i]!;
      const oldTid = before.locators[i]!;
      const oldKey = encoder.key(oldColumns, i, oldTid).slice();
      const newKey = encoder.key(newColumns, row, after.locators[i]!);
      if (oldTid === after.locators[i] && equalBytes(oldKey, newKey)) continue;
      transaction.delete(oldKey, true);
      changed.push(i);
    }
    // Only after all old keys are gone: rows may exchange theirs.
    return addChanged(changed, 0, (i) =>
      encoder.add(
        transaction,
        newColumns,
        selection === undefined ? i : selection[i]!,
        after.locators[i]!,
      ));
  }

  /** Removes entries. */
  delete(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): void {
    const transaction = transactionOf(handle);
    const encoder = this.#encoder(index, table);
    const columns = keyColumns(index, table, chunk);
    for (let i = 0; i < locators.length; i++) {
      transaction.delete(encoder.key(columns, i, locators[i]!), true);
    }
  }

  /** The rows whose key columns equal `key`. */
  lookup(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    key: readonly Nullable[],
  ): MaybePromise<Float64Array> {
    const transaction = readsOf(handle);
    const encoder = this.#encoder(index, table);
    const prefix = encoder.lookupKey(key);
    if (index.unique) {
      return then(
        transaction.get(prefix),
        (value) =>
          value === undefined
            ? new Float64Array(0)
            : Float64Array.of(readTid(value, 0)),
      );
    }
    return scanTids(transaction, prefix);
  }

  /** Looks up the keys of rows. */
  probe(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    chunk: Chunk,
  ): MaybePromise<KeyProbe> {
    const transaction = transactionOf(handle);
    const encoder = this.#encoder(index, table);
    const columns = keyColumns(index, table, chunk);
    const { selection } = chunk;
    const count = selectedCount(chunk);
    const keys: (string | undefined)[] = [];
    const wanted: Uint8Array[] = [];
    const places: number[] = [];
    for (let i = 0; i < count; i++) {
      const row = selection === undefined ? i : selection[i]!;
      const key = encoder.uniqueKey(columns, row);
      keys.push(key && latin1(key));
      if (key === undefined) continue;
      wanted.push(key);
      places.push(i);
    }
    return then(transaction.getMany(wanted), (found) => {
      const locators = new Float64Array(count).fill(-1);
      found.forEach((value, i) => {
        if (value !== undefined) locators[places[i]!] = readTid(value, 0);
      });
      return { keys, locators };
    });
  }

  /** Makes the commit fail if a key comes or goes meanwhile. */
  dependOnKey(
    _index: IndexEntry,
    handle: TransactionHandle,
    key: string,
  ): void {
    const transaction = transactionOf(handle);
    const { guarded } = transaction.checks;
    if (guarded.has(key)) return;
    guarded.add(key);
    transaction.guardKey(Uint8Array.from(key, (each) => each.charCodeAt(0)));
  }

  /** Makes the commit fail if entries under a key come or go meanwhile. */
  dependOnEntries(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    key: readonly Nullable[],
  ): void {
    const transaction = transactionOf(handle);
    const prefix = this.#encoder(index, table).lookupKey(key);
    transaction.guardRange(prefix, prefixEnd(prefix)!);
  }

  #encoder(index: IndexEntry, table: TableEntry): EntryEncoder {
    let encoder = this.#encoders.get(index);
    if (encoder?.table !== table) {
      encoder = new EntryEncoder(index, table);
      this.#encoders.set(index, encoder);
    }
    return encoder;
  }
}

function addChanged(
  changed: readonly number[],
  from: number,
  add: (i: number) => MaybePromise<void>,
): MaybePromise<void> {
  for (let n = from; n < changed.length; n++) {
    const added = add(changed[n]!);
    if (isPromise(added)) {
      return added.then(() => addChanged(changed, n + 1, add));
    }
  }
}

/** Bytes as a string of as many characters. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i++) text += String.fromCharCode(bytes[i]!);
  return text;
}

async function scanTids(
  transaction: TransactionReads,
  prefix: Uint8Array,
): Promise<Float64Array> {
  const tids: number[] = [];
  const scan = transaction.scan({ start: prefix, end: prefixEnd(prefix)! });
  for (let run = await scan.next(); run; run = await scan.next()) {
    for (let i = 0; i < run.count; i++) {
      tids.push(readTid(run.keys, run.keyEnds[i]! - TID_BYTES));
    }
  }
  return Float64Array.from(tids).sort();
}

/** Makes the entries of one index. */
class EntryEncoder {
  readonly #index: IndexEntry;
  readonly table: TableEntry;
  readonly #codec: KeyCodec;
  readonly #names: readonly string[];
  readonly #types: readonly DataType[];
  readonly #writer = new ByteWriter(64);
  readonly #tid = new Uint8Array(TID_BYTES);
  /** Whether the last key holds its tuple id. */
  #hasTid = false;

  constructor(index: IndexEntry, table: TableEntry) {
    this.#index = index;
    this.table = table;
    const columns = index.columns.map(({ columnNumber }) =>
      table.columns.find(({ number }) => number === columnNumber)!
    );
    this.#names = columns.map(({ name }) => name);
    this.#types = columns.map(({ type }) => type.type);
    this.#codec = new KeyCodec(
      index.columns.map(({ descending, nullsFirst }, i) => ({
        type: this.#types[i]!,
        descending,
        nullsFirst,
      })),
      index.name,
    );
    this.#writer.raw(storagePrefix(index.storageId));
  }

  /** The key of a row: valid until the next one. */
  key(columns: readonly Column[], row: number, tid: number): Uint8Array {
    const writer = this.#writer;
    writer.truncate(STORAGE_ID_BYTES);
    this.#codec.writeRow(writer, columns, row);
    if (writer.length > KEY_BYTES_MAX) {
      throw new SqlError(
        "54000",
        `index row size ${writer.length} exceeds maximum ${KEY_BYTES_MAX} for index "${this.#index.name}"`,
        { table: this.table.name },
      );
    }
    this.#hasTid = !this.#index.unique || this.#isDistinct(columns, row);
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
    const writer = this.#writer;
    writer.truncate(STORAGE_ID_BYTES);
    for (let i = 0; i < values.length; i++) {
      this.#codec.writeColumn(writer, i, values[i]!);
    }
    return writer.toBytes();
  }

  /** Adds the entry of a row, unless its key is taken. */
  add(
    transaction: Transaction,
    columns: readonly Column[],
    row: number,
    tid: number,
  ): MaybePromise<void> {
    const key = this.key(columns, row, tid);
    if (this.#hasTid) {
      transaction.put(key, EMPTY, false);
      return;
    }
    const there = transaction.get(key);
    if (isPromise(there)) {
      const copy = key.slice();
      return there.then((there) => {
        this.#put(transaction, copy, there, columns, row, tid);
      });
    }
    this.#put(transaction, key, there, columns, row, tid);
  }

  #put(
    transaction: Transaction,
    key: Uint8Array,
    there: Uint8Array | undefined,
    columns: readonly Column[],
    row: number,
    tid: number,
  ): void {
    if (there !== undefined) {
      const values = columns.map((column) => valueAt(column, row));
      throw atRow(this.#duplicate(values), row);
    }
    writeTid(this.#tid, 0, tid);
    transaction.put(key, this.#tid, true);
  }

  #duplicate(values: readonly Nullable[]): SqlError {
    const shown = values.map((value, i) =>
      value === null ? "null" : this.#types[i]!.output(value)
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
