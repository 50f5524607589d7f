/**
 * A scan over the rows of a table in the tree.
 *
 * Rows come by the block. A filter sees those of one block at a time and has its
 * columns read one after the other, each for the rows that are left; the columns
 * of the result are read for those that it wants.
 *
 * ```text
 * block    a b c d    filter a < 5 AND b = 1, wanted a, c
 * row 0    x x x      read: a of all rows, b where a < 5, c where both hold
 * row 1    x
 * row 2    x x
 * ```
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { Scan } from "../../storage/engine/lsm_store.ts";
import type { EntryRun } from "../../storage/mvcc/entry_run.ts";
import { CHUNK_ROWS, ColumnBuilder } from "../chunk/chunk.ts";
import { RowBatch } from "../encoding/row_batch.ts";
import type { RowColumn } from "../encoding/row_encoding.ts";
import { readTid, STORAGE_ID_BYTES } from "./row_key.ts";
import { ScannedBatch } from "./scanned_batch.ts";
import type {
  LocatedChunk,
  RowFilter,
  TableScan,
  TableScanOptions,
} from "./table_access.ts";

/** Rows that are looked at for one chunk, however few pass; fewer at first. */
const LOOKED_ROWS_MAX = 8 * CHUNK_ROWS;

/** A running scan. */
export class LsmTableScan implements TableScan {
  readonly #scan: Scan;
  readonly #rows: FilteredRows;
  readonly #signal: TableScanOptions["signal"];
  #looked = 0;
  #lookedMax = CHUNK_ROWS;
  #done = false;

  /** The rows of `scan`, whose columns `columns` are wanted. */
  constructor(
    scan: Scan,
    columns: readonly RowColumn[],
    { filter, signal }: Pick<TableScanOptions, "filter" | "signal">,
  ) {
    this.#scan = scan;
    this.#rows = new FilteredRows(columns, filter);
    this.#signal = signal;
  }

  next(): MaybePromise<LocatedChunk | undefined> {
    this.#signal?.throwIfAborted();
    const pause = this.#signal?.pause?.();
    if (pause !== undefined) return pause.then(() => this.next());
    const rows = this.#rows;
    while (
      !this.#done && rows.count < CHUNK_ROWS && this.#looked < this.#lookedMax
    ) {
      const run = this.#scan.next();
      if (isPromise(run)) {
        return run.then((run) => {
          this.#take(run);
          return this.next();
        });
      }
      this.#take(run);
    }
    if (this.#done && rows.count === 0) return undefined;
    this.#looked = 0;
    this.#lookedMax = Math.min(LOOKED_ROWS_MAX, this.#lookedMax * 2);
    return rows.finish();
  }

  close(): void {
    this.#done = true;
    this.#scan.close();
  }

  #take(run: EntryRun | undefined): void {
    if (run === undefined) {
      this.#done = true;
      return;
    }
    this.#looked += run.count;
    this.#rows.addRun(run);
  }
}

/** The rows of a chunk that pass. */
class FilteredRows {
  readonly #columns: readonly RowColumn[];
  readonly #filter: RowFilter | undefined;
  readonly #batch: RowBatch;
  /** The same, with the columns that the filter had read. */
  readonly #scanned: ScannedBatch;
  /** Made with the first row of a chunk: the last chunk needs no others. */
  #builders: readonly ColumnBuilder[] = [];
  #locators = new Float64Array(0);
  count = 0;

  constructor(columns: readonly RowColumn[], filter: RowFilter | undefined) {
    this.#columns = columns;
    this.#filter = filter;
    this.#batch = new RowBatch(columns, CHUNK_ROWS);
    this.#scanned = new ScannedBatch(this.#batch, columns.length);
  }

  addRun(run: EntryRun): void {
    for (let first = 0; first < run.count; first += CHUNK_ROWS) {
      this.#add(run, first, Math.min(run.count, first + CHUNK_ROWS));
    }
  }

  #add(run: EntryRun, first: number, end: number): void {
    const batch = this.#batch;
    const scanned = this.#scanned;
    batch.take(run, first, end);
    const rows = this.#filter?.(scanned);
    const added = rows === undefined ? batch.rowCount : rows.length;
    if (added > 0) {
      if (this.count === 0) this.#start();
      const builders = this.#builders;
      for (let i = 0; i < builders.length; i++) {
        builders[i]!.appendColumn(scanned.column(i, rows), rows, added);
      }
      this.#addLocators(run, first, rows, added);
      this.count += added;
    }
    scanned.forget();
  }

  #addLocators(
    { keys, keyStarts }: EntryRun,
    first: number,
    rows: Uint32Array | undefined,
    added: number,
  ): void {
    const { count } = this;
    if (count + added > this.#locators.length) {
      const grown = new Float64Array((count + added) * 2);
      grown.set(this.#locators);
      this.#locators = grown;
    }
    const locators = this.#locators;
    for (let i = 0; i < added; i++) {
      const row = first + (rows === undefined ? i : rows[i]!);
      locators[count + i] = readTid(keys, keyStarts[row]! + STORAGE_ID_BYTES);
    }
  }

  finish(): LocatedChunk {
    if (this.count === 0) this.#start();
    const rowCount = this.count;
    this.count = 0;
    return {
      chunk: {
        columns: this.#builders.map((builder) => builder.finish()),
        rowCount,
      },
      locators: this.#locators.subarray(0, rowCount),
    };
  }

  #start(): void {
    this.#builders = this.#columns.map(({ type }) => new ColumnBuilder(type));
    this.#locators = new Float64Array(CHUNK_ROWS);
  }
}
