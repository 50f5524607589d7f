/**
 * Values of a row as bytes: the writing half. The forms are drawn in
 * `row_encoding.ts`.
 *
 * @module
 */
import type { SparseVector } from "../../vector/types/sparse_vector.ts";
import type { ColumnValues } from "../chunk/chunk.ts";
import type { Interval } from "../types/interval.ts";
import type { Numeric } from "../types/numeric.ts";
import {
  compoundBytesMax,
  type PartWriter,
  writeCompound,
} from "./compound_writer.ts";
import { numericBytesMax, writeNumeric } from "./numeric_bytes.ts";
import { writeShape } from "./shape_bytes.ts";
import { utf8BytesMax, writeText } from "./text_bytes.ts";
import { KIND, type ValueKind } from "./value_kind.ts";
import {
  bitsBytes,
  sparseBytes,
  writeBits,
  writeHalfvec,
  writeSparse,
  writeVector,
} from "./vector_bytes.ts";

/** Infinite timestamps as integers: the extremes of 64 bits. */
export const TIMESTAMP_MAX: bigint = 2n ** 63n - 1n;
/** The timestamp before all others. */
export const TIMESTAMP_MIN: bigint = -(2n ** 63n);
/** The largest `int4`. */
export const INT4_MAX = 2_147_483_647;
/** The smallest `int4`. */
export const INT4_MIN = -2_147_483_648;

/** Bytes that the value in `row` cannot take more of. */
export function valueBytesMax(
  kind: ValueKind,
  values: ColumnValues,
  row: number,
): number {
  switch (kind) {
    case KIND.bool:
      return 1;
    case KIND.int2:
    case KIND.int4:
    case KIND.float4:
      return 4;
    case KIND.int8:
    case KIND.oid:
    case KIND.time:
    case KIND.place:
    case KIND.unsigned:
    case KIND.timestamp:
    case KIND.float8:
      return 8;
    case KIND.uuid:
    case KIND.interval:
      return 16;
    case KIND.text:
      return utf8BytesMax(values[row] as string);
    case KIND.bytea:
    case KIND.network:
      return (values[row] as Uint8Array).length;
    case KIND.vector:
      return (values[row] as Float32Array).length * 4;
    case KIND.shape:
      return (values[row] as Float64Array).length * 8;
    case KIND.halfvec:
      return (values[row] as Float32Array).length * 2;
    case KIND.sparsevec:
      return sparseBytes(values[row] as SparseVector);
    case KIND.bits:
      return bitsBytes(values[row] as string);
    case KIND.numeric:
      return numericBytesMax(values[row] as Numeric);
    default:
      return compoundBytesMax(kind, values[row], PARTS);
  }
}

/** Writes the value in `row` at `at`, where there is room; returns its end. */
export function writeValue(
  kind: ValueKind,
  values: ColumnValues,
  row: number,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): number {
  switch (kind) {
    case KIND.bool:
      bytes[at] = values[row] as number;
      return at + 1;
    case KIND.int2:
    case KIND.int4:
      return writeInt32(values[row] as number, bytes, view, at);
    case KIND.int8:
    case KIND.oid:
    case KIND.time:
    case KIND.place:
    case KIND.unsigned:
      return writeInt64(values[row] as number | bigint, bytes, view, at);
    case KIND.timestamp:
      return writeTimestamp(values[row] as number | bigint, bytes, view, at);
    case KIND.float4:
      view.setFloat32(at, values[row] as number, true);
      return at + 4;
    case KIND.float8:
      view.setFloat64(at, values[row] as number, true);
      return at + 8;
    case KIND.text:
      return writeText(values[row] as string, bytes, at);
    case KIND.uuid:
      return writeUuid(values[row] as string, bytes, at);
    case KIND.bytea:
    case KIND.network:
      bytes.set(values[row] as Uint8Array, at);
      return at + (values[row] as Uint8Array).length;
    case KIND.vector:
      return writeVector(values[row] as Float32Array, bytes, view, at);
    case KIND.shape:
      return writeShape(values[row] as Float64Array, view, at);
    case KIND.halfvec:
      return writeHalfvec(values[row] as Float32Array, view, at);
    case KIND.sparsevec:
      return writeSparse(values[row] as SparseVector, view, at);
    case KIND.bits:
      return writeBits(values[row] as string, bytes, at);
    case KIND.numeric:
      return writeNumeric(values[row] as Numeric, bytes, at);
    case KIND.interval:
      return writeInterval(values[row] as Interval, view, at);
    default:
      return writeCompound(kind, values[row], PARTS, bytes, view, at);
  }
}

/** Parts of a compound value are written as values. */
const PARTS: PartWriter = { bytesMax: valueBytesMax, write: writeValue };

/** 32 bits in 0, 1, 2 or 4 bytes. */
function writeInt32(
  value: number,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): number {
  if (value === 0) return at;
  if (value === value << 24 >> 24) {
    bytes[at] = value;
    return at + 1;
  }
  if (value === value << 16 >> 16) {
    bytes[at] = value;
    bytes[at + 1] = value >> 8;
    return at + 2;
  }
  view.setInt32(at, value, true);
  return at + 4;
}

/** 64 bits in 0, 1, 2, 4 or 8 bytes. */
function writeInt64(
  value: number | bigint,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): number {
  if (typeof value === "bigint") {
    view.setBigInt64(at, value, true);
    return at + 8;
  }
  if (value === (value | 0)) return writeInt32(value, bytes, view, at);
  const high = Math.floor(value / 0x1_0000_0000);
  view.setInt32(at, value - high * 0x1_0000_0000, true);
  view.setInt32(at + 4, high, true);
  return at + 8;
}

function writeTimestamp(
  value: number | bigint,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): number {
  if (value === Infinity) return writeInt64(TIMESTAMP_MAX, bytes, view, at);
  if (value === -Infinity) return writeInt64(TIMESTAMP_MIN, bytes, view, at);
  return writeInt64(value, bytes, view, at);
}

/**
 * Months, days, microseconds. The infinite ones are the extreme microseconds
 * alone; the finite intervals of just these have the extreme months and days
 * instead, which together are no interval.
 */
function writeInterval(value: Interval, view: DataView, at: number): number {
  const isLate = value.micros > 0;
  const extreme = isLate ? TIMESTAMP_MAX : TIMESTAMP_MIN;
  let { months, days } = value;
  const time = value.isFinite ? BigInt(value.micros) : extreme;
  if (!value.isFinite) months = days = 0;
  else if (time === extreme && months === 0 && days === 0) {
    months = days = isLate ? INT4_MAX : INT4_MIN;
  }
  view.setInt32(at, months, true);
  view.setInt32(at + 4, days, true);
  view.setBigInt64(at + 8, time, true);
  return at + 16;
}

/** The value of a lower-case hexadecimal digit's code. */
export function hexDigitOf(code: number): number {
  return code <= 57 ? code - 48 : code - 87;
}

/** The 16 bytes of a uuid's text. */
export function writeUuid(
  text: string,
  bytes: Uint8Array,
  at: number,
): number {
  let place = 0;
  for (let i = 0; i < 16; i++) {
    if (place === 8 || place === 13 || place === 18 || place === 23) place++;
    bytes[at + i] = hexDigitOf(text.charCodeAt(place)) << 4 |
      hexDigitOf(text.charCodeAt(place + 1));
    place += 2;
  }
  return at + 16;
}
