/**
 * From a batch to entries of a memtable.
 *
 * @module
 */
import type { Memtable } from "../memtable/memtable.ts";
import type { EntryKind } from "../mvcc/internal_key.ts";
import type { SealedBatch } from "./write_batch.ts";

/** Puts a batch into a memtable. */
export function applyBatch(
  memtable: Memtable,
  batch: SealedBatch,
  sequence: number,
): void {
  const base = memtable.append(batch.payload);
  const { keyStarts, keyEnds, valueStarts, valueEnds, kinds } = batch;
  for (let row = 0; row < batch.count; row++) {
    memtable.insertAppended(
      base + keyStarts[row]!,
      base + keyEnds[row]!,
      base + valueStarts[row]!,
      base + valueEnds[row]!,
      sequence,
      kinds[row] as EntryKind,
    );
  }
  for (const { start, end } of batch.ranges) {
    memtable.insertTombstone(start, end, sequence);
  }
}
