/**
 * Candidates as sorted arrays of 64-bit keys: distance high, node number low,
 * so that one comparison orders by both and ties are settled the same way
 * everywhere.
 *
 * | bits | what |
 * | --- | --- |
 * | 63–32 | the distance, turned so that unsigned order is float order |
 * | 31–1 | the node |
 * | 0 | 1 once its neighbours were looked at |
 *
 * A sorted array beats a heap here: the pools are small, and the next
 * candidate is found by moving a cursor.
 *
 * @module
 */

@inline
export function keyOf(distance: f32, id: u32): u64 {
  const b = reinterpret<u32>(distance);
  const turned = b ^ (<u32>(<i32>b >> 31) | 0x80000000);
  return <u64>turned << 32 | <u64>id << 1;
}

@inline
export function idOf(key: u64): u32 { return <u32>key >> 1; }

@inline
export function distanceOf(key: u64): f32 {
  const b = <u32>(key >> 32);
  return reinterpret<f32>(b & 0x80000000 ? b ^ 0x80000000 : ~b);
}

@inline
export function keyAt(pool: usize, i: i32): u64 { return load<u64>(pool + (<usize>i << 3)); }

/**
 * Inserts `key` into the sorted pool of `n` keys; when `n` is `cap`, the last
 * is dropped. Gives the position. REQUIRES: when full, `key` is below the last.
 */
@inline
export function poolInsert(pool: usize, n: i32, cap: i32, key: u64): i32 {
  const j = n < cap ? n : cap - 1;
  let p = pool + (<usize>j << 3);
  if (j > 48 && load<u64>(p - 384) > key) {
    // Far from the end: a binary search and one move.
    let lo = 0, hi = j - 48;
    while (lo < hi) {
      const mid = (lo + hi) >> 1;
      if (keyAt(pool, mid) < key) lo = mid + 1; else hi = mid;
    }
    const at = pool + (<usize>lo << 3);
    memory.copy(at + 8, at, p - at);
    store<u64>(at, key);
    return lo;
  }
  while (p > pool) {
    const k = load<u64>(p - 8);
    if (k < key) break;
    store<u64>(p, k);
    p -= 8;
  }
  store<u64>(p, key);
  return <i32>((p - pool) >> 3);
}
