/**
 * `"char"`: one byte of text, as the tables of the catalog have it; nothing to
 * do with `char(n)`. A value is its text: a character of ASCII, or a backslash
 * and three octal digits.
 *
 * @module
 */
import { utf8Encode } from "../../base/bytes.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { CastDefinition } from "./cast_definition.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { int4 } from "./int_types.ts";
import { textOfJs } from "./js_value.ts";
import { bpchar, checkText, text, varchar } from "./text_types.ts";

/** A byte as a value: what is no character of ASCII is in octal digits. */
export function charOfByte(byte: number): string {
  if (byte === 0) return "";
  return byte < 128
    ? String.fromCharCode(byte)
    : `\\${byte.toString(8).padStart(3, "0")}`;
}

/** The byte that a value is. */
export function byteOfChar(value: string): number {
  return value.length === 4
    ? parseInt(value.slice(1), 8)
    : value === ""
    ? 0
    : value.charCodeAt(0);
}

/** The first byte, or the one in octal digits behind a backslash. */
function firstByte(value: string): string {
  checkText(value);
  if (/^\\[0-7]{3}$/.test(value)) return charOfByte(byteOfChar(value) & 255);
  const first = value.codePointAt(0);
  if (first === undefined) return "";
  return charOfByte(utf8Encode(String.fromCodePoint(first))[0]!);
}

function charOfInteger(value: number): string {
  if (value >= -128 && value <= 127) return charOfByte(value & 255);
  throw new SqlError("22003", '"char" out of range');
}

/** `"char"`. */
export const charType: DataType = {
  oid: 18,
  name: "char",
  displayName: '"char"',
  category: "Z",
  preferred: false,
  length: 1,
  storage: "reference",
  input: firstByte,
  output: (value) => value as string,
  compare: (a: SqlValue, b: SqlValue): number =>
    byteOfChar(a as string) - byteOfChar(b as string),
  hashKey: (value) => value as string,
  fromJs: (value) => firstByte(textOfJs(value)),
  toJs: (value) => value,
};

/** Casts from and to `"char"`. */
export const charCasts: readonly CastDefinition[] = [
  {
    source: charType,
    target: int4,
    context: "explicit",
    convert: (value) => byteOfChar(value as string) << 24 >> 24,
  },
  {
    source: int4,
    target: charType,
    context: "explicit",
    convert: (value) => charOfInteger(value as number),
  },
  { source: charType, target: text, context: "implicit" },
  ...[varchar, bpchar].map((target): CastDefinition => ({
    source: charType,
    target,
    context: "assignment",
  })),
  ...[text, varchar, bpchar].map((source): CastDefinition => ({
    source,
    target: charType,
    context: "assignment",
    convert: (value) => firstByte(value as string),
  })),
];
