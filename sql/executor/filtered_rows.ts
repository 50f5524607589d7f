/**
 * The rows of a scan that pass its filter, and how many do not.
 *
 * @module
 */
import { type Chunk, selectedCount } from "../chunk/chunk.ts";
import type { Filter } from "./filter_expression.ts";
import type { RunState } from "./run_state.ts";

/** Applies the filter of a running scan. */
export class FilteredRows {
  readonly #filter: Filter | undefined;
  readonly #run: RunState;
  /** Rows that did not pass so far. */
  removed = 0;

  /** No filter: all rows pass. */
  constructor(filter: Filter | undefined, run: RunState) {
    this.#filter = filter;
    this.#run = run;
  }

  /** The chunk with the rows that pass; nothing where none does. */
  of(chunk: Chunk): Chunk | undefined {
    const { columns, rowCount } = chunk;
    if (rowCount === 0) return undefined;
    const selection = this.#filter?.(chunk, this.#run);
    if (selection === undefined) return chunk;
    this.removed += selectedCount(chunk) - selection.length;
    return selection.length === 0
      ? undefined
      : { columns, rowCount, selection };
  }
}
