/**
 * Every distance as a plain loop: the definition that kernels are held to.
 *
 * The arithmetic is pgvector's: components are multiplied and summed in order
 * in 32-bit floats, and what is made of the sums (root, quotient) in 64-bit
 * ones, so that a distance shows the same digits as in PostgreSQL. A sum
 * beyond 3.4e38 is therefore infinite.
 *
 * The kernels sum in another order and give 32 bits: for d dimensions they
 * differ from these by at most about d times 2^-24 of the sum of the products'
 * magnitudes. Results that people see are computed here.
 *
 * REQUIRES, everywhere: both vectors have the same length.
 *
 * @module
 */

const fround = Math.fround;

/** The square of the Euclidean distance. */
export function squaredL2(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = fround(a[i]! - b[i]!);
    sum = fround(sum + fround(difference * difference));
  }
  return sum;
}

/**
 * The Euclidean distance: `<->`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { l2 } from "./reference.ts";
 *
 * assertEquals(l2(new Float32Array([0, 0]), new Float32Array([3, 4])), 5);
 * ```
 */
export function l2(a: Float32Array, b: Float32Array): number {
  return Math.sqrt(squaredL2(a, b));
}

/** The inner product. */
export function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    sum = fround(sum + fround(a[i]! * b[i]!));
  }
  return sum;
}

/** The inner product, negated so that nearer is less: `<#>`. */
export function negativeInnerProduct(a: Float32Array, b: Float32Array): number {
  return -innerProduct(a, b);
}

/**
 * One minus the cosine of the angle: `<=>`, from 0 to 2. NaN if either vector
 * is zero, since a zero vector has no direction.
 */
export function cosine(a: Float32Array, b: Float32Array): number {
  let product = 0;
  let normA = 0;
  let normB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    product = fround(product + fround(x * y));
    normA = fround(normA + fround(x * x));
    normB = fround(normB + fround(y * y));
  }
  const similarity = product / Math.sqrt(normA * normB);
  if (similarity > 1) return 0;
  if (similarity < -1) return 2;
  return 1 - similarity;
}

/** The sum of the absolute differences: `<+>`. */
export function l1(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    sum = fround(sum + Math.abs(fround(a[i]! - b[i]!)));
  }
  return sum;
}

/** The Euclidean norm, summed in 64 bits. */
export function norm(a: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * a[i]!;
  return Math.sqrt(sum);
}
