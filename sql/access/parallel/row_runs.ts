/**
 * The rows of a table as they are stored, for who decodes them elsewhere.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";

/** Rows of a table that a transaction sees, by the block. */
export type RowRun = EntryRun;

/** A scan that decodes nothing. */
export interface RowRuns {
  /** The next rows; valid until the next call. */
  next(): MaybePromise<RowRun | undefined>;
  /** Lets go of what it holds; may be called at any time, and twice. */
  close(): void;
}

/** The rows of a run from `first` up to `end`. */
export function partOfRun(run: RowRun, first: number, end: number): RowRun {
  return {
    ...run,
    count: end - first,
    keyStarts: run.keyStarts.subarray(first, end),
    keyEnds: run.keyEnds.subarray(first, end),
    valueStarts: run.valueStarts.subarray(first, end),
    valueEnds: run.valueEnds.subarray(first, end),
  };
}
