/**
 * Entries by the block: what memtables and sstables hand to scans.
 *
 * A run is a stretch of entries in order whose keys lie in one byte array and
 * whose values lie in one; positions are typed arrays, so a scan looks at
 * numbers and allocates nothing per entry. A decoded sstable block is a run as
 * it is; a memtable fills one from its list, a few hundred entries at a time.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";

/** Entries in order, see the module. */
export interface EntryRun {
  /** How many entries there are. */
  readonly count: number;
  /** Holds the user keys. */
  readonly keys: Uint8Array;
  /** Where each key starts in `keys`. */
  readonly keyStarts: Uint32Array;
  /** Where each key ends. */
  readonly keyEnds: Uint32Array;
  /** Holds the values. */
  readonly values: Uint8Array;
  /** Where each value starts in `values`. */
  readonly valueStarts: Uint32Array;
  /** Where each value ends. */
  readonly valueEnds: Uint32Array;
  /** The entries' sequence numbers. */
  readonly sequences: Float64Array;
  /** The entries' kinds. */
  readonly kinds: Uint8Array;
  /** No entry has a higher sequence (default: not known). */
  readonly sequenceMax?: number | undefined;
  /**
   * Whether every entry is a put and no key comes twice: with a snapshot at or
   * above `sequenceMax` all of it is visible (default: not known).
   */
  readonly isPlain?: boolean | undefined;
}

/** A half-open range of user keys; an absent side is open. */
export interface KeyRange {
  /** The first key wanted. */
  readonly start?: Uint8Array | undefined;
  /** The first key not wanted any more. */
  readonly end?: Uint8Array | undefined;
}

/**
 * A source of runs over one range, in one direction.
 *
 * Going backward the runs come last first; the entries in a run are ascending
 * all the same, and whoever reads goes from its end. Runs may hold entries
 * outside of the range at either end: the reader bounds them.
 */
export interface RunSource {
  /**
   * The next run, `undefined` at the end. Going forward a run stays valid until
   * the next call, but for the bytes of keys and values, which never change;
   * going backward it stays valid.
   */
  nextRun(): MaybePromise<EntryRun | undefined>;
}

/** The first index of `run` whose key is at or after `key`. */
export function lowerBound(run: EntryRun, key: Uint8Array): number {
  const { keys, keyStarts, keyEnds } = run;
  const keyLength = key.length;
  let low = 0;
  let high = run.count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const start = keyStarts[middle]!;
    const length = keyEnds[middle]! - start;
    const n = length < keyLength ? length : keyLength;
    let order = 0;
    for (let i = 0; i < n; i++) {
      order = keys[start + i]! - key[i]!;
      if (order !== 0) break;
    }
    if (order === 0) order = length - keyLength;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * The index of the newest version of `key` that `snapshot` sees in `run`, or
 * -1.
 */
export function findVersion(
  run: EntryRun,
  key: Uint8Array,
  snapshot: number,
): number {
  let index = lowerBound(run, key);
  const { keys, keyStarts, keyEnds } = run;
  for (; index < run.count; index++) {
    const start = keyStarts[index]!;
    if (keyEnds[index]! - start !== key.length) return -1;
    for (let i = 0; i < key.length; i++) {
      if (keys[start + i] !== key[i]) return -1;
    }
    if (run.sequences[index]! <= snapshot) return index;
  }
  return -1;
}
