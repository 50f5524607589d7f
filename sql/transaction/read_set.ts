/**
 * What a serializable transaction has read: keys, and ranges of keys.
 *
 * Its commit asks that none of it has changed since its snapshot. So every
 * transaction that wrote something is as if it had run at the moment of its
 * commit, alone; one that wrote nothing, at the moment of its snapshot. That
 * is backward validation (Kung and Robinson, "On Optimistic Methods for
 * Concurrency Control", 1981); ranges are what it needs against phantoms.
 *
 * Memory is bounded: beyond {@linkcode KEYS_MAX} keys, or as many ranges, what
 * was read of a relation becomes all of it. A relation is the first four bytes
 * of a key.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import type { BatchRange } from "../../storage/engine/write_batch.ts";
import { prefixEnd } from "../../storage/mvcc/internal_key.ts";
import { SqlError } from "../errors/sql_error.ts";

/** Keys, and ranges, that are kept one by one. */
const KEYS_MAX = 4096;

const PREFIX_BYTES = 4;

/** What a transaction has read. */
export class ReadSet {
  readonly #keys: Uint8Array[] = [];
  readonly #ranges: BatchRange[] = [];
  /** Relations that were read as a whole, by their prefix. */
  readonly #whole = new Set<number>();

  /** Keys that were read. */
  get keys(): readonly Uint8Array[] {
    return this.#keys;
  }

  /** Ranges that were read. */
  get ranges(): readonly BatchRange[] {
    const whole = [...this.#whole].map((prefix) => {
      const start = new Uint8Array(PREFIX_BYTES);
      new DataView(start.buffer).setUint32(0, prefix);
      return { start, end: prefixEnd(start)! };
    });
    return [...this.#ranges, ...whole];
  }

  /** A key was read; its bytes may be used again. */
  addKey(key: Uint8Array): void {
    if (this.#isWhole(key)) return;
    if (this.#keys.length === KEYS_MAX) {
      for (const each of this.#keys.splice(0)) this.#whole.add(prefixOf(each));
      this.#dropWithin(this.#ranges);
      if (this.#isWhole(key)) return;
    }
    this.#keys.push(key.slice());
  }

  /** A range was read. */
  addRange(start: Uint8Array, end: Uint8Array): void {
    if (this.#isWithinWhole(start, end)) return;
    const last = this.#ranges.at(-1);
    const isLast = last !== undefined && compareBytes(last.start, start) <= 0 &&
      compareBytes(end, last.end) <= 0;
    if (isLast) return; // A loop that looks at the same place again.
    if (this.#ranges.length === KEYS_MAX) {
      for (const range of this.#ranges) this.#whole.add(prefixOf(range.start));
      this.#dropWithin(this.#ranges);
      if (this.#isWithinWhole(start, end)) return;
    }
    this.#ranges.push({ start: start.slice(), end: end.slice() });
  }

  #isWhole(key: Uint8Array): boolean {
    return this.#whole.size > 0 && this.#whole.has(prefixOf(key));
  }

  #isWithinWhole(start: Uint8Array, end: Uint8Array): boolean {
    if (!this.#isWhole(start)) return false;
    const whole = prefixEnd(start.subarray(0, PREFIX_BYTES));
    return whole !== undefined && compareBytes(end, whole) <= 0;
  }

  #dropWithin(ranges: BatchRange[]): void {
    const kept = ranges.filter(({ start, end }) =>
      !this.#isWithinWhole(start, end)
    );
    ranges.length = 0;
    ranges.push(...kept);
  }
}

function prefixOf(key: Uint8Array): number {
  let prefix = 0;
  for (let i = 0; i < PREFIX_BYTES; i++) prefix = prefix * 256 + (key[i] ?? 0);
  return prefix;
}

/** Why a serializable transaction has to run again. */
export function readWriteConflict(): SqlError {
  return new SqlError(
    "40001",
    "could not serialize access due to read/write dependencies among transactions",
    { hint: "The transaction might succeed if retried." },
  );
}
