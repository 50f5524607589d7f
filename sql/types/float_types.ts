/**
 * `float4` and `float8`. NaN equals itself and is greater than everything else;
 * -0 equals 0.
 *
 * @module
 */
import {
  formatFloat32,
  parseFloat32,
} from "../../vector/types/float32_text.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { formatFloat8 } from "./float_text.ts";
import { textOfJs } from "./js_value.ts";
import { trimSpaces } from "./numeric.ts";
import { invalidSyntax } from "./type_error.ts";
import { SqlError } from "../errors/sql_error.ts";

/** Orders two floats as PostgreSQL does. */
export function compareFloat(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a === b) return 0;
  const aIsNaN = a !== a;
  const bIsNaN = b !== b;
  return aIsNaN === bIsNaN ? 0 : aIsNaN ? 1 : -1;
}

/** The longest number at the start of a text, as C's `strtod` takes it. */
const NUMBER =
  /^[+-]?(?:inf(?:inity)?|nan|0x(?:[0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p[+-]?\d+)?|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)/i;
const HEX =
  /^([+-]?)0x(?:([0-9a-f]+)\.?([0-9a-f]*)|\.([0-9a-f]+))(?:p([+-]?\d+))?$/i;

/** The nearest double to a text that {@linkcode NUMBER} took. */
function doubleOf(token: string): number {
  const hex = HEX.exec(token);
  if (hex !== null) {
    const fraction = hex[3] ?? hex[4] ?? "";
    const digits = (hex[2] ?? "") + fraction;
    const exponent = Number(hex[5] ?? 0) - 4 * fraction.length;
    const value = Number(`0x${digits}`) * 2 ** exponent;
    return hex[1] === "-" ? -value : value;
  }
  if (/nan/i.test(token)) return NaN;
  if (/inf/i.test(token)) return token[0] === "-" ? -Infinity : Infinity;
  return Number(token);
}

/** Whether the number of a text is finite and not zero. */
function isOrdinary(token: string): boolean {
  if (/inf|nan/i.test(token)) return false;
  return /^[+-]?0x/i.test(token)
    ? /x[^p]*[1-9a-f]/i.test(token)
    : /^[^e]*[1-9]/i.test(token);
}

/**
 * Reads a float; `convert` makes the value of a number's text. A number out of
 * range is reported before anything behind it.
 */
function parseFloating(
  text: string,
  typeName: string,
  convert: (token: string) => number,
): number {
  const trimmed = trimSpaces(text);
  const token = NUMBER.exec(trimmed)?.[0];
  if (token === undefined) throw invalidSyntax(typeName, text);
  const value = convert(token);
  if ((value === 0 || !Number.isFinite(value)) && isOrdinary(token)) {
    throw notInRange(token, typeName);
  }
  if (token !== trimmed) throw invalidSyntax(typeName, text);
  return value;
}

function notInRange(token: string, typeName: string): SqlError {
  return new SqlError(
    "22003",
    `"${token}" is out of range for type ${typeName}`,
  );
}

function parseFloat8(text: string): number {
  return parseFloating(text, "double precision", doubleOf);
}

function parseFloat4(text: string): number {
  return parseFloating(text, "real", (token) => {
    const { value, overflow } = parseFloat32(token, 0);
    return overflow ? Infinity : value;
  });
}

/** The key of hash tables: -0 as 0. */
function hashKey(value: SqlValue): number {
  return (value as number) + 0;
}

const shared = {
  category: "N",
  storage: "float64",
  compare: compareFloat as (a: SqlValue, b: SqlValue) => number,
  hashKey,
  toJs: (value: SqlValue): unknown => value,
} as const;

/** `real`. */
export const float4: DataType = {
  ...shared,
  oid: 700,
  name: "float4",
  displayName: "real",
  preferred: false,
  length: 4,
  input: parseFloat4,
  output: (value) => formatFloat32(value as number),
  fromJs(value: unknown): SqlValue {
    if (typeof value === "number") {
      const rounded = Math.fround(value);
      if (
        (!Number.isFinite(rounded) && Number.isFinite(value)) ||
        (rounded === 0 && value !== 0)
      ) {
        throw notInRange(String(value), "real");
      }
      return rounded;
    }
    return parseFloat4(textOfJs(value));
  },
};

/** `double precision`. */
export const float8: DataType = {
  ...shared,
  oid: 701,
  name: "float8",
  displayName: "double precision",
  aliases: ["float"],
  preferred: true,
  length: 8,
  input: parseFloat8,
  output: (value) => formatFloat8(value as number),
  fromJs: (value) =>
    typeof value === "number" ? value : parseFloat8(textOfJs(value)),
};
