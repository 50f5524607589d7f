/**
 * The right side of a merge join, as far as it is looked at: rows from the first
 * that may still have partners, whole groups of equal keys.
 *
 * Rows are compared with the left side's as they come. A group that goes on
 * beyond a chunk is gathered until it ends; one that is larger than memory is put
 * into a file.
 *
 * @module
 */
import type { SpillFile } from "../access/temporary_files.ts";
import type { Chunk, Column } from "../chunk/chunk.ts";
import type { DataType } from "../types/data_type.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { countOf, gather } from "./column_tools.ts";
import type { OperatorUsage } from "./operator.ts";
import type { CompareRows } from "./row_order.ts";
import { RowStore } from "./row_store.ts";
import type { RunState } from "./run_state.ts";
import { chunkShape } from "./spill/chunk_bytes.ts";
import { HeldMemory } from "./spill/held_memory.ts";
import { SpilledRows } from "./spill/spilled_rows.ts";

/** What a window has to know of its join. */
export interface WindowRows {
  readonly rightTypes: readonly DataType[];
  readonly rightKeys: readonly ColumnExpression[];
  readonly keyTypes: readonly DataType[];
  /** The order of keys. */
  readonly compare: CompareRows;
}

/** A group in a file. */
interface LongGroup {
  readonly file: SpillFile;
  readonly rows: SpilledRows;
  /** Its key: one row. */
  readonly key: readonly Column[];
}

/**
 * What is known of a row's partners: they are in the window, or in a file; there are
 * none; more rows have to come first.
 */
export type Found = "window" | "file" | "none" | "more";

/** Rows of the right side. */
export class MergeWindow {
  readonly #join: WindowRows;
  readonly #run: RunState;
  readonly #memory: HeldMemory;
  readonly #store: RowStore;
  /** Columns, then keys. */
  #rows: readonly Column[] = [];
  #rowCount = 0;
  #start = 0;
  /** The end of the group at the start; 0: not known. */
  #end = 0;
  /** Whether the group at the start is gathered in the store. */
  #isOpen = false;
  /** Its key: one row. */
  #key: readonly Column[] = [];
  #isDone = false;
  #long: LongGroup | undefined;
  #nextPiece = 0;

  /** No rows yet. */
  constructor(join: WindowRows, run: RunState) {
    this.#join = join;
    this.#run = run;
    const spills = chunkShape(join.rightTypes) !== undefined;
    this.#memory = new HeldMemory(run, spills);
    const types = [...join.rightTypes, ...join.keyTypes];
    this.#store = new RowStore(types, run, this.#memory);
  }

  /** The columns of the window's rows. */
  get columns(): readonly Column[] {
    return this.#rows.slice(0, this.#join.rightTypes.length);
  }

  /** The first partner of the row that was looked for. */
  get start(): number {
    return this.#start;
  }

  /** Whether no row that comes later has a partner. */
  get isAtEnd(): boolean {
    return this.#isDone && this.#start === this.#rowCount &&
      this.#long === undefined;
  }

  /** Where its partners end. */
  get end(): number {
    return this.#end;
  }

  get #keys(): readonly Column[] {
    return this.#rows.slice(this.#join.rightTypes.length);
  }

  /** Looks for the partners of a row; those of rows before it are let go of. */
  find(keys: readonly Column[], row: number): Found {
    if (this.#isOpen) return "more";
    const { compare } = this.#join;
    if (this.#long !== undefined) {
      const order = compare(this.#long.key, 0, keys, row);
      if (order >= 0) return order === 0 ? "file" : "none";
      this.#dropLong();
    }
    const own = this.#keys;
    const count = this.#rowCount;
    let order = -1;
    while (
      this.#start < count &&
      (order = compare(own, this.#start, keys, row)) < 0
    ) {
      this.#start++;
      this.#end = 0;
    }
    if (this.#start === count) return this.#isDone ? "none" : "more";
    if (order > 0) return "none";
    if (this.#end === 0) {
      let end = this.#start + 1;
      while (end < count && compare(own, end, own, this.#start) === 0) end++;
      if (end === count && !this.#isDone) return "more";
      this.#end = end;
    }
    return "window";
  }

  /** Adds the rows that came next; nothing at the end. */
  add(chunk: Chunk | undefined): void {
    if (chunk === undefined) {
      this.#isDone = true;
      if (this.#isOpen) this.#closeGroup([], rowsFrom(0, 0));
      return;
    }
    const { selection } = chunk;
    const keys = this.#join.rightKeys.map((key) =>
      key(chunk, selection, this.#run)
    );
    const all = [...chunk.columns, ...keys];
    const columns = selection === undefined
      ? all
      : all.map((column) => gather(column, selection));
    const count = countOf(selection, chunk.rowCount);
    if (count === 0) return;
    if (!this.#isOpen && this.#start === this.#rowCount) {
      return this.#show(columns, count);
    }
    if (!this.#isOpen) this.#openGroup();
    const alike = this.#alike(columns, count);
    if (this.#long !== undefined) {
      this.#long.rows.append(this.#rightOf(columns), rowsFrom(0, alike), alike);
    } else {
      this.#store.append(columns, undefined, count);
    }
    if (alike < count) this.#closeGroup(columns, rowsFrom(alike, count));
    else if (this.#memory.isFull) this.#spill();
  }

  /** Begins to gather the group at the start of the window. */
  #openGroup(): void {
    this.#store.release();
    const rows = rowsFrom(this.#start, this.#rowCount);
    this.#store.append(this.#rows, rows, this.#rowCount);
    const first = rows.subarray(0, 1);
    this.#key = this.#keys.map((key) => gather(key, first));
    this.#isOpen = true;
  }

  /** How many of some rows, from the first, are of the group. */
  #alike(columns: readonly Column[], count: number): number {
    const { compare, rightTypes } = this.#join;
    const keys = columns.slice(rightTypes.length);
    if (compare(keys, count - 1, this.#key, 0) === 0) return count;
    let alike = 0;
    while (compare(keys, alike, this.#key, 0) === 0) alike++;
    return alike;
  }

  /** Ends the group; after one in a file come these rows. */
  #closeGroup(columns: readonly Column[], rest: Uint32Array): void {
    this.#isOpen = false;
    if (this.#long === undefined) {
      const { count } = this.#store;
      return this.#show(this.#store.take(), count);
    }
    this.#show(columns.map((column) => gather(column, rest)), rest.length);
  }

  /** Puts the group into a file. */
  #spill(): void {
    if (this.#long === undefined) {
      const file = this.#memory.createFile();
      const shape = chunkShape(this.#join.rightTypes)!;
      const rows = new SpilledRows(shape, file, this.#memory);
      this.#long = { file, rows, key: this.#key };
    }
    const { count } = this.#store;
    this.#long.rows.append(this.#rightOf(this.#store.take()), undefined, count);
    this.#store.release();
    this.#show([], 0);
  }

  #rightOf(columns: readonly Column[]): readonly Column[] {
    return columns.slice(0, this.#join.rightTypes.length);
  }

  #show(rows: readonly Column[], count: number): void {
    this.#rows = rows;
    this.#rowCount = count;
    this.#start = 0;
    this.#end = 0;
  }

  /** The next rows of the group in the file; nothing after the last, once. */
  nextPiece(): Chunk | undefined {
    const { rows } = this.#long!;
    if (this.#nextPiece < rows.count) return rows.piece(this.#nextPiece++);
    this.#nextPiece = 0;
    return undefined;
  }

  #dropLong(): void {
    this.#long?.file.close();
    this.#long = undefined;
    this.#nextPiece = 0;
  }

  /** The memory it took. */
  get usage(): OperatorUsage {
    return this.#memory.usage;
  }

  /** Lets go of everything. */
  close(): void {
    this.#dropLong();
    this.#memory.release();
    this.#show([], 0);
    this.#isOpen = false;
    this.#isDone = true;
  }
}

function rowsFrom(from: number, to: number): Uint32Array {
  return Uint32Array.from({ length: to - from }, (_, i) => from + i);
}
