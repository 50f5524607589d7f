/**
 * What a read looks at: memtables and tables of one moment.
 *
 * A state is immutable; flush and compaction put a new one in its place. A read
 * takes the state once and keeps it to its end, so it never sees half a change.
 *
 * Order of a lookup: memtable, frozen memtables, level 0, levels 1 to 6, each
 * from the newest to the oldest; the first version found is the answer.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import { cutCopy } from "../../base/slab.ts";
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import type { TableMeta } from "../manifest/manifest.ts";
import { type Memtable, NOT_FOUND } from "../memtable/memtable.ts";
import type { KeyRange, RunSource } from "../mvcc/entry_run.ts";
import {
  KIND_DELETE,
  prefixEnd,
  type RangeTombstone,
  SEQUENCE_MAX,
} from "../mvcc/internal_key.ts";
import { TombstoneSet } from "../mvcc/tombstone_set.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import type { BlockSource } from "../sstable/block_source.ts";
import { filterHash } from "../sstable/bloom_filter.ts";
import {
  type FoundEntry,
  SstableReader,
  type SstableReadOptions,
} from "../sstable/sstable_reader.ts";
import type { TablesAhead } from "./tables_ahead.ts";

/** A table of the tree, opened when it is first needed. */
export class OpenTable {
  /** What the manifest says of it. */
  readonly meta: TableMeta;
  /** Whether it is in the log and no manifest names it yet. */
  pending = false;
  readonly #open: () => MaybePromise<SstableReader>;
  #reader: MaybePromise<SstableReader> | undefined;
  #pinned = false;

  /** A table that `open` opens. */
  constructor(meta: TableMeta, open: () => MaybePromise<SstableReader>) {
    this.meta = meta;
    this.#open = open;
  }

  /**
   * A table in `objects`, kept in memory by `cache`; `ahead` gives its metadata
   * if it was asked for before.
   */
  static of(
    meta: TableMeta,
    objects: ObjectStore,
    cache: BlockSource,
    options: SstableReadOptions,
    ahead?: TablesAhead,
  ): OpenTable {
    return new OpenTable(
      meta,
      () =>
        SstableReader.open(objects, meta, cache, options, ahead?.take(meta)),
    );
  }

  /** The reader, opened once. A failure is not kept: the next call retries. */
  reader(): MaybePromise<SstableReader> {
    if (this.#reader !== undefined) return this.#reader;
    const reader = then(this.#open(), (opened) => {
      opened.pinned = this.#pinned;
      return opened;
    });
    this.#reader = reader;
    if (isPromise(reader)) {
      reader.then((opened) => this.#reader = opened, () => {
        this.#reader = undefined;
      });
    }
    return reader;
  }

  /** Whether its filter and index stay in memory before other things. */
  set pinned(pinned: boolean) {
    this.#pinned = pinned;
    const { opened } = this;
    if (opened !== undefined) opened.pinned = pinned;
  }

  /** Begins to open the table; who needs it learns whether that failed. */
  openAhead(): void {
    try {
      const reader = this.reader();
      if (isPromise(reader)) reader.catch(() => {});
    } catch {
      // As above: the next call tries again.
    }
  }

  /** The reader if it is open. */
  get opened(): SstableReader | undefined {
    return isPromise(this.#reader) ? undefined : this.#reader;
  }

  /** Whether `key` lies between the table's first and last key. */
  covers(key: Uint8Array): boolean {
    return compareBytes(this.meta.firstKey, key) <= 0 &&
      compareBytes(key, this.meta.lastKey) <= 0;
  }

  /** Whether the table may hold keys of `range`. */
  overlaps(range: KeyRange): boolean {
    return (range.end === undefined ||
      compareBytes(this.meta.firstKey, range.end) < 0) &&
      (range.start === undefined ||
        compareBytes(range.start, this.meta.lastKey) <= 0);
  }
}

/** Blocks of a table that a scan has read when the next table is opened. */
const OPEN_NEXT_RUNS = 4;

/**
 * Filters and indexes of levels 0 to here stay in memory: every lookup asks
 * them, and they are few.
 */
const PINNED_LEVEL_MAX = 1;

/** Memtables and tables of one moment. */
export class TreeState {
  /** The memtable that takes writes. */
  readonly memtable: Memtable;
  /** Frozen memtables, newest first. */
  readonly frozen: readonly Memtable[];
  /** Tables by level; level 0 newest first, the others in key order. */
  readonly levels: readonly (readonly OpenTable[])[];
  /** Tables that have range tombstones; all of them are open. */
  readonly #tombstoneTables: readonly OpenTable[];
  /** The tombstones, with how many of them the memtable had then. */
  #tombstones:
    | { readonly set: TombstoneSet; readonly fresh: number }
    | undefined;

  /** A state of these. REQUIRES: tables with tombstones are open. */
  constructor(
    memtable: Memtable,
    frozen: readonly Memtable[],
    levels: readonly (readonly OpenTable[])[],
  ) {
    this.memtable = memtable;
    this.frozen = frozen;
    this.levels = levels;
    levels.forEach((tables, level) => {
      for (const table of tables) table.pinned = level <= PINNED_LEVEL_MAX;
    });
    this.#tombstoneTables = levels.flat().filter(({ meta }) =>
      meta.tombstoneCount > 0
    );
  }

  /** Opens the tables that have range tombstones, as every state requires. */
  async openTombstoneTables(): Promise<void> {
    await Promise.all(this.#tombstoneTables.map((table) => table.reader()));
  }

  /** Bytes of memory that the memtables take. */
  get memtableBytes(): number {
    let bytes = this.memtable.memoryBytes;
    for (const memtable of this.frozen) bytes += memtable.memoryBytes;
    return bytes;
  }

  /** The state without everything above `sequence`; this one is void. */
  cutBack(sequence: number): TreeState {
    const { memtable, frozen, levels } = this;
    for (const each of [memtable, ...frozen]) each.cutBack(sequence);
    return new TreeState(memtable, frozen, levels);
  }

  /** The range tombstones of all memtables and tables. */
  tombstones(): TombstoneSet {
    const { memtable, frozen } = this;
    // Only the mutable memtable gets new ones.
    const known = this.#tombstones;
    if (known !== undefined && known.fresh === memtable.tombstones.length) {
      return known.set;
    }
    const all: RangeTombstone[] = [...memtable.tombstones];
    for (const table of frozen) all.push(...table.tombstones);
    for (const table of this.#tombstoneTables) {
      all.push(...table.opened!.tombstones);
    }
    const set = new TombstoneSet(all);
    this.#tombstones = { set, fresh: memtable.tombstones.length };
    return set;
  }

  /** The value of `key` at `snapshot`, `undefined` if there is none. */
  get(
    key: Uint8Array,
    snapshot: number,
  ): MaybePromise<Uint8Array | undefined> {
    const covering = this.tombstones().coveringSequence(key, snapshot);
    const { memtable } = this;
    let entry = memtable.find(key, snapshot);
    if (entry !== NOT_FOUND) return valueIn(memtable, entry, covering);
    for (const frozen of this.frozen) {
      entry = frozen.find(key, snapshot);
      if (entry !== NOT_FOUND) return valueIn(frozen, entry, covering);
    }
    return then(
      this.#findInTables(key, snapshot),
      (found) => found === undefined ? undefined : valueOf(found, covering),
    );
  }

  /**
   * The sequence of the newest change of `key`, deletions included, as far as
   * it is above `sequence`; otherwise anything at or below it.
   */
  newestSequence(key: Uint8Array, sequence: number): MaybePromise<number> {
    let newest = this.memtable.newestSequence(key);
    if (newest > sequence) return newest;
    for (const frozen of this.frozen) {
      if (frozen.sequenceMax <= sequence) continue;
      newest = Math.max(newest, frozen.newestSequence(key));
      if (newest > sequence) return newest;
    }
    if (!this.#tablesChangedSince(sequence)) return newest;
    const covering = this.tombstones().coveringSequence(key, SEQUENCE_MAX);
    if (covering > sequence) return covering;
    return then(
      this.#findInTables(key, SEQUENCE_MAX),
      (found) => found === undefined ? -1 : found.run.sequences[found.index]!,
    );
  }

  /** Whether any key in [start, end) changed after `sequence`. */
  rangeChangedSince(
    start: Uint8Array,
    end: Uint8Array,
    sequence: number,
  ): MaybePromise<boolean> {
    for (const memtable of [this.memtable, ...this.frozen]) {
      if (memtable.rangeChangedSince(start, end, sequence)) return true;
    }
    const tables = this.levels.flat().filter((table) =>
      table.meta.sequenceMax > sequence && table.overlaps({ start, end })
    );
    return tables.length === 0
      ? false
      : anyNewerEntry(tables, start, end, sequence);
  }

  /** About how many keys begin with a 4-byte prefix, see the store. */
  estimateKeys(prefix: number): number {
    let keys = 0;
    for (const { meta } of this.levels.flat()) {
      for (const counts of meta.prefixes) {
        if (counts.prefix === prefix) {
          keys += counts.entries - 2 * counts.deletions;
        }
      }
    }
    const start = new Uint8Array(4);
    new DataView(start.buffer).setUint32(0, prefix);
    const end = prefixEnd(start);
    for (const memtable of [this.memtable, ...this.frozen]) {
      keys += memtable.countKeys({ start, end });
    }
    return Math.max(0, keys);
  }

  /** Sources over `range`, the newest first. */
  sources(range: KeyRange, reverse: boolean): MaybePromise<RunSource>[] {
    const sources: MaybePromise<RunSource>[] = [];
    for (const memtable of [this.memtable, ...this.frozen]) {
      if (memtable.count > 0) sources.push(memtable.runs(range, reverse));
    }
    this.levels.forEach((tables, level) => {
      const inRange = tables.filter((table) => table.overlaps(range));
      if (level === 0) {
        for (const table of inRange) {
          sources.push(
            then(table.reader(), (reader) => reader.runs(range, reverse)),
          );
        }
      } else if (inRange.length > 0) {
        sources.push(levelRuns(inRange, range, reverse));
      }
    });
    return sources;
  }

  #tablesChangedSince(sequence: number): boolean {
    for (const tables of this.levels) {
      for (const table of tables) {
        if (table.meta.sequenceMax > sequence) return true;
      }
    }
    return false;
  }

  #findInTables(
    key: Uint8Array,
    snapshot: number,
  ): MaybePromise<FoundEntry | undefined> {
    const hash = filterHash(key, 0, key.length);
    let candidates: OpenTable[] | undefined;
    for (let level = 0; level < this.levels.length; level++) {
      const tables = this.levels[level]!;
      if (level === 0) {
        for (const table of tables) {
          if (table.meta.sequenceMin <= snapshot && table.covers(key)) {
            (candidates ??= []).push(table);
          }
        }
      } else if (tables.length > 0) {
        const table = tableFor(tables, key);
        if (table !== undefined) (candidates ??= []).push(table);
      }
    }
    return candidates === undefined
      ? undefined
      : findInOrder(candidates, 0, cutCopy(key), snapshot, hash);
  }
}

/** The table of a sorted level that may hold `key`. */
export function tableFor(
  tables: readonly OpenTable[],
  key: Uint8Array,
): OpenTable | undefined {
  let low = 0;
  let high = tables.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(tables[middle]!.meta.lastKey, key) < 0) low = middle + 1;
    else high = middle;
  }
  const table = tables[low];
  return table !== undefined && table.covers(key) ? table : undefined;
}

/** Looks into one table after the other, without waiting where it need not. */
function findInOrder(
  tables: readonly OpenTable[],
  from: number,
  key: Uint8Array,
  snapshot: number,
  hash: number,
): MaybePromise<FoundEntry | undefined> {
  for (let i = from; i < tables.length; i++) {
    const reader = tables[i]!.reader();
    if (isPromise(reader)) {
      return reader.then(() => findInOrder(tables, i, key, snapshot, hash));
    }
    const found = reader.find(key, snapshot, hash);
    if (isPromise(found)) {
      return found.then((found) =>
        found ?? findInOrder(tables, i + 1, key, snapshot, hash)
      );
    }
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What an entry of a memtable says, under a tombstone of `covering`. */
export function valueIn(
  memtable: Memtable,
  entry: number,
  covering: number,
): Uint8Array | undefined {
  return memtable.kindOf(entry) === KIND_DELETE ||
      memtable.sequenceOf(entry) < covering
    ? undefined
    : memtable.valueOf(entry);
}

/** What an entry that was found says, under a tombstone of `covering`. */
export function valueOf(
  { run, index }: FoundEntry,
  covering: number,
): Uint8Array | undefined {
  return run.kinds[index] === KIND_DELETE || run.sequences[index]! < covering
    ? undefined
    : run.values.subarray(run.valueStarts[index], run.valueEnds[index]);
}

async function anyNewerEntry(
  tables: readonly OpenTable[],
  start: Uint8Array,
  end: Uint8Array,
  sequence: number,
): Promise<boolean> {
  for (const table of tables) {
    const reader = await table.reader();
    const hidden = reader.tombstones.some((tombstone) =>
      tombstone.sequence > sequence &&
      compareBytes(tombstone.start, end) < 0 &&
      compareBytes(start, tombstone.end) < 0
    );
    if (hidden) return true;
    const source = reader.runs({ start, end });
    for (let run = await source.nextRun(); run; run = await source.nextRun()) {
      for (let i = 0; i < run.count; i++) {
        if (run.sequences[i]! <= sequence) continue;
        const key = run.keys.subarray(run.keyStarts[i], run.keyEnds[i]);
        if (compareBytes(key, start) >= 0 && compareBytes(key, end) < 0) {
          return true;
        }
      }
    }
  }
  return false;
}

/**
 * The tables of a sorted level one after the other, opened as needed: the next
 * one while the one before is read, where scans read ahead.
 */
function levelRuns(
  tables: readonly OpenTable[],
  range: KeyRange,
  reverse: boolean,
): RunSource {
  const order = reverse ? tables.toReversed() : tables;
  let next = 0;
  let current: RunSource | undefined;
  /** Runs to come until the next table is opened. */
  let patience = 0;
  const nextRun = (): ReturnType<RunSource["nextRun"]> => {
    if (current === undefined) {
      if (next >= order.length) return undefined;
      return then(order[next++]!.reader(), (reader) => {
        current = reader.runs(range, reverse);
        patience = reader.readsAhead ? OPEN_NEXT_RUNS : Infinity;
        return nextRun();
      });
    }
    if (--patience === 0) order[next]?.openAhead();
    return then(current.nextRun(), (run) => {
      if (run !== undefined) return run;
      current = undefined;
      return nextRun();
    });
  };
  return { nextRun };
}
