/**
 * `jsonb`, kept as its canonical text, and `json`, kept as the text given.
 *
 * A parameter that is a string is JSON text; any other JavaScript value is
 * turned into JSON. A result is what `JSON.parse` makes of it, so that numbers
 * beyond doubles lose digits there (as with node-postgres): `x::text` has them.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { checkJson, parseJson } from "./json_text.ts";
import { compareJson, formatJson, hashFormOfJson } from "./json_tree.ts";
import { checkText } from "./text_types.ts";

/** A JavaScript value as JSON text; strings are JSON text already. */
function jsonOfJs(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return String(value);
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new SqlError("22023", "cannot write a parameter as JSON", { cause });
  }
  if (text === undefined) {
    throw new SqlError(
      "22023",
      `cannot use a ${typeof value} as a parameter`,
    );
  }
  return text;
}

function canonical(text: string): string {
  return formatJson(parseJson(checkText(text)));
}

/** `jsonb`. */
export const jsonb: DataType = {
  oid: 3802,
  name: "jsonb",
  displayName: "jsonb",
  category: "U",
  preferred: false,
  length: -1,
  storage: "reference",
  input: canonical,
  output: (value) => value as string,
  compare: (a: SqlValue, b: SqlValue): number =>
    a === b ? 0 : compareJson(parseJson(a as string), parseJson(b as string)),
  hashKey: (value) => hashFormOfJson(parseJson(value as string)),
  fromJs: (value) => canonical(jsonOfJs(value)),
  toJs: (value) => JSON.parse(value as string),
};

function checked(text: string): string {
  checkJson(checkText(text));
  return text;
}

/** `json`: without comparison in SQL; ordered by its text here. */
export const json: DataType = {
  oid: 114,
  name: "json",
  displayName: "json",
  category: "U",
  preferred: false,
  length: -1,
  storage: "reference",
  comparable: false,
  input: checked,
  output: (value) => value as string,
  compare: (a: SqlValue, b: SqlValue): number => a < b ? -1 : a > b ? 1 : 0,
  hashKey: (value) => value as string,
  fromJs: (value) => checked(jsonOfJs(value)),
  toJs: (value) => JSON.parse(value as string),
};
