/**
 * `"char"`: one byte of text, as the tables of the catalog have it; nothing to
 * do with `char(n)`.
 *
 * @module
 */
import type { CastDefinition } from "./cast_definition.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { textOfJs } from "./js_value.ts";
import { compareText } from "./text_order.ts";
import { bpchar, checkText, text, varchar } from "./text_types.ts";

/** The first character, where it is one byte; PostgreSQL keeps its first byte. */
function firstByte(value: string): string {
  return checkText(value).slice(0, 1);
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
  compare: compareText as (a: SqlValue, b: SqlValue) => number,
  hashKey: (value) => value as string,
  fromJs: (value) => firstByte(textOfJs(value)),
  toJs: (value) => value,
};

/** Casts from and to `"char"`. */
export const charCasts: readonly CastDefinition[] = [
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
