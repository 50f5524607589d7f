/**
 * The integer types: `int2`, `int4`, `int8`, and `oid`.
 *
 * A value of `int8` is a `number` while it is a safe integer and a `bigint`
 * otherwise, never both forms of one value ({@linkcode normalizeInt8}), so that
 * `===` and `Map` see equal values as equal.
 *
 * The text form is PostgreSQL's: white space around it, a sign, decimal digits
 * or `0x`, `0o`, `0b`, single underscores between digits.
 *
 * @module
 */
import type { DataType, SqlValue } from "./data_type.ts";
import {
  compareInt8,
  INT8_MAX,
  INT8_MIN,
  normalizeInt8,
} from "./int8_value.ts";
import { textOfJs } from "./js_value.ts";
import { SPACES, trimSpaces } from "./numeric.ts";
import { invalidSyntax, textOutOfRange } from "./type_error.ts";

export { compareInt8, INT8_MAX, INT8_MIN, normalizeInt8 };

interface IntegerRange {
  readonly name: string;
  readonly min: number | bigint;
  readonly max: number | bigint;
}

/** The bases and what announces them. */
const BASES: Readonly<Record<string, number>> = { x: 16, o: 8, b: 2 };

/**
 * Reads an integer in the order PostgreSQL does, which decides what a text with
 * several faults is told: too many digits before anything behind them, anything
 * behind them before one too many.
 */
function parseInteger(text: string, range: IntegerRange): number | bigint {
  let at = 0;
  while (at < text.length && SPACES.includes(text[at]!)) at++;
  const negative = text[at] === "-";
  if (negative || text[at] === "+") at++;
  const base = text[at] === "0"
    ? BASES[(text[at + 1] ?? "").toLowerCase()] ?? 10
    : 10;
  if (base !== 10) at += 2;
  const bigBase = BigInt(base);
  const limit = -BigInt(range.min) / bigBase;
  let value = 0n;
  const first = at;
  for (; at < text.length; at++) {
    const underscore = text[at] === "_" && (at > first || base !== 10);
    if (underscore) at++;
    const digit = parseInt(text[at] ?? "", 36);
    if (!(digit < base)) {
      if (underscore) throw invalidSyntax(range.name, text);
      break;
    }
    if (value > limit) throw textOutOfRange(range.name, text);
    value = value * bigBase + BigInt(digit);
  }
  if (at === first) throw invalidSyntax(range.name, text);
  for (; at < text.length; at++) {
    if (!SPACES.includes(text[at]!)) throw invalidSyntax(range.name, text);
  }
  if (negative) value = -value;
  if (value < range.min || value > range.max) {
    throw textOutOfRange(range.name, text);
  }
  return normalizeInt8(value);
}

/** Nine digits at most, a minus sign perhaps: nearly all texts there are. */
function parseShort(text: string): number | undefined {
  const length = text.length;
  const start = text.charCodeAt(0) === 45 ? 1 : 0;
  if (length === start || length - start > 9) return undefined;
  let value = 0;
  for (let i = start; i < length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  return start === 1 && value !== 0 ? -value : value;
}

interface IntegerTypeOptions {
  readonly oid: number;
  readonly name: string;
  readonly displayName: string;
  readonly aliases: readonly string[];
  readonly preferred: boolean;
  readonly length: number;
  readonly storage: DataType["storage"];
  readonly min: number | bigint;
  readonly max: number | bigint;
}

function integerType(options: IntegerTypeOptions): DataType {
  const { min, max, displayName, ...rest } = options;
  const range: IntegerRange = { name: displayName, min, max };
  const input = (text: string): number | bigint => {
    const short = parseShort(text);
    if (short !== undefined && short >= min && short <= max) return short;
    return parseInteger(text, range);
  };
  return {
    ...rest,
    displayName,
    category: "N",
    input,
    output: String,
    compare: compareInt8 as (a: SqlValue, b: SqlValue) => number,
    hashKey: (value) => value as number | bigint,
    fromJs(value: unknown): SqlValue {
      if (typeof value === "number" && Number.isInteger(value)) {
        if (value < min || value > max) {
          throw textOutOfRange(displayName, BigInt(value).toString());
        }
        return Number.isSafeInteger(value)
          ? value + 0
          : normalizeInt8(BigInt(value));
      }
      if (typeof value === "bigint") {
        if (value < min || value > max) {
          throw textOutOfRange(displayName, String(value));
        }
        return normalizeInt8(value);
      }
      return input(textOfJs(value));
    },
    toJs: (value) => value,
  };
}

/** `smallint`. */
export const int2: DataType = integerType({
  oid: 21,
  name: "int2",
  displayName: "smallint",
  aliases: [],
  preferred: false,
  length: 2,
  storage: "int32",
  min: -32768,
  max: 32767,
});

/** `integer`. */
export const int4: DataType = integerType({
  oid: 23,
  name: "int4",
  displayName: "integer",
  aliases: ["int"],
  preferred: false,
  length: 4,
  storage: "int32",
  min: -2147483648,
  max: 2147483647,
});

/** `bigint`. */
export const int8: DataType = integerType({
  oid: 20,
  name: "int8",
  displayName: "bigint",
  aliases: [],
  preferred: false,
  length: 8,
  storage: "reference",
  min: INT8_MIN,
  max: INT8_MAX,
});

const oidBase = integerType({
  oid: 26,
  name: "oid",
  displayName: "oid",
  aliases: [],
  preferred: true,
  length: 4,
  storage: "float64",
  min: 0,
  max: 4294967295,
});

/** Decimal, hexadecimal or octal digits, as C's `strtoul` takes them. */
const UNSIGNED = /^([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/;

/**
 * Reads an unsigned integer of 32 or 64 bits as C does: negative text wraps
 * around.
 */
export function parseUnsigned(
  text: string,
  typeName: string,
  bits: 32 | 64,
): number | bigint {
  const match = UNSIGNED.exec(trimSpaces(text));
  if (match === null) throw invalidSyntax(typeName, text);
  const digits = match[2]!;
  const magnitude = BigInt(
    /^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits,
  );
  const value = match[1] === "-" ? -magnitude : magnitude;
  const min = bits === 32 ? -(2n ** 31n) : -(2n ** 64n) + 1n;
  if (value < min || value >= 2n ** BigInt(bits)) {
    throw textOutOfRange(typeName, text);
  }
  return normalizeInt8(BigInt.asUintN(bits, value));
}

function parseOid(text: string): number {
  return parseUnsigned(text, "oid", 32) as number;
}

/** `oid`: unsigned; negative text wraps around, as in PostgreSQL. */
export const oid: DataType = {
  ...oidBase,
  input: parseOid,
  fromJs: (value) =>
    typeof value === "number" || typeof value === "bigint"
      ? oidBase.fromJs(value)
      : parseOid(textOfJs(value)),
};
