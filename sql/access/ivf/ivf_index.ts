/**
 * The index access method `lsm_ivfflat`: nearest rows by the distance of vectors,
 * looked for in the clusters that are nearest.
 *
 * Vectors lie in the tree by cluster (`ivf_entries.ts`), so what a transaction
 * sees, what a snapshot sees and what a reader of a bucket fetches is what the
 * tree gives; centroids and clusters that were read are kept in memory
 * (`ivf_state.ts`). A vector goes to the nearest cluster as it is written;
 * clusters that grow are divided and those that shrink given up in the background
 * (`ivf_maintenance.ts`), so that no index has to be built again. After SPFresh
 * (Xu et al. 2023).
 *
 * @module
 */
import { invariant } from "../../../base/invariant.ts";
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import type { LsmStore } from "../../../storage/engine/lsm_store.ts";
import type { Advance } from "../../../storage/engine/replica.ts";
import { RowForm } from "../../../vector/hnsw/row_form.ts";
import { SeededRandom } from "../../../vector/hnsw/seeded_random.ts";
import type { CatalogState } from "../../catalog/catalog_state.ts";
import type { IndexEntry, TableEntry } from "../../catalog/entries.ts";
import { type Chunk, valueAt } from "../../chunk/chunk.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import {
  readsOf,
  transactionOf,
  type TransactionReads,
} from "../../transaction/transaction_view.ts";
import type { AccessRegistry } from "../access_registry.ts";
import { hasWrites, OverlaidCursor } from "../hnsw_own_writes.ts";
import type {
  BuildOptions,
  IndexAccessMethod,
  NearestCursor,
  NearestRequest,
  OperatorClass,
} from "../index_access.ts";
import { decodeDims, encodeDims, otherDims } from "../index_dims.ts";
import { buildFromRows } from "../index_build.ts";
import { eachSelected } from "../index_keys.ts";
import { dimsOf, sameVector, vectorOf } from "../indexed_vectors.ts";
import { storagePrefix, storageRange } from "../row_key.ts";
import { clustersFor, firstClusters, VectorSample } from "./ivf_build.ts";
import { changesOf, ownVectors } from "./ivf_changes.ts";
import {
  checkIvfDims,
  hasCodes,
  IVF_ALIASES,
  IVF_METHOD,
  IVF_OPERATOR_CLASSES,
  type IvfDefinition,
  ivfDefinition,
} from "./ivf_definition.ts";
import { IvfEntries } from "./ivf_entries.ts";
import type { IvfHost } from "./ivf_host.ts";
import { IvfStates } from "./ivf_states.ts";
import { estimateVectors, type IvfState } from "./ivf_state.ts";
import { type Clusters, IvfWriter } from "./ivf_writer.ts";

const NO_ROWS = { count: 0, locators: new Float64Array(0) };

/** Nearest rows by the distance of vectors, cluster by cluster. */
export class IvfMethod implements IndexAccessMethod {
  readonly name: string = IVF_METHOD;
  readonly aliases: readonly string[] = IVF_ALIASES;
  readonly operatorClasses: readonly OperatorClass[] = IVF_OPERATOR_CLASSES;
  readonly canBeUnique: boolean = false;
  readonly refusesTemporary: boolean = true;
  readonly filtersNearest: boolean = true;
  readonly columnsMax: number = 1;
  readonly #store: LsmStore;
  readonly #access: AccessRegistry;
  readonly #states: IvfStates;
  /** The clusters of indexes that a transaction itself has made. */
  readonly #made = new WeakMap<Transaction, Map<number, Clusters>>();

  /** The method in a store; `host` runs what it does in the background. */
  constructor(store: LsmStore, access: AccessRegistry, host: IvfHost) {
    this.#store = store;
    this.#access = access;
    this.#states = new IvfStates(store, host);
  }

  /** Checks a definition. */
  validate(index: IndexEntry, table: TableEntry): void {
    ivfDefinition(index, table);
  }

  /** Fills a new index. */
  async build(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    options: BuildOptions,
  ): Promise<void> {
    const transaction = transactionOf(handle);
    const definition = ivfDefinition(index, table);
    const { environment } = this.#store.config;
    const build = { access: this.#access, index, table, handle };
    const seed = Math.floor(environment.random() * 0x1_0000_0000);
    const random = new SeededRandom(seed);
    const sample = new VectorSample(random);
    await buildFromRows(build, options, (_, keys) => sample.addAll(keys));
    const clusters = await firstClusters({
      sample,
      definition,
      entriesOf: (dims) => this.#entries(index, definition, dims),
      transaction,
      random,
      environment,
      signal: options.signal,
    });
    if (clusters === undefined) return;
    let made = this.#made.get(transaction);
    if (made === undefined) this.#made.set(transaction, made = new Map());
    made.set(index.storageId, clusters);
    await buildFromRows(
      build,
      options,
      (locators, keys) => this.insert(index, table, handle, locators, keys),
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
    const rows: number[] = [];
    const tids: number[] = [];
    eachSelected(chunk, (row, i) => {
      if (valueAt(chunk.columns[0]!, row) === null) return;
      rows.push(row);
      tids.push(locators[i]!);
    });
    return this.#write(index, table, transactionOf(handle), {
      removed: [],
      chunk,
      rows,
      tids,
    });
  }

  /** Replaces the entries of rows whose vector or locator changed. */
  update(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    before: { readonly locators: Float64Array; readonly chunk: Chunk },
    after: { readonly locators: Float64Array; readonly chunk: Chunk },
  ): MaybePromise<void> {
    const old: (ReturnType<typeof valueAt>)[] = [];
    eachSelected(before.chunk, (row) => {
      old.push(valueAt(before.chunk.columns[0]!, row));
    });
    const removed: number[] = [];
    const rows: number[] = [];
    const tids: number[] = [];
    eachSelected(after.chunk, (row, i) => {
      const from = before.locators[i]!;
      const to = after.locators[i]!;
      const value = valueAt(after.chunk.columns[0]!, row);
      if (from === to && sameVector(old[i]!, value)) return;
      if (old[i] !== null) removed.push(from);
      if (value === null) return;
      rows.push(row);
      tids.push(to);
    });
    const { chunk } = after;
    return this.#write(index, table, transactionOf(handle), {
      removed,
      chunk,
      rows,
      tids,
    });
  }

  /** Removes the entries of rows that had a vector. */
  delete(
    index: IndexEntry,
    table: TableEntry,
    handle: TransactionHandle,
    locators: Float64Array,
    chunk: Chunk,
  ): MaybePromise<void> {
    const removed: number[] = [];
    eachSelected(chunk, (row, i) => {
      if (valueAt(chunk.columns[0]!, row) !== null) removed.push(locators[i]!);
    });
    return this.#write(index, table, transactionOf(handle), {
      removed,
      chunk,
      rows: [],
      tids: [],
    });
  }

  /** Removes rows' entries, then adds others. */
  #write(
    index: IndexEntry,
    table: TableEntry,
    transaction: Transaction,
    { removed, chunk, rows, tids }: {
      readonly removed: readonly number[];
      readonly chunk: Chunk;
      readonly rows: readonly number[];
      readonly tids: readonly number[];
    },
  ): MaybePromise<void> {
    if (removed.length === 0 && rows.length === 0) return;
    const [column] = chunk.columns;
    const definition = ivfDefinition(index, table);
    const known = this.#dims(index, definition, transaction);
    return then(known, (known) => {
      const dims = known ?? dimsOf(valueAt(column!, rows[0]!)!);
      if (known === undefined) {
        checkIvfDims(definition.element, dims);
        transaction.put(
          storagePrefix(index.storageId),
          encodeDims(dims),
          true,
        );
      }
      for (const row of rows) {
        const found = dimsOf(valueAt(column!, row)!);
        if (found !== dims) throw otherDims(index, table, dims, found);
      }
      const entries = this.#entries(index, definition, dims);
      const clusters = this.#clusters(index, table, transaction, dims);
      return then(clusters, (clusters) => {
        const writer = new IvfWriter(transaction, entries, clusters);
        return then(writer.remove(removed), (places) => {
          const before = new Map(removed.map((tid, i) => [tid, places[i]]));
          writer.put(
            { column: column!, rows, locators: tids },
            tids.map((tid) => before.get(tid)),
          );
        });
      });
    });
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
    const definition = ivfDefinition(index, table);
    return then(this.#dims(index, definition, transaction), (dims) => {
      if (dims === undefined) return { next: () => NO_ROWS, close: () => {} };
      const { metric, element } = definition;
      const query = new RowForm(element, metric, dims)
        .queryOf(vectorOf(request.query));
      return then(this.#open(index, table, dims), (state) => {
        const cursor = state.search(query, {
          snapshot: transaction.snapshotSequence,
          probes: request.probes,
          allowed: request.allowed,
          counters: request.counters,
        });
        return then(cursor, (cursor) =>
          then(
            ownVectors(transaction, state.entries),
            (own) =>
              new OverlaidCursor(cursor, own, query, { metric, element }),
          ));
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
    const isCoded = hasCodes(index);
    const count = state?.rows ??
      estimateVectors(this.#store, index.storageId, isCoded);
    const clusters = state?.clusters ?? clustersFor(count, undefined);
    const probes = state?.probesFor(rows) ?? Math.sqrt(clusters);
    return clusters + count * Math.min(1, probes / Math.max(1, clusters));
  }

  /** The same among a share of all rows: so many more clusters are read. */
  filteredCost(
    index: IndexEntry,
    handle: TransactionHandle,
    rows: number,
    share: number,
  ): number {
    return this.nearestCost(index, handle, Math.ceil(rows / share));
  }

  /** An index in memory; `undefined` while it has had no vector. */
  async state(
    index: IndexEntry,
    table: TableEntry,
  ): Promise<IvfState | undefined> {
    const { dims } = ivfDefinition(index, table);
    const stored = await this.#store.get(storagePrefix(index.storageId));
    const known = stored === undefined ? dims : decodeDims(stored);
    return known === 0 ? undefined : await this.#open(index, table, known);
  }

  /** Takes over what a commit changed, in the turn it becomes visible. */
  apply(transaction: Transaction, sequence: number): void {
    const { writes, catalog } = transaction;
    if (writes === undefined) return;
    for (const index of catalog.indexesUsing(this.name)) {
      const state = this.#states.tracked(index.storageId);
      const isLarge = writes.hasSpilled && hasWrites(writes, index);
      if (isLarge) this.#states.forget(index.storageId);
      if (state !== undefined && !isLarge) {
        state.apply(sequence, changesOf(writes, state.entries));
      } else if (hasWrites(writes, index)) {
        const table = catalog.relationById(index.tableId);
        invariant(table?.kind === "table", "an index without a table");
        this.#states.later(index.storageId, () => this.state(index, table));
      }
    }
  }

  /** Prepares for what becomes visible to a reader. */
  async prepare(
    advance: Advance,
    catalog: CatalogState,
  ): Promise<() => void> {
    const show = await this.#states.prepare(advance);
    return () => {
      this.follow(catalog);
      show();
    };
  }

  /** Takes back commits above `sequence`, after which none follows. */
  cutBack(): void {
    this.#states.forgetAll();
  }

  /** Forgets indexes that the catalog does not name any more. */
  follow(catalog: CatalogState): void {
    this.#states.keep((storageId) =>
      catalog.indexesUsing(this.name).some((each) =>
        each.storageId === storageId
      )
    );
  }

  /** The open indexes by storage id. */
  get states(): ReadonlyMap<number, IvfState> {
    return this.#states.open;
  }

  /** Resolves when background work is done. */
  async settle(): Promise<void> {
    await this.#states.settle();
  }

  /** Stops background work. */
  async close(): Promise<void> {
    await this.#states.close();
  }

  #entries(
    { storageId }: IndexEntry,
    { type, codes }: IvfDefinition,
    dims: number,
  ): IvfEntries {
    const isCoded = codes !== undefined;
    return new IvfEntries(storageId, { type, dims, isCoded });
  }

  /** The dimensions of an index; `undefined` while it has had no vector. */
  #dims(
    index: IndexEntry,
    { dims }: IvfDefinition,
    transaction: TransactionReads,
  ): MaybePromise<number | undefined> {
    if (dims > 0) return dims;
    return then(
      transaction.get(storagePrefix(index.storageId)),
      (value) => value === undefined ? undefined : decodeDims(value),
    );
  }

  /** The clusters that a transaction sees. */
  #clusters(
    index: IndexEntry,
    table: TableEntry,
    transaction: Transaction,
    dims: number,
  ): MaybePromise<Clusters> {
    const made = this.#made.get(transaction)?.get(index.storageId);
    if (made !== undefined) return made;
    // Those of now will do for an older snapshot: no cluster is ever forgotten.
    return then(this.#open(index, table, dims), ({ centroids, codes }) => ({
      set: centroids,
      version: centroids.newest,
      coder: codes?.coder,
    }));
  }

  #open(
    index: IndexEntry,
    table: TableEntry,
    dims: number,
  ): MaybePromise<IvfState> {
    return this.#states.openState(index, () => {
      const definition = ivfDefinition(index, table);
      const entries = this.#entries(index, definition, dims);
      return { store: this.#store, definition, dims, entries };
    });
  }
}
