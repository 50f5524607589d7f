/**
 * `boolean`. Its input takes unambiguous beginnings of `true`, `false`, `yes`,
 * `no`, `on` and `off` in any case, and `1` and `0`.
 *
 * @module
 */
import type { DataType, SqlValue } from "./data_type.ts";
import { textOfJs } from "./js_value.ts";
import { trimSpaces } from "./numeric.ts";
import { invalidSyntax } from "./type_error.ts";

/** Reads a boolean, or `undefined` if the text is none. */
export function parseBool(text: string): boolean | undefined {
  switch (trimSpaces(text).toLowerCase()) {
    case "t":
    case "tr":
    case "tru":
    case "true":
    case "y":
    case "ye":
    case "yes":
    case "on":
    case "1":
      return true;
    case "f":
    case "fa":
    case "fal":
    case "fals":
    case "false":
    case "n":
    case "no":
    case "of":
    case "off":
    case "0":
      return false;
    default:
      return undefined;
  }
}

function input(text: string): boolean {
  const value = parseBool(text);
  if (value === undefined) throw invalidSyntax("boolean", text);
  return value;
}

/** `boolean`. */
export const bool: DataType = {
  oid: 16,
  name: "bool",
  displayName: "boolean",
  category: "B",
  preferred: true,
  length: 1,
  storage: "boolean",
  input,
  output: (value) => value === true ? "t" : "f",
  compare: (a: SqlValue, b: SqlValue): number => Number(a) - Number(b),
  hashKey: (value) => value as boolean,
  fromJs: (value) =>
    typeof value === "boolean" ? value : input(textOfJs(value)),
  toJs: (value) => value,
};
