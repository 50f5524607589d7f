/**
 * The index access method `gin`: rows by the items in their values.
 *
 * | key | value |
 * | --- | --- |
 * | storage id, number of the key column (u8), length of the item (u8), item, tuple id | empty |
 *
 * A row has an entry for each item of each key column, and one that says that a
 * value has none; none where the value is NULL, since the operators are strict.
 * Entries of an item are in the order of their rows, so that rows that have
 * several items are found by merging.
 *
 * Rejected: lists of rows in one value, which every write of an item would have
 * to read and write again; the tree merges entries as well.
 *
 * @module
 */
import { equalBytes } from "../../../base/bytes.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { type Chunk, type Column, valueAt } from "../../chunk/chunk.ts";
import { isKeyType } from "../../encoding/key_bytes.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import {
  readsOf,
  transactionOf,
  type TransactionReads,
} from "../../transaction/transaction_view.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { parseJson } from "../../types/json_text.ts";
import type { AccessRegistry } from "../access_registry.ts";
import type {
  BuildOptions,
  IndexAccessMethod,
  OperatorClass,
  SearchCondition,
} from "../index_access.ts";
import { eachSelected, keyTypes } from "../index_keys.ts";
import { buildFromRows } from "../index_build.ts";
import { checkOptions } from "../index_options.ts";
import { storagePrefix, TID_BYTES, writeTid } from "../row_key.ts";
import { scanTids } from "../tid_scan.ts";
import {
  arrayItems,
  EMPTY_ITEM,
  type Item,
  jsonItems,
  jsonPathItems,
  pairItems,
  trigramItems,
  wordItems,
} from "./gin_items.ts";
import {
  arrayQuery,
  hstoreQuery,
  jsonPathQuery,
  jsonQuery,
  numbersQuery,
  textQuery,
  trigramQuery,
} from "./gin_query.ts";
import type { GinQuery } from "./item_query.ts";
import { intersection, union } from "../locator_sets.ts";

const NOTHING = new Uint8Array(0);

/** An operator class, and what it makes of values. */
interface ItemClass extends OperatorClass {
  items(value: SqlValue, type: DataType): Item[];
  query(operator: string, value: SqlValue, type: DataType): GinQuery;
}

const CLASSES: readonly ItemClass[] = [
  {
    name: "tsvector_ops",
    typeName: "tsvector",
    orderingOperators: [],
    searchOperators: ["@@"],
    isDefault: true,
    items: wordItems,
    query: textQuery,
  },
  {
    name: "jsonb_ops",
    typeName: "jsonb",
    orderingOperators: [],
    searchOperators: ["@>", "?", "?|", "?&", "@?", "@@"],
    isDefault: true,
    items: (value) => jsonItems(parseJson(value as string)),
    query: jsonQuery,
  },
  {
    name: "jsonb_path_ops",
    typeName: "jsonb",
    orderingOperators: [],
    searchOperators: ["@>"],
    isDefault: false,
    items: (value) => jsonPathItems(parseJson(value as string)),
    query: jsonPathQuery,
  },
  {
    name: "gin__int_ops",
    typeName: "_int4",
    orderingOperators: [],
    searchOperators: ["@>", "<@", "&&", "=", "@@"],
    isDefault: false,
    extension: "intarray",
    items: arrayItems,
    query: (operator, value, type) =>
      operator === "@@"
        ? numbersQuery(value as string, type)
        : arrayQuery(operator, value, type),
  },
  {
    name: "gin_hstore_ops",
    typeName: "hstore",
    orderingOperators: [],
    searchOperators: ["@>", "?", "?|", "?&"],
    isDefault: true,
    extension: "hstore",
    items: (value) => pairItems(value as string),
    query: hstoreQuery,
  },
  ...["text", "varchar"].map((typeName): ItemClass => ({
    name: "gin_trgm_ops",
    typeName,
    orderingOperators: [],
    searchOperators: ["~~", "~~*", "%", "%>", "%>>", "="],
    isDefault: false,
    extension: "pg_trgm",
    items: (value) => trigramItems(value as string),
    query: trigramQuery,
  })),
];

/** An inverted index. */
export class GinMethod implements IndexAccessMethod {
  readonly name: string = "gin";
  readonly operatorClasses: readonly OperatorClass[];
  readonly canBeUnique: boolean = false;
  readonly columnsMax: number = 32;
  readonly #access: AccessRegistry;
  readonly #classes: readonly ItemClass[];

  /** The method over columns of arrays of those of `types` that have an order. */
  constructor(access: AccessRegistry, types: readonly DataType[]) {
    this.#access = access;
    const arrays = types.filter((type) =>
      type.element !== undefined && isKeyType(type.element)
    );
    this.#classes = [
      ...arrays.map((type): ItemClass => ({
        name: "array_ops",
        typeName: type.name,
        orderingOperators: [],
        searchOperators: ["@>", "<@", "&&", "="],
        isDefault: true,
        items: arrayItems,
        query: arrayQuery,
      })),
      ...CLASSES,
    ];
    this.operatorClasses = this.#classes;
  }

  /** Checks a definition. */
  validate(index: IndexEntry, _table: TableEntry): void {
    checkOptions(index, {
      fastupdate: "boolean",
      "gin_pending_list_limit": { min: 64, max: 2147483647 },
    });
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
      (locators, keys) => this.insert(index, table, handle, locators, keys),
    );
  }

  /** Adds entries. */
  insert(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): void {
    const transaction = transactionOf(handle);
    const entries = this.#entries(index, table);
    eachSelected(chunk, (row, i) => {
      for (const key of entries.of(chunk.columns, row, locators[i]!)) {
        transaction.put(key, NOTHING, false);
      }
    });
  }

  /** Replaces the entries of items that came or went. */
  update(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    before: { readonly locators: Float64Array; readonly chunk: Chunk },
    after: { readonly locators: Float64Array; readonly chunk: Chunk },
  ): void {
    const transaction = transactionOf(handle);
    const entries = this.#entries(index, table);
    const old: Uint8Array[][] = [];
    eachSelected(before.chunk, (row, i) => {
      old.push(entries.of(before.chunk.columns, row, before.locators[i]!));
    });
    eachSelected(after.chunk, (row, i) => {
      const now = entries.of(after.chunk.columns, row, after.locators[i]!);
      const lacks = (all: Uint8Array[], key: Uint8Array): boolean =>
        !all.some((each) => equalBytes(each, key));
      for (const key of old[i]!) {
        if (lacks(now, key)) transaction.delete(key, false);
      }
      for (const key of now) {
        if (lacks(old[i]!, key)) transaction.put(key, NOTHING, false);
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
    const transaction = transactionOf(handle);
    const entries = this.#entries(index, table);
    eachSelected(chunk, (row, i) => {
      for (const key of entries.of(chunk.columns, row, locators[i]!)) {
        transaction.delete(key, false);
      }
    });
  }

  /** The rows for which all conditions may be true. */
  async search(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    conditions: readonly SearchCondition[],
  ): Promise<Float64Array> {
    const types = keyTypes(index, table);
    const search = new ItemSearch(readsOf(handle), index);
    let found: Float64Array | undefined;
    for (const { key, operator, value } of conditions) {
      const query = this.#classOf(index, types[key]!.type, key)
        .query(operator, value, types[key]!.type);
      const rows = await search.rowsOf(query, key);
      if (rows === undefined) continue;
      found = found === undefined ? rows : intersection(found, rows);
    }
    return found ?? await search.allRows(conditions[0]!.key);
  }

  #entries(index: IndexEntry, table: TableEntry): EntryKeys {
    const types = keyTypes(index, table).map(({ type }) => type);
    return new EntryKeys(
      index,
      types,
      types.map((type, key) => this.#classOf(index, type, key)),
    );
  }

  #classOf(index: IndexEntry, type: DataType, key: number): ItemClass {
    const { operatorClass } = index.columns[key]!;
    return this.#classes.find(({ name, typeName }) =>
      name === operatorClass && typeName === type.name
    )!;
  }
}

/** Makes the keys of a row's entries. */
class EntryKeys {
  readonly #prefix: Uint8Array;
  readonly #types: readonly DataType[];
  readonly #classes: readonly ItemClass[];

  constructor(
    { storageId }: IndexEntry,
    types: readonly DataType[],
    classes: readonly ItemClass[],
  ) {
    this.#prefix = storagePrefix(storageId);
    this.#types = types;
    this.#classes = classes;
  }

  of(columns: readonly Column[], row: number, tid: number): Uint8Array[] {
    const keys: Uint8Array[] = [];
    for (let i = 0; i < columns.length; i++) {
      const value = valueAt(columns[i]!, row);
      if (value === null) continue;
      const items = this.#classes[i]!.items(value, this.#types[i]!);
      if (items.length === 0) items.push(EMPTY_ITEM);
      for (const item of items) {
        const prefix = itemPrefix(this.#prefix, i, item);
        const key = new Uint8Array(prefix.length + TID_BYTES);
        key.set(prefix);
        writeTid(key, prefix.length, tid);
        keys.push(key);
      }
    }
    return keys;
  }
}

function itemPrefix(prefix: Uint8Array, key: number, item: Item): Uint8Array {
  const bytes = new Uint8Array(prefix.length + 2 + item.length);
  bytes.set(prefix);
  bytes[prefix.length] = key;
  bytes[prefix.length + 1] = item.length;
  bytes.set(item, prefix.length + 2);
  return bytes;
}

/** Finds the rows that have items. */
class ItemSearch {
  readonly #transaction: TransactionReads;
  readonly #prefix: Uint8Array;

  constructor(transaction: TransactionReads, { storageId }: IndexEntry) {
    this.#transaction = transaction;
    this.#prefix = storagePrefix(storageId);
  }

  /** The rows, ascending; absent: it may be any. */
  async rowsOf(
    query: GinQuery,
    key: number,
  ): Promise<Float64Array | undefined> {
    switch (query.kind) {
      case "all":
        return undefined;
      case "none":
        return new Float64Array(0);
      case "item":
        return await scanTids(
          this.#transaction,
          itemPrefix(this.#prefix, key, query.item),
        );
      case "and": {
        let all: Float64Array | undefined;
        for (const part of query.parts) {
          const rows = await this.rowsOf(part, key);
          if (rows === undefined) continue;
          all = all === undefined ? rows : intersection(all, rows);
          if (all.length === 0) break;
        }
        return all;
      }
      case "or": {
        let any = new Float64Array(0);
        for (const part of query.parts) {
          const rows = await this.rowsOf(part, key);
          if (rows === undefined) return undefined;
          any = union(any, rows);
        }
        return any;
      }
    }
  }

  /** All rows that have a value. */
  async allRows(key: number): Promise<Float64Array> {
    const prefix = new Uint8Array(this.#prefix.length + 1);
    prefix.set(this.#prefix);
    prefix[this.#prefix.length] = key;
    const rows = (await scanTids(this.#transaction, prefix)).sort();
    return union(rows, rows);
  }
}
