/**
 * Runs over a memtable's entries, forward and backward.
 *
 * A run holds where keys and values lie in the arena; nothing of them is copied,
 * and nothing of them is looked at: what is known of entries (their kinds, and
 * whether newer ones have their keys) says whether a scan may take the run as a
 * whole.
 *
 * Most scans are over a few keys, and cost less than the arrays of a run: those of
 * the first size are used again once a scan has come to its end.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import { cutWords } from "../../base/slab.ts";
import type { EntryRun, KeyRange, RunSource } from "../mvcc/entry_run.ts";
import { SEQUENCE_MAX } from "../mvcc/internal_key.ts";
import { type EntryTable, NO_ENTRY, type RunArrays } from "./entry_table.ts";
import type { EntryTree } from "./entry_tree.ts";

/** Entries of a run: short scans are common, so the first are small. */
const RUN_ENTRIES_MIN = 8;
const RUN_ENTRIES_MAX = 1024;

const NO_BYTES = new Uint8Array(0);

/** A run filled from a table; its arrays may be used again for the next. */
class TableRun implements EntryRun, RunArrays {
  count = 0;
  keys: Uint8Array = NO_BYTES;
  values: Uint8Array = NO_BYTES;
  readonly keyStarts: Uint32Array;
  readonly keyEnds: Uint32Array;
  readonly valueStarts: Uint32Array;
  readonly valueEnds: Uint32Array;
  readonly sequences: Float64Array;
  readonly kinds: Uint8Array;
  sequenceMax = 0;
  isPlain = false;

  constructor(capacity: number) {
    // What is used again would keep a slab.
    const words = capacity === RUN_ENTRIES_MIN
      ? (length: number): Uint32Array => new Uint32Array(length)
      : cutWords;
    this.keyStarts = words(capacity);
    this.keyEnds = words(capacity);
    this.valueStarts = words(capacity);
    this.valueEnds = words(capacity);
    this.sequences = new Float64Array(capacity);
    this.kinds = new Uint8Array(capacity);
  }

  /** Takes up to `most` entries from `entry` on; returns the one behind. */
  fill(table: EntryTable, entry: number, most: number): number {
    this.keys = this.values = table.arena;
    return table.fill(this, entry, most);
  }

  /** Takes as many of `entries` as it has room for, the last of them first. */
  fillBackward(table: EntryTable, entries: Uint32Array): void {
    this.keys = this.values = table.arena;
    table.fillBackward(this, entries, this.kinds.length);
  }
}

/** Runs of the first size, of scans that have ended, for those to come. */
const spareRuns: TableRun[] = [];
const SPARE_RUNS_MAX = 16;

/** Runs from the beginning of a range. */
export class ForwardRuns implements RunSource {
  readonly #table: EntryTable;
  readonly #stop: Uint8Array | undefined;
  #entry: number;
  #run: TableRun | undefined;
  #capacity = RUN_ENTRIES_MIN;

  /** Runs over `range`. */
  constructor(tree: EntryTree, range: KeyRange) {
    this.#table = tree.table;
    this.#stop = range.end;
    this.#entry = range.start === undefined
      ? tree.first()
      : tree.seek(range.start, SEQUENCE_MAX);
  }

  nextRun(): EntryRun | undefined {
    if (this.#entry === NO_ENTRY) {
      this.#giveBack();
      return undefined;
    }
    if (this.#run === undefined) {
      this.#run = spareRuns.pop() ?? new TableRun(RUN_ENTRIES_MIN);
    } else if (this.#capacity < RUN_ENTRIES_MAX) {
      this.#capacity = Math.min(
        RUN_ENTRIES_MAX,
        this.#capacity * 4,
        Math.max(RUN_ENTRIES_MIN, this.#table.count),
      );
      this.#run = new TableRun(this.#capacity);
    }
    const run = this.#run;
    const entry = run.fill(this.#table, this.#entry, this.#capacity);
    this.#entry = entry;
    if (this.#stop !== undefined && entry !== NO_ENTRY) {
      const last = run.count - 1;
      const key = run.keys.subarray(run.keyStarts[last], run.keyEnds[last]);
      if (compareBytes(key, this.#stop) >= 0) this.#entry = NO_ENTRY;
    }
    return run;
  }

  /** Gives the run back, which nobody reads any more. */
  #giveBack(): void {
    const run = this.#run;
    this.#run = undefined;
    if (run?.kinds.length !== RUN_ENTRIES_MIN) return;
    run.count = 0;
    run.keys = run.values = NO_BYTES;
    if (spareRuns.length < SPARE_RUNS_MAX) spareRuns.push(run);
  }
}

/** Runs from the end: each a new one, as those before stay valid. */
export class BackwardRuns implements RunSource {
  readonly #table: EntryTable;
  readonly #start: Uint8Array | undefined;
  #entry: number;
  #capacity = RUN_ENTRIES_MIN;

  /** Runs over `range`, the last first. */
  constructor(tree: EntryTree, range: KeyRange) {
    this.#table = tree.table;
    this.#start = range.start;
    this.#entry = range.end === undefined
      ? tree.last()
      : tree.seekBefore(range.end);
  }

  nextRun(): EntryRun | undefined {
    const table = this.#table;
    let entry = this.#entry;
    if (entry === NO_ENTRY) return undefined;
    this.#capacity = Math.min(RUN_ENTRIES_MAX, this.#capacity * 4);
    const taken = cutWords(this.#capacity);
    let count = 0;
    // Noted one by one: the way back leads past what was taken out meanwhile.
    while (entry !== NO_ENTRY && count < this.#capacity) {
      taken[count++] = entry;
      entry = table.previous(entry);
    }
    this.#entry = entry;
    const run = new TableRun(count);
    run.fillBackward(table, taken);
    if (this.#start !== undefined && entry !== NO_ENTRY) {
      const key = run.keys.subarray(run.keyStarts[0], run.keyEnds[0]);
      if (compareBytes(key, this.#start) < 0) this.#entry = NO_ENTRY;
    }
    return run;
  }
}
