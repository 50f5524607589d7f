/**
 * A scan over several sources at a snapshot: k-way merge, newest visible
 * version of each key, deletions left out.
 *
 * Where one source runs ahead of the others its entries are taken without
 * looking at the others, and a run that is visible as a whole is handed on as
 * it is; sources are few, so the next one is found by walking
 * over them. Going backward, the versions of a key are met oldest first: all of
 * them are looked at before one is chosen.
 *
 * Everything is synchronous until a source has to wait.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import {
  type EntryRun,
  type KeyRange,
  lowerBound,
  type RunSource,
} from "./entry_run.ts";
import {
  compareRanges,
  KIND_DELETE,
  type RangeTombstone,
} from "./internal_key.ts";
import { TombstoneSet } from "./tombstone_set.ts";
import { giveBatch, ScanBatch, takeBatch } from "./scan_batch.ts";

/** What is scanned. */
export interface MergingScanOptions {
  /** The sources, each opened over `range` in the direction of the scan. */
  readonly sources: readonly RunSource[];
  /** The keys wanted. */
  readonly range: KeyRange;
  /** The highest sequence seen. */
  readonly snapshot: number;
  /**
   * The highest sequence seen of those from {@linkcode OVERLAY_SEQUENCE} up
   * (default: none of them).
   */
  readonly overlaySnapshot?: number | undefined;
  /** The range tombstones of all sources. */
  readonly tombstones: readonly RangeTombstone[];
  /** Whether the last keys come first (default false). */
  readonly reverse?: boolean;
}

/**
 * Sequences from here on are not commits but the writes of an open transaction,
 * which lie over them.
 */
export const OVERLAY_SEQUENCE: number = 2 ** 52;

/** The batch of every scan that has ended. */
const NO_ENTRIES = new ScanBatch();

/** One source's place: entries [index, limit) of its run are still to come. */
class Head {
  readonly source: RunSource;
  run: EntryRun | undefined;
  index = 0;
  limit = 0;
  done = false;

  constructor(source: RunSource) {
    this.source = source;
  }
}

/** A running scan. */
export class MergingScan {
  readonly #range: KeyRange;
  readonly #snapshot: number;
  readonly #overlaySnapshot: number;
  readonly #tombstones: TombstoneSet;
  readonly #reverse: boolean;
  #batch = takeBatch();
  #heads: Head[];
  /** A run that is handed on as it is. */
  #whole: EntryRun | undefined;
  /** The last user key of which a version was chosen. */
  #decidedKeys: Uint8Array = new Uint8Array(0);
  #decidedStart = 0;
  #decidedEnd = -1;
  /** Going backward: the key whose versions are being looked at … */
  #pending: Uint8Array | undefined;
  /** … and the best of them so far. */
  #bestRun: EntryRun | undefined;
  #bestIndex = 0;

  /** A scan from its beginning. */
  constructor(options: MergingScanOptions) {
    this.#range = options.range;
    this.#snapshot = options.snapshot;
    this.#overlaySnapshot = options.overlaySnapshot ?? 0;
    this.#tombstones = new TombstoneSet(
      options.tombstones.filter((tombstone) =>
        overlaps(tombstone, options.range)
      ),
    );
    this.#reverse = options.reverse ?? false;
    this.#heads = options.sources.map((source) => new Head(source));
  }

  /**
   * The next visible entries, at least one, or `undefined` at the end. Valid
   * until the next call.
   */
  next(): MaybePromise<EntryRun | undefined> {
    this.#batch.reset();
    return this.#continue();
  }

  #continue(): MaybePromise<EntryRun | undefined> {
    const batch = this.#batch;
    for (;;) {
      const loading = this.#load(batch.count > 0);
      if (loading === "later") return batch;
      if (loading !== undefined) return loading.then(() => this.#continue());
      if (this.#heads.length === 0) {
        this.#settlePending();
        if (batch.count > 0) return batch;
        this.#batch = NO_ENTRIES;
        if (batch !== NO_ENTRIES) giveBatch(batch);
        return undefined;
      }
      const full = this.#reverse ? this.#takeBackward() : this.#takeForward();
      if (full) {
        const whole = this.#whole;
        if (whole === undefined) return batch;
        this.#whole = undefined;
        return whole;
      }
    }
  }

  /**
   * Gives every head a run. `later`: something would have to wait, or would
   * overwrite what the batch points into, and the batch can be returned first.
   */
  #load(hasBatch: boolean): Promise<unknown> | "later" | undefined {
    let waiting: Promise<unknown>[] | undefined;
    let finished = false;
    for (const head of this.#heads) {
      while (head.index >= head.limit && !head.done) {
        if (hasBatch) return "later";
        const run = head.source.nextRun();
        if (run instanceof Promise) {
          (waiting ??= []).push(run.then((run) => this.#place(head, run)));
          break;
        }
        this.#place(head, run);
      }
      if (head.done) finished = true;
    }
    if (waiting !== undefined) {
      return Promise.all(waiting);
    }
    if (finished) this.#heads = this.#heads.filter((head) => !head.done);
    return undefined;
  }

  #place(head: Head, run: EntryRun | undefined): void {
    if (run === undefined) {
      head.done = true;
      return;
    }
    const { start, end } = this.#range;
    head.run = run;
    head.index = start === undefined ? 0 : lowerBound(run, start);
    head.limit = end === undefined ? run.count : lowerBound(run, end);
  }

  /** Takes entries of the first source; true when the batch is full. */
  #takeForward(): boolean {
    const heads = this.#heads;
    let first = heads[0]!;
    let second: Head | undefined;
    for (let i = 1; i < heads.length; i++) {
      const head = heads[i]!;
      if (compareHeads(head, head.index, first, first.index) < 0) {
        second = first;
        first = head;
      } else if (
        second === undefined ||
        compareHeads(head, head.index, second, second.index) < 0
      ) second = head;
    }
    const run = first.run!;
    const batch = this.#batch;
    if (batch.isFullFor(run)) return true;
    let limit = first.limit;
    if (
      second !== undefined &&
      compareKeys(first, limit - 1, second, second.index) >= 0
    ) limit = first.index + 1;
    else if (this.#isWhole(first)) {
      if (batch.count > 0) return true;
      this.#handOn(first);
      return true;
    }
    let index = first.index;
    for (;;) {
      for (; index < limit; index++) {
        if (this.#isVisible(run, index)) batch.add(run, index);
      }
      if (
        second === undefined || index >= first.limit ||
        batch.isFullFor(run) ||
        compareKeys(first, index, second, second.index) >= 0
      ) break;
      limit = index + 1;
    }
    first.index = index;
    return false;
  }

  /** Whether every entry of a head's run is wanted, visible and a new key's. */
  #isWhole({ run, index, limit }: Head): boolean {
    const { count, isPlain, sequenceMax, keys, keyEnds } = run!;
    if (
      index !== 0 || limit !== count || isPlain !== true ||
      sequenceMax === undefined || sequenceMax > this.#snapshot ||
      this.#tombstones.count > 0
    ) return false;
    const end = keyEnds[0]!;
    return end - run!.keyStarts[0]! !== this.#decidedEnd - this.#decidedStart ||
      !this.#isDecided(keys, end);
  }

  #handOn(head: Head): void {
    const { run, limit } = head;
    head.index = limit;
    this.#whole = run;
    this.#decidedKeys = run!.keys;
    this.#decidedStart = run!.keyStarts[limit - 1]!;
    this.#decidedEnd = run!.keyEnds[limit - 1]!;
  }

  #isVisible(run: EntryRun, index: number): boolean {
    const sequence = run.sequences[index]!;
    if (!this.#isSeen(sequence)) return false;
    const { keys } = run;
    const start = run.keyStarts[index]!;
    const end = run.keyEnds[index]!;
    if (
      end - start === this.#decidedEnd - this.#decidedStart &&
      this.#isDecided(keys, end)
    ) return false;
    this.#decidedKeys = keys;
    this.#decidedStart = start;
    this.#decidedEnd = end;
    if (run.kinds[index] === KIND_DELETE) return false;
    return this.#tombstones.count === 0 ||
      this.#tombstones.coveringSequence(
          keys.subarray(start, end),
          this.#snapshot,
        ) <= sequence;
  }

  #isSeen(sequence: number): boolean {
    return sequence <= this.#snapshot ||
      (sequence >= OVERLAY_SEQUENCE && sequence <= this.#overlaySnapshot);
  }

  /** Compares from the end, where neighbouring keys differ. */
  #isDecided(keys: Uint8Array, end: number): boolean {
    const decided = this.#decidedKeys;
    let at = end;
    for (let i = this.#decidedEnd - 1; i >= this.#decidedStart; i--) {
      if (decided[i] !== keys[--at]) return false;
    }
    return true;
  }

  /** Chooses a version of the last key; true when the batch is full. */
  #takeBackward(): boolean {
    const heads = this.#heads;
    let last = heads[0]!;
    for (const head of heads) {
      if (compareKeys(head, head.limit - 1, last, last.limit - 1) > 0) {
        last = head;
      }
    }
    const { keys, keyStarts, keyEnds } = last.run!;
    if (this.#batch.isFullFor(last.run!)) return true;
    const key = keys.subarray(
      keyStarts[last.limit - 1],
      keyEnds[last.limit - 1],
    );
    // The versions of a key may begin in the run before: it is only whole
    // once every head stands before the key or has come to its end.
    if (
      this.#pending === undefined ||
      compareRanges(
          key,
          0,
          key.length,
          this.#pending,
          0,
          this.#pending.length,
        ) !==
        0
    ) {
      this.#settlePending();
      this.#pending = key;
      if (this.#batch.isFullFor(last.run!)) return true;
    }
    for (const head of heads) this.#collectVersions(head, key);
    return false;
  }

  #collectVersions(head: Head, key: Uint8Array): void {
    const run = head.run!;
    while (head.limit > head.index) {
      const at = head.limit - 1;
      if (
        compareRanges(
          run.keys,
          run.keyStarts[at]!,
          run.keyEnds[at]!,
          key,
          0,
          key.length,
        ) !== 0
      ) return;
      const sequence = run.sequences[at]!;
      if (
        this.#isSeen(sequence) &&
        (this.#bestRun === undefined ||
          sequence > this.#bestRun.sequences[this.#bestIndex]!)
      ) {
        this.#bestRun = run;
        this.#bestIndex = at;
      }
      head.limit--;
    }
  }

  /** Adds the version chosen for the pending key, if it is there to see. */
  #settlePending(): void {
    const run = this.#bestRun;
    const index = this.#bestIndex;
    const key = this.#pending;
    this.#bestRun = this.#pending = undefined;
    if (run === undefined || key === undefined) return;
    if (run.kinds[index] === KIND_DELETE) return;
    if (
      this.#tombstones.count > 0 &&
      this.#tombstones.coveringSequence(key, this.#snapshot) >
        run.sequences[index]!
    ) return;
    this.#batch.add(run, index);
  }
}

/** Whether a tombstone hides any key of a range: most are of other tables. */
function overlaps(
  tombstone: RangeTombstone,
  { start, end }: KeyRange,
): boolean {
  return (end === undefined || compareBytes(tombstone.start, end) < 0) &&
    (start === undefined || compareBytes(start, tombstone.end) < 0);
}

function compareKeys(a: Head, aIndex: number, b: Head, bIndex: number): number {
  const left = a.run!;
  const right = b.run!;
  return compareRanges(
    left.keys,
    left.keyStarts[aIndex]!,
    left.keyEnds[aIndex]!,
    right.keys,
    right.keyStarts[bIndex]!,
    right.keyEnds[bIndex]!,
  );
}

function compareHeads(
  a: Head,
  aIndex: number,
  b: Head,
  bIndex: number,
): number {
  const order = compareKeys(a, aIndex, b, bIndex);
  return order !== 0
    ? order
    : b.run!.sequences[bIndex]! - a.run!.sequences[aIndex]!;
}
