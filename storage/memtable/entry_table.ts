/**
 * Entries in typed arrays, numbered in the order in which they came.
 *
 * Keys and values lie in one growing arena; an entry is a row of numbers, half
 * a cache line of them. So a million entries are a few arrays to the garbage
 * collector, and adding one allocates nothing.
 *
 * Invariants:
 * 1. Bytes of the arena are never changed once written; a grown arena is a
 *    copy, and readers that hold the old one keep reading the same bytes.
 * 2. Entries are numbered from 1 without gaps, so that `removeLast` takes them
 *    back in reverse order.
 *
 * @module
 */
import { compareViews, copyBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import { cutBytes, cutWords } from "../../base/slab.ts";
import { type EntryKind, KIND_PUT } from "../mvcc/internal_key.ts";

/** Bytes of keys and values that a table holds at most. */
export const MEMTABLE_BYTES_MAX = 0x7fff_ffff;

/** No entry. */
export const NO_ENTRY = 0;

/**
 * A row: where key and value start and end, the entries before and after it in
 * the order of keys, its sequence as a double.
 */
const ROW_WORDS = 8;
const KEY_START = 0;
const KEY_END = 1;
const VALUE_START = 2;
const VALUE_END = 3;
const PREVIOUS = 4;
const NEXT = 5;
const ROW_DOUBLES = 4;
const SEQUENCE = 3;

/** Beside the kind of an entry: a newer one has its key. */
const REPEATED = 0x80;

/** The arrays of a run. */
export interface RunArrays {
  count: number;
  readonly keyStarts: Uint32Array;
  readonly keyEnds: Uint32Array;
  readonly valueStarts: Uint32Array;
  readonly valueEnds: Uint32Array;
  readonly sequences: Float64Array;
  readonly kinds: Uint8Array;
  /** The highest of the sequences. */
  sequenceMax: number;
  /** Whether all are puts, of different keys. */
  isPlain: boolean;
}

/** The entries: see the module. */
export class EntryTable {
  #arena = cutBytes(1024);
  #view = viewOf(this.#arena);
  #arenaLength = 0;
  #entryBytes = 0;
  #capacity = 16;
  #count = 1;
  #rows = cutWords(this.#capacity * ROW_WORDS);
  #doubles = doublesOf(this.#rows);
  #kinds = cutBytes(this.#capacity);

  /** How many entries there are. */
  get count(): number {
    return this.#count - 1;
  }

  /** Bytes of keys and values. */
  get contentBytes(): number {
    return this.#arenaLength;
  }

  /** Of them, those of entries that were not taken back. */
  get entryBytes(): number {
    return this.#entryBytes;
  }

  /** Bytes of memory the table holds. */
  get memoryBytes(): number {
    return this.#arena.length + this.#rows.byteLength + this.#capacity;
  }

  /** The bytes that entries point into; replaced when it grows. */
  get arena(): Uint8Array {
    return this.#arena;
  }

  /** A view of {@linkcode EntryTable.arena}. */
  get view(): DataView {
    return this.#view;
  }

  /** Copies `bytes` into the arena; returns where they begin. */
  append(bytes: Uint8Array): number {
    const start = this.#arenaLength;
    const end = start + bytes.length;
    if (end > this.#arena.length) {
      invariant(end <= MEMTABLE_BYTES_MAX, "arena over 2 GiB");
      const arena = new Uint8Array(Math.max(end, this.#arena.length * 2));
      arena.set(this.#arena.subarray(0, start));
      this.#arena = arena;
      this.#view = viewOf(arena);
    }
    copyBytes(bytes, 0, bytes.length, this.#arena, start);
    this.#arenaLength = end;
    return start;
  }

  /** Adds an entry whose key and value are in the arena; gives its number. */
  add(
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    sequence: number,
    kind: EntryKind,
  ): number {
    const entry = this.#count++;
    if (entry === this.#capacity) this.#grow();
    const rows = this.#rows;
    const at = entry * ROW_WORDS;
    rows[at + KEY_START] = keyStart;
    rows[at + KEY_END] = keyEnd;
    rows[at + VALUE_START] = valueStart;
    rows[at + VALUE_END] = valueEnd;
    rows[at + PREVIOUS] = NO_ENTRY;
    rows[at + NEXT] = NO_ENTRY;
    this.#doubles[entry * ROW_DOUBLES + SEQUENCE] = sequence;
    this.#kinds[entry] = kind;
    this.#entryBytes += keyEnd - keyStart + valueEnd - valueStart;
    return entry;
  }

  /** Takes the last entry back; its bytes stay in the arena. */
  removeLast(): void {
    invariant(this.#count > 1, "nothing to remove");
    const entry = --this.#count;
    this.#entryBytes -= this.keyEnd(entry) - this.keyStart(entry) +
      this.valueEnd(entry) - this.valueStart(entry);
  }

  /** Puts `entry` between two neighbours, `NO_ENTRY` at an end. */
  link(before: number, entry: number, after: number): void {
    const rows = this.#rows;
    rows[entry * ROW_WORDS + PREVIOUS] = before;
    rows[entry * ROW_WORDS + NEXT] = after;
    rows[before * ROW_WORDS + NEXT] = entry;
    rows[after * ROW_WORDS + PREVIOUS] = entry;
  }

  /** Takes `entry` out from between its neighbours. */
  unlink(entry: number): void {
    const before = this.previous(entry);
    const after = this.next(entry);
    this.#rows[before * ROW_WORDS + NEXT] = after;
    this.#rows[after * ROW_WORDS + PREVIOUS] = before;
  }

  /** The entry after `entry`; after `NO_ENTRY`, the first. */
  next(entry: number): number {
    return this.#rows[entry * ROW_WORDS + NEXT]!;
  }

  /** The entry before `entry`; before `NO_ENTRY`, the last. */
  previous(entry: number): number {
    return this.#rows[entry * ROW_WORDS + PREVIOUS]!;
  }

  /** Where the key starts in the arena. */
  keyStart(entry: number): number {
    return this.#rows[entry * ROW_WORDS + KEY_START]!;
  }

  /** Where the key ends. */
  keyEnd(entry: number): number {
    return this.#rows[entry * ROW_WORDS + KEY_END]!;
  }

  /** Where the value starts. */
  valueStart(entry: number): number {
    return this.#rows[entry * ROW_WORDS + VALUE_START]!;
  }

  /** Where the value ends. */
  valueEnd(entry: number): number {
    return this.#rows[entry * ROW_WORDS + VALUE_END]!;
  }

  /** The sequence number. */
  sequence(entry: number): number {
    return this.#doubles[entry * ROW_DOUBLES + SEQUENCE]!;
  }

  /** The kind. */
  kind(entry: number): EntryKind {
    return (this.#kinds[entry]! & ~REPEATED) as EntryKind;
  }

  /** Notes that a newer entry has the key of `entry`. */
  setRepeated(entry: number): void {
    this.#kinds[entry]! |= REPEATED;
  }

  /**
   * Fills a run with up to `most` entries, from the entry `first` on; returns
   * the one behind them.
   */
  fill(run: RunArrays, first: number, most: number): number {
    run.sequenceMax = 0;
    run.isPlain = true;
    let count = 0;
    let entry = first;
    for (; entry !== NO_ENTRY && count < most; count++) {
      this.#put(run, count, entry);
      entry = this.next(entry);
    }
    run.count = count;
    return entry;
  }

  /** Fills a run with the first `count` of `entries`, the last of them first. */
  fillBackward(run: RunArrays, entries: Uint32Array, count: number): void {
    run.sequenceMax = 0;
    run.isPlain = true;
    run.count = count;
    for (let i = 0; i < count; i++) this.#put(run, i, entries[count - 1 - i]!);
  }

  #put(run: RunArrays, index: number, entry: number): void {
    const rows = this.#rows;
    const at = entry * ROW_WORDS;
    run.keyStarts[index] = rows[at + KEY_START]!;
    run.keyEnds[index] = rows[at + KEY_END]!;
    run.valueStarts[index] = rows[at + VALUE_START]!;
    run.valueEnds[index] = rows[at + VALUE_END]!;
    const sequence = this.#doubles[entry * ROW_DOUBLES + SEQUENCE]!;
    run.sequences[index] = sequence;
    if (sequence > run.sequenceMax) run.sequenceMax = sequence;
    const kind = this.#kinds[entry]!;
    run.kinds[index] = kind & ~REPEATED;
    if (kind !== KIND_PUT) run.isPlain = false;
  }

  /** Whether the user key of `entry` is `bytes[start, end)`. */
  isKey(
    entry: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean {
    const at = this.keyStart(entry) - start;
    if (this.keyEnd(entry) - at !== end) return false;
    const arena = this.#arena;
    // Neighbouring keys differ at their ends.
    for (let i = end - 1; i >= start; i--) {
      if (arena[at + i] !== bytes[i]) return false;
    }
    return true;
  }

  /** Orders `entry` against (bytes[start, end) of `view`, sequence). */
  compare(
    entry: number,
    view: DataView,
    start: number,
    end: number,
    sequence: number,
  ): number {
    const keyStart = this.keyStart(entry);
    const keyLength = this.keyEnd(entry) - keyStart;
    const length = end - start;
    const shared = keyLength < length ? keyLength : length;
    const order = compareViews(this.#view, keyStart, view, start, shared);
    if (order !== 0) return order;
    if (keyLength !== length) return keyLength - length;
    return sequence - this.sequence(entry);
  }

  #grow(): void {
    this.#capacity *= 2;
    const rows = new Uint32Array(this.#capacity * ROW_WORDS);
    rows.set(this.#rows);
    this.#rows = rows;
    this.#doubles = doublesOf(rows);
    const kinds = new Uint8Array(this.#capacity);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
  }
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** The words as doubles. */
function doublesOf({ buffer, byteOffset, length }: Uint32Array): Float64Array {
  return new Float64Array(buffer, byteOffset, length / 2);
}
