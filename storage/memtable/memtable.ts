/**
 * The write buffer: what was committed and is not in an sstable yet.
 *
 * Mutable while it is the newest; frozen when it is full, and then written out
 * as an sstable. It keeps every version, newest first within a key, and the
 * range tombstones.
 *
 * The same structure holds the writes of an open transaction
 * (`sql/transaction`), with the statement's number as the sequence.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import type { KeyRange, RunSource } from "../mvcc/entry_run.ts";
import {
  type EntryKind,
  KIND_DELETE,
  type RangeTombstone,
  SEQUENCE_MAX,
} from "../mvcc/internal_key.ts";
import { TombstoneSet } from "../mvcc/tombstone_set.ts";
import { EntryTree } from "./entry_tree.ts";
import { MemtablePlace } from "./memtable_place.ts";
import { BackwardRuns, ForwardRuns } from "./table_runs.ts";

/** What a lookup found; see {@linkcode Memtable.find}. */
export const NOT_FOUND = 0;

/** A sorted buffer of versions. */
export class Memtable {
  readonly #tree = new EntryTree();
  readonly #table = this.#tree.table;
  readonly #tombstones: RangeTombstone[] = [];
  /** The tombstones for look-ups, made when they are needed. */
  #set = new TombstoneSet([]);
  #frozen = false;
  #sequenceMax = 0;

  /** How many entries it holds. */
  get count(): number {
    return this.#tree.count;
  }

  /** Whether nothing is in it. */
  get isEmpty(): boolean {
    return this.#tree.count === 0 && this.#tombstones.length === 0;
  }

  /** Bytes of keys and values it holds: what its limit counts. */
  get contentBytes(): number {
    return this.#table.contentBytes;
  }

  /** Of them, those of entries that were not taken back. */
  get entryBytes(): number {
    return this.#table.entryBytes;
  }

  /** Bytes of memory it takes. */
  get memoryBytes(): number {
    return this.#tree.memoryBytes;
  }

  /** The highest sequence in it, 0 if none. */
  get sequenceMax(): number {
    return this.#sequenceMax;
  }

  /** Whether it takes no more writes. */
  get frozen(): boolean {
    return this.#frozen;
  }

  /** The range tombstones, in the order they came. */
  get tombstones(): readonly RangeTombstone[] {
    return this.#tombstones;
  }

  /** The bytes that entries point into: valid for every node there is now. */
  get bytes(): Uint8Array {
    return this.#table.arena;
  }

  /** From now on every write throws. */
  freeze(): void {
    this.#frozen = true;
  }

  /** Copies bytes in which keys and values lie; returns where they begin. */
  append(bytes: Uint8Array): number {
    invariant(!this.#frozen, "memtable is frozen");
    return this.#table.append(bytes);
  }

  /** Adds an entry that points into bytes appended before. */
  insertAppended(
    keyStart: number,
    keyEnd: number,
    valueStart: number,
    valueEnd: number,
    sequence: number,
    kind: EntryKind,
  ): void {
    invariant(!this.#frozen, "memtable is frozen");
    this.#tree.insert(keyStart, keyEnd, valueStart, valueEnd, sequence, kind);
    if (sequence > this.#sequenceMax) this.#sequenceMax = sequence;
  }

  /** Adds an entry. */
  insert(
    key: Uint8Array,
    value: Uint8Array,
    sequence: number,
    kind: EntryKind,
  ): void {
    const keyStart = this.append(key);
    const valueStart = this.append(value);
    this.insertAppended(
      keyStart,
      valueStart,
      valueStart,
      valueStart + value.length,
      sequence,
      kind,
    );
  }

  /** Adds a range tombstone over [start, end). */
  insertTombstone(start: Uint8Array, end: Uint8Array, sequence: number): void {
    invariant(!this.#frozen, "memtable is frozen");
    if (compareBytes(start, end) >= 0) return;
    this.#tombstones.push({
      start: start.slice(),
      end: end.slice(),
      sequence,
    });
    if (sequence > this.#sequenceMax) this.#sequenceMax = sequence;
  }

  /**
   * The entry that holds the newest version of `key` that `snapshot` sees, as
   * a handle for `kindOf`, `value` …, or {@linkcode NOT_FOUND}. Range
   * tombstones are not regarded.
   */
  find(key: Uint8Array, snapshot: number): number {
    return this.#tree.find(key, snapshot);
  }

  /** What an entry found says. */
  kindOf(entry: number): EntryKind {
    return this.#table.kind(entry);
  }

  /** The sequence of an entry found. */
  sequenceOf(entry: number): number {
    return this.#table.sequence(entry);
  }

  /** The value of an entry found: a view that stays valid. */
  valueOf(entry: number): Uint8Array {
    return this.#table.arena.subarray(
      this.#table.valueStart(entry),
      this.#table.valueEnd(entry),
    );
  }

  /** Where the value of an entry found starts in `bytes`. */
  valueStartOf(entry: number): number {
    return this.#table.valueStart(entry);
  }

  /** Where it ends. */
  valueEndOf(entry: number): number {
    return this.#table.valueEnd(entry);
  }

  /** The key of an entry found: a view that stays valid. */
  keyOf(entry: number): Uint8Array {
    return this.#table.arena.subarray(
      this.#table.keyStart(entry),
      this.#table.keyEnd(entry),
    );
  }

  /** The sequence of the newest change of `key`, deletions included, or -1. */
  newestSequence(key: Uint8Array): number {
    const entry = this.find(key, SEQUENCE_MAX);
    const covering = this.#tombstoneSet().coveringSequence(key, SEQUENCE_MAX);
    return Math.max(
      entry === NOT_FOUND ? -1 : this.#table.sequence(entry),
      covering,
    );
  }

  #tombstoneSet(): TombstoneSet {
    if (this.#set.count !== this.#tombstones.length) {
      this.#set = new TombstoneSet([...this.#tombstones]);
    }
    return this.#set;
  }

  /** Whether any key in [start, end) changed after `sequence`. */
  rangeChangedSince(
    start: Uint8Array,
    end: Uint8Array,
    sequence: number,
  ): boolean {
    for (const tombstone of this.#tombstones) {
      if (
        tombstone.sequence > sequence &&
        compareBytes(tombstone.start, end) < 0 &&
        compareBytes(start, tombstone.end) < 0
      ) return true;
    }
    const table = this.#table;
    let entry = this.#tree.seek(start, SEQUENCE_MAX);
    for (; entry !== NOT_FOUND; entry = table.next(entry)) {
      if (compareBytes(this.keyOf(entry), end) >= 0) return false;
      if (table.sequence(entry) > sequence) return true;
    }
    return false;
  }

  /**
   * Takes back everything above `sequence`, the newest first. Frozen memtables
   * are cut back too (a fenced writer's).
   *
   * REQUIRES: sequences were inserted in rising order.
   */
  cutBack(sequence: number): void {
    const tree = this.#tree;
    while (tree.count > 0 && this.#table.sequence(tree.count) > sequence) {
      tree.removeLast();
    }
    let kept = this.#tombstones.length;
    while (kept > 0 && this.#tombstones[kept - 1]!.sequence > sequence) kept--;
    this.#tombstones.length = kept;
    this.#set = new TombstoneSet([]);
    this.#sequenceMax = Math.min(this.#sequenceMax, sequence);
  }

  /**
   * The first entry that came after `sequence`, as a handle: those up to
   * `count` came after it, in this order.
   *
   * REQUIRES: sequences were inserted in rising order.
   */
  firstAfter(sequence: number): number {
    const table = this.#table;
    let low = 1;
    for (let high = this.#tree.count + 1; low < high;) {
      const middle = (low + high) >>> 1;
      if (table.sequence(middle) <= sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * What is above `sequence`: this memtable, if all of it is, else another.
   *
   * REQUIRES: sequences were inserted in rising order.
   */
  after(sequence: number): Memtable {
    const low = this.firstAfter(sequence);
    const tombstones = this.#tombstones.filter((tombstone) =>
      tombstone.sequence > sequence
    );
    const all = low === 1 && tombstones.length === this.#tombstones.length;
    return all ? this : this.#copyFrom(low, tombstones);
  }

  /** The same without the bytes of what was taken back: another memtable. */
  compacted(): Memtable {
    return this.#copyFrom(1, this.#tombstones);
  }

  #copyFrom(first: number, tombstones: readonly RangeTombstone[]): Memtable {
    const table = this.#table;
    const count = this.#tree.count;
    const rest = new Memtable();
    for (let entry = first; entry <= count; entry++) {
      rest.insert(
        this.keyOf(entry),
        this.valueOf(entry),
        table.sequence(entry),
        table.kind(entry),
      );
    }
    for (const { start, end, sequence } of tombstones) {
      rest.insertTombstone(start, end, sequence);
    }
    if (this.#frozen) rest.freeze();
    return rest;
  }

  /** Puts less deletions in `range`: about how many keys it adds. */
  countKeys(range: KeyRange): number {
    const table = this.#table;
    let count = 0;
    let entry = range.start === undefined
      ? this.#tree.first()
      : this.#tree.seek(range.start, SEQUENCE_MAX);
    for (; entry !== NOT_FOUND; entry = table.next(entry)) {
      if (range.end && compareBytes(this.keyOf(entry), range.end) >= 0) break;
      count += table.kind(entry) === KIND_DELETE ? -1 : 1;
    }
    return count;
  }

  /** Runs over `range`, forward or backward. */
  runs(range: KeyRange, reverse = false): RunSource {
    return reverse
      ? new BackwardRuns(this.#tree, range)
      : new ForwardRuns(this.#tree, range);
  }

  /** A place in it, for many short ranges. */
  place(): MemtablePlace {
    return new MemtablePlace(this.#tree);
  }

  /** Checks the order of the entries; for tests. */
  check(): void {
    this.#tree.check();
  }
}
