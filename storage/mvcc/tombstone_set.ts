/**
 * Range tombstones, searched by key.
 *
 * DROP and TRUNCATE make tombstones over disjoint ranges (a storage id each),
 * so a key is covered by one at most: the last one that starts at or before it.
 * A set that overlaps, which users of `./storage` can make, is walked instead.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import { coveringSequence, type RangeTombstone } from "./internal_key.ts";

/** An immutable set of range tombstones. */
export class TombstoneSet {
  /** The tombstones, by where they start. */
  readonly #sorted: readonly RangeTombstone[];
  readonly #disjoint: boolean;

  /** The set of these. */
  constructor(tombstones: readonly RangeTombstone[]) {
    this.#sorted = tombstones.length < 2
      ? tombstones
      : tombstones.toSorted((a, b) => compareBytes(a.start, b.start));
    this.#disjoint = this.#sorted.every((tombstone, i) =>
      i === 0 || compareBytes(this.#sorted[i - 1]!.end, tombstone.start) <= 0
    );
  }

  /** How many there are. */
  get count(): number {
    return this.#sorted.length;
  }

  /** The tombstones. */
  get tombstones(): readonly RangeTombstone[] {
    return this.#sorted;
  }

  /**
   * The highest sequence at or below `snapshot` of a tombstone that covers
   * `key`, or -1.
   */
  coveringSequence(key: Uint8Array, snapshot: number): number {
    const sorted = this.#sorted;
    if (sorted.length === 0) return -1;
    if (!this.#disjoint) return coveringSequence(sorted, key, snapshot);
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(sorted[middle]!.start, key) <= 0) low = middle + 1;
      else high = middle;
    }
    const tombstone = sorted[low - 1];
    return tombstone !== undefined && tombstone.sequence <= snapshot &&
        compareBytes(key, tombstone.end) < 0
      ? tombstone.sequence
      : -1;
  }
}
