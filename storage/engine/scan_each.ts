/**
 * Many short ranges, one after the other.
 *
 * A scan opens sources, holds what it reads and merges them: some microseconds,
 * whatever it reads. Here all ranges share a place in every source
 * (`key_place.ts`), which goes from one to the next; entries that several sources
 * have are merged as a scan does it. What memory cannot tell is scanned at the
 * end, several ranges at a time.
 *
 * @module
 */
import {
  forEachOf,
  isPromise,
  type MaybePromise,
} from "../../base/maybe_promise.ts";
import type { KeyPlace } from "../mvcc/key_place.ts";
import { compareRanges, KIND_DELETE } from "../mvcc/internal_key.ts";
import { OVERLAY_SEQUENCE } from "../mvcc/merging_scan.ts";
import type { TombstoneSet } from "../mvcc/tombstone_set.ts";
import { levelPlaces } from "./level_place.ts";
import type { Scan, ScanOverlay } from "./store_scan.ts";
import type { TreeState } from "./tree_state.ts";

/** Ranges that are read. */
export interface WantedRanges {
  /** How many there are. */
  readonly count: number;
  /** The first key of the range at `index`. */
  start(index: number): Uint8Array;
  /** The first key behind it. */
  end(index: number): Uint8Array;
}

/** Takes the entries of ranges. */
export interface RangeTaker {
  /** Whether the first entry of each range will do (default: all of them). */
  readonly oneEach?: boolean | undefined;
  /**
   * The entries of a range follow. False: no more are wanted, of any range.
   */
  begin(index: number): boolean;
  /** What came since the last `begin` is void: that range begins again later. */
  drop(): void;
  /** An entry of that range; its bytes are not changed where they are. */
  take(
    keys: Uint8Array,
    keyStart: number,
    keyEnd: number,
    values: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void;
}

/** What sees which versions. */
export interface RangeView {
  /** The highest sequence that is seen. */
  readonly snapshot: number;
  /** Writes over what is committed. */
  readonly overlay: ScanOverlay | undefined;
}

/** Ranges that wait side by side. */
const RANGES_AT_ONCE = 16;

/** Reads `ranges` of a state; `open` scans one of them. */
export function scanEach(
  state: TreeState,
  ranges: WantedRanges,
  { snapshot, overlay }: RangeView,
  taker: RangeTaker,
  open: (start: Uint8Array, end: Uint8Array) => Scan,
): MaybePromise<void> {
  if (overlay?.spilled !== undefined) {
    const all = Array.from({ length: ranges.count }, (_, index) => index);
    return scanRest(ranges, all, taker, open);
  }
  const places: KeyPlace[] = [];
  if (overlay !== undefined && overlay.memtable.count > 0) {
    places.push(overlay.memtable.place());
  }
  for (const memtable of [state.memtable, ...state.frozen]) {
    if (memtable.count > 0) places.push(memtable.place());
  }
  places.push(...levelPlaces(state.levels));
  const merge = new PlaceMerge(
    places,
    state.tombstones(),
    snapshot,
    overlay?.snapshot ?? 0,
    taker,
  );
  const later: number[] = [];
  for (let index = 0; index < ranges.count; index++) {
    if (!taker.begin(index)) return;
    const read = merge.read(ranges.start(index), ranges.end(index));
    if (read) continue;
    taker.drop();
    later.push(index);
  }
  if (later.length > 0) return scanRest(ranges, later, taker, open);
}

/** Scans ranges, several at a time. */
export function scanRest(
  ranges: WantedRanges,
  indexes: readonly number[],
  taker: RangeTaker,
  open: (start: Uint8Array, end: Uint8Array) => Scan,
): MaybePromise<void> {
  let isOver = false;
  return forEachOf(indexes, RANGES_AT_ONCE, (index) => {
    if (isOver) return;
    const scan = open(ranges.start(index), ranges.end(index));
    const entries: Entry[] = [];
    const finish = (): void => {
      if (isOver) return;
      isOver = !taker.begin(index);
      if (!isOver) { for (const entry of entries) taker.take(...entry); }
    };
    const read = readAll(scan, entries, taker.oneEach === true);
    return isPromise(read) ? read.then(finish) : finish();
  });
}

/** Keys and where one lies in them, values and where one lies in them. */
type Entry = [Uint8Array, number, number, Uint8Array, number, number];

function readAll(
  scan: Scan,
  entries: Entry[],
  one: boolean,
): MaybePromise<void> {
  for (;;) {
    const run = scan.next();
    if (isPromise(run)) return readLater(scan, run, entries, one);
    if (run === undefined) return;
    addRun(run, entries, one);
    if (one) return scan.close();
  }
}

async function readLater(
  scan: Scan,
  first: ReturnType<Scan["next"]>,
  entries: Entry[],
  one: boolean,
): Promise<void> {
  for (let run = await first; run !== undefined; run = await scan.next()) {
    addRun(run, entries, one);
    if (one) return scan.close();
  }
}

/** A batch of a scan may be used again: what it has copied is copied. */
function addRun(
  run: NonNullable<Awaited<ReturnType<Scan["next"]>>>,
  entries: Entry[],
  one: boolean,
): void {
  const count = one ? 1 : run.count;
  for (let i = 0; i < count; i++) {
    const key = run.keys.slice(run.keyStarts[i]!, run.keyEnds[i]!);
    const value = run.values.slice(run.valueStarts[i]!, run.valueEnds[i]!);
    entries.push([key, 0, key.length, value, 0, value.length]);
  }
}

const NO_BYTES = new Uint8Array(0);

/** Merges what places have in a range. */
class PlaceMerge {
  readonly #places: readonly KeyPlace[];
  readonly #tombstones: TombstoneSet;
  readonly #snapshot: number;
  readonly #overlaySnapshot: number;
  readonly #taker: RangeTaker;
  /** Those that are in the range, in the order of their ages. */
  readonly #live: KeyPlace[] = [];
  /** The last key of which a version was chosen. */
  #decided: Uint8Array = NO_BYTES;
  #decidedStart = 0;
  #decidedEnd = -1;

  constructor(
    places: readonly KeyPlace[],
    tombstones: TombstoneSet,
    snapshot: number,
    overlaySnapshot: number,
    taker: RangeTaker,
  ) {
    this.#places = places;
    this.#tombstones = tombstones;
    this.#snapshot = snapshot;
    this.#overlaySnapshot = overlaySnapshot;
    this.#taker = taker;
  }

  /** Reads a range; false: not everything of it is in memory. */
  read(start: Uint8Array, end: Uint8Array): boolean {
    const live = this.#live;
    live.length = 0;
    this.#decidedEnd = -1;
    for (const place of this.#places) {
      if (!place.seek(start)) return false;
      if (isBefore(place, end)) live.push(place);
    }
    while (live.length > 0) {
      let first = 0;
      for (let i = 1; i < live.length; i++) {
        if (comparePlaces(live[i]!, live[first]!) < 0) first = i;
      }
      const place = live[first]!;
      if (this.#isVisible(place)) {
        this.#taker.take(
          place.keys,
          place.keyStart,
          place.keyEnd,
          place.values,
          place.valueStart,
          place.valueEnd,
        );
        if (this.#taker.oneEach === true) return true;
      }
      if (!place.next()) return false;
      if (!isBefore(place, end)) live.splice(first, 1);
    }
    return true;
  }

  #isVisible(place: KeyPlace): boolean {
    const { sequence, keys, keyStart, keyEnd } = place;
    if (
      sequence > this.#snapshot &&
      (sequence < OVERLAY_SEQUENCE || sequence > this.#overlaySnapshot)
    ) return false;
    const decidedStart = this.#decidedStart;
    const decidedEnd = this.#decidedEnd;
    if (
      decidedEnd >= 0 && compareRanges(
          this.#decided,
          decidedStart,
          decidedEnd,
          keys,
          keyStart,
          keyEnd,
        ) === 0
    ) return false;
    this.#decided = keys;
    this.#decidedStart = keyStart;
    this.#decidedEnd = keyEnd;
    if (place.kind === KIND_DELETE) return false;
    const tombstones = this.#tombstones;
    return tombstones.count === 0 ||
      tombstones.coveringSequence(
          keys.subarray(keyStart, keyEnd),
          this.#snapshot,
        ) <= sequence;
  }
}

/** Whether a place is at an entry before `end`. */
function isBefore(place: KeyPlace, end: Uint8Array): boolean {
  return !place.isAtEnd && compareRanges(
        place.keys,
        place.keyStart,
        place.keyEnd,
        end,
        0,
        end.length,
      ) < 0;
}

function comparePlaces(a: KeyPlace, b: KeyPlace): number {
  const order = compareRanges(
    a.keys,
    a.keyStart,
    a.keyEnd,
    b.keys,
    b.keyStart,
    b.keyEnd,
  );
  return order !== 0 ? order : b.sequence - a.sequence;
}
