/**
 * The values of many keys at once.
 *
 * Keys are looked up in order, in one source after the other as a single key
 * is. Each table is told of all the keys that come to it before any is looked
 * for, so that it reads neighbouring blocks in one request and others at the
 * same time; the tables of a sorted level, which share no key, work side by
 * side.
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import {
  forEachOf,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import { NOT_FOUND } from "../memtable/memtable.ts";
import { filterHash } from "../sstable/bloom_filter.ts";
import type { FoundEntry } from "../sstable/sstable_reader.ts";
import {
  type OpenTable,
  tableFor,
  type TreeState,
  valueIn,
  valueOf,
} from "./tree_state.ts";

/** Tables of one level that are looked into side by side. */
const TABLES_AT_ONCE = 8;
/** Keys of one table that wait side by side; most for the same requests. */
const KEYS_AT_ONCE = 256;

/** A key that is still looked for. */
interface Wanted {
  readonly key: Uint8Array;
  /** Where its value goes. */
  readonly index: number;
  readonly hash: number;
  readonly covering: number;
  found: boolean;
}

/** The values of `keys` at `snapshot`, in their order, see the module. */
export function getMany(
  state: TreeState,
  keys: readonly Uint8Array[],
  snapshot: number,
): MaybePromise<(Uint8Array | undefined)[]> {
  const values = new Array<Uint8Array | undefined>(keys.length).fill(undefined);
  const wanted = findInMemtables(state, keys, snapshot, values);
  if (wanted.length === 0) return values;
  wanted.sort((a, b) => compareBytes(a.key, b.key));
  const look = new TableLook(state, snapshot, values);
  return then(look.from(wanted, 0), () => values);
}

function findInMemtables(
  state: TreeState,
  keys: readonly Uint8Array[],
  snapshot: number,
  values: (Uint8Array | undefined)[],
): Wanted[] {
  const tombstones = state.tombstones();
  const memtables = [state.memtable, ...state.frozen];
  const wanted: Wanted[] = [];
  keys.forEach((key, index) => {
    const covering = tombstones.coveringSequence(key, snapshot);
    for (const memtable of memtables) {
      const entry = memtable.find(key, snapshot);
      if (entry === NOT_FOUND) continue;
      values[index] = valueIn(memtable, entry, covering);
      return;
    }
    const hash = filterHash(key, 0, key.length);
    wanted.push({ key, index, hash, covering, found: false });
  });
  return wanted;
}

/** A look into the tables of a state. */
class TableLook {
  readonly #snapshot: number;
  readonly #values: (Uint8Array | undefined)[];
  /** What is looked into, in order: a table of level 0, or a whole level. */
  readonly #tiers: readonly (readonly OpenTable[])[];

  constructor(
    state: TreeState,
    snapshot: number,
    values: (Uint8Array | undefined)[],
  ) {
    const [level0 = [], ...others] = state.levels;
    this.#snapshot = snapshot;
    this.#values = values;
    this.#tiers = [
      ...level0.map((table) => [table]),
      ...others.filter((tables) => tables.length > 0),
    ];
  }

  /** Looks from tier `tier` on. */
  from(wanted: readonly Wanted[], tier: number): MaybePromise<void> {
    if (wanted.length === 0 || tier === this.#tiers.length) return;
    const looking = forEachOf(
      shares(this.#tiers[tier]!, wanted),
      TABLES_AT_ONCE,
      ([table, some]) => this.#lookInto(table, some),
    );
    return then(
      looking,
      () => this.from(wanted.filter(({ found }) => !found), tier + 1),
    );
  }

  #lookInto(table: OpenTable, wanted: readonly Wanted[]): MaybePromise<void> {
    return then(table.reader(), (reader) => {
      const prepared = reader.prepare(
        wanted.map(({ key }) => key),
        wanted.map(({ hash }) => hash),
      );
      return then(
        prepared,
        () =>
          forEachOf(wanted, KEYS_AT_ONCE, (want) =>
            then(
              reader.find(want.key, this.#snapshot, want.hash),
              (entry) => this.#take(want, entry),
            )),
      );
    });
  }

  #take(want: Wanted, entry: FoundEntry | undefined): void {
    if (entry === undefined) return;
    want.found = true;
    this.#values[want.index] = valueOf(entry, want.covering);
  }
}

/** Which of these keys, ascending, each table of a tier may hold. */
function shares(
  tier: readonly OpenTable[],
  wanted: readonly Wanted[],
): [OpenTable, Wanted[]][] {
  const shares = new Map<OpenTable, Wanted[]>();
  for (const want of wanted) {
    const table = tableFor(tier, want.key);
    if (table === undefined) continue;
    const share = shares.get(table);
    if (share === undefined) shares.set(table, [want]);
    else share.push(want);
  }
  return [...shares];
}
