/**
 * What a transaction leaves of its writes: the newest of every key.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import type { WriteBatch } from "../../storage/engine/write_batch.ts";
import type { Memtable } from "../../storage/memtable/memtable.ts";
import type { EntryRun } from "../../storage/mvcc/entry_run.ts";
import { compareRanges, KIND_DELETE } from "../../storage/mvcc/internal_key.ts";
import { OVERLAY_SEQUENCE } from "../../storage/mvcc/merging_scan.ts";
import type { PendingChanges } from "./pending_changes.ts";
import type { RemovedRange } from "./removed_range.ts";

/**
 * Visits the newest write of every key, in the order of the keys; those that
 * one of `ranges` took back are left out.
 */
export function visitNewest(
  writes: Memtable,
  ranges: readonly RemovedRange[],
  visit: (run: EntryRun, index: number) => void,
): void {
  const source = writes.runs({});
  let lastKeys = new Uint8Array(0) as Uint8Array;
  let lastStart = 0;
  let lastEnd = -1;
  for (let run = source.nextRun(); run; run = source.nextRun()) {
    invariant(!(run instanceof Promise), "a memtable never waits");
    const { keys } = run;
    for (let i = 0; i < run.count; i++) {
      const start = run.keyStarts[i]!;
      const end = run.keyEnds[i]!;
      if (
        lastEnd - lastStart === end - start &&
        compareRanges(lastKeys, lastStart, lastEnd, keys, start, end) === 0
      ) continue;
      lastKeys = keys;
      lastStart = start;
      lastEnd = end;
      if (ranges.length === 0 || !isRemoved(ranges, run, i)) visit(run, i);
    }
  }
}

/** Whether a write was taken back by a range removed after it. */
function isRemoved(
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

/** Puts the newest version of every key into the batch. */
export function fillBatch(
  batch: WriteBatch,
  writes: Memtable | undefined,
  { ranges, checked }: PendingChanges,
): void {
  for (const { start, end } of ranges) batch.deleteRange(start, end);
  if (writes === undefined) return;
  visitNewest(writes, ranges, (run, i) => {
    const { keys } = run;
    const keyStart = run.keyStarts[i]!;
    const keyEnd = run.keyEnds[i]!;
    const isChecked = checked[run.sequences[i]! - OVERLAY_SEQUENCE] === 1;
    if (run.kinds[i] === KIND_DELETE) {
      batch.deleteRangeOf(keys, keyStart, keyEnd, isChecked);
      return;
    }
    batch.putRange(
      keys,
      keyStart,
      keyEnd,
      run.values,
      run.valueStarts[i]!,
      run.valueEnds[i]!,
      isChecked,
    );
  });
}
