/**
 * Values of a row as bytes: the reading half. The forms are drawn in
 * `row_encoding.ts`.
 *
 * @module
 */
import type { KriyaError } from "../../base/errors.ts";
import type { ColumnBuilder } from "../chunk/chunk.ts";
import { DAY_MICROS } from "../types/calendar.ts";
import type { SqlValue } from "../types/data_type.ts";
import { normalizeInt8 } from "../types/int_types.ts";
import { Interval } from "../types/interval.ts";
import { isNetwork } from "../types/network/network_value.ts";
import { uuidOfBytes } from "../types/uuid_type.ts";
import { readNumericAt } from "./numeric_bytes.ts";
import { readCompound } from "./compound_reader.ts";
import { readShape } from "./shape_bytes.ts";
import { readText } from "./text_bytes.ts";
import type { ValueSource } from "./value_source.ts";
import { KIND, type ValueKind } from "./value_kind.ts";
import {
  readBits,
  readHalfvec,
  readSparse,
  readVector,
} from "./vector_bytes.ts";
import {
  INT4_MAX,
  INT4_MIN,
  TIMESTAMP_MAX,
  TIMESTAMP_MIN,
} from "./value_writer.ts";

/**
 * Appends the value that takes the bytes from `from` to `to`.
 *
 * REQUIRES: both are within the bytes, and the builder is of the kind.
 *
 * @throws {KriyaError} `corrupt` when they have no form the kind allows.
 */
export function appendValue(
  kind: ValueKind,
  source: ValueSource,
  from: number,
  to: number,
  builder: ColumnBuilder,
): void {
  switch (kind) {
    case KIND.bool:
    case KIND.int2:
    case KIND.int4:
    case KIND.oid:
    case KIND.time:
    case KIND.place:
    case KIND.float4:
    case KIND.float8:
      return builder.appendNumber(readNumber(kind, source, from, to));
    default:
      return builder.appendReference(readReference(kind, source, from, to));
  }
}

/** The kinds whose columns are typed arrays. */
type NumberKind =
  | typeof KIND.bool
  | typeof KIND.int2
  | typeof KIND.int4
  | typeof KIND.oid
  | typeof KIND.time
  | typeof KIND.place
  | typeof KIND.float4
  | typeof KIND.float8;

function readNumber(
  kind: NumberKind,
  source: ValueSource,
  from: number,
  to: number,
): number {
  switch (kind) {
    case KIND.bool:
      return readBool(source, from, to);
    case KIND.int2:
      return readInt2(source, from, to);
    case KIND.int4:
      return readInt4(source, from, to);
    case KIND.oid:
      return readUpTo(OID_MAX, source, from, to);
    case KIND.time:
      return readUpTo(DAY_MICROS, source, from, to);
    case KIND.place:
      return readUpTo(PLACE_MAX, source, from, to);
    case KIND.float4:
      if (to - from !== 4) throw badLength(source, "float4", from, to);
      return source.view.getFloat32(from, true);
    case KIND.float8:
      if (to - from !== 8) throw badLength(source, "float8", from, to);
      return source.view.getFloat64(from, true);
  }
}

/**
 * The value that takes the bytes from `from` to `to`.
 *
 * @throws {KriyaError} `corrupt` when they have no form the kind allows.
 */
export function readValue(
  kind: ValueKind,
  source: ValueSource,
  from: number,
  to: number,
): SqlValue {
  switch (kind) {
    case KIND.bool:
      return readBool(source, from, to) === 1;
    case KIND.int2:
    case KIND.int4:
    case KIND.oid:
    case KIND.time:
    case KIND.place:
    case KIND.float4:
    case KIND.float8:
      return readNumber(kind, source, from, to);
    default:
      return readReference(kind, source, from, to);
  }
}

function badLength(
  source: ValueSource,
  what: string,
  from: number,
  to: number,
): KriyaError {
  return source.corrupt(`${what} of ${to - from} bytes`, from);
}

function readReference(
  kind: Exclude<ValueKind, NumberKind>,
  source: ValueSource,
  from: number,
  to: number,
): SqlValue {
  if (typeof kind === "object") {
    return readCompound(kind, source, from, to, readValue);
  }
  switch (kind) {
    case KIND.int8:
      return readInt8(source, from, to);
    case KIND.unsigned:
      return normalizeInt8(
        BigInt.asUintN(64, BigInt(readInt8(source, from, to))),
      );
    case KIND.timestamp:
      return readTimestamp(source, from, to);
    case KIND.text:
      return readText(
        source.bytes,
        from,
        to,
        (what, at) => source.corrupt(what, at),
      );
    case KIND.uuid:
      if (to - from !== 16) throw badLength(source, "uuid", from, to);
      return uuidOfBytes(source.bytes.subarray(from, to));
    case KIND.bytea:
      return source.bytes.slice(from, to);
    case KIND.network:
      return readNetwork(source, from, to);
    case KIND.vector:
      return readVector(source, from, to);
    case KIND.shape:
      return readShape(source, from, to);
    case KIND.halfvec:
      return readHalfvec(source, from, to);
    case KIND.sparsevec:
      return readSparse(source, from, to);
    case KIND.bits:
      return readBits(source, from, to);
    case KIND.interval:
      return readInterval(source, from, to);
    default:
      return readNumericAt(source, from, to);
  }
}

function readBool(source: ValueSource, from: number, to: number): number {
  const value = source.bytes[from]!;
  if (to - from !== 1 || value > 1) {
    throw source.corrupt("bad boolean", from);
  }
  return value;
}

function readInt2(source: ValueSource, from: number, to: number): number {
  if (to - from > 2) throw badLength(source, "int2", from, to);
  return readInt4(source, from, to);
}

function readInt4(source: ValueSource, from: number, to: number): number {
  const { bytes } = source;
  switch (to - from) {
    case 0:
      return 0;
    case 1:
      return bytes[from]! << 24 >> 24;
    case 2:
      return (bytes[from]! | bytes[from + 1]! << 8) << 16 >> 16;
    case 4:
      return bytes[from]! | bytes[from + 1]! << 8 | bytes[from + 2]! << 16 |
        bytes[from + 3]! << 24;
    default:
      throw badLength(source, "integer", from, to);
  }
}

function readInt8(
  source: ValueSource,
  from: number,
  to: number,
): number | bigint {
  if (to - from !== 8) return readInt4(source, from, to);
  const high = source.view.getInt32(from + 4, true);
  if (high >= -0x20_0000 && high < 0x20_0000) {
    const value = high * 0x1_0000_0000 + source.view.getUint32(from, true);
    // -2^53 itself is not a safe integer.
    if (Number.isSafeInteger(value)) return value;
  }
  return normalizeInt8(source.view.getBigInt64(from, true));
}

function readNetwork(
  source: ValueSource,
  from: number,
  to: number,
): Uint8Array {
  const value = source.bytes.slice(from, to);
  if (!isNetwork(value)) throw source.corrupt("bad network address", from);
  return value;
}

const OID_MAX = 0xffff_ffff;
const PLACE_MAX = 2 ** 48 - 1;

function readUpTo(
  max: number,
  source: ValueSource,
  from: number,
  to: number,
): number {
  const value = readInt8(source, from, to);
  if (typeof value === "bigint" || value < 0 || value > max) {
    throw source.corrupt("number out of range", from);
  }
  return value;
}

function readTimestamp(
  source: ValueSource,
  from: number,
  to: number,
): number | bigint {
  const value = readInt8(source, from, to);
  if (typeof value === "number") return value;
  if (value === TIMESTAMP_MAX) return Infinity;
  return value === TIMESTAMP_MIN ? -Infinity : value;
}

function readInterval(source: ValueSource, from: number, to: number): Interval {
  if (to - from !== 16) throw badLength(source, "interval", from, to);
  const { view } = source;
  const months = view.getInt32(from, true);
  const days = view.getInt32(from + 4, true);
  const time = view.getBigInt64(from + 8, true);
  if (time === TIMESTAMP_MAX || time === TIMESTAMP_MIN) {
    const isLate = time === TIMESTAMP_MAX;
    if (months === 0 && days === 0) {
      return isLate ? Interval.INFINITY : Interval.NEGATIVE_INFINITY;
    }
    // See the writer: these stand for the microseconds alone.
    const extreme = isLate ? INT4_MAX : INT4_MIN;
    if (months === extreme && days === extreme) {
      return Interval.of({ months: 0, days: 0, micros: time });
    }
  }
  return Interval.of({ months, days, micros: time });
}
