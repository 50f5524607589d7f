/**
 * What a transaction has written and not committed, each write with a number.
 *
 * The newest writes are in a memtable, which is the undo log, too: going back
 * takes writes back one by one, the newest first. When there are more of them
 * than memory is to hold (`write_set_memory.ts`) the memtable becomes a run in a
 * temporary file (`storage/spill/`), and another begins; who reads looks there
 * as well, without waiting.
 *
 * Invariants:
 * 1. Numbers rise; those of the memtable are above those of all runs.
 * 2. When a memtable cannot be written out, nothing of it is lost.
 *
 * @module
 */
import { cutBytes } from "../../base/slab.ts";
import type {
  SortedWrites,
  SortedWritesCursor,
} from "../../storage/engine/sorted_writes.ts";
import type { ScanOverlay } from "../../storage/engine/store_scan.ts";
import { Memtable, NOT_FOUND } from "../../storage/memtable/memtable.ts";
import type { EntryRun, KeyRange } from "../../storage/mvcc/entry_run.ts";
import {
  type EntryKind,
  KIND_DELETE,
} from "../../storage/mvcc/internal_key.ts";
import { OVERLAY_SEQUENCE } from "../../storage/mvcc/merging_scan.ts";
import type { MarkedBlock } from "../../storage/spill/marked_block.ts";
import { NewestVersions } from "../../storage/spill/newest_versions.ts";
import { SpilledWrites } from "../../storage/spill/spilled_writes.ts";
import { isRemoved, type RemovedRange } from "./removed_range.ts";
import {
  type Spillable,
  WRITE_BYTES,
  type WriteSetMemory,
  type WriteSetSpill,
} from "./write_set_memory.ts";

/** Bytes that were taken back at which they are worth being let go. */
const RECLAIM_BYTES_MIN = 1024 * 1024;

/** The writes of one transaction. */
export class WriteSet implements Spillable {
  readonly #memory: WriteSetMemory | undefined;
  readonly #spill: WriteSetSpill | undefined;
  /** The newest writes. */
  #memtable = new Memtable();
  /** All others; none, mostly. */
  #spilled: SpilledWrites | undefined;
  /** 1 for writes whose key must be unchanged since the snapshot … */
  #checked = cutBytes(64);
  /** … by their numbers less this one. */
  #checkedFrom = OVERLAY_SEQUENCE;
  taken = 0;
  takenMax: number;
  /** Bytes of memory that its runs have taken. */
  #kept = 0;

  /** Nothing written; counted in `memory`, written out by `spill`. */
  constructor(
    memory: WriteSetMemory | undefined,
    spill: WriteSetSpill | undefined,
  ) {
    this.#memory = memory;
    this.#spill = spill;
    this.takenMax = spill?.bytesMax ?? Infinity;
    memory?.add(this);
  }

  /** Versions that it has, some of which may be taken back. */
  get count(): number {
    return this.#memtable.count + (this.#spilled?.count ?? 0);
  }

  /** The newest writes: all of them, unless it has spilled. */
  get memtable(): Memtable {
    return this.#memtable;
  }

  /** Whether some of it is in temporary files. */
  get hasSpilled(): boolean {
    return this.#spilled !== undefined && this.#spilled.runCount > 0;
  }

  /** Bytes of keys and values, about. */
  get contentBytes(): number {
    return this.#memtable.contentBytes + (this.#spilled?.fileBytes ?? 0);
  }

  /**
   * Adds a write. `checked`: the commit fails if somebody changed the key.
   *
   * @throws {SqlError} `53200` when there is no memory for it, and no file;
   * {@linkcode KriyaError} `53100`, `53400`.
   */
  insert(
    key: Uint8Array,
    value: Uint8Array,
    sequence: number,
    kind: EntryKind,
    checked: boolean,
  ): void {
    this.#memory?.take(key.length + value.length, this);
    const at = sequence - this.#checkedFrom;
    if (at >= this.#checked.length) {
      const grown = new Uint8Array(at * 2);
      grown.set(this.#checked);
      this.#checked = grown;
    }
    this.#checked[at] = checked ? 1 : 0;
    this.#memtable.insert(key, value, sequence, kind);
  }

  /**
   * The value that was written to a key last up to a number; `null` if it was
   * removed, `undefined` if nothing was written.
   */
  get(key: Uint8Array, sequence: number): Uint8Array | null | undefined {
    const memtable = this.#memtable;
    const entry = memtable.find(key, sequence);
    if (entry !== NOT_FOUND) {
      return memtable.kindOf(entry) === KIND_DELETE
        ? null
        : memtable.valueOf(entry);
    }
    return this.#spilled === undefined
      ? undefined
      : this.#getSpilled(key, sequence);
  }

  #getSpilled(
    key: Uint8Array,
    sequence: number,
  ): Uint8Array | null | undefined {
    const found = this.#spilled!.find(key, sequence);
    if (found === undefined) return undefined;
    const { block, index } = found;
    return block.kinds[index] === KIND_DELETE ? null : block.values.subarray(
      block.valueStarts[index],
      block.valueEnds[index],
    );
  }

  /** What a scan opened now lays over what is committed. */
  overlay(sequence: number): ScanOverlay {
    return {
      memtable: this.#memtable,
      spilled: this.#spilled,
      snapshot: sequence,
    };
  }

  /**
   * The newest writes of the keys of a range up to a number (default: all), as
   * it is now.
   */
  newest(range: KeyRange, sequenceMax = Infinity): NewestVersions {
    const sources = this.#spilled?.sources(range, false) ?? [];
    sources.unshift(this.#memtable.runs(range));
    return new NewestVersions({ sources, range, sequenceMax });
  }

  /** Whether a write's key must be unchanged. */
  isChecked(run: EntryRun, index: number): boolean {
    if (this.#spilled !== undefined && "marks" in run) {
      return (run as MarkedBlock).marks[index] === 1;
    }
    return this.#checked[run.sequences[index]! - this.#checkedFrom] === 1;
  }

  /** What a commit writes, in order; without what `ranges` took back. */
  sorted(ranges: readonly RemovedRange[]): SortedWrites {
    return {
      ranges,
      hasChecked: true,
      read: () => new WritesCursor(this, ranges),
    };
  }

  /** Takes back everything above `sequence`. */
  cutBack(sequence: number): void {
    const memtable = this.#memtable;
    memtable.cutBack(sequence);
    this.#spilled?.cutBack(sequence);
    this.#checkedFrom = Math.min(this.#checkedFrom, sequence);
    const { entryBytes, contentBytes } = memtable;
    if (contentBytes < 2 * entryBytes + RECLAIM_BYTES_MIN) return;
    // Scans that are open read on in the one that was.
    this.#memtable = memtable.compacted();
    this.#count(entryBytes + this.#memtable.count * WRITE_BYTES);
  }

  spill(): boolean {
    const spill = this.#spill;
    const memtable = this.#memtable;
    if (spill === undefined || memtable.count === 0) return false;
    if (!spill.files.isOn) {
      this.takenMax = Infinity;
      return false;
    }
    const checked = this.#checked;
    const from = this.#checkedFrom;
    const spilled = this.#spilled ??
      new SpilledWrites(spill.files, OVERLAY_SEQUENCE);
    spilled.add(memtable, (sequence) => checked[sequence - from]!);
    this.#spilled = spilled;
    this.#checkedFrom = memtable.sequenceMax;
    this.#memtable = new Memtable();
    this.#checked = new Uint8Array(64);
    this.#count(0);
    return true;
  }

  /** Counts `bytes` of the memtable, and what the runs take. */
  #count(bytes: number): void {
    const kept = this.#spilled?.memoryBytes ?? 0;
    this.#memory?.release(this.taken - bytes + this.#kept - kept);
    this.taken = bytes;
    this.#kept = kept;
  }

  /** Lets go of everything. */
  close(): void {
    this.#spilled?.close();
    this.#memory?.release(this.taken + this.#kept);
    this.#memory?.remove(this);
    this.taken = this.#kept = 0;
  }
}

/** The newest write of every key. */
class WritesCursor implements SortedWritesCursor {
  readonly #writes: WriteSet;
  readonly #ranges: readonly RemovedRange[];
  readonly #versions: NewestVersions;

  constructor(writes: WriteSet, ranges: readonly RemovedRange[]) {
    this.#writes = writes;
    this.#ranges = ranges;
    this.#versions = writes.newest({});
  }

  get run(): EntryRun {
    return this.#versions.run;
  }

  get index(): number {
    return this.#versions.index;
  }

  get checked(): boolean {
    return this.#writes.isChecked(this.run, this.index);
  }

  next(): boolean {
    do {
      if (!this.#versions.next()) return false;
    } while (
      this.#ranges.length > 0 && isRemoved(this.#ranges, this.run, this.index)
    );
    return true;
  }
}
