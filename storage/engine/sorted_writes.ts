/**
 * A batch that is larger than memory: its entries come in the order of their
 * keys, as often as they are asked for.
 *
 * @module
 */
import type { EntryRun } from "../mvcc/entry_run.ts";
import type { BatchRange } from "./write_batch.ts";

/** Writes in the order of their keys, each key once. */
export interface SortedWrites {
  /** Ranges that are removed before anything is written. */
  readonly ranges: readonly BatchRange[];
  /** Whether any key must be unchanged. */
  readonly hasChecked: boolean;
  /** Goes over the entries from the start. */
  read(): SortedWritesCursor;
}

/** Goes over entries. */
export interface SortedWritesCursor {
  /** The run that holds the entry it came to. */
  readonly run: EntryRun;
  /** Its index there. */
  readonly index: number;
  /** Whether its key must be unchanged. */
  readonly checked: boolean;
  /** Goes to the next entry; false at the end. */
  next(): boolean;
}
