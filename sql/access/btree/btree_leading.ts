/**
 * A range of a B-tree index, of which only the first entry of each value of the
 * first key columns is wanted: a loose scan.
 *
 * ```text
 * entries   (a, 1) (a, 2) … (a, 900) (b, 3) (c, 1) (c, 2) …
 * given     (a, 1)                   (b, 3) (c, 1)
 *                  └ seek beyond a ─┘
 * ```
 *
 * Entries that were read anyway are searched for the next value by halves; a new
 * scan begins beyond a value only where a whole run was of it. So many short
 * groups cost what reading all entries costs, and few long ones a seek each.
 *
 * @module
 */
import { compareBytes } from "../../../base/bytes.ts";
import { isPromise, type MaybePromise } from "../../../base/maybe_promise.ts";
import type { Scan } from "../../../storage/engine/lsm_store.ts";
import type { EntryRun } from "../../../storage/mvcc/entry_run.ts";
import { prefixEnd } from "../../../storage/mvcc/internal_key.ts";
import type { LeadingKeys, RangeBatch, RangeCursor } from "../index_access.ts";
import { STORAGE_ID_BYTES } from "../row_key.ts";
import type { EntryEncoder } from "./btree_entries.ts";

/** After how many entries of one value a new scan begins beyond it. */
const SEEK_AFTER = 64;

/** What is read, and how. */
export interface LeadingRange {
  readonly start: Uint8Array;
  readonly end: Uint8Array;
  readonly backward: boolean;
  readonly leading: LeadingKeys;
  readonly encoder: EntryEncoder;
  /** Opens a scan of a part of the range. */
  readonly scan: (start: Uint8Array, end: Uint8Array) => Scan;
  /** What is given of some entries of a run, by number. */
  readonly batch: (run: EntryRun, entries: Uint32Array) => RangeBatch;
}

/** Gives the first entries of the values. */
export class LeadingCursor implements RangeCursor {
  readonly #range: LeadingRange;
  #scan: Scan | undefined;
  /** What all keys of the last value begin with. */
  #prefix: Uint8Array | undefined;
  /** How many entries came since that value was met. */
  #passed = 0;

  /** Opens the range. */
  constructor(range: LeadingRange) {
    this.#range = range;
    this.#scan = range.scan(range.start, range.end);
  }

  /** The next first entries. */
  next(): MaybePromise<RangeBatch | undefined> {
    while (this.#scan !== undefined) {
      const run = this.#scan.next();
      if (isPromise(run)) {
        return run.then((some) => this.#take(some) ?? this.next());
      }
      const batch = this.#take(run);
      if (batch !== undefined) return batch;
    }
  }

  #take(run: EntryRun | undefined): RangeBatch | undefined {
    if (run === undefined) {
      this.close();
      return undefined;
    }
    const { batch } = this.#range;
    const entries: number[] = [];
    let at = this.#beyond(run, 0);
    this.#passed += at;
    while (at < run.count) {
      entries.push(at);
      this.#prefix = this.#prefixOf(run, at);
      const next = this.#beyond(run, at + 1);
      this.#passed = next - at - 1;
      at = next;
    }
    const found = entries.length === 0
      ? undefined
      : batch(run, Uint32Array.from(entries));
    if (entries.length < 2 && this.#passed >= SEEK_AFTER) this.#seek();
    return found;
  }

  /** The beginning of the key of an entry that is its value. */
  #prefixOf(run: EntryRun, entry: number): Uint8Array {
    const { encoder, leading } = this.#range;
    const start = run.keyStarts[entry]!;
    const end = encoder.codec.decodePrefix(
      run.keys,
      start + STORAGE_ID_BYTES,
      run.keyEnds[entry]!,
      [],
      leading.count,
    );
    // The byte behind says whether the next column is NULL.
    return run.keys.slice(start, leading.nullsApart ? end + 1 : end);
  }

  /** The first entry from `from` on that is not of the last value. */
  #beyond(run: EntryRun, from: number): number {
    let low = from;
    if (low >= run.count || !this.#isOfLast(run, low)) return low;
    let high = run.count;
    // Invariant: entry `low` is of the value, entry `high` is not.
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.#isOfLast(run, middle)) low = middle;
      else high = middle;
    }
    return high;
  }

  #isOfLast({ keys, keyStarts, keyEnds }: EntryRun, entry: number): boolean {
    const prefix = this.#prefix;
    if (prefix === undefined) return false;
    const start = keyStarts[entry]!;
    if (keyEnds[entry]! - start < prefix.length) return false;
    for (let i = prefix.length - 1; i >= 0; i--) {
      if (keys[start + i] !== prefix[i]) return false;
    }
    return true;
  }

  /** Goes on beyond the last value. */
  #seek(): void {
    const { start, end, backward, scan } = this.#range;
    const prefix = this.#prefix!;
    this.close();
    this.#passed = 0;
    const from = backward ? start : prefixEnd(prefix)!;
    const to = backward ? prefix : end;
    if (compareBytes(from, to) < 0) this.#scan = scan(from, to);
  }

  /** Lets go of what the scan holds. */
  close(): void {
    this.#scan?.close();
    this.#scan = undefined;
  }
}
