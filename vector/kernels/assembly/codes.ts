/**
 * Distances by codes: rows in a byte or a bit a component, which a walk looks
 * at instead of the rows. ../../hnsw/code_form.ts says how they lie, and
 * ../../hnsw/plain_codes.ts is the same in plain TypeScript.
 *
 * A row's distance, but for what is the same for all rows, is
 *
 *   w + (v * alpha + u * (beta * i + gamma))
 *
 * where i is the sum of products of the query's codes with the row's, a whole
 * number that every variant computes alike: a product of -127..127 with 0..127
 * is what `relaxed_dot` promises to add up exactly. Nothing here is fused.
 *
 * @module
 */
import { codeChunks, codeKind, codeQuery, codeRows, codeStride } from "./state";
import { alpha, beta, gamma } from "./state";

/** Adds products of a row's 16 bytes, below 128, with the query's, signed. */
@inline
function products(x: v128, t: v128, sum: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) {
    return i32x4.relaxed_dot_i8x16_i7x16_add_s(t, x, sum);
  }
  return i32x4.add(sum, i32x4.add(
    i32x4.extadd_pairwise_i16x8_s(i16x8.extmul_low_i8x16_s(t, x)),
    i32x4.extadd_pairwise_i16x8_s(i16x8.extmul_high_i8x16_s(t, x))));
}

/** Sums the lanes of each of four accumulators. */
@inline
function sum4(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(
    v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(
    v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(
    v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

@inline
function bytes4(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, n: i32): v128 {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  for (const e = q + (<usize>n << 4); q < e; q += 16) {
    const t = v128.load(q);
    a = products(v128.load(x0), t, a);
    b = products(v128.load(x1), t, b);
    c = products(v128.load(x2), t, c);
    d = products(v128.load(x3), t, d);
    x0 += 16; x1 += 16; x2 += 16; x3 += 16;
  }
  return sum4(a, b, c, d);
}

/**
 * Adds, for each byte, its bits times the query's four-bit numbers, which lie
 * as four planes of bits: at most 8 * 15.
 */
@inline
function weighed(q: usize, x: v128, sum: v128, plane: usize): v128 {
  let s = i8x16.popcnt(v128.and(v128.load(q), x));
  s = i8x16.add(s, i8x16.shl(i8x16.popcnt(v128.and(v128.load(q + plane), x)), 1));
  s = i8x16.add(s, i8x16.shl(i8x16.popcnt(v128.and(v128.load(q + 2 * plane), x)), 2));
  s = i8x16.add(s, i8x16.shl(i8x16.popcnt(v128.and(v128.load(q + 3 * plane), x)), 3));
  return i32x4.add(sum, i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(s)));
}

@inline
function bits4(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, n: i32): v128 {
  let a = i32x4.splat(0), b = a, c = a, d = a;
  const plane = <usize>n << 4;
  for (const e = q + plane; q < e; q += 16) {
    a = weighed(q, v128.load(x0), a, plane);
    b = weighed(q, v128.load(x1), b, plane);
    c = weighed(q, v128.load(x2), c, plane);
    d = weighed(q, v128.load(x3), d, plane);
    x0 += 16; x1 += 16; x2 += 16; x3 += 16;
  }
  return sum4(a, b, c, d);
}

/** The distances of four rows whose sums of products are `sums`. */
@inline
function finish(sums: v128, x0: usize, x1: usize, x2: usize, x3: usize): v128 {
  const a = v128.load(x0), b = v128.load(x1), c = v128.load(x2), d = v128.load(x3);
  const abLow = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cdLow = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const u = v128.shuffle<f32>(abLow, cdLow, 0, 1, 4, 5);
  const v = v128.shuffle<f32>(abLow, cdLow, 2, 3, 6, 7);
  const w = v128.shuffle<f32>(
    v128.shuffle<f32>(a, b, 2, 6, 2, 6), v128.shuffle<f32>(c, d, 2, 6, 2, 6), 0, 1, 4, 5);
  const s = f32x4.add(
    f32x4.mul(f32x4.convert_i32x4_s(sums), f32x4.splat(beta)), f32x4.splat(gamma));
  return f32x4.add(w, f32x4.add(f32x4.mul(v, f32x4.splat(alpha)), f32x4.mul(u, s)));
}

/**
 * Distances of the query's codes to those of the nodes whose numbers are at
 * `list`, into `dst`; there is room for `n` rounded up to a multiple of four,
 * and the list is filled up.
 */
export function codeDistancesTo(list: usize, n: i32, dst: usize): void {
  const q = codeQuery, x = codeRows, s = codeStride, nch = codeChunks;
  const tail = <usize>nch << 4, isBytes = codeKind == 1;
  for (const end = list + (<usize>n << 2); list < end; list += 16, dst += 16) {
    const x0 = x + <usize>load<u32>(list) * s, x1 = x + <usize>load<u32>(list, 4) * s;
    const x2 = x + <usize>load<u32>(list, 8) * s, x3 = x + <usize>load<u32>(list, 12) * s;
    const sums = isBytes ? bytes4(q, x0, x1, x2, x3, nch) : bits4(q, x0, x1, x2, x3, nch);
    v128.store(dst, finish(sums, x0 + tail, x1 + tail, x2 + tail, x3 + tail));
  }
}
