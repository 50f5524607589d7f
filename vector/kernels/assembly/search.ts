/**
 * Search of the graph: Malkov & Yashunin 2016, algorithms 2 (search layer) and
 * 5 (k-NN search). ../../hnsw/plain_search.ts is the same in plain TypeScript.
 *
 * With codes a walk looks at codes only; of what it found the nearest, `window`
 * of them, are then put in order by their rows, and the others left out. With a
 * window of 0 all of it is given, in order of its codes: rows are elsewhere.
 *
 * @module
 */
import { distancesTo } from "./distance";
import { distanceOf, idOf, keyAt, keyOf, poolInsert } from "./pool";
import {
  codeQuery, distances, duplicates, efMax, entry, entryLevel, ids, listAt, m, m0,
  nextEpoch, NONE, outDistances, outIds, pool, query, results, visited,
} from "./state";

/** How many candidates one step expands: more misses overlap. */
const WIDTH: i32 = 2;

/** Walks greedily from the entry down to `level`; gives the key of the nearest. */
export function descend(q: usize, level: i32): u64 {
  const list = ids, dst = distances;
  let at = entry;
  store<u32>(list, at);
  distancesTo(q, list, 1, dst);
  let d = load<f32>(dst);
  for (let l = entryLevel; l > level; l--) {
    let moved = true;
    while (moved) {
      moved = false;
      const p = listAt(at, l);
      let c = 0;
      for (; c < m; c++) {
        const id = load<u32>(p + (<usize>c << 2));
        if (id == NONE) break;
        store<u32>(list + (<usize>c << 2), id);
      }
      distancesTo(q, list, c, dst);
      for (let i = 0; i < c; i++) {
        const x = load<f32>(dst + (<usize>i << 2));
        if (x < d) {
          d = x;
          at = load<u32>(list + (<usize>i << 2));
          moved = true;
        }
      }
    }
  }
  return keyOf(d, at);
}

/**
 * Appends to the list at `c` the neighbours of `id` not seen in this epoch,
 * and marks them; gives the end of the list.
 */
@inline
function gather(id: u32, level: i32, ep: i32, c: usize): usize {
  const vis = visited;
  let p = listAt(id, level);
  for (const e = p + (<usize>(level == 0 ? m0 : m) << 2); p < e; p += 4) {
    const next = load<u32>(p);
    if (next == NONE) break;
    const v = vis + <usize>next;
    // Without a branch: written always, kept if new.
    store<u32>(c, next);
    c += <usize>(<i32>load<u8>(v) != ep) << 2;
    store<u8>(v, ep);
  }
  return c;
}

/**
 * Algorithm 2: widens the `n` keys of the pool, whose nodes are marked, to the
 * `ef` nearest that the layer's links reach. Gives how many there are.
 */
export function searchLayer(q: usize, n: i32, ef: i32, level: i32, ep: i32): i32 {
  const keys = pool, list = ids, dst = distances;
  let cur = 0;
  while (cur < n) {
    let c = list;
    for (let w = 0; cur < n && w < WIDTH; cur++) {
      const p = keys + (<usize>cur << 3), key = load<u64>(p);
      if (<i32>key & 1) continue;
      store<u64>(p, key | 1);
      w++;
      c = gather(idOf(key), level, ep, c);
    }
    const size = <i32>((c - list) >> 2);
    distancesTo(q, list, size, dst);
    let lowest = cur;
    let worst: u64 = n == ef ? keyAt(keys, ef - 1) : <u64>-1;
    for (let i: usize = 0, e = <usize>size << 2; i < e; i += 4) {
      const key = keyOf(load<f32>(dst + i), load<u32>(list + i));
      if (key >= worst) continue;
      const at = poolInsert(keys, n, ef, key);
      if (n < ef) n++;
      if (n == ef) worst = keyAt(keys, ef - 1);
      if (at < lowest) lowest = at;
    }
    cur = lowest;
  }
  return n;
}

/**
 * Algorithm 5: the `ef` nearest nodes of the query, each with its duplicates,
 * best first, to `outIds` and `outDistances`. Gives how many rows those are.
 *
 * REQUIRES: 1 <= ef <= efMax.
 */
export function search(ef: i32, window: i32): i32 {
  if (entry == NONE) return 0;
  const q = walker(), start = descend(q, 0);
  const ep = nextEpoch();
  store<u64>(pool, start);
  store<u8>(visited + <usize>idOf(start), ep);
  let n = searchLayer(q, 1, ef, 0, ep), keys = pool;
  if (q != query && window > 0) {
    n = min(n, window);
    keys = rank(pool, n, results);
  }
  let c = 0;
  for (let i = 0; i < n && c < efMax; i++) {
    const key = keyAt(keys, i), d = distanceOf(key);
    let id = idOf(key);
    for (; id != NONE && c < efMax; c++) {
      put(c, id, d);
      id = load<u32>(duplicates + (<usize>id << 2));
    }
  }
  return c;
}

/** What a walk compares with: the query's codes, or the query. */
@inline
function walker(): usize { return codeQuery ? codeQuery : query; }

/** Nodes whose distances are computed before they are ranked. */
const RANKED: i32 = 256;

/**
 * Puts the `n` nodes whose keys are at `from`, of distances by codes, in order
 * of their rows' distances, at `to`; gives `to`.
 */
function rank(from: usize, n: i32, to: usize): usize {
  for (let begin = 0; begin < n; begin += RANKED) {
    const size = min(RANKED, n - begin);
    for (let i = 0; i < size; i++) {
      store<u32>(ids + (<usize>i << 2), idOf(keyAt(from, begin + i)));
    }
    distancesTo(query, ids, size, distances);
    for (let i = 0; i < size; i++) {
      const o = <usize>i << 2, sorted = begin + i;
      poolInsert(to, sorted, sorted + 1, keyOf(load<f32>(distances + o), load<u32>(ids + o)));
    }
  }
  return to;
}

@inline
function put(at: i32, id: u32, d: f32): void {
  store<u32>(outIds + (<usize>at << 2), id);
  store<f32>(outDistances + (<usize>at << 2), d);
}

@inline
export function isSet(bits: usize, id: u32): bool {
  return ((load<u8>(bits + <usize>(id >> 3)) >> <u8>(id & 7)) & 1) != 0;
}

/**
 * Adds to the sorted results those of a node and its duplicates that `bits`
 * admits; gives the new size.
 */
function admit(id: u32, d: f32, n: i32, ef: i32, bits: usize): i32 {
  do {
    if (isSet(bits, id)) {
      const key = keyOf(d, id);
      if (n < ef) poolInsert(results, n++, ef, key);
      else if (key < keyAt(results, ef - 1)) poolInsert(results, n, ef, key);
    } 
    // A full pool takes nothing more at this distance that would matter.
    if (n == ef && d >= distanceOf(keyAt(results, ef - 1))) break;
    id = load<u32>(duplicates + (<usize>id << 2));
  } while (id != NONE);
  return n;
}

/**
 * The `ef` nearest rows that `bits` admits. All nodes are walked, and only
 * the admitted enter the results, so that the others are bridges: the walk
 * ends when the nearest node left is farther than all of `ef` results.
 *
 * Gives how many rows were found, or -1 once more than `budget` distances
 * were computed: an exact scan of the admitted is cheaper then.
 */
export function searchFiltered(ef: i32, bits: usize, budget: i32, window: i32): i32 {
  if (entry == NONE) return 0;
  const q = walker(), list = ids, dst = distances, keys = pool, cap = efMax;
  const start = descend(q, 0);
  const ep = nextEpoch();
  store<u64>(keys, start);
  store<u8>(visited + <usize>idOf(start), ep);
  let found = admit(idOf(start), distanceOf(start), 0, ef, bits);
  let n = 1, cur = 0, spent = 0;
  while (cur < n) {
    const p = keys + (<usize>cur << 3), key = load<u64>(p);
    if (<i32>key & 1) { cur++; continue; }
    let worst: u64 = found == ef ? keyAt(results, ef - 1) : <u64>-1;
    if (key > worst) break;
    store<u64>(p, key | 1);
    cur++;
    const size = <i32>((gather(idOf(key), 0, ep, list) - list) >> 2);
    spent += size;
    if (spent > budget) return -1;
    distancesTo(q, list, size, dst);
    let lowest = cur;
    for (let i: usize = 0, e = <usize>size << 2; i < e; i += 4) {
      const id = load<u32>(list + i), d = load<f32>(dst + i), k = keyOf(d, id);
      if (k >= worst) continue;
      if (n == cap && k >= keyAt(keys, cap - 1)) continue;
      const at = poolInsert(keys, n, cap, k);
      if (n < cap) n++;
      if (at < lowest) lowest = at;
      found = admit(id, d, found, ef, bits);
      if (found == ef) worst = keyAt(results, ef - 1);
    }
    cur = lowest;
  }
  let ranked = results;
  if (q != query && window > 0) {
    found = min(found, window);
    ranked = rank(results, found, keys);
  }
  for (let i = 0; i < found; i++) {
    const key = keyAt(ranked, i);
    put(i, idOf(key), distanceOf(key));
  }
  return found;
}
