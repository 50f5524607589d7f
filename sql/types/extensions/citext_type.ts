/**
 * `citext`, the type of the extension of that name: text whose case does not
 * count when it is compared.
 *
 * Values are kept as they were given. Their order, and so their place in
 * indexes, is that of the texts in lower case.
 *
 * @module
 */
import { bool } from "../bool_type.ts";
import type { CastDefinition } from "../cast_definition.ts";
import type { DataType, SqlValue } from "../data_type.ts";
import { inet, networkText } from "../network/network_types.ts";
import { compareText } from "../text_order.ts";
import { bpchar, text, trimBlanks, varchar } from "../text_types.ts";

/** The text that stands for all that are equal to a `citext`. */
export function foldCase(value: string): string {
  return value.toLowerCase();
}

/** `citext`. */
export const citext: DataType = {
  ...text,
  oid: 15001,
  name: "citext",
  displayName: "citext",
  extension: "citext",
  preferred: false,
  compare: (a: SqlValue, b: SqlValue): number =>
    a === b ? 0 : compareText(foldCase(a as string), foldCase(b as string)),
  hashKey: (value) => foldCase(value as string),
};

/** Casts between `citext` and other texts that are not by way of output. */
export const citextCasts: readonly CastDefinition[] = [
  { source: citext, target: text, context: "implicit" },
  { source: citext, target: varchar, context: "implicit" },
  {
    source: bpchar,
    target: citext,
    context: "assignment",
    convert: (value) => trimBlanks(value as string),
  },
  {
    source: bool,
    target: citext,
    context: "assignment",
    convert: (value) => value === true ? "true" : "false",
  },
  {
    source: inet,
    target: citext,
    context: "assignment",
    convert: (value) => networkText(value as Uint8Array),
  },
];
