/**
 * Distances of bit strings, as texts of `0` and `1` and packed: the definition
 * that kernels are held to.
 *
 * REQUIRES, everywhere: both have the same length.
 *
 * @module
 */
import type { BitVector } from "../types/bit_vector.ts";

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

/** How many ones a byte has. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});

/** {@linkcode hamming} of packed bits. */
export function hammingOfBits(a: BitVector, b: BitVector): number {
  let count = 0;
  for (let i = 0; i < a.bytes.length; i++) {
    count += ONES[a.bytes[i]! ^ b.bytes[i]!]!;
  }
  return count;
}

/** {@linkcode jaccard} of packed bits. */
export function jaccardOfBits(a: BitVector, b: BitVector): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < a.bytes.length; i++) {
    both += ONES[a.bytes[i]! & b.bytes[i]!]!;
    either += ONES[a.bytes[i]! | b.bytes[i]!]!;
  }
  return both === 0 ? 1 : 1 - both / either;
}
