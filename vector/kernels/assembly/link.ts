/**
 * Building the graph: Malkov & Yashunin 2016, algorithms 1 (insert) and 4
 * (select neighbours by the heuristic). ../../hnsw/plain_link.ts is the same in
 * plain TypeScript.
 *
 * Of nodes with the very same vector only the first is linked; the others
 * follow it in a chain. Were they linked, they would fill each other's lists
 * and cut themselves off from the rest.
 *
 * Several threads may link different nodes at a time, each in an instance of
 * its own (locks.ts). They write to a list only under the lock of its node, and
 * read lists without: what they read is numbers of nodes at any moment, some of
 * them twice or missing. The entry point has to stay the same meanwhile.
 *
 * `scratch` holds, for m2 = 2m + 4: m2 keys to select from, m2 numbers
 * selected, then for each level m2 / 2 keys selected for the new node, and
 * how many of them there are.
 *
 * @module
 */
import { distancesTo, isNowhere, sameRow } from "./distance";
import { distanceOf, idOf, keyAt, keyOf, poolInsert } from "./pool";
import { descend, searchLayer } from "./search";
import { lock, unlock } from "./locks";
import {
  distances, duplicates, entry, entryLevel, ids, listAt, m, m0, nextEpoch,
  NONE, pool, row, scratch, setEntry, visited,
} from "./state";

/** How many of the nearest candidates are compared with a new vector. */
const DUPLICATE_CANDIDATES: i32 = 8;

@inline
function selected(): usize { return scratch + (<usize>(m0 + 4) << 3); }
@inline
function levelStride(): usize { return <usize>(m + 3) << 3; }
@inline
function ofLevel(level: i32): usize {
  return selected() + (<usize>(m0 + 4) << 2) + <usize>level * levelStride();
}

/**
 * Algorithm 4: of the `n` sorted keys at `from`, at most `max` that are nearer
 * to the base than to any selected before; their numbers to `selected()`.
 * Gives how many; `keep` gets their keys unless it is 0.
 */
function select(from: usize, n: i32, max: i32, keep: usize): i32 {
  const out = selected();
  let c = 0;
  for (let i = 0; i < n && c < max; i++) {
    const key = keyAt(from, i), id = idOf(key), d = distanceOf(key);
    let good = true;
    for (let j = 0; j < c && good; j += 4) {
      // Pads up to three numbers past the end of `out`, where there is room.
      const w = min(4, c - j);
      distancesTo(row(id), out + (<usize>j << 2), w, distances);
      for (let t = 0; t < w; t++) {
        if (load<f32>(distances + (<usize>t << 2)) < d) { good = false; break; }
      }
    }
    if (!good) continue;
    store<u32>(out + (<usize>c << 2), id);
    if (keep) store<u64>(keep + (<usize>c << 3), key);
    c++;
  }
  return c;
}

/** Adds `id` to the list of `base`, which no other thread may write to. */
@inline
function linkBack(base: u32, id: u32, d: f32, level: i32): void {
  lock(base);
  addLink(base, id, d, level);
  unlock(base);
}

/** Adds `id` to the list of `base`, which selects anew when it is full. */
function addLink(base: u32, id: u32, d: f32, level: i32): void {
  const p = listAt(base, level), max = level == 0 ? m0 : m;
  let c = 0;
  while (c < max && load<u32>(p + (<usize>c << 2)) != NONE) c++;
  if (c < max) {
    store<u32>(p + (<usize>c << 2), id);
    return;
  }
  memory.copy(ids, p, <usize>max << 2);
  distancesTo(row(base), ids, max, distances);
  store<u64>(scratch, keyOf(d, id));
  for (let i = 0; i < max; i++) {
    const o = <usize>i << 2;
    poolInsert(scratch, i + 1, max + 2, keyOf(load<f32>(distances + o), load<u32>(ids + o)));
  }
  const s = select(scratch, max + 1, max, 0);
  memory.copy(p, selected(), <usize>s << 2);
  memory.fill(p + (<usize>s << 2), 0xff, <usize>(max - s) << 2);
}

/** The node among the nearest candidates that has the vector of `id`, or NONE. */
function findDuplicate(id: u32, n: i32): u32 {
  for (let i = 0, e = min(n, DUPLICATE_CANDIDATES); i < e; i++) {
    const other = idOf(keyAt(pool, i));
    if (sameRow(id, other)) return other;
  }
  return NONE;
}

/**
 * Algorithm 1: links node `id`, whose row is in place and whose lists are
 * made empty here, on layers `level` down to 0. Gives 1; 0 if it was chained
 * to a duplicate or has no direction, and is in no list.
 */
export function insert(id: u32, level: i32, efConstruction: i32): i32 {
  memory.fill(listAt(id, 0), 0xff, <usize>m0 << 2);
  if (level > 0) memory.fill(listAt(id, 1), 0xff, <usize>(level * m) << 2);
  if (isNowhere(id)) return 0;
  if (entry == NONE) {
    setEntry(id, level);
    return 1;
  }
  const q = row(id), top = min(level, entryLevel);
  store<u64>(pool, descend(q, top));
  let n = 1;
  for (let l = top; l >= 0; l--) {
    const ep = nextEpoch();
    for (let i = 0; i < n; i++) {
      const p = pool + (<usize>i << 3), key = load<u64>(p) & ~(<u64>1);
      store<u64>(p, key);
      store<u8>(visited + <usize>idOf(key), ep);
    }
    n = searchLayer(q, n, efConstruction, l, ep);
    const keep = ofLevel(l);
    store<u64>(keep, <u64>select(pool, n, m, keep + 8));
  }
  const twin = findDuplicate(id, n);
  if (twin != NONE) {
    const p = duplicates + (<usize>twin << 2);
    lock(twin);
    store<u32>(duplicates + (<usize>id << 2), load<u32>(p));
    store<u32>(p, id);
    unlock(twin);
    return 0;
  }
  // All lists of its own first: once it is linked, others may add to them.
  for (let l = top; l >= 0; l--) {
    const keep = ofLevel(l), c = <i32>load<u64>(keep), p = listAt(id, l);
    for (let i = 0; i < c; i++) store<u32>(p + (<usize>i << 2), idOf(keyAt(keep + 8, i)));
  }
  for (let l = top; l >= 0; l--) {
    const keep = ofLevel(l), c = <i32>load<u64>(keep);
    for (let i = 0; i < c; i++) {
      const key = keyAt(keep + 8, i);
      linkBack(idOf(key), id, distanceOf(key), l);
    }
  }
  if (level > entryLevel) setEntry(id, level);
  return 1;
}
