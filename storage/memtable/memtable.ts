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
import type { EntryRun, KeyRange, RunSource } from "../mvcc/entry_run.ts";
import {
  type EntryKind,
  KIND_DELETE,
  type RangeTombstone,
  SEQUENCE_MAX,
} from "../mvcc/internal_key.ts";
import { TombstoneSet } from "../mvcc/tombstone_set.ts";
import { SkipList } from "./skip_list.ts";

/** Entries a scan takes from the list at a time. */
const RUN_ENTRIES = 256;

/** What a lookup found; see {@linkcode Memtable.find}. */
export const NOT_FOUND = 0;

/** A sorted buffer of versions. */
export class Memtable {
  readonly #list = new SkipList();
  readonly #tombstones: RangeTombstone[] = [];
  /** The tombstones for look-ups, made when they are needed. */
  #set = new TombstoneSet([]);
  #frozen = false;
  #sequenceMax = 0;

  /** How many entries it holds. */
  get count(): number {
    return this.#list.count;
  }

  /** Whether nothing is in it. */
  get isEmpty(): boolean {
    return this.#list.count === 0 && this.#tombstones.length === 0;
  }

  /** Bytes of keys and values it holds: what its limit counts. */
  get contentBytes(): number {
    return this.#list.contentBytes;
  }

  /** Bytes of memory it takes. */
  get memoryBytes(): number {
    return this.#list.memoryBytes;
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
    return this.#list.arena;
  }

  /** From now on every write throws. */
  freeze(): void {
    this.#frozen = true;
  }

  /** Copies bytes in which keys and values lie; returns where they begin. */
  append(bytes: Uint8Array): number {
    invariant(!this.#frozen, "memtable is frozen");
    return this.#list.append(bytes);
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
    this.#list.insert(keyStart, keyEnd, valueStart, valueEnd, sequence, kind);
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
    return this.#list.find(key, snapshot);
  }

  /** What an entry found says. */
  kindOf(entry: number): EntryKind {
    return this.#list.kind(entry);
  }

  /** The sequence of an entry found. */
  sequenceOf(entry: number): number {
    return this.#list.sequence(entry);
  }

  /** The value of an entry found: a view that stays valid. */
  valueOf(entry: number): Uint8Array {
    return this.#list.arena.subarray(
      this.#list.valueStart(entry),
      this.#list.valueEnd(entry),
    );
  }

  /** The key of an entry found: a view that stays valid. */
  keyOf(entry: number): Uint8Array {
    return this.#list.arena.subarray(
      this.#list.keyStart(entry),
      this.#list.keyEnd(entry),
    );
  }

  /** The sequence of the newest change of `key`, deletions included, or -1. */
  newestSequence(key: Uint8Array): number {
    const entry = this.find(key, SEQUENCE_MAX);
    const covering = this.#tombstoneSet().coveringSequence(key, SEQUENCE_MAX);
    return Math.max(
      entry === NOT_FOUND ? -1 : this.#list.sequence(entry),
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
    const list = this.#list;
    let node = list.seek(start, SEQUENCE_MAX);
    for (; node !== NOT_FOUND; node = list.next(node)) {
      if (compareBytes(this.keyOf(node), end) >= 0) return false;
      if (list.sequence(node) > sequence) return true;
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
    const list = this.#list;
    while (list.count > 0 && list.sequence(list.newest) > sequence) {
      list.removeLast();
    }
    let kept = this.#tombstones.length;
    while (kept > 0 && this.#tombstones[kept - 1]!.sequence > sequence) kept--;
    this.#tombstones.length = kept;
    this.#set = new TombstoneSet([]);
    this.#sequenceMax = Math.min(this.#sequenceMax, sequence);
  }

  /** Puts less deletions in `range`: about how many keys it adds. */
  countKeys(range: KeyRange): number {
    const list = this.#list;
    let count = 0;
    let node = range.start === undefined
      ? list.first()
      : list.seek(range.start, SEQUENCE_MAX);
    for (; node !== NOT_FOUND; node = list.next(node)) {
      if (range.end && compareBytes(this.keyOf(node), range.end) >= 0) break;
      count += list.kind(node) === KIND_DELETE ? -1 : 1;
    }
    return count;
  }

  /** Runs over `range`, forward or backward. */
  runs(range: KeyRange, reverse = false): RunSource {
    return reverse
      ? new BackwardRuns(this.#list, range)
      : new ForwardRuns(this.#list, range);
  }

  /** Checks the order of the list; for tests. */
  check(): void {
    this.#list.checkOrder();
  }
}

/** A run filled from a list; its arrays are used again for the next one. */
class ListRun implements EntryRun {
  count = 0;
  keys: Uint8Array = new Uint8Array(0);
  values: Uint8Array = this.keys;
  readonly keyStarts: Uint32Array;
  readonly keyEnds: Uint32Array;
  readonly valueStarts: Uint32Array;
  readonly valueEnds: Uint32Array;
  readonly sequences: Float64Array;
  readonly kinds: Uint8Array;

  constructor(capacity: number) {
    this.keyStarts = new Uint32Array(capacity);
    this.keyEnds = new Uint32Array(capacity);
    this.valueStarts = new Uint32Array(capacity);
    this.valueEnds = new Uint32Array(capacity);
    this.sequences = new Float64Array(capacity);
    this.kinds = new Uint8Array(capacity);
  }

  set(index: number, list: SkipList, node: number): void {
    this.keyStarts[index] = list.keyStart(node);
    this.keyEnds[index] = list.keyEnd(node);
    this.valueStarts[index] = list.valueStart(node);
    this.valueEnds[index] = list.valueEnd(node);
    this.sequences[index] = list.sequence(node);
    this.kinds[index] = list.kind(node);
  }
}

class ForwardRuns implements RunSource {
  readonly #list: SkipList;
  readonly #end: Uint8Array | undefined;
  #node: number;
  #run: ListRun | undefined;
  /** Short scans are common: the first runs are small. */
  #capacity = 8;

  constructor(list: SkipList, range: KeyRange) {
    this.#list = list;
    this.#end = range.end;
    this.#node = range.start === undefined
      ? list.first()
      : list.seek(range.start, SEQUENCE_MAX);
  }

  nextRun(): EntryRun | undefined {
    const list = this.#list;
    let node = this.#node;
    if (node === NOT_FOUND) return undefined;
    if (this.#run === undefined || this.#capacity < RUN_ENTRIES) {
      this.#capacity = Math.min(RUN_ENTRIES, this.#capacity * 4);
      this.#run = new ListRun(this.#capacity);
    }
    const run = this.#run;
    let count = 0;
    while (node !== NOT_FOUND && count < this.#capacity) {
      run.set(count++, list, node);
      node = list.next(node);
    }
    this.#node = node;
    run.count = count;
    run.keys = run.values = list.arena;
    if (this.#end !== undefined && node !== NOT_FOUND) {
      const last = count - 1;
      const key = run.keys.subarray(run.keyStarts[last], run.keyEnds[last]);
      if (compareBytes(key, this.#end) >= 0) this.#node = NOT_FOUND;
    }
    return run;
  }
}

/**
 * Backward runs: steps are searches, as the list has no links back. Whole keys
 * are taken at a time, so that the versions of one are together.
 */
class BackwardRuns implements RunSource {
  readonly #list: SkipList;
  readonly #start: Uint8Array | undefined;
  #before: Uint8Array | undefined;
  #done = false;

  constructor(list: SkipList, range: KeyRange) {
    this.#list = list;
    this.#start = range.start;
    this.#before = range.end;
  }

  nextRun(): EntryRun | undefined {
    if (this.#done) return undefined;
    const list = this.#list;
    const nodes: number[] = [];
    while (nodes.length < RUN_ENTRIES / 4) {
      const last: number = this.#before === undefined
        ? list.last()
        : list.seekBefore(this.#before);
      if (last === NOT_FOUND) {
        this.#done = true;
        break;
      }
      const key: Uint8Array = list.arena.subarray(
        list.keyStart(last),
        list.keyEnd(last),
      );
      if (
        this.#start !== undefined && compareBytes(key, this.#start) < 0
      ) {
        this.#done = true;
        break;
      }
      const versions: number[] = [];
      for (
        let node = list.seek(key, SEQUENCE_MAX);
        node !== NOT_FOUND && list.hasKey(node, key);
        node = list.next(node)
      ) versions.push(node);
      for (let i = versions.length - 1; i >= 0; i--) nodes.push(versions[i]!);
      this.#before = key;
    }
    if (nodes.length === 0) return undefined;
    const run = new ListRun(nodes.length);
    for (let i = 0; i < nodes.length; i++) {
      run.set(i, list, nodes[nodes.length - 1 - i]!);
    }
    run.count = nodes.length;
    run.keys = run.values = list.arena;
    return run;
  }
}
