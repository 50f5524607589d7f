/**
 * Which versions of the merged entries stay.
 *
 * Entries come in order. Of a key
 *
 * 1. every version above the horizon stays;
 * 2. the newest at or below it stays, unless it is hidden by a range tombstone
 *    at or below the horizon, or is a deletion (or has outlived its time) and
 *    no older table may hold the key: then it goes as well. What has outlived
 *    its time but lies over older tables becomes a deletion;
 * 3. all others go.
 *
 * Between two calls nothing is allocated for an entry that stays: positions are
 * compared where they lie.
 *
 * @module
 */
import type { EntryRun } from "../mvcc/entry_run.ts";
import { KIND_DELETE, KIND_PUT } from "../mvcc/internal_key.ts";
import { prefixOf } from "../sstable/properties.ts";
import type { HiddenRanges, OlderKeys } from "./hidden_ranges.ts";
import type { InputBlock } from "./input_stream.ts";
import type { OutputTables } from "./output_tables.ts";
import { hasPrefix, horizonOf, type Retention } from "./retention.ts";

/** What became of the entries. */
export interface FilterCounts {
  /** Entries read. */
  entries: number;
  /** Entries that are in no output. */
  dropped: number;
  /** Blocks that were written as they were stored. */
  copiedBlocks: number;
}

/** Sends what stays to the outputs. */
export class VersionFilter {
  readonly #retention: Retention;
  readonly #ranges: HiddenRanges;
  readonly #older: OlderKeys;
  readonly #outputs: OutputTables;
  /** What it did so far. */
  readonly counts: FilterCounts = { entries: 0, dropped: 0, copiedBlocks: 0 };
  /** The key before. */
  #keys: Uint8Array = new Uint8Array(0);
  #keyStart = 0;
  #keyEnd = -1;
  #keyCount = 0;
  /** Whether a version of it at or below the horizon was met. */
  #decided = false;

  /** A filter before the first entry. */
  constructor(
    retention: Retention,
    ranges: HiddenRanges,
    older: OlderKeys,
    outputs: OutputTables,
  ) {
    this.#retention = retention;
    this.#ranges = ranges;
    this.#older = older;
    this.#outputs = outputs;
  }

  /** Takes entries [from, to) of a block. */
  take(block: InputBlock, from: number, to: number): void {
    const { run } = block;
    this.counts.entries += to - from;
    const last = prefixAt(run, to - 1);
    const byPrefix = this.#retention.floors.size > 0 ||
      this.#outputs.mayEndAtPrefix;
    while (from < to) {
      const prefix = prefixAt(run, from);
      let end = to;
      if (byPrefix && prefix !== last) {
        end = from + 1;
        while (end < to && prefixAt(run, end) === prefix) end++;
      }
      this.#takeStretch(block, from, end, prefix);
      from = end;
    }
    this.#outputs.notePrefix(last);
  }

  #takeStretch(
    { run, stored }: InputBlock,
    from: number,
    to: number,
    prefix: number,
  ): void {
    const whole = from === 0 && to === run.count && stored !== undefined;
    if (whole && this.#takeWhole(run, stored, prefix)) return;
    this.#takeSome(run, from, to, prefix);
    if (whole) this.#outputs.passedBlock();
  }

  /** Takes a whole block as it is stored, if all of it stays. */
  #takeWhole(run: EntryRun, stored: Uint8Array, prefix: number): boolean {
    if (!this.#isPlain || this.#isSame(run, 0)) return false;
    const horizon = horizonOf(this.#retention, prefix);
    const { kinds, sequences, count } = run;
    let decided = false;
    for (let i = 0; i < count; i++) {
      const settled = sequences[i]! <= horizon;
      if (settled && kinds[i] !== KIND_PUT) return false;
      if (i === 0 || !sameKeys(run, i)) decided = false;
      else if (decided) return false;
      if (settled) decided = true;
    }
    const outputs = this.#outputs;
    outputs.atKey(run.keys.subarray(run.keyStarts[0], run.keyEnds[0]), prefix);
    if (!outputs.addBlock(run, stored)) return false;
    this.#setKey(run, count - 1);
    this.#decided = decided;
    this.counts.copiedBlocks++;
    return true;
  }

  #takeSome(run: EntryRun, from: number, to: number, prefix: number): void {
    const { sequences, kinds, keys, keyStarts, keyEnds } = run;
    const outputs = this.#outputs;
    const horizon = horizonOf(this.#retention, prefix);
    const mayEnd = outputs.mayEndAtPrefix;
    for (let i = from; i < to; i++) {
      const sequence = sequences[i]!;
      const same = this.#isSame(run, i);
      if (!same) {
        this.#decided = false;
        this.#setKey(run, i);
        // Tables below are looked at now and then; full ones are ended anywhere.
        if (mayEnd || (++this.#keyCount & 31) === 1 || outputs.isFull) {
          outputs.atKey(keys.subarray(keyStarts[i], keyEnds[i]), prefix);
        }
      }
      if (sequence > horizon) {
        outputs.add(run, i);
        continue;
      }
      if (this.#decided) {
        this.counts.dropped++;
        continue;
      }
      this.#decided = true;
      if (kinds[i] === KIND_PUT && this.#isPlain) outputs.add(run, i);
      else this.#takeNewest(run, i, horizon);
    }
  }

  get #isPlain(): boolean {
    return this.#ranges.isEmpty && this.#retention.expiries.length === 0;
  }

  /** Takes the newest version at or below the horizon, where it may go. */
  #takeNewest(run: EntryRun, index: number, horizon: number): void {
    const key = run.keys.subarray(run.keyStarts[index], run.keyEnds[index]);
    const sequence = run.sequences[index]!;
    if (this.#ranges.hides(key, sequence, horizon)) {
      this.counts.dropped++;
      return;
    }
    const expired = this.#retention.expiries.some(({ prefix, to }) =>
      sequence <= to && hasPrefix(key, prefix)
    );
    if (run.kinds[index] !== KIND_DELETE && !expired) {
      this.#outputs.add(run, index);
    } else if (!this.#older.mayHold(key)) {
      this.counts.dropped++;
    } else if (expired) this.#outputs.addDeletion(run, index);
    else this.#outputs.add(run, index);
  }

  #setKey(run: EntryRun, index: number): void {
    this.#keys = run.keys;
    this.#keyStart = run.keyStarts[index]!;
    this.#keyEnd = run.keyEnds[index]!;
  }

  /** Whether an entry has the key before; from the end, where keys differ. */
  #isSame(run: EntryRun, index: number): boolean {
    const start = run.keyStarts[index]!;
    let at = run.keyEnds[index]!;
    if (at - start !== this.#keyEnd - this.#keyStart) return false;
    const before = this.#keys;
    const { keys } = run;
    for (let i = this.#keyEnd - 1; i >= this.#keyStart; i--) {
      if (before[i] !== keys[--at]) return false;
    }
    return true;
  }
}

function prefixAt(run: EntryRun, index: number): number {
  return prefixOf(run.keys, run.keyStarts[index]!, run.keyEnds[index]!);
}

/** Whether entry `index` has the key of the one before it. */
function sameKeys(run: EntryRun, index: number): boolean {
  const { keys, keyStarts, keyEnds } = run;
  const start = keyStarts[index]!;
  const length = keyEnds[index]! - start;
  const before = keyStarts[index - 1]!;
  if (keyEnds[index - 1]! - before !== length) return false;
  for (let i = length - 1; i >= 0; i--) {
    if (keys[start + i] !== keys[before + i]) return false;
  }
  return true;
}
