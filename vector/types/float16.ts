/**
 * 16-bit floats (IEEE 754 binary16), as numbers and as their bits.
 *
 * ```text
 * sign 1 | exponent 5, bias 15 | fraction 10
 * ```
 *
 * @module
 */

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The largest finite one. */
export const FLOAT16_MAX = 65_504;

/**
 * The bits of the 16-bit float nearest to a 32-bit one, ties to even; infinite
 * from 65520 on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { float16Bits, float16OfBits } from "./float16.ts";
 *
 * assertEquals(float16Bits(1), 0x3c00);
 * assertEquals(float16OfBits(float16Bits(0.1)), 0.0999755859375);
 * ```
 */
export function float16Bits(value: number): number {
  floats[0] = value;
  const word = bits[0]!;
  const sign = (word >>> 16) & 0x8000;
  const magnitude = word & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) return sign | 0x7e00;
  // 65520 and above, infinity with them.
  if (magnitude >= 0x477f_f000) return sign | 0x7c00;
  if (magnitude < 0x3880_0000) {
    // Below 2^-14: a multiple of 2^-24. Adding 0.5 rounds there, ties to even.
    floats[0] = Math.abs(value) + 0.5;
    return sign | (bits[0]! - 0x3f00_0000);
  }
  const even = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x3800_0000 + 0xfff + even) >>> 13);
}

/** The value of a 16-bit float. */
export function float16OfBits(half: number): number {
  const magnitude = half & 0x7fff;
  if (magnitude >= 0x7c00) {
    if (magnitude > 0x7c00) return NaN;
    return half & 0x8000 ? -Infinity : Infinity;
  }
  // The fields of a 32-bit float whose exponent is 112 too low.
  bits[0] = ((half & 0x8000) << 16) | (magnitude << 13);
  return floats[0]! * 2 ** 112;
}

/** The 16-bit float nearest to a 32-bit one. */
export function roundToFloat16(value: number): number {
  return float16OfBits(float16Bits(value));
}
