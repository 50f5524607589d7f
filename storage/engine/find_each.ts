/**
 * The values of many keys, one after the other, as views.
 *
 * Keys that come in order are found fast: each table is looked at where the key
 * before was found (`table_place.ts`). What memory cannot tell is left for the
 * end and asked for as a whole (`multi_get.ts`).
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import { type Memtable, NOT_FOUND } from "../memtable/memtable.ts";
import { KIND_DELETE } from "../mvcc/internal_key.ts";
import type { TombstoneSet } from "../mvcc/tombstone_set.ts";
import { filterHash } from "../sstable/bloom_filter.ts";
import { LATER, NOT_HERE } from "../sstable/table_place.ts";
import { type LevelPlace, levelPlaces } from "./level_place.ts";
import { getMany } from "./multi_get.ts";
import type { TreeState } from "./tree_state.ts";

/** Keys that are looked for. */
export interface WantedKeys {
  /** How many there are. */
  readonly count: number;
  /** The key at `index`, valid until the next call. */
  key(index: number): Uint8Array;
}

/**
 * Is told of each key that has a value, in any order: the value lies in `bytes`
 * from `start` to `end`, and is not changed there.
 */
export type ValueTaker = (
  index: number,
  bytes: Uint8Array,
  start: number,
  end: number,
) => void;

/** Looks for `wanted` in a state at a snapshot. */
export function findEach(
  state: TreeState,
  wanted: WantedKeys,
  snapshot: number,
  take: ValueTaker,
): MaybePromise<void> {
  const memtables = [state.memtable, ...state.frozen]
    .filter((memtable) => memtable.count > 0);
  const look = new Look(
    memtables,
    levelPlaces(state.levels),
    state.tombstones(),
    snapshot,
    take,
  );
  const later: number[] = [];
  const { count } = wanted;
  for (let index = 0; index < count; index++) {
    if (!look.at(index, wanted.key(index))) later.push(index);
  }
  if (later.length === 0) return;
  const keys = later.map((index) => wanted.key(index).slice());
  return then(getMany(state, keys, snapshot), (values) => {
    values.forEach((value, i) => {
      if (value !== undefined) take(later[i]!, value, 0, value.length);
    });
  });
}

class Look {
  readonly #memtables: readonly Memtable[];
  readonly #levels: readonly LevelPlace[];
  readonly #tombstones: TombstoneSet;
  readonly #snapshot: number;
  readonly #take: ValueTaker;

  constructor(
    memtables: readonly Memtable[],
    levels: readonly LevelPlace[],
    tombstones: TombstoneSet,
    snapshot: number,
    take: ValueTaker,
  ) {
    this.#memtables = memtables;
    this.#levels = levels;
    this.#tombstones = tombstones;
    this.#snapshot = snapshot;
    this.#take = take;
  }

  /** Looks for a key; false: not everything that takes is in memory. */
  at(index: number, key: Uint8Array): boolean {
    const snapshot = this.#snapshot;
    const covering = this.#tombstones.coveringSequence(key, snapshot);
    for (const memtable of this.#memtables) {
      const entry = memtable.find(key, snapshot);
      if (entry === NOT_FOUND) continue;
      if (
        memtable.kindOf(entry) !== KIND_DELETE &&
        memtable.sequenceOf(entry) >= covering
      ) {
        const start = memtable.valueStartOf(entry);
        this.#take(index, memtable.bytes, start, memtable.valueEndOf(entry));
      }
      return true;
    }
    if (this.#levels.length === 0) return true;
    const hash = filterHash(key, 0, key.length);
    for (const level of this.#levels) {
      const found = level.find(key, snapshot, hash);
      if (found === NOT_HERE) continue;
      if (found === LATER) return false;
      const { run } = level;
      if (
        run.kinds[found] !== KIND_DELETE && run.sequences[found]! >= covering
      ) {
        this.#take(
          index,
          run.values,
          run.valueStarts[found]!,
          run.valueEnds[found]!,
        );
      }
      return true;
    }
    return true;
  }
}
