/**
 * Where the stored bytes under a key prefix are now: in memory, in a cache
 * nearby, or behind the network. What a plan is chosen by, so it is asked often
 * and answered at once, from a few samples of each level.
 *
 * A store in memory or in a folder is never far.
 *
 * @module
 */
import { prefixEnd } from "../mvcc/internal_key.ts";
import type { ObjectStore } from "../object_store/object_store.ts";
import type { OpenTable, TreeState } from "./tree_state.ts";

/** Where bytes are. */
export interface Residency {
  /** The stored bytes, those of memtables aside. */
  readonly bytes: number;
  /** The share of them that a request has to bring. */
  readonly far: number;
  /** The share of them that a cache on disk, or shared memory, has. */
  readonly near: number;
}

/** Tables of a level that are looked at, at most. */
const TABLES_MAX = 8;
/** Places within a table that are looked at. */
const PLACES = 6;
/** Moments of which answers are kept, by prefix. */
const KNOWN_MAX = 1000;

/** Answers, kept as long as nothing was read and the tree is the same. */
export class Residencies {
  readonly #objects: ObjectStore;
  readonly #isFar: boolean;
  readonly #known = new Map<number, Residency>();
  #state: TreeState | undefined;
  #reads = -1;

  /** Answers about what is in `objects`. */
  constructor(objects: ObjectStore) {
    this.#objects = objects;
    this.#isFar = !/^(memory|file):/.test(objects.address);
  }

  /** Where the bytes under `prefix` are; absent: never far. */
  of(state: TreeState, prefix: number, reads: number): Residency | undefined {
    if (!this.#isFar) return undefined;
    const isOld = this.#state !== state || this.#reads !== reads ||
      this.#known.size >= KNOWN_MAX;
    if (isOld) this.#known.clear();
    this.#state = state;
    this.#reads = reads;
    let known = this.#known.get(prefix);
    if (known === undefined) {
      known = sampled(state.levels, prefix, this.#objects);
      this.#known.set(prefix, known);
    }
    return known;
  }
}

/** Bytes by where they are. */
interface Sums {
  bytes: number;
  far: number;
  near: number;
}

function sampled(
  levels: readonly (readonly OpenTable[])[],
  prefix: number,
  objects: ObjectStore,
): Residency {
  const sums: Sums = { bytes: 0, far: 0, near: 0 };
  for (const tables of levels) {
    const own = tables.filter(({ meta }) =>
      meta.prefixes.some((each) => each.prefix === prefix)
    );
    const level: Sums = { bytes: 0, far: 0, near: 0 };
    const step = Math.max(1, own.length / TABLES_MAX);
    for (let at = 0; at < own.length; at += step) {
      addTable(level, own[Math.floor(at)]!, prefix, objects);
    }
    const share = own.length / Math.max(1, Math.min(own.length, TABLES_MAX));
    sums.bytes += level.bytes * share;
    sums.far += level.far * share;
    sums.near += level.near * share;
  }
  const { bytes, far, near } = sums;
  const whole = Math.max(1, bytes);
  return {
    bytes,
    far: Math.min(1, far / whole),
    near: Math.min(1, near / whole),
  };
}

/** The part of a table that is about under a prefix, in shares of the table. */
function partOf(
  { meta, opened }: OpenTable,
  prefix: number,
): { readonly from: number; readonly to: number } {
  if (opened !== undefined) {
    const start = new Uint8Array(4);
    new DataView(start.buffer).setUint32(0, prefix);
    const from = opened.aboutBlock(start);
    const to = opened.aboutBlock(prefixEnd(start)!);
    const { blockCount } = opened;
    return { from: from / blockCount, to: Math.max(from + 1, to) / blockCount };
  }
  let before = 0;
  let own = 0;
  let all = 1;
  for (const each of meta.prefixes) {
    all += each.bytes;
    if (each.prefix < prefix) before += each.bytes;
    else if (each.prefix === prefix) own = each.bytes;
  }
  return { from: before / all, to: (before + own) / all };
}

/** Looks at some places of a table. */
function addTable(
  sums: Sums,
  table: OpenTable,
  prefix: number,
  objects: ObjectStore,
): void {
  const { meta, opened } = table;
  const { from, to } = partOf(table, prefix);
  const bytes = meta.size * (to - from);
  sums.bytes += bytes;
  for (let place = 0; place < PLACES; place++) {
    const at = from + (to - from) * (place + 0.5) / PLACES;
    if (opened?.isComing(Math.floor(at * opened.blockCount)) === true) continue;
    const isNear = objects.isNear?.(meta.path, Math.floor(at * meta.size));
    sums[isNear === true ? "near" : "far"] += bytes / PLACES;
  }
}
