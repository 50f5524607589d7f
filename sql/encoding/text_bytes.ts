/**
 * UTF-8 of short texts without the cost of a call into the platform.
 *
 * `TextEncoder` and `TextDecoder` take about 100 and 250 ns a call, however
 * short the text. Most texts in rows and keys are short and ASCII: those are
 * copied here, unit by unit, and anything else goes to the platform.
 *
 * @module
 */
import type { KriyaError } from "../../base/errors.ts";
import { utf8Decode } from "../../base/bytes.ts";

const encoder = new TextEncoder();

/** Up to so many units are copied one by one when writing. */
const ENCODE_UNITS_MAX = 48;

/** Up to so many bytes are copied one by one when reading. */
const DECODE_BYTES_MAX = 128;

/** Bytes that `text` cannot take more of. */
export function utf8BytesMax(text: string): number {
  return text.length * 3;
}

/**
 * Writes `text` as UTF-8 into `bytes` from `at` on; returns where it ends.
 *
 * REQUIRES: room for {@linkcode utf8BytesMax} bytes; `text` is well formed.
 */
export function writeText(text: string, bytes: Uint8Array, at: number): number {
  const { length } = text;
  if (length <= ENCODE_UNITS_MAX) {
    let i = 0;
    for (; i < length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 127) break;
      bytes[at + i] = unit;
    }
    if (i === length) return at + length;
  }
  return at + encoder.encodeInto(text, bytes.subarray(at)).written;
}

/** One array of units for each length, used again and again. */
const units: number[][] = Array.from(
  { length: DECODE_BYTES_MAX + 1 },
  (_, length) => new Array<number>(length).fill(0),
);

/**
 * The text of `bytes` from `start` to `end`.
 *
 * @throws what `corrupt` makes, when the bytes are not UTF-8.
 */
export function readText(
  bytes: Uint8Array,
  start: number,
  end: number,
  corrupt: (what: string, at: number) => KriyaError,
): string {
  const length = end - start;
  if (length === 0) return "";
  if (length <= DECODE_BYTES_MAX) {
    const codes = units[length]!;
    let i = 0;
    for (; i < length; i++) {
      const byte = bytes[start + i]!;
      if (byte > 127) break;
      codes[i] = byte;
    }
    if (i === length) return String.fromCharCode.apply(null, codes);
  }
  try {
    return utf8Decode(bytes.subarray(start, end));
  } catch {
    throw corrupt("text is not UTF-8", start);
  }
}
