/**
 * Distances of one row to many, four at a time: the one kernel of all.
 *
 * Each row has two accumulators of four lanes, one for even and one for odd
 * chunks of 16 bytes; lanes are summed as (0 + 2) + (1 + 3). ../../hnsw/
 * plain_distance.ts does the same in the same order, and gives the same bits where
 * multiplication and addition round apart (no relaxed SIMD).
 *
 * A NaN (a zero vector under cosine has no direction; infinities may cancel
 * in a dot product) is made the one positive NaN, which sorts last.
 *
 * @module
 */
import { hamming, jaccard } from "./distance_bits";
import { dotHalf4, squaredHalf4, taxicabHalf4 } from "./distance_half";
import { codeDistancesTo } from "./codes";
import { directionOf, dotSparse, squaredSparse, taxicabSparse } from "./distance_sparse";
import { madd, sum4 } from "./lanes";
import {
  BITS, chunks, codeQuery, COSINE, distances, element, HALVES, HAMMING, ids, IP, L1, L2, metric,
  query, row, rows, SPARSE, stride,
} from "./state";

@inline
function dot4(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, n: i32): v128 {
  let a = f32x4.splat(0), b = a, c = a, d = a, a2 = a, b2 = a, c2 = a, d2 = a;
  let t: v128;
  const e = q + (<usize>(n & ~1) << 4);
  for (; q < e; q += 32) {
    t = v128.load(q);
    a = madd(t, v128.load(x0), a);
    b = madd(t, v128.load(x1), b);
    c = madd(t, v128.load(x2), c);
    d = madd(t, v128.load(x3), d);
    t = v128.load(q, 16);
    a2 = madd(t, v128.load(x0, 16), a2);
    b2 = madd(t, v128.load(x1, 16), b2);
    c2 = madd(t, v128.load(x2, 16), c2);
    d2 = madd(t, v128.load(x3, 16), d2);
    x0 += 32; x1 += 32; x2 += 32; x3 += 32;
  }
  if (n & 1) {
    t = v128.load(q);
    a = madd(t, v128.load(x0), a);
    b = madd(t, v128.load(x1), b);
    c = madd(t, v128.load(x2), c);
    d = madd(t, v128.load(x3), d);
  }
  return sum4(f32x4.add(a, a2), f32x4.add(b, b2), f32x4.add(c, c2), f32x4.add(d, d2));
}

@inline
function squared(t: v128, x: usize, sum: v128): v128 {
  const u = f32x4.sub(t, v128.load(x));
  return madd(u, u, sum);
}

@inline
function squaredL24(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, n: i32): v128 {
  let a = f32x4.splat(0), b = a, c = a, d = a, a2 = a, b2 = a, c2 = a, d2 = a;
  let t: v128;
  const e = q + (<usize>(n & ~1) << 4);
  for (; q < e; q += 32) {
    t = v128.load(q);
    a = squared(t, x0, a);
    b = squared(t, x1, b);
    c = squared(t, x2, c);
    d = squared(t, x3, d);
    t = v128.load(q, 16);
    a2 = squared(t, x0 + 16, a2);
    b2 = squared(t, x1 + 16, b2);
    c2 = squared(t, x2 + 16, c2);
    d2 = squared(t, x3 + 16, d2);
    x0 += 32; x1 += 32; x2 += 32; x3 += 32;
  }
  if (n & 1) {
    t = v128.load(q);
    a = squared(t, x0, a);
    b = squared(t, x1, b);
    c = squared(t, x2, c);
    d = squared(t, x3, d);
  }
  return sum4(f32x4.add(a, a2), f32x4.add(b, b2), f32x4.add(c, c2), f32x4.add(d, d2));
}

/** `bias` - dot, with one NaN. */
@inline
function finish(bias: v128, dot: v128): v128 {
  const v = f32x4.sub(bias, dot);
  return v128.bitselect(v, i32x4.splat(0x7fc00000), f32x4.eq(v, v));
}

@inline
function bias(): v128 { return f32x4.splat(metric == COSINE ? 1 : 0); }

@inline
function absolute(t: v128, x: usize, sum: v128): v128 {
  return f32x4.add(sum, f32x4.abs(f32x4.sub(t, v128.load(x))));
}

function taxicab4(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, n: i32): v128 {
  let a = f32x4.splat(0), b = a, c = a, d = a, a2 = a, b2 = a, c2 = a, d2 = a;
  let t: v128;
  const e = q + (<usize>(n & ~1) << 4);
  for (; q < e; q += 32) {
    t = v128.load(q);
    a = absolute(t, x0, a);
    b = absolute(t, x1, b);
    c = absolute(t, x2, c);
    d = absolute(t, x3, d);
    t = v128.load(q, 16);
    a2 = absolute(t, x0 + 16, a2);
    b2 = absolute(t, x1 + 16, b2);
    c2 = absolute(t, x2 + 16, c2);
    d2 = absolute(t, x3 + 16, d2);
    x0 += 32; x1 += 32; x2 += 32; x3 += 32;
  }
  if (n & 1) {
    t = v128.load(q);
    a = absolute(t, x0, a);
    b = absolute(t, x1, b);
    c = absolute(t, x2, c);
    d = absolute(t, x3, d);
  }
  return sum4(f32x4.add(a, a2), f32x4.add(b, b2), f32x4.add(c, c2), f32x4.add(d, d2));
}

/** The inverse length of a row of halves, kept behind its components. */
@inline
function inverse(x: usize, n: i32): f32 { return load<f32>(x + (<usize>n << 4)); }

function half4(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, n: i32): v128 {
  if (metric == L2) return squaredHalf4(q, x0, x1, x2, x3, n);
  if (metric == L1) return taxicabHalf4(q, x0, x1, x2, x3, n);
  const dot = dotHalf4(q, x0, x1, x2, x3, n);
  if (metric == IP) return finish(f32x4.splat(0), dot);
  const inverses = f32x4.replace_lane(
    f32x4.replace_lane(
      f32x4.replace_lane(f32x4.splat(inverse(x0, n)), 1, inverse(x1, n)), 2, inverse(x2, n)),
    3, inverse(x3, n));
  return finish(f32x4.splat(1), f32x4.mul(f32x4.mul(dot, f32x4.splat(inverse(q, n))), inverses));
}

/** The distances of a row to four, of dense components. */
@inline
function four(q: usize, x0: usize, x1: usize, x2: usize, x3: usize, n: i32): v128 {
  if (element == HALVES) return half4(q, x0, x1, x2, x3, n);
  return taxicab4(q, x0, x1, x2, x3, n);
}

/** One NaN, the positive one, which sorts last. */
@inline
function canonical(x: f32): f32 { return x == x ? x : reinterpret<f32>(0x7fc00000); }

/** The distance of two rows of bits, or sparse ones. */
function one(q: usize, x: usize, n: i32): f32 {
  if (element == BITS) return metric == HAMMING ? hamming(q, x, n) : jaccard(q, x, n);
  if (metric == L2) return squaredSparse(q, x);
  if (metric == L1) return taxicabSparse(q, x);
  const dot = dotSparse(q, x);
  if (metric == IP) return canonical(0 - dot);
  return canonical(1 - dot + directionOf(q, x));
}

/** Whether rows are taken one by one. */
@inline
function isSingle(): bool { return element == BITS || element == SPARSE; }

/**
 * Distances of the row at `q` to the nodes whose numbers are at `list`, into
 * `dst`; by codes if `q` is the query's codes. Both must have room for `n`
 * rounded up to a multiple of four.
 */
export function distancesTo(q: usize, list: usize, n: i32, dst: usize): void {
  if (n == 0) return;
  const nch = chunks, x = rows, s = stride;
  if (isSingle()) {
    for (let i: usize = 0, e = <usize>n << 2; i < e; i += 4) {
      store<f32>(dst + i, one(q, x + <usize>load<u32>(list + i) * s, nch));
    }
    return;
  }
  const end = <usize>((n + 3) & ~3) << 2;
  const last = load<u32>(list + (<usize>(n - 1) << 2));
  for (let i = <usize>n << 2; i < end; i += 4) store<u32>(list + i, last);
  if (q == codeQuery) return codeDistancesTo(list, n, dst);
  if (element == HALVES || metric == L1) {
    for (let i: usize = 0; i < end; i += 16) {
      const p = list + i;
      v128.store(dst + i, four(q,
        x + <usize>load<u32>(p) * s, x + <usize>load<u32>(p, 4) * s,
        x + <usize>load<u32>(p, 8) * s, x + <usize>load<u32>(p, 12) * s, nch));
    }
  } else if (metric == L2) {
    for (let i: usize = 0; i < end; i += 16) {
      const p = list + i;
      v128.store(dst + i, squaredL24(q,
        x + <usize>load<u32>(p) * s, x + <usize>load<u32>(p, 4) * s,
        x + <usize>load<u32>(p, 8) * s, x + <usize>load<u32>(p, 12) * s, nch));
    }
  } else {
    const one = bias();
    for (let i: usize = 0; i < end; i += 16) {
      const p = list + i;
      v128.store(dst + i, finish(one, dot4(q,
        x + <usize>load<u32>(p) * s, x + <usize>load<u32>(p, 4) * s,
        x + <usize>load<u32>(p, 8) * s, x + <usize>load<u32>(p, 12) * s, nch)));
    }
  }
}

/**
 * Distances of the row at `q` to rows `from` to `from + n`, into `dst`; reads
 * up to three rows past the last, which must lie in memory.
 */
export function distancesOfRange(q: usize, from: u32, n: i32, dst: usize): void {
  const nch = chunks, s = stride;
  let x = row(from);
  if (isSingle()) {
    for (let i: usize = 0, e = <usize>n << 2; i < e; i += 4, x += s) {
      store<f32>(dst + i, one(q, x, nch));
    }
    return;
  }
  const end = <usize>((n + 3) & ~3) << 2;
  if (element == HALVES || metric == L1) {
    for (let i: usize = 0; i < end; i += 16, x += s << 2) {
      v128.store(dst + i, four(q, x, x + s, x + 2 * s, x + 3 * s, nch));
    }
  } else if (metric == L2) {
    for (let i: usize = 0; i < end; i += 16, x += s << 2) {
      v128.store(dst + i, squaredL24(q, x, x + s, x + 2 * s, x + 3 * s, nch));
    }
  } else {
    const one = bias();
    for (let i: usize = 0; i < end; i += 16, x += s << 2) {
      v128.store(dst + i, finish(one, dot4(q, x, x + s, x + 2 * s, x + 3 * s, nch)));
    }
  }
}

/** Distances of the query to the `n` nodes whose numbers are at `ids`. */
export function distanceBatch(n: i32): void {
  distancesTo(query, ids, n, distances);
}

/** Distances of the query to rows `from` to `from + n`. */
export function distanceRange(from: u32, n: i32): void {
  distancesOfRange(query, from, n, distances);
}

/** Whether two nodes have the very same vector. */
export function sameRow(a: u32, b: u32): bool {
  let x = row(a), y = row(b);
  for (const e = x + stride; x < e; x += 16, y += 16) {
    if (v128.any_true(v128.xor(v128.load(x), v128.load(y)))) return false;
  }
  return true;
}

/** Whether a node's vector has no direction. */
@inline
export function isNowhere(id: u32): bool {
  if (metric != COSINE) return false;
  // All components, the inverse length, or the mark of a sparse row are NaN.
  const at = element == HALVES ? <usize>chunks << 4 : element == SPARSE ? 4 : 0;
  const x = load<f32>(row(id) + at);
  return x != x;
}
