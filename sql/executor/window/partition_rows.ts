/**
 * Partitions read from sorted runs: whole ones, as many as a chunk ends.
 *
 * @module
 */
import type { Chunk, Column } from "../../chunk/chunk.ts";
import type { CompareRows } from "../row_order.ts";
import { RowStore } from "../row_store.ts";
import type { RunState } from "../run_state.ts";
import type { SortedRuns } from "../spill/sorted_runs.ts";

/** Where the keys of partitions are. */
export interface PartitionKeys {
  /** The first of their columns. */
  readonly from: number;
  readonly count: number;
  readonly compare: CompareRows;
}

/** Rows in order, partition by partition. */
export class PartitionRows {
  readonly #runs: SortedRuns;
  readonly #keys: PartitionKeys;
  readonly #run: RunState;
  /** Rows of the partition whose end was not seen yet. */
  #open: RowStore | undefined;
  #last: { readonly keys: readonly Column[]; readonly row: number } | undefined;

  /** Partitions of the rows of `runs`. */
  constructor(runs: SortedRuns, keys: PartitionKeys, run: RunState) {
    this.#runs = runs;
    this.#keys = keys;
    this.#run = run;
  }

  /**
   * The rows of the next partitions; nothing at the end.
   *
   * @throws {SqlError} `53200` when memory has no room for a partition.
   */
  next(): Chunk | undefined {
    for (;;) {
      const chunk = this.#runs.next();
      if (chunk === undefined) return this.#take();
      const { columns, rowCount } = chunk;
      this.#open ??= new RowStore(columns.map(({ type }) => type), this.#run);
      const end = this.#lastStart(chunk);
      this.#append(columns, 0, end);
      const whole = end < rowCount && (end > 0 || this.#open.count > 0)
        ? this.#take()
        : undefined;
      this.#append(columns, end, rowCount);
      if (whole !== undefined) return whole;
    }
  }

  /** Where the last partition that begins in a chunk does; else its end. */
  #lastStart({ columns, rowCount }: Chunk): number {
    const { from, count, compare } = this.#keys;
    const keys = columns.slice(from, from + count);
    const last = this.#last;
    this.#last = { keys, row: rowCount - 1 };
    for (let row = rowCount - 1; row > 0; row--) {
      if (compare(keys, row, keys, row - 1) !== 0) return row;
    }
    return last !== undefined && compare(keys, 0, last.keys, last.row) !== 0
      ? 0
      : rowCount;
  }

  #append(columns: readonly Column[], from: number, to: number): void {
    const rows = Uint32Array.from({ length: to - from }, (_, i) => from + i);
    this.#open!.append(columns, rows, to);
  }

  #take(): Chunk | undefined {
    const rowCount = this.#open?.count ?? 0;
    if (rowCount === 0) return undefined;
    const columns = this.#open!.take();
    this.#open!.release();
    return { columns, rowCount };
  }

  /** Lets go of the rows. */
  close(): void {
    this.#open?.release();
    this.#open = undefined;
  }
}
