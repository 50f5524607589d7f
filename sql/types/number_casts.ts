/**
 * Casts between numbers, and between integers and `bool`, `bytea`.
 *
 * Floats round half to even on their way to integers, numerics half away from
 * zero. A float becomes the numeric of its first 15 (`float4`: 6) digits.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { bool } from "./bool_type.ts";
import { bytea } from "./bytea_type.ts";
import type { CastDefinition } from "./cast_definition.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { float4, float8 } from "./float_types.ts";
import {
  int2,
  int4,
  int8,
  INT8_MAX,
  INT8_MIN,
  normalizeInt8,
  oid,
} from "./int_types.ts";
import { Numeric } from "./numeric.ts";
import { roundTo } from "./numeric_arithmetic.ts";
import { numeric } from "./numeric_type.ts";
import { outOfRange } from "./type_error.ts";

/** The bounds of the integer types. */
interface Bounds {
  readonly type: DataType;
  readonly min: number | bigint;
  readonly max: number | bigint;
}

const INT2: Bounds = { type: int2, min: -32768, max: 32767 };
const INT4: Bounds = { type: int4, min: -2147483648, max: 2147483647 };
const INT8: Bounds = { type: int8, min: INT8_MIN, max: INT8_MAX };

/** A check of an integer against other bounds. */
function narrow(bounds: Bounds): (value: SqlValue) => SqlValue {
  const { min, max, type } = bounds;
  return (value) => {
    if ((value as number) < min || (value as number) > max) {
      throw outOfRange(type.displayName);
    }
    return value;
  };
}

/** The nearest integer, the even one of two. */
export function roundHalfEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** A float as an integer of the type. */
function fromFloat(bounds: Bounds): (value: SqlValue) => SqlValue {
  const { min, max, type } = bounds;
  return (value) => {
    const rounded = roundHalfEven(value as number) + 0;
    if (!(rounded >= min && rounded <= max)) {
      throw outOfRange(type.displayName);
    }
    if (Number.isSafeInteger(rounded)) return rounded;
    const exact = BigInt(rounded);
    if (exact > max) throw outOfRange(type.displayName);
    return normalizeInt8(exact);
  };
}

/** A numeric as an integer of the type. */
function fromNumeric(bounds: Bounds): (value: SqlValue) => SqlValue {
  const { min, max, type } = bounds;
  return (value) => {
    const exact = value as Numeric;
    if (!exact.isFinite) {
      throw new SqlError(
        "0A000",
        `cannot convert ${
          exact.kind === "nan" ? "NaN" : "infinity"
        } to ${type.displayName}`,
      );
    }
    const integer = roundTo(exact, 0).unscaled;
    if (integer < min || integer > max) throw outOfRange(type.displayName);
    return normalizeInt8(integer);
  };
}

/** The numeric of a float's first digits, as C's `%g` prints them. */
export function numericOfFloat(value: number, digits: number): Numeric {
  if (!Number.isFinite(value)) return Numeric.parse(String(value));
  const text = roundedText(value, digits);
  const at = text.indexOf("e");
  const mantissa = text.slice(0, at).replace(/\.?0+$/, "");
  return Numeric.parse(mantissa + text.slice(at));
}

/** So many digits, a tie going to the even one, as C's `printf` has it. */
function roundedText(value: number, digits: number): string {
  const text = value.toExponential(digits - 1);
  const at = text.indexOf("e");
  // JavaScript takes the larger of two neighbours; a tie shows as a 5 alone.
  const isOdd = Number(text[at - 1]) % 2 === 1;
  if (!isOdd || !/^50*e/.test(tail(value, digits))) return text;
  return text.slice(0, at - 1) + (Number(text[at - 1]) - 1) + text.slice(at);
}

/** The digits of a value behind the first `digits` ones. */
function tail(value: number, digits: number): string {
  const exact = Math.abs(value).toExponential(digits + 40);
  return exact.replace(".", "").slice(digits);
}

/** An integer as the nearest `float4`, rounded once. */
function float4OfInteger(value: SqlValue): number {
  if (typeof value === "number") return Math.fround(value);
  const exact = value as bigint;
  // Keep more bits than a float has and fold the rest into one sticky bit.
  const kept = exact >> 20n;
  const sticky = kept << 20n === exact ? 0n : 1n;
  return Math.fround(Number((kept << 1n) | sticky) * 2 ** 19);
}

/** `22003`: a float is too large or too small for the result. */
export function floatOverflow(): SqlError {
  return new SqlError("22003", "value out of range: overflow");
}

/** `22003`: a float is too small for the result. */
export function floatUnderflow(): SqlError {
  return new SqlError("22003", "value out of range: underflow");
}

function float4OfFloat8(value: SqlValue): number {
  const rounded = Math.fround(value as number);
  if (!Number.isFinite(rounded) && Number.isFinite(value)) {
    throw floatOverflow();
  }
  if (rounded === 0 && value !== 0) throw floatUnderflow();
  return rounded;
}

/** A numeric as a float, by its text, so that errors name it. */
function floatOfNumeric(type: DataType): (value: SqlValue) => SqlValue {
  return (value) => type.input(String(value), -1);
}

function bytesOfInteger(value: SqlValue, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let rest = BigInt(value as number | bigint);
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function integerOfBytes(type: DataType): (value: SqlValue) => SqlValue {
  return (value) => {
    const bytes = value as Uint8Array;
    if (bytes.length > type.length) throw outOfRange(type.displayName);
    let sum = 0n;
    for (const byte of bytes) sum = (sum << 8n) | BigInt(byte);
    return normalizeInt8(BigInt.asIntN(8 * type.length, sum));
  };
}

const unsigned = (value: SqlValue): SqlValue => (value as number) >>> 0;
const signed = (value: SqlValue): SqlValue => (value as number) | 0;
const float8OfInteger = (value: SqlValue): SqlValue => Number(value);
const numericOfInteger = (value: SqlValue): SqlValue =>
  Numeric.fromInteger(value as number | bigint);

function oidOfInt8(value: SqlValue): SqlValue {
  if ((value as number) < 0 || (value as number) > 4294967295) {
    throw outOfRange("OID");
  }
  return value;
}

function cast(
  source: DataType,
  target: DataType,
  context: CastDefinition["context"],
  convert?: (value: SqlValue) => SqlValue,
): CastDefinition {
  return convert === undefined
    ? { source, target, context }
    : { source, target, context, convert };
}

function integerCasts(bounds: Bounds): CastDefinition[] {
  const { type } = bounds;
  return [
    cast(type, float4, "implicit", float4OfInteger),
    cast(type, float8, "implicit", float8OfInteger),
    cast(type, numeric, "implicit", numericOfInteger),
    cast(float4, type, "assignment", fromFloat(bounds)),
    cast(float8, type, "assignment", fromFloat(bounds)),
    cast(numeric, type, "assignment", fromNumeric(bounds)),
    cast(
      type,
      bytea,
      "explicit",
      (value) => bytesOfInteger(value, type.length),
    ),
    cast(bytea, type, "explicit", integerOfBytes(type)),
  ];
}

/** The casts between numbers. */
export const numberCasts: readonly CastDefinition[] = [
  ...integerCasts(INT2),
  ...integerCasts(INT4),
  ...integerCasts(INT8),
  cast(int2, int4, "implicit"),
  cast(int2, int8, "implicit"),
  cast(int4, int8, "implicit"),
  cast(int8, int4, "assignment", narrow(INT4)),
  cast(int8, int2, "assignment", narrow(INT2)),
  cast(int4, int2, "assignment", narrow(INT2)),
  cast(int2, oid, "implicit", unsigned),
  cast(int4, oid, "implicit", unsigned),
  cast(int8, oid, "implicit", oidOfInt8),
  cast(oid, int4, "assignment", signed),
  cast(oid, int8, "assignment", (value) => value),
  cast(float4, float8, "implicit"),
  cast(float8, float4, "assignment", float4OfFloat8),
  cast(
    float4,
    numeric,
    "assignment",
    (value) => numericOfFloat(value as number, 6),
  ),
  cast(
    float8,
    numeric,
    "assignment",
    (value) => numericOfFloat(value as number, 15),
  ),
  cast(numeric, float4, "implicit", floatOfNumeric(float4)),
  cast(numeric, float8, "implicit", floatOfNumeric(float8)),
  cast(bool, int4, "explicit", (value) => value === true ? 1 : 0),
  cast(int4, bool, "explicit", (value) => value !== 0),
];
