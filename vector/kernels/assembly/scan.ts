/**
 * Exact search: every row, or every row of a bitmap.
 *
 * @module
 */
import { distancesOfRange, distancesTo } from "./distance";
import { distanceOf, idOf, keyAt, keyOf, poolInsert } from "./pool";
import { codeQuery, distances, ids, outDistances, outIds, pool, query } from "./state";

/** Rows whose distances are computed before they are looked at. */
const BATCH: i32 = 256;

/** The `k` nearest of rows 0 to `n`, best first; gives how many there are. */
export function scan(k: i32, n: i32): i32 {
  let found = 0, worst: u64 = <u64>-1;
  for (let from = 0; from < n; from += BATCH) {
    const size = min(BATCH, n - from);
    distancesOfRange(query, from, size, distances);
    for (let i = 0; i < size; i++) {
      const key = keyOf(load<f32>(distances + (<usize>i << 2)), from + i);
      if (key >= worst) continue;
      poolInsert(pool, found, k, key);
      if (found < k) found++;
      if (found == k) worst = keyAt(pool, k - 1);
    }
  }
  return give(found);
}

/**
 * The `k` nearest of the rows whose bits are set in the `words` 64-bit words
 * at `bits`, best first; gives how many there are.
 */
export function scanBits(k: i32, bits: usize, words: i32): i32 {
  return scanListed(query, k, bits, words);
}

/** The same by codes. REQUIRES: the query has codes. */
export function scanCodes(k: i32, bits: usize, words: i32): i32 {
  return scanListed(codeQuery, k, bits, words);
}

function scanListed(q: usize, k: i32, bits: usize, words: i32): i32 {
  let found = 0, worst: u64 = <u64>-1, size = 0;
  for (let w = 0; w <= words; w++) {
    let word: u64 = w < words ? load<u64>(bits + (<usize>w << 3)) : 0;
    for (; word != 0; word &= word - 1) {
      store<u32>(ids + (<usize>size << 2), (w << 6) + <i32>ctz(word));
      size++;
    }
    if (size < BATCH && w < words) continue;
    distancesTo(q, ids, size, distances);
    for (let i: usize = 0, e = <usize>size << 2; i < e; i += 4) {
      const key = keyOf(load<f32>(distances + i), load<u32>(ids + i));
      if (key >= worst) continue;
      poolInsert(pool, found, k, key);
      if (found < k) found++;
      if (found == k) worst = keyAt(pool, k - 1);
    }
    size = 0;
  }
  return give(found);
}

function give(n: i32): i32 {
  for (let i = 0; i < n; i++) {
    const key = keyAt(pool, i);
    store<u32>(outIds + (<usize>i << 2), idOf(key));
    store<f32>(outDistances + (<usize>i << 2), distanceOf(key));
  }
  return n;
}
