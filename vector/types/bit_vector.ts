/**
 * Bit strings as vectors: packed, the first bit the highest of the first byte,
 * zeros after the last.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";

/** The most bits of a vector that is indexed. */
export const BIT_DIMS_MAX = 64_000;

/** A bit string, packed. */
export class BitVector {
  /** How many bits. */
  readonly dims: number;
  /** The bits. */
  readonly bytes: Uint8Array;

  /** REQUIRES: the bytes are as many as the bits need. */
  constructor(dims: number, bytes: Uint8Array) {
    this.dims = dims;
    this.bytes = bytes;
  }

  /**
   * Packs a text of `0` and `1`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { BitVector } from "./bit_vector.ts";
   *
   * const packed = BitVector.parse("1000000011");
   * assertEquals(packed.bytes, new Uint8Array([0x80, 0xc0]));
   * assertEquals(String(packed), "1000000011");
   * ```
   */
  static parse(text: string): BitVector {
    const bytes = new Uint8Array(Math.ceil(text.length / 8));
    for (let i = 0; i < text.length; i++) {
      if (text.charCodeAt(i) === 49) bytes[i >> 3]! |= 128 >> (i & 7);
    }
    return new BitVector(text.length, bytes);
  }

  /** The text of the bits. */
  toString(): string {
    let text = "";
    for (let i = 0; i < this.dims; i++) {
      text += (this.bytes[i >> 3]! >> (7 - (i & 7))) & 1;
    }
    return text;
  }
}

/** Fails (22000) unless both have the same length. */
export function checkBitLengths(a: number, b: number): void {
  if (a === b) return;
  throw new KriyaError("invalid", `different bit lengths ${a} and ${b}`, {
    code: "22000",
  });
}
