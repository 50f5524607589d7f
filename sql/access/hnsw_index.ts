/**
 * The index access method `lsm_hnsw`: nearest rows by the distance of vectors.
 *
 * In the tree an index has one entry for every row with a vector
 * (`hnsw_changes.ts`); the vectors are searched in memory (`hnsw_state.ts`).
 * A transaction sees its own rows too: they are few, and are compared one by
 * one (`hnsw_own_writes.ts`).
 *
 * A column without dimensions takes those of the first vector: they are kept
 * under the key that is the index's storage id alone.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import { RowForm } from "../../vector/hnsw/row_form.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { Advance } from "../../storage/engine/replica.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import {
  type Chunk,
  type Column,
  selectedCount,
  valueAt,
} from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import {
  readsOf,
  type TransactionReads,
} from "../transaction/transaction_view.ts";
import {
  checkDimsMax,
  HNSW_ALIASES,
  HNSW_METHOD,
  HNSW_OPERATOR_CLASSES,
  type HnswDefinition,
  hnswDefinition,
} from "./hnsw_definition.ts";
import { HnswBuilder } from "./hnsw_build.ts";
import {
  hasWrites,
  OverlaidCursor,
  ownChanges,
  ownChangesOnce,
} from "./hnsw_own_writes.ts";
import type { HnswState } from "./hnsw_state.ts";
import {
  checkIndexable,
  dimsOf,
  sameVector,
  vectorOf,
} from "./indexed_vectors.ts";
import { rebuildOf } from "./hnsw_rebuild.ts";
import { sealedRows } from "./hnsw_objects.ts";
import { SteadySearch } from "./hnsw_search.ts";
import { HnswStates, type OpenRequest } from "./hnsw_states.ts";
import type {
  BuildOptions,
  IndexAccessMethod,
  NearestCursor,
  NearestRequest,
  OperatorClass,
  RebuildHelp,
} from "./index_access.ts";
import { decodeDims, encodeDims, otherDims } from "./index_dims.ts";
import { entryValues, vectorPlace } from "./hnsw_vectors.ts";
import type { LsmTableMethod } from "./lsm_table.ts";
import { transactionOf } from "../transaction/transaction_view.ts";
import {
  rowKey,
  STORAGE_ID_BYTES,
  storagePrefix,
  storageRange,
  writeTid,
} from "./row_key.ts";

const NO_ROWS = { count: 0, locators: new Float64Array(0) };

/** Nearest rows by the distance of vectors. */
export class HnswMethod implements IndexAccessMethod {
  readonly name: string = HNSW_METHOD;
  readonly aliases: readonly string[] = HNSW_ALIASES;
  readonly operatorClasses: readonly OperatorClass[] = HNSW_OPERATOR_CLASSES;
  readonly canBeUnique: boolean = false;
  readonly refusesTemporary: boolean = true;
  readonly filtersNearest: boolean = true;
  readonly columnsMax: number = 1;
  readonly #store: LsmStore;
  readonly #tables: LsmTableMethod;
  readonly #builder: HnswBuilder;
  readonly #states: HnswStates;
  readonly #definitions = new WeakMap<
    IndexEntry,
    { readonly table: TableEntry; readonly definition: HnswDefinition }
  >();

  /** The method over the rows of `tables`. */
  constructor(store: LsmStore, tables: LsmTableMethod) {
    this.#store = store;
    this.#tables = tables;
    this.#builder = new HnswBuilder(store, tables);
    this.#states = new HnswStates(
      store,
      (storageId) => this.#builder.takeBuilt(storageId),
    );
  }

  /** Checks a definition. */
  validate(index: IndexEntry, table: TableEntry): void {
    hnswDefinition(index, table);
    if (table.accessMethod !== this.#tables.name) {
      throw new SqlError(
        "0A000",
        `access method "${this.name}" needs a table of access method "${this.#tables.name}"`,
      );
    }
  }

  /** Fills a new index. */
  async build(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    options: BuildOptions,
  ): Promise<void> {
    const transaction = transactionOf(handle);
    await this.#builder.build(
      index,
      table,
      transaction,
      this.#definition(index, table),
      options,
      (locators, column, count) =>
        this.#add(
          index,
          table,
          transaction,
          locators,
          column,
          undefined,
          count,
        ),
    );
  }

  /** Adds entries for rows that have a vector. */
  insert(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): MaybePromise<void> {
    return this.#add(
      index,
      table,
      transactionOf(handle),
      locators,
      chunk.columns[0]!,
      chunk.selection,
      selectedCount(chunk),
    );
  }

  /** Replaces the entries of rows whose vector or locator changed. */
  update(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    before: { readonly locators: Float64Array; readonly chunk: Chunk },
    after: { readonly locators: Float64Array; readonly chunk: Chunk },
  ): MaybePromise<void> {
    const transaction = transactionOf(handle);
    const oldColumn = before.chunk.columns[0]!;
    const newColumn = after.chunk.columns[0]!;
    const { selection: old } = before.chunk;
    const { selection } = after.chunk;
    const locators: number[] = [];
    const rows: number[] = [];
    const key = rowKey(index.storageId, 0);
    for (let i = 0; i < before.locators.length; i++) {
      const row = selection === undefined ? i : selection[i]!;
      const oldRow = old === undefined ? i : old[i]!;
      const oldVector = valueAt(oldColumn, oldRow);
      const newVector = valueAt(newColumn, row);
      const moved = before.locators[i] !== after.locators[i];
      if (!moved && sameVector(oldVector, newVector)) continue;
      if (oldVector !== null && (moved || newVector === null)) {
        writeTid(key, STORAGE_ID_BYTES, before.locators[i]!);
        transaction.delete(key, false);
      }
      if (newVector === null) continue;
      locators.push(after.locators[i]!);
      rows.push(row);
    }
    if (rows.length === 0) return;
    return this.#add(
      index,
      table,
      transaction,
      Float64Array.from(locators),
      newColumn,
      Uint32Array.from(rows),
      rows.length,
    );
  }

  /** Removes the entries of rows that had a vector. */
  delete(
    index: IndexEntry,
    _table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): void {
    const transaction = transactionOf(handle);
    const [column] = chunk.columns;
    const { selection } = chunk;
    const key = rowKey(index.storageId, 0);
    for (let i = 0; i < locators.length; i++) {
      const row = selection === undefined ? i : selection[i]!;
      if (valueAt(column!, row) === null) continue;
      writeTid(key, STORAGE_ID_BYTES, locators[i]!);
      transaction.delete(key, false);
    }
  }

  /** Opens a search. */
  openNearest(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    request: NearestRequest,
  ): MaybePromise<NearestCursor> {
    const transaction = readsOf(handle);
    // A row that comes may be nearer.
    transaction.noteRead(storageRange(index.storageId));
    return then(this.#dims(index, table, transaction), (dims) => {
      if (dims === undefined) return { next: () => NO_ROWS, close: () => {} };
      const { metric, element } = this.#definition(index, table);
      const query = new RowForm(element, metric, dims)
        .queryOf(vectorOf(request.query));
      const open = (): MaybePromise<HnswState> =>
        this.#open(index, table, dims, request.help);
      const { snapshotSequence } = transaction;
      const search = new SteadySearch(open, query, snapshotSequence, request);
      return then(search.open(), () => {
        const place = vectorPlace(index, table, this.#tables);
        const own = ownChangesOnce(transaction, index, place);
        return then(
          own,
          (own) => new OverlaidCursor(search, own, query, { metric, element }),
        );
      });
    });
  }

  /** About how many distances a search for `rows` rows computes. */
  nearestCost(
    index: IndexEntry,
    _handle: TransactionHandle,
    rows: number,
  ): number {
    const state = this.#states.get(index.storageId);
    const count = state === undefined
      ? this.#store.estimateKeys(index.storageId) +
        sealedRows(this.#store.manifest, index.storageId)
      : state.index.count;
    const live = state?.index.liveCount ?? 0;
    // A beam of width w visits about w nodes and looks at m new neighbours of
    // each (measured: 1,800 distances at width 100, m 16, 100,000 rows).
    const beam = 16 * (Math.max(rows, 64) + 2 * Math.log2(count + 2));
    return Math.min(count, live + beam);
  }

  /** The index in memory, opened; `undefined` while it has had no vector. */
  async state(
    index: IndexEntry,
    table: TableEntry,
  ): Promise<HnswState | undefined> {
    const dims = await this.#knownDims(index, table);
    return dims === 0 ? undefined : await this.#open(index, table, dims);
  }

  /** Takes over what a commit changed, in the turn it becomes visible. */
  apply(transaction: Transaction, sequence: number): void {
    if (transaction.writes === undefined) return;
    const { catalog } = transaction;
    for (const index of catalog.indexesUsing(this.name)) {
      const table = catalog.relationById(index.tableId);
      invariant(table?.kind === "table", "an index without a table");
      const state = this.#states.get(index.storageId);
      if (state === undefined) {
        if (hasWrites(transaction.writes, index)) this.#openLater(index, table);
        continue;
      }
      if (transaction.writes.hasSpilled) {
        if (hasWrites(transaction.writes, index)) {
          this.#states.forget(index.storageId);
          this.#openLater(index, table);
        }
        continue;
      }
      const changes = ownChanges(
        transaction,
        index,
        vectorPlace(index, table, this.#tables),
      );
      if (isPromise(changes)) this.#states.forget(index.storageId);
      else state.apply(sequence, changes);
    }
  }

  /**
   * Prepares for what becomes visible to a reader, with the catalog that comes
   * with it: what it returns is called in that turn.
   */
  async prepare(
    advance: Advance,
    catalog: CatalogState,
  ): Promise<() => void> {
    const open = await this.#states.prepare(advance);
    return () => {
      this.follow(catalog);
      open();
    };
  }

  /** The dimensions that a new index has by now, 0 while it has none. */
  async #knownDims(index: IndexEntry, table: TableEntry): Promise<number> {
    const { dims } = this.#definition(index, table);
    if (dims > 0) return dims;
    const stored = await this.#store.get(storagePrefix(index.storageId));
    return stored === undefined ? 0 : decodeDims(stored);
  }

  /**
   * Opens an index that is written to, so that its rows are sealed without
   * anybody asking for them.
   */
  #openLater(index: IndexEntry, table: TableEntry): void {
    this.#states.later(index.storageId, async () => {
      const dims = await this.#knownDims(index, table);
      if (dims > 0) await this.#open(index, table, dims);
    });
  }

  /** Takes back commits above `sequence`, after which none follows. */
  cutBack(sequence: number): void {
    this.#states.cutBack(sequence);
  }

  /** Forgets indexes that the catalog does not name any more. */
  follow(catalog: CatalogState): void {
    const storageIds = liveStorageIds(catalog);
    const { follows } = this.#store;
    this.#states.keep((storageId, entries) =>
      storageIds.has(storageId) &&
      // A reader is not told what a definition changed.
      (!follows || entries.every((entry) => catalog.byId(entry.id) === entry))
    );
  }

  /** Takes segments out of the manifest whose index is gone. */
  async dropOrphans(catalog: CatalogState): Promise<void> {
    const storageIds = liveStorageIds(catalog);
    const isOrphan = ({ owner }: { readonly owner: number }): boolean =>
      !storageIds.has(owner) && !this.#builder.isBuilding(owner);
    if (!this.#store.manifest.segments.some(isOrphan)) return;
    await this.#store.publish((manifest) => ({
      segments: manifest.segments.filter((segment) => !isOrphan(segment)),
    }));
  }

  /** Resolves when background work is done; see `HnswState.settle`. */
  async settle(): Promise<void> {
    await this.#states.settle();
  }

  /** Resolves when all rows are in segments; see `HnswState.flush`. */
  async flush(): Promise<void> {
    await this.#states.flush();
  }

  /** The open indexes by storage id. */
  get states(): ReadonlyMap<number, HnswState> {
    return this.#states.open;
  }

  /** Stops background work. */
  async close(): Promise<void> {
    await this.#states.close();
  }

  /** Adds entries for the rows `rows` of `column` that have a vector. */
  #add(
    index: IndexEntry,
    table: TableEntry,
    transaction: Transaction,
    locators: Float64Array,
    column: Column,
    rows: Uint32Array | undefined,
    count: number,
  ): MaybePromise<void> {
    const { element } = this.#definition(index, table);
    return then(this.#dims(index, table, transaction), (dims) => {
      const key = rowKey(index.storageId, 0);
      const valueOf = entryValues(index, table, column);
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const vector = valueAt(column, row);
        if (vector === null) continue;
        checkIndexable(element, vector);
        const vectorDims = dimsOf(vector);
        if (dims === undefined) {
          checkDimsMax(element, vectorDims);
          dims = vectorDims;
          transaction.put(
            storagePrefix(index.storageId),
            encodeDims(dims),
            true,
          );
        }
        if (vectorDims !== dims) {
          throw otherDims(index, table, dims, vectorDims);
        }
        writeTid(key, STORAGE_ID_BYTES, locators[i]!);
        transaction.put(key, valueOf(row), false);
      }
    });
  }

  /** The dimensions of an index; `undefined` while it has had no vector. */
  #dims(
    index: IndexEntry,
    table: TableEntry,
    transaction: TransactionReads,
  ): MaybePromise<number | undefined> {
    const { dims } = this.#definition(index, table);
    if (dims > 0) return dims;
    return then(
      transaction.get(storagePrefix(index.storageId)),
      (value) => value === undefined ? undefined : decodeDims(value),
    );
  }

  #definition(index: IndexEntry, table: TableEntry): HnswDefinition {
    let known = this.#definitions.get(index);
    // The column's place changes with the table.
    if (known?.table !== table) {
      known = { table, definition: hnswDefinition(index, table) };
      this.#definitions.set(index, known);
    }
    return known.definition;
  }

  #open(
    index: IndexEntry,
    table: TableEntry,
    dims: number,
    help?: RebuildHelp,
  ): MaybePromise<HnswState> {
    const { storageId } = index;
    const definition = this.#definition(index, table);
    return this.#states.openState(storageId, (): OpenRequest => ({
      entries: [index, table],
      help,
      options: {
        storageId,
        definition,
        dims,
        store: this.#store,
        changes: {
          indexStorageId: storageId,
          vectors: vectorPlace(index, table, this.#tables),
        },
        rebuild: rebuildOf(index, table, this.#tables),
      },
    }));
  }
}

function liveStorageIds(catalog: CatalogState): Set<number> {
  const ids = new Set<number>();
  for (const entry of catalog.relations()) {
    if ("storageId" in entry) ids.add(entry.storageId);
  }
  return ids;
}
