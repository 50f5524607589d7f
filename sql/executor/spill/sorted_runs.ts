/**
 * External merge sort (Knuth, The Art of Computer Programming, vol. 3, 5.4): runs of
 * rows in order, in files, merged when all rows are there. Merging is stable: of equal
 * rows those of the earlier run come first.
 *
 * @module
 */
import {
  type Chunk,
  CHUNK_ROWS,
  type Column,
  ColumnBuilder,
  valueAt,
} from "../../chunk/chunk.ts";
import type { SpillFile } from "../../access/temporary_files.ts";
import type { CompareRows } from "../row_order.ts";
import type { ChunkShape } from "./chunk_bytes.ts";
import { SpilledRows } from "./spilled_rows.ts";
import type { HeldMemory } from "./held_memory.ts";

/** How many runs are merged at once. */
const FAN_IN = 64;

/** Sorted runs. */
export class SortedRuns {
  readonly #shape: ChunkShape;
  /** How many of the columns come before those of the keys. */
  readonly #width: number;
  readonly #compare: CompareRows;
  readonly #memory: HeldMemory;
  #file: SpillFile | undefined;
  #runs: SpilledRows[] = [];
  #merge: Merge | undefined;

  /** No runs yet; the last columns of the shape are the keys. */
  constructor(
    shape: ChunkShape,
    width: number,
    compare: CompareRows,
    memory: HeldMemory,
  ) {
    this.#shape = shape;
    this.#width = width;
    this.#compare = compare;
    this.#memory = memory;
  }

  /** Adds the rows `order` of columns, which are in order. */
  add(columns: readonly Column[], order: Uint32Array): void {
    this.#file ??= this.#memory.createFile();
    const run = new SpilledRows(this.#shape, this.#file, this.#memory);
    this.#runs.push(run);
    run.append(columns, order, order.length);
  }

  /** The next rows of all runs in order, all columns; no run can be added after. */
  next(): Chunk | undefined {
    if (this.#merge === undefined) {
      while (this.#runs.length > FAN_IN) this.#mergeSome();
      this.#merge = new Merge(this.#runs, this.#width, this.#compare);
    }
    return this.#merge.next(this.#shape);
  }

  /** Merges as many as can be merged at once; they are neighbours still. */
  #mergeSome(): void {
    const file = this.#memory.createFile();
    const merged: SpilledRows[] = [];
    for (let from = 0; from < this.#runs.length; from += FAN_IN) {
      const some = this.#runs.slice(from, from + FAN_IN);
      const merge = new Merge(some, this.#width, this.#compare);
      const run = new SpilledRows(this.#shape, file, this.#memory);
      merged.push(run);
      for (;;) {
        const chunk = merge.next(this.#shape);
        if (chunk === undefined) break;
        run.append(chunk.columns, undefined, chunk.rowCount);
      }
    }
    this.#file?.close();
    this.#file = file;
    this.#runs = merged;
  }

  /** How many runs there are. */
  get count(): number {
    return this.#runs.length;
  }

  /** Lets go of the file. */
  close(): void {
    this.#file?.close();
    this.#runs = [];
    this.#merge = undefined;
  }
}

/** The place in a run. */
interface Cursor {
  readonly run: SpilledRows;
  readonly index: number;
  piece: number;
  columns: readonly Column[];
  keys: readonly Column[];
  row: number;
  rowCount: number;
}

/** A heap of places, the next row at its root. */
class Merge {
  readonly #width: number;
  readonly #compare: CompareRows;
  readonly #heap: Cursor[] = [];

  constructor(
    runs: readonly SpilledRows[],
    width: number,
    compare: CompareRows,
  ) {
    this.#width = width;
    this.#compare = compare;
    runs.forEach((run, index) => {
      const cursor: Cursor = {
        run,
        index,
        piece: 0,
        columns: [],
        keys: [],
        row: 0,
        rowCount: 0,
      };
      if (this.#load(cursor)) this.#heap.push(cursor);
    });
    for (let i = (this.#heap.length >>> 1) - 1; i >= 0; i--) this.#sink(i);
  }

  /** The next rows; nothing at the end. */
  next({ types }: ChunkShape): Chunk | undefined {
    const heap = this.#heap;
    if (heap.length === 0) return undefined;
    const builders = types.map((type) => new ColumnBuilder(type));
    let rowCount = 0;
    while (rowCount < CHUNK_ROWS && heap.length > 0) {
      const cursor = heap[0]!;
      for (let c = 0; c < builders.length; c++) {
        builders[c]!.append(valueAt(cursor.columns[c]!, cursor.row));
      }
      rowCount++;
      cursor.row++;
      if (cursor.row === cursor.rowCount && !this.#load(cursor)) {
        const last = heap.pop()!;
        if (heap.length > 0) heap[0] = last;
      }
      this.#sink(0);
    }
    return { columns: builders.map((builder) => builder.finish()), rowCount };
  }

  /** Goes to the next piece of a run; whether there is one. */
  #load(cursor: Cursor): boolean {
    if (cursor.piece >= cursor.run.count) return false;
    const { columns, rowCount } = cursor.run.piece(cursor.piece++);
    cursor.columns = columns;
    cursor.keys = columns.slice(this.#width);
    cursor.row = 0;
    cursor.rowCount = rowCount;
    return true;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      let least = at;
      const left = 2 * at + 1;
      if (left < heap.length && this.#isBefore(left, least)) least = left;
      const right = left + 1;
      if (right < heap.length && this.#isBefore(right, least)) least = right;
      if (least === at) return;
      const held = heap[at]!;
      heap[at] = heap[least]!;
      heap[least] = held;
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const left = this.#heap[a]!;
    const right = this.#heap[b]!;
    const order = this.#compare(left.keys, left.row, right.keys, right.row);
    return order === 0 ? left.index < right.index : order < 0;
  }
}
