/**
 * The pages of an entry tree.
 *
 * A page has up to `SLOTS` slots, in order. Beside the number of its entry a
 * slot has six bytes of the key, those after the prefix that all keys of the
 * page share: a search compares numbers that lie side by side, and goes to the
 * keys only where these are equal.
 *
 * | array | per slot |
 * | --- | --- |
 * | `#heads` | six bytes of the key as a number, zeros past its end |
 * | `#entries` | the entry; in an inner page, the first below the child |
 * | `#children` | the child, in an inner page |
 *
 * @module
 */
import { compareViews, headAt } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import { cutBytes, cutDoubles, cutWords } from "../../base/slab.ts";
import type { EntryTable } from "./entry_table.ts";

/** Slots of a page. */
export const SLOTS = 64;

/** Slots there is room for at first: a small transaction's. */
const SLOTS_AT_FIRST = 8;

/** The pages: see the module. */
export class TreePages {
  readonly #table: EntryTable;
  #capacity = 1;
  #used = 0;
  readonly #free: number[] = [];
  #heads = cutDoubles(SLOTS_AT_FIRST);
  #entries = cutWords(SLOTS_AT_FIRST);
  #children = cutWords(SLOTS_AT_FIRST);
  #counts = cutBytes(this.#capacity);
  /** Where in the arena a page's prefix lies, and how long it is. */
  #prefixStarts = cutWords(this.#capacity);
  #prefixLengths = cutWords(this.#capacity);

  /** Whether the last search met exactly what it sought. */
  exact = false;

  /** No pages yet, of entries of `table`. */
  constructor(table: EntryTable) {
    this.#table = table;
  }

  /** Bytes of memory they take. */
  get memoryBytes(): number {
    return this.#heads.length * 16 + this.#capacity * 9;
  }

  /** Slots that are used. */
  count(page: number): number {
    return this.#counts[page]!;
  }

  /** The entry of a slot. */
  entry(page: number, slot: number): number {
    return this.#entries[page * SLOTS + slot]!;
  }

  /** The child of a slot. */
  child(page: number, slot: number): number {
    return this.#children[page * SLOTS + slot]!;
  }

  /** An empty page. */
  take(): number {
    const free = this.#free.pop();
    if (free !== undefined) {
      this.#counts[free] = 0;
      return free;
    }
    const page = this.#used++;
    if (page === this.#capacity) this.#grow();
    return page;
  }

  /** Gives a page back. */
  give(page: number): void {
    this.#free.push(page);
  }

  /** The first slot of `page` at or after what is sought. */
  lowerBound(
    page: number,
    view: DataView,
    start: number,
    end: number,
    sequence: number,
  ): number {
    this.exact = false;
    const count = this.#counts[page]!;
    const prefix = this.#prefixLengths[page]!;
    const length = end - start;
    if (prefix > 0) {
      const order = compareViews(
        this.#table.view,
        this.#prefixStarts[page]!,
        view,
        start,
        prefix < length ? prefix : length,
      );
      if (order !== 0) return order > 0 ? 0 : count;
      if (length < prefix) return 0;
    }
    const head = headAt(view, start + prefix, end);
    const heads = this.#heads;
    const base = page * SLOTS;
    let low = base;
    let high = base + count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (heads[middle]! < head) low = middle + 1;
      else high = middle;
    }
    if (low === base + count || heads[low] !== head) return low - base;
    // Equal heads: the keys tell, and the sequences of one key.
    high = low + 1;
    while (high < base + count && heads[high] === head) high++;
    const table = this.#table;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entry = this.#entries[middle]!;
      const order = table.compare(entry, view, start, end, sequence);
      if (order === 0) {
        this.exact = true;
        return middle - base;
      }
      if (order < 0) low = middle + 1;
      else high = middle;
    }
    return low - base;
  }

  /** Puts an entry into a slot; those from it on move up. */
  insertAt(page: number, slot: number, entry: number, child: number): void {
    const count = this.#counts[page]!;
    const base = page * SLOTS;
    const at = base + slot;
    if (base + count === this.#heads.length) this.#setSlots(SLOTS);
    const heads = this.#heads;
    const entries = this.#entries;
    const children = this.#children;
    for (let i = base + count; i > at; i--) {
      heads[i] = heads[i - 1]!;
      entries[i] = entries[i - 1]!;
      children[i] = children[i - 1]!;
    }
    entries[at] = entry;
    children[at] = child;
    this.#counts[page] = count + 1;
    if (count === 0) this.#setPrefix(page);
    else {
      this.#fitPrefix(page, entry);
      heads[at] = this.#headOf(entry, this.#prefixLengths[page]!);
    }
  }

  /** Takes a slot out; those after it move down. */
  removeAt(page: number, slot: number): void {
    const at = page * SLOTS + slot;
    const end = page * SLOTS + this.#counts[page]!;
    this.#heads.copyWithin(at, at + 1, end);
    this.#entries.copyWithin(at, at + 1, end);
    this.#children.copyWithin(at, at + 1, end);
    this.#counts[page]!--;
  }

  /** Puts another entry into a slot that is used. */
  setEntry(page: number, slot: number, entry: number): void {
    this.#entries[page * SLOTS + slot] = entry;
    this.#fitPrefix(page, entry);
    this.#heads[page * SLOTS + slot] = this.#headOf(
      entry,
      this.#prefixLengths[page]!,
    );
  }

  /** Moves the slots from `kept` on to a new page. */
  split(page: number, kept: number): number {
    const right = this.take();
    const from = page * SLOTS + kept;
    const to = (page + 1) * SLOTS;
    this.#entries.copyWithin(right * SLOTS, from, to);
    this.#children.copyWithin(right * SLOTS, from, to);
    this.#counts[page] = kept;
    this.#counts[right] = SLOTS - kept;
    this.#setPrefix(page);
    if (kept < SLOTS) this.#setPrefix(right);
    return right;
  }

  /** Checks that keys have the page's prefix, and heads are what they say. */
  check(page: number): void {
    const { view } = this.#table;
    const length = this.#prefixLengths[page]!;
    for (let slot = 0; slot < this.#counts[page]!; slot++) {
      const entry = this.entry(page, slot);
      const start = this.#table.keyStart(entry);
      const prefix = this.#prefixStarts[page]!;
      invariant(
        this.#table.keyEnd(entry) - start >= length &&
          compareViews(view, start, view, prefix, length) === 0,
        "a key without its page's prefix",
      );
      const head = this.#heads[page * SLOTS + slot];
      invariant(head === this.#headOf(entry, length), "a wrong head");
    }
  }

  /** Shortens the prefix of a page to what `entry` shares. */
  #fitPrefix(page: number, entry: number): void {
    const length = this.#prefixLengths[page]!;
    if (length === 0) return;
    const shared = this.#sharedLength(
      this.#prefixStarts[page]!,
      length,
      entry,
    );
    if (shared === length) return;
    this.#prefixLengths[page] = shared;
    this.#setHeads(page);
  }

  /** Gives a page the longest prefix its keys share. */
  #setPrefix(page: number): void {
    const table = this.#table;
    const first = this.#entries[page * SLOTS]!;
    const last = this.#entries[page * SLOTS + this.#counts[page]! - 1]!;
    const start = table.keyStart(first);
    this.#prefixStarts[page] = start;
    this.#prefixLengths[page] = this.#sharedLength(
      start,
      table.keyEnd(first) - start,
      last,
    );
    this.#setHeads(page);
  }

  #setHeads(page: number): void {
    const length = this.#prefixLengths[page]!;
    const base = page * SLOTS;
    for (let i = this.#counts[page]! - 1; i >= 0; i--) {
      this.#heads[base + i] = this.#headOf(this.#entries[base + i]!, length);
    }
  }

  /** How many of `length` bytes of the arena the key of `entry` begins with. */
  #sharedLength(start: number, length: number, entry: number): number {
    const { arena } = this.#table;
    const keyStart = this.#table.keyStart(entry);
    const most = Math.min(length, this.#table.keyEnd(entry) - keyStart);
    let shared = 0;
    while (
      shared < most && arena[start + shared] === arena[keyStart + shared]
    ) shared++;
    return shared;
  }

  #headOf(entry: number, prefixLength: number): number {
    const table = this.#table;
    const start = table.keyStart(entry) + prefixLength;
    return headAt(table.view, start, table.keyEnd(entry));
  }

  #setSlots(slots: number): void {
    const heads = new Float64Array(slots);
    heads.set(this.#heads);
    this.#heads = heads;
    this.#entries = grown(this.#entries, slots);
    this.#children = grown(this.#children, slots);
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#setSlots(this.#capacity * SLOTS);
    this.#prefixStarts = grown(this.#prefixStarts, this.#capacity);
    this.#prefixLengths = grown(this.#prefixLengths, this.#capacity);
    const counts = new Uint8Array(this.#capacity);
    counts.set(this.#counts);
    this.#counts = counts;
  }
}

function grown(from: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(length);
  to.set(from);
  return to;
}
