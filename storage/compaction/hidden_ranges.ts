/**
 * The range tombstones of a compaction: which entries they hide, which of them
 * must be written again, and where they are cut.
 *
 * A tombstone at or below the horizon hides what it covers from everybody, so
 * what it covers in the inputs goes. It stays as long as a table below may hold
 * something that it covers, and only over that stretch.
 *
 * Where an output ends after the key k, tombstones are cut at k followed by a
 * zero byte, the first key after k: the part before belongs to this output,
 * whose last key is k, and the part after to the next. So tables that share a
 * tombstone do not overlap, though a tombstone's end is exclusive and a table's
 * last key is not.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import type { TableMeta } from "../manifest/manifest.ts";
import type { RangeTombstone } from "../mvcc/internal_key.ts";
import { TombstoneSet } from "../mvcc/tombstone_set.ts";
import { horizonIn, type Retention } from "./retention.ts";
import { type KeySpan, overlapping, spansOverlap } from "./table_ranges.ts";

/** The first key after `key`. */
export function keyAfter(key: Uint8Array): Uint8Array {
  const after = new Uint8Array(key.length + 1);
  after.set(key);
  return after;
}

/** Tables that hold what is older than a compaction's inputs. */
export interface OlderTables {
  /** Levels whose tables are in order and do not overlap. */
  readonly sorted: readonly (readonly TableMeta[])[];
  /** Tables of level 0. */
  readonly overlapping: readonly TableMeta[];
}

/** The tombstones of the inputs of one compaction. */
export class HiddenRanges {
  readonly #set: TombstoneSet;
  readonly #retention: Retention;
  /** Those that are written again, by their starts. */
  #left: RangeTombstone[];

  /** The tombstones of all inputs, over `older` tables. */
  constructor(
    tombstones: readonly RangeTombstone[],
    older: OlderTables,
    retention: Retention,
  ) {
    this.#set = new TombstoneSet(tombstones);
    this.#retention = retention;
    this.#left = this.#set.tombstones
      .filter((tombstone) => !this.#isCovered(tombstone))
      .flatMap((tombstone) => this.#kept(tombstone, older))
      .sort((a, b) => compareBytes(a.start, b.start));
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#set.count === 0;
  }

  /** Whether all that a table holds is hidden from everybody. */
  hidesTable(table: TableMeta): boolean {
    return this.#set.tombstones.some(({ start, end, sequence }) =>
      sequence > table.sequenceMax &&
      sequence <= horizonIn(this.#retention, table) &&
      compareBytes(start, table.firstKey) <= 0 &&
      compareBytes(table.lastKey, end) < 0
    );
  }

  /** Whether a version is hidden from every snapshot from `horizon` on. */
  hides(key: Uint8Array, sequence: number, horizon: number): boolean {
    return this.#set.coveringSequence(key, horizon) > sequence;
  }

  /** Whether any is left that begins at or before `key`, or anywhere. */
  hasLeft(key?: Uint8Array): boolean {
    const [first] = this.#left;
    return first !== undefined &&
      (key === undefined || compareBytes(first.start, key) <= 0);
  }

  /** Takes what is left up to and including `lastKey`; everything without. */
  takeUpTo(lastKey: Uint8Array | undefined): RangeTombstone[] {
    if (lastKey === undefined) return this.#left.splice(0);
    const cut = keyAfter(lastKey);
    const taken: RangeTombstone[] = [];
    const left: RangeTombstone[] = [];
    for (const tombstone of this.#left) {
      if (compareBytes(tombstone.start, cut) >= 0) left.push(tombstone);
      else if (compareBytes(tombstone.end, cut) <= 0) taken.push(tombstone);
      else {
        taken.push({ ...tombstone, end: cut });
        left.push({ ...tombstone, start: cut });
      }
    }
    this.#left = left;
    return taken;
  }

  /** Whether another hides all that this one does, from everybody. */
  #isCovered(tombstone: RangeTombstone): boolean {
    const span = { firstKey: tombstone.start, lastKey: tombstone.end };
    const horizon = horizonIn(this.#retention, span);
    return this.#set.tombstones.some(({ start, end, sequence }) =>
      sequence > tombstone.sequence && sequence <= horizon &&
      compareBytes(start, tombstone.start) <= 0 &&
      compareBytes(tombstone.end, end) <= 0
    );
  }

  #kept(tombstone: RangeTombstone, older: OlderTables): RangeTombstone[] {
    const span: KeySpan = {
      firstKey: tombstone.start,
      lastKey: tombstone.end,
    };
    if (tombstone.sequence > horizonIn(this.#retention, span)) {
      return [tombstone];
    }
    const below = [
      ...older.sorted.flatMap((tables) => overlapping(tables, span)),
      ...older.overlapping.filter((table) => spansOverlap(table, span)),
    ].filter(({ sequenceMin }) => sequenceMin < tombstone.sequence);
    let { start, end } = tombstone;
    if (below.length === 0) return [];
    const first = below.map(({ firstKey }) => firstKey).sort(compareBytes)[0]!;
    const last = below.map(({ lastKey }) => lastKey).sort(compareBytes).at(-1)!;
    if (compareBytes(first, start) > 0) start = first;
    const after = keyAfter(last);
    if (compareBytes(after, end) < 0) end = after;
    return compareBytes(start, end) < 0 ? [{ ...tombstone, start, end }] : [];
  }
}

/** Answers, for keys in rising order, whether older tables may hold them. */
export class OlderKeys {
  readonly #older: OlderTables;
  readonly #at: number[];

  /** Over these tables. */
  constructor(older: OlderTables) {
    this.#older = older;
    this.#at = older.sorted.map(() => 0);
  }

  /** Whether an older table's range holds `key`. */
  mayHold(key: Uint8Array): boolean {
    const { sorted, overlapping } = this.#older;
    for (let level = 0; level < sorted.length; level++) {
      const tables = sorted[level]!;
      let at = this.#at[level]!;
      while (
        at < tables.length && compareBytes(tables[at]!.lastKey, key) < 0
      ) at++;
      this.#at[level] = at;
      const table = tables[at];
      if (table !== undefined && compareBytes(table.firstKey, key) <= 0) {
        return true;
      }
    }
    return overlapping.some((table) =>
      compareBytes(table.firstKey, key) <= 0 &&
      compareBytes(key, table.lastKey) <= 0
    );
  }
}
