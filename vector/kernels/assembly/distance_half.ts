/**
 * Distances of rows of 16-bit floats, four rows at a time: halves are widened to
 * 32-bit floats, eight from 16 bytes, and then summed as in distance.ts.
 *
 * A half's exponent and fraction, moved to where a 32-bit float has them, are
 * that float with an exponent 112 too low: multiplied by 2^112 it is right,
 * denormals too.
 *
 * @module
 */
import { madd, sum4 } from "./lanes";

@inline
function widen(w: v128): v128 {
  const sign = v128.and(w, i32x4.splat(0x80000000));
  const magnitude = v128.and(i32x4.shl(w, 13), i32x4.splat(0x0fffe000));
  return v128.or(f32x4.mul(magnitude, i32x4.splat(0x77800000)), sign);
}

/** The first four halves of a chunk. */
@inline
function low(x: v128): v128 { return widen(i32x4.extend_low_i16x8_s(x)); }

/** The last four. */
@inline
function high(x: v128): v128 { return widen(i32x4.extend_high_i16x8_s(x)); }

/** The dot products of a row with four. */
export function dotHalf4(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, n: i32): v128 {
  let a = f32x4.splat(0), b = a, c = a, d = a, a2 = a, b2 = a, c2 = a, d2 = a;
  const e = q + (<usize>n << 4);
  for (; q < e; q += 16, x0 += 16, x1 += 16, x2 += 16, x3 += 16) {
    const t = v128.load(q), l = low(t), h = high(t);
    const y0 = v128.load(x0), y1 = v128.load(x1), y2 = v128.load(x2), y3 = v128.load(x3);
    a = madd(l, low(y0), a); a2 = madd(h, high(y0), a2);
    b = madd(l, low(y1), b); b2 = madd(h, high(y1), b2);
    c = madd(l, low(y2), c); c2 = madd(h, high(y2), c2);
    d = madd(l, low(y3), d); d2 = madd(h, high(y3), d2);
  }
  return sum4(f32x4.add(a, a2), f32x4.add(b, b2), f32x4.add(c, c2), f32x4.add(d, d2));
}

@inline
function squared(t: v128, x: v128, sum: v128): v128 {
  const u = f32x4.sub(t, x);
  return madd(u, u, sum);
}

/** The squared Euclidean distances of a row to four. */
export function squaredHalf4(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, n: i32): v128 {
  let a = f32x4.splat(0), b = a, c = a, d = a, a2 = a, b2 = a, c2 = a, d2 = a;
  const e = q + (<usize>n << 4);
  for (; q < e; q += 16, x0 += 16, x1 += 16, x2 += 16, x3 += 16) {
    const t = v128.load(q), l = low(t), h = high(t);
    const y0 = v128.load(x0), y1 = v128.load(x1), y2 = v128.load(x2), y3 = v128.load(x3);
    a = squared(l, low(y0), a); a2 = squared(h, high(y0), a2);
    b = squared(l, low(y1), b); b2 = squared(h, high(y1), b2);
    c = squared(l, low(y2), c); c2 = squared(h, high(y2), c2);
    d = squared(l, low(y3), d); d2 = squared(h, high(y3), d2);
  }
  return sum4(f32x4.add(a, a2), f32x4.add(b, b2), f32x4.add(c, c2), f32x4.add(d, d2));
}

@inline
function absolute(t: v128, x: v128, sum: v128): v128 {
  return f32x4.add(sum, f32x4.abs(f32x4.sub(t, x)));
}

/** The taxicab distances of a row to four. */
export function taxicabHalf4(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, n: i32): v128 {
  let a = f32x4.splat(0), b = a, c = a, d = a, a2 = a, b2 = a, c2 = a, d2 = a;
  const e = q + (<usize>n << 4);
  for (; q < e; q += 16, x0 += 16, x1 += 16, x2 += 16, x3 += 16) {
    const t = v128.load(q), l = low(t), h = high(t);
    const y0 = v128.load(x0), y1 = v128.load(x1), y2 = v128.load(x2), y3 = v128.load(x3);
    a = absolute(l, low(y0), a); a2 = absolute(h, high(y0), a2);
    b = absolute(l, low(y1), b); b2 = absolute(h, high(y1), b2);
    c = absolute(l, low(y2), c); c2 = absolute(h, high(y2), c2);
    d = absolute(l, low(y3), d); d2 = absolute(h, high(y3), d2);
  }
  return sum4(f32x4.add(a, a2), f32x4.add(b, b2), f32x4.add(c, c2), f32x4.add(d, d2));
}
