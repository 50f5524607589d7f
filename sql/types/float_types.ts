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

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const HEX =
  /^([+-]?)0[xX](?:([0-9a-fA-F]+)\.?([0-9a-fA-F]*)|\.([0-9a-fA-F]+))(?:[pP]([+-]?\d+))?$/;
const SPECIAL = /^([+-]?)(?:infinity|inf)$/i;

/** A parsed text: the nearest double, and whether digits were all zero. */
interface ParsedFloat {
  readonly value: number;
  readonly special: boolean;
  readonly text: string;
}

function parseText(text: string, typeName: string): ParsedFloat {
  const trimmed = trimSpaces(text);
  if (DECIMAL.test(trimmed)) {
    return { value: Number(trimmed), special: false, text: trimmed };
  }
  const special = SPECIAL.exec(trimmed);
  if (special !== null) {
    const value = special[1] === "-" ? -Infinity : Infinity;
    return { value, special: true, text: trimmed };
  }
  if (/^[+-]?nan$/i.test(trimmed)) {
    return { value: NaN, special: true, text: trimmed };
  }
  const hex = HEX.exec(trimmed);
  if (hex === null) throw invalidSyntax(typeName, text);
  const fraction = hex[3] ?? hex[4] ?? "";
  const digits = (hex[2] ?? "") + fraction;
  const exponent = Number(hex[5] ?? 0) - 4 * fraction.length;
  const value = Number(`0x${digits}`) * 2 ** exponent;
  return {
    value: hex[1] === "-" ? -value : value,
    special: false,
    text: trimmed,
  };
}

/** Whether a text without value has a digit other than zero. */
function isNonZero(text: string): boolean {
  return /^[+-]?0[xX]/.test(text)
    ? /[xX][^pP]*[1-9a-fA-F]/.test(text)
    : /^[^eE]*[1-9]/.test(text);
}

function notInRange(text: string, typeName: string): SqlError {
  return new SqlError(
    "22003",
    `"${trimSpaces(text)}" is out of range for type ${typeName}`,
  );
}

function parseFloat8(text: string): number {
  const parsed = parseText(text, "double precision");
  const { value } = parsed;
  if (parsed.special) return value;
  if (!Number.isFinite(value) || (value === 0 && isNonZero(parsed.text))) {
    throw notInRange(text, "double precision");
  }
  return value;
}

function parseFloat4(text: string): number {
  const trimmed = trimSpaces(text);
  const { value, length, overflow } = parseFloat32(trimmed, 0);
  if (length === 0 || length !== trimmed.length) {
    throw invalidSyntax("real", text);
  }
  if (overflow || (value === 0 && isNonZero(trimmed))) {
    throw notInRange(text, "real");
  }
  return value;
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
