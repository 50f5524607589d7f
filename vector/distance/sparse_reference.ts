/**
 * Distances of sparse vectors as plain loops over the components that are not
 * zero: in order, in 32-bit floats, as pgvector has them (see reference.ts).
 *
 * REQUIRES, everywhere: both have the same dimensions.
 *
 * @module
 */
import type { SparseVector } from "../types/sparse_vector.ts";

const fround = Math.fround;

/**
 * Sums `term` over the dimensions where either is not zero, in order; the
 * other's component is 0 there.
 */
function sumOver(
  a: SparseVector,
  b: SparseVector,
  term: (x: number, y: number) => number,
): number {
  const { indices: ai, values: ax, count: n } = a;
  const { indices: bi, values: bx, count: m } = b;
  let sum = 0;
  let i = 0;
  let j = 0;
  while (i < n || j < m) {
    const p = i < n ? ai[i]! : Infinity;
    const q = j < m ? bi[j]! : Infinity;
    const x = p <= q ? ax[i++]! : 0;
    const y = q <= p ? bx[j++]! : 0;
    sum = fround(sum + term(x, y));
  }
  return sum;
}

/** The square of the Euclidean distance. */
export function sparseSquaredL2(a: SparseVector, b: SparseVector): number {
  return sumOver(a, b, (x, y) => {
    const difference = fround(x - y);
    return fround(difference * difference);
  });
}

/**
 * The Euclidean distance: `<->`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SparseVector } from "../types/sparse_vector.ts";
 * import { sparseL2 } from "./sparse_reference.ts";
 *
 * const zero = SparseVector.parse("{}/9");
 * assertEquals(sparseL2(zero, SparseVector.parse("{2:3,9:4}/9")), 5);
 * ```
 */
export function sparseL2(a: SparseVector, b: SparseVector): number {
  return Math.sqrt(sparseSquaredL2(a, b));
}

/** The inner product. */
export function sparseInnerProduct(a: SparseVector, b: SparseVector): number {
  const { indices: ai, values: ax, count: n } = a;
  const { indices: bi, values: bx, count: m } = b;
  let sum = 0;
  let i = 0;
  let j = 0;
  while (i < n && j < m) {
    const p = ai[i]!;
    const q = bi[j]!;
    if (p === q) sum = fround(sum + fround(ax[i]! * bx[j]!));
    if (p <= q) i++;
    if (q <= p) j++;
  }
  return sum;
}

/** The inner product, negated: `<#>`. */
export function sparseNegativeInnerProduct(
  a: SparseVector,
  b: SparseVector,
): number {
  return -sparseInnerProduct(a, b);
}

/** One minus the cosine of the angle: `<=>`; NaN if either is zero. */
export function sparseCosine(a: SparseVector, b: SparseVector): number {
  const square = (vector: SparseVector): number => {
    let sum = 0;
    for (const x of vector.values) sum = fround(sum + fround(x * x));
    return sum;
  };
  const similarity = sparseInnerProduct(a, b) /
    Math.sqrt(square(a) * square(b));
  if (similarity > 1) return 0;
  if (similarity < -1) return 2;
  return 1 - similarity;
}

/** The sum of the absolute differences: `<+>`. */
export function sparseL1(a: SparseVector, b: SparseVector): number {
  return sumOver(a, b, (x, y) => Math.abs(fround(x - y)));
}
