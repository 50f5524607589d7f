/**
 * The versions of rows in one segment: for each ordinal a locator, the commit
 * sequence that began it, and the one that ended it, if one did.
 *
 * A version is visible to snapshot s if and only if begin <= s < end. An open
 * version has end = Infinity.
 *
 * Invariants:
 * 1. end >= begin. A version with end = begin was taken back and is never
 *    visible.
 * 2. A locator has at most one open version here.
 * 3. `lastSeq` is at least every begin and every end.
 *
 * The set of the newest snapshot is kept ready and changes with every call;
 * those of older snapshots are derived, and the last few are kept: what comes
 * in commit order does not change them.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import { findLocator, LocatorOrder } from "./locator_order.ts";
import {
  clearBit,
  hasBit,
  makeBits,
  nextStamp,
  type RowSet,
  setBit,
} from "./row_set.ts";

/** How many sets of older snapshots are kept. */
const DERIVED_MAX = 4;

/** The newest set: as {@linkcode RowSet}, and ours to change. */
interface NewestSet {
  bits: Uint8Array<ArrayBuffer>;
  count: number;
  stamp: number;
}

/** Columns of a table that is complete; they become the table's own. */
export interface VersionColumns {
  /** Locators: integers below 2^48. */
  readonly locators: Float64Array<ArrayBuffer>;
  /** Begin sequences. */
  readonly begins: Float64Array<ArrayBuffer>;
  /** End sequences, Infinity where open; absent if all are open. */
  readonly ends?: Float64Array<ArrayBuffer> | undefined;
}

/** Versions by ordinal: see the module. */
export class VersionTable {
  #locators: Float64Array<ArrayBuffer>;
  #begins: Float64Array<ArrayBuffer>;
  #ends: Float64Array<ArrayBuffer> | undefined;
  #count: number;
  #lastSeq = 0;
  #locatorMax = -1;
  #endedCount = 0;
  /** Open versions by locator, while rows are added. */
  #open: Map<number, number> | undefined;
  /** All ordinals by locator, once no more are. */
  #order: LocatorOrder | undefined;
  #newest: NewestSet | undefined;
  readonly #derived = new Map<number, RowSet>();

  private constructor(columns: VersionColumns, count: number) {
    this.#locators = columns.locators;
    this.#begins = columns.begins;
    this.#ends = columns.ends;
    this.#count = count;
  }

  /** A table that rows are pushed to. */
  static empty(): VersionTable {
    const table = new VersionTable({
      locators: new Float64Array(64),
      begins: new Float64Array(64),
    }, 0);
    table.#open = new Map();
    return table;
  }

  /** A table of complete columns, to which no row can be pushed. */
  static of(columns: VersionColumns): VersionTable {
    const count = columns.locators.length;
    const table = new VersionTable(columns, count);
    const { locators, begins, ends } = columns;
    let lastSeq = 0;
    let locatorMax = -1;
    for (let i = 0; i < count; i++) {
      const end = ends === undefined ? Infinity : ends[i]!;
      const last = end === Infinity ? begins[i]! : end;
      if (last > lastSeq) lastSeq = last;
      if (end !== Infinity) table.#endedCount++;
      if (locators[i]! > locatorMax) locatorMax = locators[i]!;
    }
    table.#lastSeq = lastSeq;
    table.#locatorMax = locatorMax;
    return table;
  }

  /** How many versions there are. */
  get count(): number {
    return this.#count;
  }

  /** How many versions are not open. */
  get endedCount(): number {
    return this.#endedCount;
  }

  /** The highest sequence that began or ended a version. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Whether a version can be dropped: no snapshot from `horizon` on sees it. */
  isDead(ordinal: number, horizon: number): boolean {
    const end = this.endOf(ordinal);
    return end <= horizon || end === this.#begins[ordinal];
  }

  /** How many versions no snapshot from `horizon` on sees. */
  deadCount(horizon: number): number {
    if (this.#endedCount === 0) return 0;
    let dead = 0;
    for (let i = 0; i < this.#count; i++) if (this.isDead(i, horizon)) dead++;
    return dead;
  }

  /** Bytes held, about. */
  get byteLength(): number {
    return this.#locators.byteLength + this.#begins.byteLength +
      (this.#ends?.byteLength ?? 0) + (this.#newest?.bits.byteLength ?? 0) +
      (this.#open?.size ?? 0) * 40 + (this.#order?.byteLength ?? 0);
  }

  /** A version's locator. */
  locatorOf(ordinal: number): number {
    return this.#locators[ordinal]!;
  }

  /** A version's begin sequence. */
  beginOf(ordinal: number): number {
    return this.#begins[ordinal]!;
  }

  /** A version's end sequence; Infinity while it is open. */
  endOf(ordinal: number): number {
    return this.#ends === undefined ? Infinity : this.#ends[ordinal]!;
  }

  /** Adds an open version; gives its ordinal. */
  push(locator: number, begin: number): number {
    const open = this.#open;
    invariant(open !== undefined, "row pushed to a complete version table");
    if (this.#count === this.#locators.length) this.#enlarge();
    const ordinal = this.#count++;
    this.#locators[ordinal] = locator;
    this.#begins[ordinal] = begin;
    if (this.#ends !== undefined) this.#ends[ordinal] = Infinity;
    open.set(locator, ordinal);
    if (locator > this.#locatorMax) this.#locatorMax = locator;
    this.#note(begin);
    const newest = this.#newest;
    if (newest !== undefined) {
      if (ordinal >= newest.bits.length * 8) {
        const bits = makeBits(this.#locators.length);
        bits.set(newest.bits);
        newest.bits = bits;
      }
      setBit(newest.bits, ordinal);
      newest.count++;
      newest.stamp = nextStamp();
    }
    return ordinal;
  }

  /** Takes note of a change at a sequence. */
  #note(seq: number): void {
    // Changes come in commit order, but for a log that is replayed over ends
    // that are known already.
    if (seq < this.#lastSeq) this.#derived.clear();
    else this.#lastSeq = seq;
  }

  #enlarge(): void {
    const grow = (
      old: Float64Array<ArrayBuffer>,
    ): Float64Array<ArrayBuffer> => {
      const grown = new Float64Array(2 * old.length);
      grown.set(old);
      return grown;
    };
    this.#locators = grow(this.#locators);
    this.#begins = grow(this.#begins);
    if (this.#ends !== undefined) this.#ends = grow(this.#ends);
  }

  /**
   * The ordinal of a locator's open version, or -1; of several, as there may
   * be while a log is replayed, the one that began first.
   */
  openOrdinal(locator: number): number {
    if (this.#open !== undefined) return this.#open.get(locator) ?? -1;
    let first = -1;
    for (const ordinal of this.#ordinalsOf(locator)) {
      if (this.endOf(ordinal) !== Infinity) continue;
      if (first < 0 || this.#begins[ordinal]! < this.#begins[first]!) {
        first = ordinal;
      }
    }
    return first;
  }

  /** Whether there is a version of a locator with this begin. */
  hasVersion(locator: number, begin: number): boolean {
    if (begin > this.#lastSeq || locator > this.#locatorMax) return false;
    for (const ordinal of this.#ordinalsOf(locator)) {
      if (this.#begins[ordinal] === begin) return true;
    }
    return false;
  }

  #ordinalsOf(locator: number): Iterable<number> {
    // Locators of new rows are higher than any before.
    if (locator > this.#locatorMax) return [];
    if (this.#open !== undefined) {
      const found: number[] = [];
      for (let i = 0; i < this.#count; i++) {
        if (this.#locators[i] === locator) found.push(i);
      }
      return found;
    }
    return this.#locatorOrder().ordinalsOf(locator);
  }

  /** Makes now what filters and ends would make when they first come. */
  prepare(): void {
    if (this.#open === undefined) this.#locatorOrder();
  }

  #locatorOrder(): LocatorOrder {
    this.#order ??= new LocatorOrder(this.#locators.subarray(0, this.#count));
    return this.#order;
  }

  /** Ends an open version. REQUIRES: seq > its begin. */
  end(ordinal: number, seq: number): void {
    invariant(this.endOf(ordinal) === Infinity, "version ended twice");
    invariant(seq > this.#begins[ordinal]!, "version ends before it begins");
    this.#setEnd(ordinal, seq);
    this.#note(seq);
    this.#open?.delete(this.#locators[ordinal]!);
    const newest = this.#newest;
    if (newest !== undefined) {
      clearBit(newest.bits, ordinal);
      newest.count--;
      newest.stamp = nextStamp();
    }
  }

  #setEnd(ordinal: number, seq: number): void {
    this.#ends ??= new Float64Array(this.#locators.length).fill(Infinity);
    const before = this.#ends[ordinal]!;
    this.#ends[ordinal] = seq;
    if (before === Infinity) this.#endedCount++;
    if (seq === Infinity) this.#endedCount--;
  }

  /**
   * Gives versions the ends that `ends` has; to bring a table up to date with
   * the ones it was made from.
   */
  setEnds(ends: Float64Array): void {
    for (let i = 0; i < this.#count; i++) {
      if (this.endOf(i) === ends[i]) continue;
      this.#setEnd(i, ends[i]!);
      if (ends[i]! < Infinity && ends[i]! > this.#lastSeq) {
        this.#lastSeq = ends[i]!;
      }
    }
    this.#newest = undefined;
    this.#derived.clear();
  }

  /**
   * Takes back what happened after `seq`: ends are opened again, begins become
   * versions that are never visible.
   */
  rollbackTo(seq: number): void {
    if (this.#lastSeq <= seq) return;
    for (let i = 0; i < this.#count; i++) {
      if (this.#begins[i]! > seq) {
        this.#setEnd(i, this.#begins[i]!);
        if (this.#open?.get(this.#locators[i]!) === i) {
          this.#open.delete(this.#locators[i]!);
        }
      } else if (this.endOf(i) !== Infinity && this.endOf(i) > seq) {
        this.#setEnd(i, Infinity);
        this.#open?.set(this.#locators[i]!, i);
      }
    }
    this.#lastSeq = seq;
    this.#newest = undefined;
    this.#derived.clear();
  }

  /**
   * The versions visible to a snapshot; valid until the table changes, unless
   * the snapshot is older than `lastSeq`.
   */
  visibleAt(snapshot: number): RowSet {
    if (snapshot >= this.#lastSeq) return this.#newestSet();
    const kept = this.#derived.get(snapshot);
    if (kept !== undefined) {
      // Last used, last in order.
      this.#derived.delete(snapshot);
      this.#derived.set(snapshot, kept);
      return kept;
    }
    const derived = this.#derive((i) =>
      this.#begins[i]! <= snapshot && snapshot < this.endOf(i)
    );
    this.#derived.set(snapshot, derived);
    if (this.#derived.size > DERIVED_MAX) {
      this.#derived.delete(this.#derived.keys().next().value!);
    }
    return derived;
  }

  #newestSet(): RowSet {
    this.#newest ??= this.#endedCount === 0
      ? this.#all()
      : this.#derive((i) => this.endOf(i) === Infinity);
    return this.#newest;
  }

  #all(): NewestSet {
    const count = this.#count;
    const bits = makeBits(this.#locators.length);
    bits.fill(0xff, 0, count >>> 3);
    for (let i = count & ~7; i < count; i++) setBit(bits, i);
    return { bits, count, stamp: nextStamp() };
  }

  #derive(has: (ordinal: number) => boolean): NewestSet {
    const bits = makeBits(this.#locators.length);
    let count = 0;
    for (let i = 0; i < this.#count; i++) {
      if (!has(i)) continue;
      setBit(bits, i);
      count++;
    }
    return { bits, count, stamp: nextStamp() };
  }

  /**
   * Those of `rows` whose locator is in `allowed`, which is sorted.
   */
  among(rows: RowSet, allowed: Float64Array): RowSet {
    const bits = makeBits(this.#locators.length);
    let count = 0;
    if (this.#open === undefined) {
      count = this.#locatorOrder().setAllowed(allowed, rows.bits, bits);
    } else {
      for (let i = 0; i < this.#count; i++) {
        if (i >= 8 * rows.bits.length || !hasBit(rows.bits, i)) continue;
        const locator = this.#locators[i]!;
        if (allowed[findLocator(allowed, locator)] !== locator) continue;
        setBit(bits, i);
        count++;
      }
    }
    return { bits, count, stamp: nextStamp() };
  }

  /** Whether all versions are in `rows`. */
  isAll(rows: RowSet): boolean {
    return rows.count === this.#count;
  }
}
