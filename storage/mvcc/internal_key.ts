/**
 * Versions of keys: user key, sequence number, kind.
 *
 * Every committed batch has one sequence number, and writes any user key once,
 * so (user key, sequence) names an entry. Entries are ordered by user key
 * ascending, then by sequence descending: a search for (key, snapshot) finds the
 * newest version that the snapshot sees.
 *
 * A range tombstone hides every entry of its range with a lower sequence; the
 * entries of its own batch, which have the same sequence, stay visible.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";

/** The entry holds a value. */
export const KIND_PUT = 1;
/** The entry says that the key is gone. */
export const KIND_DELETE = 2;
/** Not an entry but a range tombstone; key and value are start and end. */
export const KIND_DELETE_RANGE = 3;

/** What an entry says of its key. */
export type EntryKind = typeof KIND_PUT | typeof KIND_DELETE;

/** The highest sequence number: sees everything. */
export const SEQUENCE_MAX: number = Number.MAX_SAFE_INTEGER;

/** The longest key, in bytes. */
export const KEY_BYTES_MAX = 65_535;
/** The longest value, in bytes. */
export const VALUE_BYTES_MAX: number = 1024 * 1024 * 1024;

/** Everything in [start, end) that is older than `sequence` is gone. */
export interface RangeTombstone {
  /** The first key hidden. */
  readonly start: Uint8Array;
  /** The first key after it that is not hidden. */
  readonly end: Uint8Array;
  /** Entries with a lower sequence are hidden. */
  readonly sequence: number;
}

/**
 * The highest sequence at or below `snapshot` of a tombstone that covers `key`,
 * or -1. Tombstones are few (DROP, TRUNCATE), so the list is walked.
 */
export function coveringSequence(
  tombstones: readonly RangeTombstone[],
  key: Uint8Array,
  snapshot: number,
): number {
  let covering = -1;
  for (const tombstone of tombstones) {
    if (
      tombstone.sequence <= snapshot && tombstone.sequence > covering &&
      compareBytes(tombstone.start, key) <= 0 &&
      compareBytes(key, tombstone.end) < 0
    ) {
      covering = tombstone.sequence;
    }
  }
  return covering;
}

/** Orders `bytes[start, end)` and `other[otherStart, otherEnd)`. */
export function compareRanges(
  bytes: Uint8Array,
  start: number,
  end: number,
  other: Uint8Array,
  otherStart: number,
  otherEnd: number,
): number {
  const length = end - start;
  const otherLength = otherEnd - otherStart;
  const n = length < otherLength ? length : otherLength;
  for (let i = 0; i < n; i++) {
    const difference = bytes[start + i]! - other[otherStart + i]!;
    if (difference !== 0) return difference;
  }
  return length - otherLength;
}

/** The first key after every key that begins with `prefix`; none: `undefined`. */
export function prefixEnd(prefix: Uint8Array): Uint8Array | undefined {
  for (let i = prefix.length - 1; i >= 0; i--) {
    if (prefix[i]! < 0xff) {
      const end = prefix.slice(0, i + 1);
      end[i]!++;
      return end;
    }
  }
  return undefined;
}
