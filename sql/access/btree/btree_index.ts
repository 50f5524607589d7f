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
 * Where the check can wait there may be more (`deferred_entries.ts`).
 *
 * A unique key is locked by being written (`key_locking.ts`), and written under
 * the condition that it is unchanged since then.
 *
 * @module
 */
import { equalBytes } from "../../../base/bytes.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import { prefixEnd } from "../../../storage/mvcc/internal_key.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { type Chunk, selectedCount } from "../../chunk/chunk.ts";
import { isKeyType } from "../../encoding/key_bytes.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import { readsOf, transactionOf } from "../../transaction/transaction_view.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import type { AccessRegistry } from "../access_registry.ts";
import type {
  BuildOptions,
  IndexAccessMethod,
  KeyProbe,
  LocatorTaker,
  LookupKeys,
  OperatorClass,
  RangeCursor,
  RangeRequest,
} from "../index_access.ts";
import type { SingleEntries } from "../single_rows.ts";
import { buildFromRows } from "../index_build.ts";
import { checkOptions, FILLFACTOR } from "../index_options.ts";
import { keepKey, latin1, releaseKey, settleKeys } from "../key_locking.ts";
import { readTid } from "../row_key.ts";
import { scanTids } from "../tid_scan.ts";
import { EntryEncoder } from "./btree_entries.ts";
import type {
  ExclusionEntries,
  Exclusions,
} from "../exclusion/exclusion_entries.ts";
import { lookupEach } from "./btree_lookups.ts";
import { openBtreeRange } from "./btree_scan.ts";
import { DeferredEntries } from "./deferred_entries.ts";

/** The name of the access method. */
export const BTREE_METHOD = "btree";

/** Keys in order. */
export class BtreeMethod implements IndexAccessMethod {
  readonly name: string = BTREE_METHOD;
  readonly operatorClasses: readonly OperatorClass[];
  readonly canBeUnique: boolean = true;
  readonly canExclude: boolean = true;
  readonly columnsMax: number = 32;
  readonly #access: AccessRegistry;
  readonly #exclusions: Exclusions;
  readonly #encoders = new WeakMap<IndexEntry, EntryEncoder>();

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
      // Text is in the order of its bytes anyway.
      ...["text", "varchar", "bpchar"].map((typeName) => ({
        name: `${typeName}_pattern_ops`,
        typeName,
        ...common,
        isDefault: false,
      })),
      {
        name: "citext_pattern_ops",
        typeName: "citext",
        extension: "citext",
        ...common,
        isDefault: false,
      },
    ];
  }

  /** Checks a definition. */
  validate(index: IndexEntry, _table: TableEntry): void {
    checkOptions(index, {
      fillfactor: FILLFACTOR,
      "deduplicate_items": "boolean",
    });
  }

  /** Fills a new index. */
  async build(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    options: BuildOptions,
  ): Promise<void> {
    try {
      await buildFromRows(
        { access: this.#access, index, table, handle },
        options,
        (locators, chunk) =>
          index.exclusion === undefined
            ? this.#insertAtOnce(index, table, handle, { locators, chunk })
            : this.#exclusions.entries(index, table, handle)
              .insert({ locators, chunk }, true),
      );
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
    }
  }

  /** Adds entries. */
  insert(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): MaybePromise<void> {
    const careful = this.#careful(index, table, handle);
    if (careful !== undefined) return careful.insert({ locators, chunk });
    return this.#insertAtOnce(index, table, handle, { locators, chunk });
  }

  /** What writes the entries where they are not unique at once. */
  #careful(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
  ): DeferredEntries | ExclusionEntries | undefined {
    if (index.exclusion !== undefined) {
      return this.#exclusions.entries(index, table, handle);
    }
    if (index.deferrable !== true) return undefined;
    const encoder = this.#encoder(index, table);
    return new DeferredEntries(index, encoder, transactionOf(handle));
  }

  /** Adds entries that are unique at once. */
  #insertAtOnce(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    rows: { readonly locators: Float64Array; readonly chunk: Chunk },
    from = 0,
  ): MaybePromise<void> {
    const transaction = transactionOf(handle);
    const encoder = this.#encoder(index, table);
    const { locators, chunk } = rows;
    const { columns, selection } = chunk;
    const count = selectedCount(chunk);
    for (let i = from; i < count; i++) {
      const row = selection === undefined ? i : selection[i]!;
      const added = encoder.add(transaction, columns, row, locators[i]!);
      if (isPromise(added)) {
        return added.then(() =>
          this.#insertAtOnce(index, table, handle, rows, i + 1)
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
    const careful = this.#careful(index, table, handle);
    if (careful !== undefined) return careful.update(before, after);
    const transaction = transactionOf(handle);
    const encoder = this.#encoder(index, table);
    const { columns: oldColumns, selection: old } = before.chunk;
    const { columns: newColumns, selection } = after.chunk;
    const changed: number[] = [];
    let freed: MaybePromise<void> = undefined;
    for (let i = 0; i < before.locators.length; i++) {
      const row = selection === undefined ? i : selection[i]!;
      const oldTid = before.locators[i]!;
      const oldRow = old === undefined ? i : old[i]!;
      const oldKey = encoder.key(oldColumns, oldRow, oldTid).slice();
      const newKey = encoder.key(newColumns, row, after.locators[i]!);
      if (oldTid === after.locators[i] && equalBytes(oldKey, newKey)) continue;
      transaction.delete(oldKey, true);
      changed.push(i);
      if (index.unique) freed = releaseKey(transaction, oldKey, freed);
    }
    // Only after all old keys are gone: rows may exchange theirs.
    const add = (): MaybePromise<void> =>
      addChanged(changed, 0, (i) =>
        encoder.add(
          transaction,
          newColumns,
          selection === undefined ? i : selection[i]!,
          after.locators[i]!,
        ));
    return then(freed, add);
  }

  /** Removes entries. */
  delete(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): MaybePromise<void> {
    const careful = this.#careful(index, table, handle);
    if (careful !== undefined) return careful.delete({ locators, chunk });
    const transaction = transactionOf(handle);
    const encoder = this.#encoder(index, table);
    const { columns, selection } = chunk;
    let freed: MaybePromise<void> = undefined;
    for (let i = 0; i < locators.length; i++) {
      const row = selection === undefined ? i : selection[i]!;
      const key = encoder.key(columns, row, locators[i]!);
      transaction.delete(key, true);
      if (index.unique) freed = releaseKey(transaction, key, freed);
    }
    return freed;
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
    if (index.unique && index.deferrable !== true) {
      return then(
        transaction.get(prefix),
        (value) =>
          value === undefined
            ? new Float64Array(0)
            : Float64Array.of(readTid(value, 0)),
      );
    }
    return then(
      scanTids(transaction, prefix),
      (tids) => tids.sort(),
    );
  }

  /** The rows whose first key columns equal those of each of many rows. */
  lookupEach(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    keys: LookupKeys,
    taker: LocatorTaker,
  ): MaybePromise<void> {
    const { codec } = this.#encoder(index, table);
    const reads = readsOf(handle);
    return lookupEach(index, codec, reads, keys, taker);
  }

  /** Opens a scan of a range of keys. */
  openRange(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    request: RangeRequest,
  ): RangeCursor {
    const encoder = this.#encoder(index, table);
    return openBtreeRange(readsOf(handle), index, encoder, request);
  }

  /** Looks up the keys of rows. */
  probe(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    chunk: Chunk,
  ): MaybePromise<KeyProbe> {
    if (index.exclusion !== undefined) {
      return this.#exclusions.entries(index, table, handle).probe(chunk);
    }
    const transaction = readsOf(handle);
    const encoder = this.#encoder(index, table);
    const { columns, selection } = chunk;
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

  /** Waits for others who have written keys. */
  settleKeys(
    index: IndexEntry,
    handle: TransactionHandle,
    keys: readonly (string | undefined)[],
  ): MaybePromise<void> {
    return settleKeys(transactionOf(handle), index, keys);
  }

  /** Keeps a key from going, and the commit from succeeding if it did. */
  dependOnKey(
    _index: IndexEntry,
    handle: TransactionHandle,
    key: string,
  ): MaybePromise<void> {
    return keepKey(transactionOf(handle), key);
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

  /** Entries one by one. */
  readonly single: SingleEntries = {
    find: (index, table, handle, key) => {
      const entry = this.#encoder(index, table).briefLookupKey(key);
      const value = readsOf(handle).get(entry);
      if (isPromise(value)) {
        return value.then((value) => value && readTid(value, 0));
      }
      return value && readTid(value, 0);
    },
    insert: (index, table, handle, locator, key) =>
      this.#encoder(index, table).addOf(transactionOf(handle), key, locator),
    delete: (index, table, handle, locator, key) => {
      const transaction = transactionOf(handle);
      const entry = this.#encoder(index, table).keyOf(key, locator);
      transaction.delete(entry, true);
      if (index.unique) return releaseKey(transaction, entry, undefined);
    },
  };

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
