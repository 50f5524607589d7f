/**
 * Sums over the parts of product codes: four bits a part, 16 rows at once.
 * ../../codes/product/product_rows.ts says how they lie, and
 * ../../hnsw/plain_nibbles.ts is the same in plain TypeScript.
 *
 * Numbers of tables are below 128, so that those of two parts are added in a
 * byte, and those of 512 in 16 bits: even rows in the low byte of a lane, odd
 * ones in the high one, whose own sum is kept beside (André et al. 2015).
 *
 * @module
 */

/** Bytes of a chunk: 256 pairs of parts. */
const PAIRS_MAX: usize = 256;

/** Looks indexes below 16 up. */
@inline
function look(table: v128, x: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, x);
  return i8x16.swizzle(table, x);
}

/** Adds 16 sums of 16 bits to u32 at `out`. */
@inline
function addTo(out: usize, low: v128, high: v128): void {
  v128.store(out, i32x4.add(v128.load(out), i32x4.extend_low_i16x8_u(low)));
  v128.store(out, i32x4.add(v128.load(out, 16), i32x4.extend_high_i16x8_u(low)), 16);
  v128.store(out, i32x4.add(v128.load(out, 32), i32x4.extend_low_i16x8_u(high)), 32);
  v128.store(out, i32x4.add(v128.load(out, 48), i32x4.extend_high_i16x8_u(high)), 48);
}

/**
 * For each row of `blocks` of 16 at `codes`, the sum over `pairs` of parts of
 * what the tables say of its codes: u32, to `out`.
 */
export function sumNibbles(
  tables: usize, codes: usize, pairs: i32, blocks: i32, out: usize,
): void {
  const nibble = i8x16.splat(15);
  for (let block = 0; block < blocks; block++, out += 64) {
    memory.fill(out, 0, 64);
    let table = tables;
    for (let left = <usize>pairs; left > 0;) {
      const some = min(left, PAIRS_MAX);
      left -= some;
      let all = i16x8.splat(0), odd = i16x8.splat(0);
      for (const end = codes + (some << 4); codes < end; codes += 16, table += 32) {
        const x = v128.load(codes);
        const t = i8x16.add(
          look(v128.load(table), v128.and(x, nibble)),
          look(v128.load(table, 16), i8x16.shr_u(x, 4)));
        all = i16x8.add(all, t);
        odd = i16x8.add(odd, i16x8.shr_u(t, 8));
      }
      const even = i16x8.sub(all, i16x8.shl(odd, 8));
      addTo(out,
        v128.shuffle<i16>(even, odd, 0, 8, 1, 9, 2, 10, 3, 11),
        v128.shuffle<i16>(even, odd, 4, 12, 5, 13, 6, 14, 7, 15));
    }
  }
}
