/**
 * CREATE INDEX … USING lsm_hnsw on a table that has rows.
 *
 * The rows that are committed go into segments, which are uploaded and named in
 * the manifest before the catalog's row commits: until then no catalog names
 * their owner, and if it never does they are taken out again. A few rows are
 * not worth a segment: they get entries in the tree, as do the rows that the
 * transaction itself has written, and are searched live.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { LsmStore } from "../../storage/engine/lsm_store.ts";
import type { SealedSegment } from "../../vector/segments/sealed_segment.ts";
import { SegmentBuilder } from "../../vector/segments/segment_builder.ts";
import { segmentEntriesMax } from "../../vector/hnsw/segment_layout.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { type Chunk, type Column, columnOf, valueAt } from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { SqlValue, TypeRef } from "../types/data_type.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { checkDimsMax, type HnswDefinition } from "./hnsw_definition.ts";
import { hasPlainKeys, keyTypes, locatorsOf } from "./index_keys.ts";
import { checkIndexable, dimsOf, vectorOf } from "./indexed_vectors.ts";
import {
  abandonSegments,
  leaveVectors,
  publishSegments,
  runSliced,
  type StoredSegment,
  storeSegment,
  threadsFor,
} from "./hnsw_objects.ts";
import {
  leavesVectors,
  type ResidenceFacts,
  segmentRowsMaxOf,
} from "./hnsw_residence.ts";
import type { BuildOptions } from "./index_access.ts";
import type { LsmTableMethod } from "./lsm_table.ts";
import { rowKey, storagePrefix } from "./row_key.ts";

/** Rows from which a segment is built at once. */
const SEGMENT_ROWS_MIN = 1000;

/** Adds entries in the tree. */
export type AddEntries = (
  locators: Float64Array,
  column: Column,
  count: number,
) => MaybePromise<void>;

/** Builds indexes over rows that are there. */
export class HnswBuilder {
  readonly #store: LsmStore;
  readonly #tables: LsmTableMethod;
  /** Segments of this process by owner, until the index is opened. */
  readonly #built = new Map<number, Map<string, SealedSegment>>();

  /** A builder over the rows of `tables`. */
  constructor(store: LsmStore, tables: LsmTableMethod) {
    this.#store = store;
    this.#tables = tables;
  }

  /** Whether segments were built for an owner that was not opened yet. */
  isBuilding(owner: number): boolean {
    return this.#built.has(owner);
  }

  /** Gives up the segments built for an owner, by path. */
  takeBuilt(owner: number): ReadonlyMap<string, SealedSegment> {
    const built = this.#built.get(owner) ?? new Map();
    this.#built.delete(owner);
    return built;
  }

  /** Fills `index` with the rows that the transaction sees. */
  async build(
    index: IndexEntry,
    table: TableEntry,
    transaction: Transaction,
    definition: HnswDefinition,
    options: BuildOptions,
    addEntries: AddEntries,
  ): Promise<void> {
    const rows = new RowCollector(
      definition,
      index,
      table,
      transaction,
      this.#store,
      {
        threads: threadsFor(this.#store, options.threads ?? 0),
        rowsTotal: this.#tables.estimateRows(table, transaction),
      },
    );
    const uncount = this.#store.memory.add({
      name: "index builds",
      group: "system",
      bytes: () => rows.byteLength,
    });
    try {
      await this.#fill(rows, index, table, transaction, options, addEntries);
    } catch (error) {
      abandonSegments(this.#store, rows.stored);
      this.#built.delete(index.storageId);
      throw error;
    } finally {
      uncount();
    }
  }

  async #fill(
    rows: RowCollector,
    index: IndexEntry,
    table: TableEntry,
    transaction: Transaction,
    options: BuildOptions,
    addEntries: AddEntries,
  ): Promise<void> {
    const { rowsTotal } = rows;
    const scan = this.#tables.scan(table, transaction, {
      columns: columnsRead(index, table),
      signal: options.signal,
    });
    try {
      for (;;) {
        const got = scan.next();
        const next = isPromise(got) ? await got : got;
        if (next === undefined) break;
        const keys = hasPlainKeys(index)
          ? next.chunk
          : options.keysOf(index, table, next.chunk);
        rows.add(locatorsOf(next.chunk, keys, next.locators), keys);
        options.onProgress?.({
          phase: "scanning table",
          rowsDone: rows.count,
          rowsTotal,
        }, index);
        await this.#buildSegments(rows, index, options, "full");
      }
    } finally {
      scan.close();
    }
    const [{ type }] = keyTypes(index, table) as [TypeRef];
    const own = rows.ownRows();
    if (rows.segmentRows < SEGMENT_ROWS_MIN) {
      const small = rows.smallRows();
      await addEntries(
        Float64Array.from([...small.tids, ...own.tids]),
        columnOf(type, [...small.vectors, ...own.vectors]),
        small.tids.length + own.tids.length,
      );
      return;
    }
    await this.#buildSegments(rows, index, options, "all");
    rows.noteDims();
    await publishSegments(this.#store, index.storageId, rows.stored, {
      coveredTo: transaction.snapshotSequence,
      horizon: 0, // Nobody sees the index before it was made.
    });
    // They are named now: who fails later does not take them back.
    rows.stored.length = 0;
    await addEntries(
      Float64Array.from(own.tids),
      columnOf(type, own.vectors),
      own.tids.length,
    );
  }

  /** Builds and stores segments: those that are full, or all. */
  async #buildSegments(
    rows: RowCollector,
    index: IndexEntry,
    options: BuildOptions,
    which: "full" | "all",
  ): Promise<void> {
    const owner = index.storageId;
    for (;;) {
      const builder = rows.takeBuilder(which);
      if (builder === undefined) return;
      const built = await this.#buildOne(builder, rows, index, options);
      const stored = await storeSegment(this.#store, owner, built);
      rows.stored.push(stored);
      if (rows.leavesRows) leaveVectors(this.#store, [stored]);
      const segments = this.#built.get(owner) ?? new Map();
      this.#built.set(owner, segments.set(stored.meta.path, stored.segment));
    }
  }

  async #buildOne(
    builder: SegmentBuilder,
    rows: RowCollector,
    index: IndexEntry,
    options: BuildOptions,
  ): Promise<SealedSegment> {
    const { environment } = this.#store.config;
    const rowsTotal = builder.count;
    const task = builder.build({ from: 0, to: rows.coveredTo });
    const steps = {
      step(budgetMs: number): boolean {
        const done = task.step(budgetMs);
        options.onProgress?.({
          phase: "building graph",
          rowsDone: Math.floor(task.progress * rowsTotal),
          rowsTotal,
        }, index);
        return done;
      },
      get isWaiting(): boolean {
        return task.isWaiting;
      },
    };
    try {
      await runSliced(steps, environment, options.signal);
    } catch (error) {
      task.abort();
      throw error;
    }
    return task.result.segment;
  }
}

/** Vectors of rows that get entries. */
interface EntryRows {
  readonly tids: number[];
  readonly vectors: SqlValue[];
}

/** The columns that a build needs: its own, or all to compute keys from. */
function columnsRead(index: IndexEntry, { columns }: TableEntry): number[] {
  const [key] = index.columns;
  const own = columns.findIndex(({ number }) => number === key!.columnNumber);
  return hasPlainKeys(index) ? [own] : columns.map((_, position) => position);
}

/** Sorts rows by whether they are committed. */
class RowCollector {
  readonly #builders: SegmentBuilder[] = [];
  /** The one that is being built. */
  #building: SegmentBuilder | undefined;
  /** Rows of the segment that is collected now, at most. */
  #rowsMax = 0;
  /** What was built and stored. */
  readonly stored: StoredSegment[] = [];
  /** Rows of the table, about. */
  readonly rowsTotal: number;
  readonly definition: HnswDefinition;
  readonly #index: IndexEntry;
  readonly #table: TableEntry;
  readonly #transaction: Transaction;
  readonly #store: LsmStore;
  readonly #small: EntryRows = { tids: [], vectors: [] };
  readonly #own: EntryRows = { tids: [], vectors: [] };
  readonly #threads: number;
  #dims: number;
  /** Rows seen, with or without a vector. */
  count = 0;
  /** Committed rows with a vector. */
  segmentRows = 0;

  constructor(
    definition: HnswDefinition,
    index: IndexEntry,
    table: TableEntry,
    transaction: Transaction,
    store: LsmStore,
    { threads, rowsTotal }: {
      readonly threads: number;
      readonly rowsTotal: number;
    },
  ) {
    this.definition = definition;
    this.#index = index;
    this.#table = table;
    this.#transaction = transaction;
    this.#store = store;
    this.#dims = definition.dims;
    this.#threads = threads;
    this.rowsTotal = rowsTotal;
  }

  /** Bytes that the rows take, about. */
  get byteLength(): number {
    return this.#builders.reduce(
      (sum, { byteLength }) => sum + byteLength,
      this.#building?.byteLength ?? 0,
    );
  }

  add(locators: Float64Array, keys: Chunk): void {
    const { selection, columns: [column] } = keys;
    const { writes, readSequence } = this.#transaction;
    this.count += locators.length;
    for (let i = 0; i < locators.length; i++) {
      const row = selection === undefined ? i : selection[i]!;
      const vector = valueAt(column!, row);
      if (vector === null) continue;
      checkIndexable(this.definition.element, vector);
      this.#checkDims(vector);
      const tid = locators[i]!;
      const isOwn = writes !== undefined &&
        writes.get(rowKey(this.#table.storageId, tid), readSequence) !==
          undefined;
      if (isOwn) {
        this.#own.tids.push(tid);
        this.#own.vectors.push(vector);
        continue;
      }
      this.segmentRows++;
      if (this.segmentRows < SEGMENT_ROWS_MIN) {
        this.#small.tids.push(tid);
        this.#small.vectors.push(vector);
      } else {
        this.#addToSegment(tid, vector);
      }
    }
  }

  smallRows(): EntryRows {
    return this.#small;
  }

  ownRows(): EntryRows {
    return this.#own;
  }

  /** Fixes the dimensions of an index over a column without them. */
  noteDims(): void {
    if (this.definition.dims > 0) return;
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, this.#dims);
    this.#transaction.put(storagePrefix(this.#index.storageId), value, true);
  }

  #addToSegment(tid: number, vector: SqlValue): void {
    const begin = this.#transaction.snapshotSequence;
    const { tids, vectors } = this.#small;
    for (let i = 0; i < tids.length; i++) {
      this.#builder().add(tids[i]!, vectorOf(vectors[i]!), begin);
    }
    tids.length = vectors.length = 0;
    this.#builder().add(tid, vectorOf(vector), begin);
  }

  /** The builder that has room. */
  #builder(): SegmentBuilder {
    const { m, efConstruction, metric, element, quantization } =
      this.definition;
    const last = this.#builders.at(-1);
    if (last !== undefined && last.count < this.#rowsMax) return last;
    this.#rowsMax = this.#segmentRowsMax();
    const { environment } = this.#store.config;
    const builder = new SegmentBuilder({
      dims: this.#dims,
      metric,
      element,
      m,
      efConstruction,
      quantization,
      leavesRows: this.leavesRows,
      seed: Math.floor(environment.random() * 0x1_0000_0000),
      environment,
      threads: this.#threads,
    });
    this.#builders.push(builder);
    return builder;
  }

  get #residence(): ResidenceFacts {
    const { definition } = this;
    const { memoryBytesMax } = this.#store.config;
    const rows = Math.max(this.rowsTotal, this.segmentRows);
    return { definition, dims: this.#dims, rows, memoryBytesMax };
  }

  /** Whether vectors are left in the bucket. */
  get leavesRows(): boolean {
    return leavesVectors(this.#residence);
  }

  /** Rows of a segment, at most. */
  #segmentRowsMax(): number {
    const { m, element, quantization } = this.definition;
    const most = segmentEntriesMax(this.#dims, m, element, quantization);
    return Math.min(most, segmentRowsMaxOf(this.#residence) ?? most);
  }

  /** Takes a builder to be built out: one that is full, or any. */
  takeBuilder(which: "full" | "all"): SegmentBuilder | undefined {
    const [first] = this.#builders;
    const isFull = this.#builders.length > 1 ||
      first !== undefined && first.count >= this.#rowsMax;
    this.#building = which === "all" || isFull
      ? this.#builders.shift()
      : undefined;
    return this.#building;
  }

  /** Up to which sequence rows are read. */
  get coveredTo(): number {
    return this.#transaction.snapshotSequence;
  }

  #checkDims(vector: SqlValue): void {
    const dims = dimsOf(vector);
    if (this.#dims === 0) {
      checkDimsMax(this.definition.element, dims);
      this.#dims = dims;
    }
    if (dims === this.#dims) return;
    throw new SqlError(
      "22000",
      `expected ${this.#dims} dimensions, not ${dims}`,
      {
        table: this.#table.name,
        detail: `Index "${this.#index.name}" needs vectors of one dimension.`,
      },
    );
  }
}
