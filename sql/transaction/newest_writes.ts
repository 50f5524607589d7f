/**
 * What a transaction leaves of its writes: the newest of every key.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import {
  type SealedBatch,
  WriteBatch,
} from "../../storage/engine/write_batch.ts";
import type { Memtable } from "../../storage/memtable/memtable.ts";
import type { EntryRun } from "../../storage/mvcc/entry_run.ts";
import { compareRanges, KIND_DELETE } from "../../storage/mvcc/internal_key.ts";
import type { PendingChanges } from "./pending_changes.ts";
import { isRemoved, type RemovedRange } from "./removed_range.ts";
import type { WriteSet } from "./write_set.ts";

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

/**
 * Puts the newest version of every key into the batch. REQUIRES: all of it is in
 * memory.
 */
export function fillBatch(
  batch: WriteBatch,
  writes: WriteSet | undefined,
  { ranges }: PendingChanges,
): void {
  for (const { start, end } of ranges) batch.deleteRange(start, end);
  if (writes === undefined) return;
  visitNewest(writes.memtable, ranges, (run, i) => {
    const { keys } = run;
    const keyStart = run.keyStarts[i]!;
    const keyEnd = run.keyEnds[i]!;
    const checked = writes.isChecked(run, i);
    if (run.kinds[i] === KIND_DELETE) {
      batch.deleteRangeOf(keys, keyStart, keyEnd, checked);
      return;
    }
    batch.putRange(
      keys,
      keyStart,
      keyEnd,
      run.values,
      run.valueStarts[i]!,
      run.valueEnds[i]!,
      checked,
    );
  });
}

/**
 * A batch of the keys of another, with what the transaction has written to them
 * where it has: what is committed beside {@linkcode WriteSet.sorted}.
 */
export function withOwnWrites(
  { payload, count, keyStarts, keyEnds, valueStarts, valueEnds }: SealedBatch,
  writes: WriteSet,
): WriteBatch {
  const batch = new WriteBatch();
  for (let row = 0; row < count; row++) {
    const key = payload.subarray(keyStarts[row], keyEnds[row]);
    const own = writes.get(key, Infinity);
    if (own === null) batch.delete(key);
    else {
      const given = payload.subarray(valueStarts[row], valueEnds[row]);
      batch.put(key, own ?? given);
    }
  }
  return batch;
}
