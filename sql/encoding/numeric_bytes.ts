/**
 * `numeric` as bytes in a row: short, exact, the scale kept.
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    1 | 0 zero or positive, 1 negative, 2 NaN, 3 Infinity, 4 -Infinity |
 * |      1 | varint | scale, 0 to 16383 (kinds 0 and 1 only) |
 * |      … |    n | magnitude of the unscaled value, big-endian, no leading zero byte (kinds 0 and 1 only) |
 *
 * Valid if and only if the kind is known, the scale in range, the magnitude
 * without a leading zero byte, and nothing follows.
 *
 * @module
 */
import { ByteReader } from "../../base/bytes.ts";
import { Numeric, SCALE_MAX } from "../types/numeric.ts";
import type { ValueSource } from "./value_source.ts";

const KINDS = ["nan", "infinity", "-infinity"] as const;

/** Bytes that `value` cannot take more of. */
export function numericBytesMax(value: Numeric): number {
  if (!value.isFinite) return 1;
  if (value.big === undefined) return 11;
  return 4 + (value.big.toString(16).length >>> 1) + 1;
}

/** Writes `value` into `bytes` from `at` on; returns where it ends. */
export function writeNumeric(
  value: Numeric,
  bytes: Uint8Array,
  at: number,
): number {
  if (value.kind !== "finite") {
    bytes[at] = 2 + KINDS.indexOf(value.kind);
    return at + 1;
  }
  const { small, big, scale } = value;
  bytes[at++] = value.sign < 0 ? 1 : 0;
  if (scale > 127) bytes[at++] = (scale & 127) | 128;
  bytes[at++] = scale > 127 ? scale >>> 7 : scale;
  if (small === 0) return at;
  if (big === undefined) return writeSafe(Math.abs(small), bytes, at);
  const hex = (big < 0n ? -big : big).toString(16);
  const padded = hex.length % 2 === 0 ? hex : `0${hex}`;
  for (let i = 0; i < padded.length; i += 2) {
    bytes[at++] = parseInt(padded.slice(i, i + 2), 16);
  }
  return at;
}

function writeSafe(magnitude: number, bytes: Uint8Array, at: number): number {
  let size = 1;
  while (magnitude >= 256 ** size) size++;
  let rest = magnitude;
  for (let i = size - 1; i >= 0; i--) {
    bytes[at + i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return at + size;
}

/** Bytes of a magnitude that a double holds, whatever they are. */
const SMALL_BYTES_MAX = 6;

/**
 * The digits of the numeric in the bytes from `from` to `to`, if there are few
 * and it has less than 128 decimals, as the byte behind the first says; else NaN.
 */
export function readSmallNumeric(
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  const size = to - from - 2;
  if (size < 0 || size > SMALL_BYTES_MAX || bytes[from + 1]! >= 128) return NaN;
  const kind = bytes[from]!;
  // Zero has no magnitude, and is not negative.
  if (size === 0) return kind === 0 ? 0 : NaN;
  if (kind > 1 || bytes[from + 2] === 0) return NaN;
  let value = 0;
  for (let at = from + 2; at < to; at++) value = value * 256 + bytes[at]!;
  return kind === 1 ? -value : value;
}

/** Reads the numeric that takes the bytes of `source` from `from` to `to`. */
export function readNumericAt(
  source: ValueSource,
  from: number,
  to: number,
): Numeric {
  const { bytes } = source;
  const small = readSmallNumeric(bytes, from, to);
  return Number.isNaN(small)
    ? readNumeric(new ByteReader(bytes, source.name, from, to))
    : Numeric.ofSafe(small, bytes[from + 1]!);
}

/** Reads the numeric that `reader` has the bytes of, and nothing else. */
export function readNumeric(reader: ByteReader): Numeric {
  const at = reader.offset;
  const kind = reader.u8();
  switch (kind) {
    case 0:
    case 1:
      break;
    case 2:
      reader.expectEnd();
      return Numeric.NAN;
    case 3:
      reader.expectEnd();
      return Numeric.INFINITY;
    case 4:
      reader.expectEnd();
      return Numeric.NEGATIVE_INFINITY;
    default:
      throw reader.corrupt(`numeric of kind ${kind}`, at);
  }
  const scale = reader.varint();
  if (scale > SCALE_MAX) throw reader.corrupt(`numeric of scale ${scale}`, at);
  const magnitude = magnitudeOf(reader);
  if (kind === 1 && magnitude === 0n) {
    throw reader.corrupt("numeric is negative zero", at);
  }
  try {
    return Numeric.of(kind === 1 ? -magnitude : magnitude, scale);
  } catch {
    throw reader.corrupt("numeric has too many digits", at);
  }
}

/** More bytes than any numeric's digits take. */
const MAGNITUDE_BYTES_MAX = 62_000;

function magnitudeOf(reader: ByteReader): bigint {
  const at = reader.offset;
  const bytes = reader.raw(reader.remaining);
  if (bytes.length === 0) return 0n;
  if (bytes[0] === 0 || bytes.length > MAGNITUDE_BYTES_MAX) {
    throw reader.corrupt("bad magnitude of a numeric", at);
  }
  if (bytes.length <= SMALL_BYTES_MAX) {
    let value = 0;
    for (const byte of bytes) value = value * 256 + byte;
    return BigInt(value);
  }
  let hex = "0x";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return BigInt(hex);
}
