/**
 * Distances of bit strings, by texts of `0` and `1`: the definition that
 * kernels over packed bits are held to.
 *
 * REQUIRES, everywhere: both have the same length.
 *
 * @module
 */

/**
 * In how many places they differ: `<~>`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hamming } from "./bit_reference.ts";
 *
 * assertEquals(hamming("1011", "1110"), 2);
 * ```
 */
export function hamming(a: string, b: string): number {
  let count = 0;
  for (let i = 0; i < a.length; i++) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) count++;
  }
  return count;
}

/** One minus the share of the ones of either that both have: `<%>`. */
export function jaccard(a: string, b: string): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a.charCodeAt(i) & 1;
    const y = b.charCodeAt(i) & 1;
    both += x & y;
    either += x | y;
  }
  return both === 0 ? 1 : 1 - both / either;
}
