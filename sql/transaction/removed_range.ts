/**
 * A range of keys that a transaction removed.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import type { BatchRange } from "../../storage/engine/write_batch.ts";
import type { EntryRun } from "../../storage/mvcc/entry_run.ts";

/** A range that was removed after the write of a number. */
export type RemovedRange = BatchRange & { readonly sequence: number };

/** Whether a write was taken back by a range removed after it. */
export function isRemoved(
  ranges: readonly RemovedRange[],
  run: EntryRun,
  index: number,
): boolean {
  const key = run.keys.subarray(run.keyStarts[index], run.keyEnds[index]);
  return ranges.some(({ start, end, sequence }) =>
    run.sequences[index]! <= sequence && compareBytes(start, key) <= 0 &&
    compareBytes(key, end) < 0
  );
}
