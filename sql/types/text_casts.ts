/**
 * Casts between types of text. A `bpchar` loses the blanks at its end on the
 * way to another type; a `name` is cut to 63 bytes.
 *
 * @module
 */
import { bool } from "./bool_type.ts";
import type { CastDefinition } from "./cast_definition.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import {
  bpchar,
  name,
  text,
  trimBlanks,
  truncateName,
  varchar,
} from "./text_types.ts";

const trimmed = (value: SqlValue): SqlValue => trimBlanks(value as string);
const asName = (value: SqlValue): SqlValue => truncateName(value as string);
const trimmedName = (value: SqlValue): SqlValue =>
  truncateName(trimBlanks(value as string));
const wordOfBool = (value: SqlValue): SqlValue =>
  value === true ? "true" : "false";

function fromBool(target: DataType): CastDefinition {
  return { source: bool, target, context: "assignment", convert: wordOfBool };
}

/** The casts between types of text. */
export const textCasts: readonly CastDefinition[] = [
  { source: text, target: varchar, context: "implicit" },
  { source: text, target: bpchar, context: "implicit" },
  { source: text, target: name, context: "implicit", convert: asName },
  { source: varchar, target: text, context: "implicit" },
  { source: varchar, target: bpchar, context: "implicit" },
  { source: varchar, target: name, context: "implicit", convert: asName },
  { source: bpchar, target: text, context: "implicit", convert: trimmed },
  { source: bpchar, target: varchar, context: "implicit", convert: trimmed },
  { source: bpchar, target: name, context: "implicit", convert: trimmedName },
  { source: name, target: text, context: "implicit" },
  { source: name, target: varchar, context: "assignment" },
  { source: name, target: bpchar, context: "assignment" },
  fromBool(text),
  fromBool(varchar),
  fromBool(bpchar),
];
