/**
 * The entries of EXCLUDE constraints, whatever access method keeps them: storage
 * id, columns as they lie (`exclusion_layout.ts`), tuple id; no value.
 *
 * A row's conflict is an error at once, or, where the constraint is DEFERRABLE,
 * something to be looked at again at the end of the statement or at COMMIT.
 *
 * @module
 */
import { equalBytes } from "../../../base/bytes.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../../base/maybe_promise.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { type Chunk, selectedCount, valueAt } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { FunctionRegistry } from "../../functions/registry.ts";
import { constraintKey } from "../../transaction/pending_checks.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import type { Nullable } from "../../types/data_type.ts";
import { SqlMultirange, SqlRange } from "../../types/range/range_value.ts";
import type { KeyProbe } from "../index_access.ts";
import { keyNames, keyTypes } from "../index_keys.ts";
import { readsOf, transactionOf } from "../../transaction/transaction_view.ts";
import { scanTids } from "../tid_scan.ts";
import { readTid, STORAGE_ID_BYTES, TID_BYTES } from "../row_key.ts";
import { type Conflict, ConflictSearch } from "./conflict_search.ts";
import { ExclusionLayout } from "./exclusion_layout.ts";

const EMPTY = new Uint8Array(0);
/** The row that no entry is of. */
const NOBODY = -1;

/** Rows with where they are. */
interface LocatedRows {
  readonly locators: Float64Array;
  /** The key columns, in the constraint's order. */
  readonly chunk: Chunk;
}

/** Knows the layouts of constraints. */
export class Exclusions {
  readonly #functions: FunctionRegistry;
  readonly #layouts = new WeakMap<IndexEntry, ExclusionLayout>();

  /** Exclusion by the operators of `functions`. */
  constructor(functions: FunctionRegistry) {
    this.#functions = functions;
  }

  /** The entries of `index` in a transaction. */
  entries(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
  ): ExclusionEntries {
    const layout = this.layout(index, table);
    return new ExclusionEntries(index, layout, transactionOf(handle));
  }

  /** The rows whose first column, as entries lie, is `value`. */
  lookup(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    value: Nullable,
  ): MaybePromise<Float64Array> {
    const { encoder } = this.layout(index, table);
    return scanTids(readsOf(handle), encoder.lookupKey([value]));
  }

  /** How the entries of `index` lie. */
  layout(index: IndexEntry, table: TableEntry): ExclusionLayout {
    let layout = this.#layouts.get(index);
    if (layout?.table !== table) {
      layout = new ExclusionLayout(index, table, this.#functions);
      this.#layouts.set(index, layout);
    }
    return layout;
  }
}

/** Writes the entries of one constraint in one transaction. */
export class ExclusionEntries {
  readonly #index: IndexEntry;
  readonly #layout: ExclusionLayout;
  readonly #transaction: Transaction;

  /** A writer; see {@linkcode Exclusions.entries}. */
  constructor(
    index: IndexEntry,
    layout: ExclusionLayout,
    transaction: Transaction,
  ) {
    this.#index = index;
    this.#layout = layout;
    this.#transaction = transaction;
  }

  /** Adds the entries of rows; `isBuild`: of an index that is made. */
  insert(rows: LocatedRows, isBuild = false): MaybePromise<void> {
    const count = selectedCount(rows.chunk);
    const all = Array.from({ length: count }, (_, i) => i);
    return this.#add(rows, all, { isBuild });
  }

  /** Replaces the entries of rows whose key or locator changed. */
  update(before: LocatedRows, after: LocatedRows): MaybePromise<void> {
    const changed: number[] = [];
    for (let i = 0; i < before.locators.length; i++) {
      const old = this.#keyOf(before, i);
      const isSame = before.locators[i] === after.locators[i] &&
        equalBytes(old, this.#keyOf(after, i));
      if (!isSame) changed.push(i);
    }
    return this.#add(after, changed, { before });
  }

  /** Removes the entries of rows. */
  delete(rows: LocatedRows): void {
    for (let i = 0; i < rows.locators.length; i++) {
      this.#transaction.delete(this.#keyOf(rows, i), false);
    }
  }

  /** The rows that the selected rows of `chunk` would conflict with. */
  async probe(chunk: Chunk): Promise<KeyProbe> {
    const count = selectedCount(chunk);
    const locators = new Float64Array(count).fill(NOBODY);
    const search = this.#search();
    const rows = { locators, chunk };
    for (let i = 0; i < count; i++) {
      const found = await search.find(this.#valuesOf(rows, i), NOBODY);
      if (found !== undefined) locators[i] = found.tid;
    }
    search.guard();
    return { keys: new Array<undefined>(count).fill(undefined), locators };
  }

  #search(): ConflictSearch {
    const isLoose = this.#index.deferrable === true;
    return new ConflictSearch(this.#layout, this.#transaction, isLoose);
  }

  #add(
    rows: LocatedRows,
    which: readonly number[],
    { before, isBuild = false }: {
      readonly before?: LocatedRows;
      readonly isBuild?: boolean;
    },
  ): MaybePromise<void> {
    const search = this.#search();
    const waiting: Uint8Array[] = [];
    const isDeferrable = this.#index.deferrable === true && !isBuild;
    const each = (from: number): MaybePromise<void> => {
      for (let n = from; n < which.length; n++) {
        const i = which[n]!;
        // Row by row: those that have not had their turn are there as before.
        if (before !== undefined) {
          this.#transaction.delete(this.#keyOf(before, i), false);
        }
        const values = this.#valuesOf(rows, i);
        if (this.#index.temporal === true) this.#refuseEmpty(values);
        const put = (conflict: Conflict | undefined): void => {
          if (conflict !== undefined && !isDeferrable) {
            throw this.#conflict(values, conflict, isBuild);
          }
          const key = this.#keyOf(rows, i);
          this.#transaction.put(key, EMPTY, false);
          if (conflict !== undefined) waiting.push(key);
        };
        const found = search.find(values, rows.locators[i]!);
        if (isPromise(found)) return found.then(put).then(() => each(n + 1));
        put(found);
      }
    };
    return then(each(0), () => {
      search.guard();
      if (waiting.length > 0) this.#noteCheck(waiting);
    });
  }

  #valuesOf({ chunk }: LocatedRows, i: number): Nullable[] {
    const row = chunk.selection === undefined ? i : chunk.selection[i]!;
    const { order } = this.#layout;
    return order.map((column) => valueAt(chunk.columns[column]!, row));
  }

  #keyOf({ locators, chunk }: LocatedRows, i: number): Uint8Array {
    const row = chunk.selection === undefined ? i : chunk.selection[i]!;
    const { columns } = this.#layout.lie(chunk);
    return this.#layout.encoder.key(columns, row, locators[i]!).slice();
  }

  /** @throws {SqlError} `23514`: an empty period would overlap nothing. */
  #refuseEmpty(values: readonly Nullable[]): void {
    const period = this.#layout.shown(values).at(-1)!;
    const isEmpty = period instanceof SqlRange
      ? period.isEmpty
      : period instanceof SqlMultirange && period.ranges.length === 0;
    if (!isEmpty) return;
    const { table } = this.#layout;
    const column = keyNames(this.#index, table).at(-1)!;
    throw new SqlError(
      "23514",
      `empty WITHOUT OVERLAPS value found in column "${column}" in relation "${table.name}"`,
    );
  }

  /** Sees to it that entries are looked at again. */
  #noteCheck(entries: readonly Uint8Array[]): void {
    const { checks } = this.#transaction;
    const { tableId, constraintName, initiallyDeferred } = this.#index;
    const key = constraintKey(tableId, constraintName!);
    checks.add(
      { constraint: key, run: () => this.#check(entries) },
      checks.isDeferred({
        key,
        deferrable: true,
        initiallyDeferred: initiallyDeferred === true,
      }),
    );
  }

  /** @throws {SqlError} `23P01` for an entry that conflicts yet. */
  async #check(entries: readonly Uint8Array[]): Promise<void> {
    const index = this.#transaction.catalog.byId(this.#index.id);
    // It was dropped, or its table emptied.
    if (index?.kind !== "index") return;
    if (index.storageId !== this.#index.storageId) return;
    const search = this.#search();
    for (const entry of entries) {
      if (await this.#transaction.get(entry) === undefined) continue;
      const values: Nullable[] = [];
      const end = entry.length - TID_BYTES;
      const { codec } = this.#layout.encoder;
      codec.decodePrefix(entry, STORAGE_ID_BYTES, end, values);
      const found = await search.find(values, readTid(entry, end));
      if (found !== undefined) throw this.#conflict(values, found, false);
    }
    search.guard();
  }

  #conflict(
    values: readonly Nullable[],
    found: Conflict,
    isBuild: boolean,
  ): SqlError {
    const index = this.#index;
    const { table } = this.#layout;
    const names = keyNames(index, table).join(", ");
    const types = keyTypes(index, table);
    const shown = (lying: readonly Nullable[]): string =>
      `(${names})=(${
        this.#layout.shown(lying).map((value, i) =>
          value === null ? "null" : types[i]!.type.output(value)
        ).join(", ")
      })`;
    const [mine, other] = [shown(values), shown(found.values)];
    return new SqlError(
      "23P01",
      isBuild
        ? `could not create exclusion constraint "${index.name}"`
        : `conflicting key value violates exclusion constraint "${index.name}"`,
      {
        detail: isBuild
          ? `Key ${mine} conflicts with key ${other}.`
          : `Key ${mine} conflicts with existing key ${other}.`,
        schema: table.schema,
        table: table.name,
        constraint: index.name,
      },
    );
  }
}
