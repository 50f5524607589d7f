/**
 * Distances of rows of bits: ones are counted 16 bytes at a time.
 *
 * @module
 */

/** Adds the ones of `x` to eight sums of 16 bits: enough for 64,000 bits. */
@inline
function count(x: v128, sums: v128): v128 {
  return i16x8.add(sums, i16x8.extadd_pairwise_i8x16_u(i8x16.popcnt(x)));
}

@inline
function total(sums: v128): i32 {
  const s = i32x4.extadd_pairwise_i16x8_u(sums);
  return i32x4.extract_lane(s, 0) + i32x4.extract_lane(s, 1)
    + i32x4.extract_lane(s, 2) + i32x4.extract_lane(s, 3);
}

/** In how many bits two rows differ. */
export function hamming(q: usize, x: usize, n: i32): f32 {
  let sums = i16x8.splat(0);
  for (const e = q + (<usize>n << 4); q < e; q += 16, x += 16) {
    sums = count(v128.xor(v128.load(q), v128.load(x)), sums);
  }
  return <f32>total(sums);
}

/** One minus the share of the ones of either row that both have. */
export function jaccard(q: usize, x: usize, n: i32): f32 {
  let both = i16x8.splat(0), either = both;
  for (const e = q + (<usize>n << 4); q < e; q += 16, x += 16) {
    const a = v128.load(q), b = v128.load(x);
    both = count(v128.and(a, b), both);
    either = count(v128.or(a, b), either);
  }
  const shared = total(both);
  return shared == 0 ? 1 : 1 - <f32>shared / <f32>total(either);
}
