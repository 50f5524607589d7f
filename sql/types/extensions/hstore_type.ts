/**
 * `hstore`, the type of the extension of that name. A parameter may be an
 * object, or a `Map`, of texts and nulls.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { SqlArray } from "../array/array_value.ts";
import type { CastDefinition } from "../cast_definition.ts";
import type { DataType } from "../data_type.ts";
import { textOfJs } from "../js_value.ts";
import { canonicalObject, formatJson, JsonObject } from "../json_tree.ts";
import { json, jsonb } from "../json_types.ts";
import { textArray } from "../text_array_type.ts";
import { checkText } from "../text_types.ts";
import {
  compareHstores,
  formatHstore,
  type HstorePairs,
  pairsOf,
  readHstore,
} from "./hstore_value.ts";

function pairsOfJs(value: object): Map<string, string | null> {
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return new Map(
    entries.map(([key, item]): [string, string | null] => [
      checkText(textOfJs(key)),
      item === null || item === undefined ? null : checkText(textOfJs(item)),
    ]),
  );
}

/** `hstore`. */
export const hstore: DataType = {
  oid: 15003,
  name: "hstore",
  displayName: "hstore",
  extension: "hstore",
  category: "U",
  preferred: false,
  length: -1,
  storage: "reference",
  input: (text) => readHstore(checkText(text)),
  output: (value) => value as string,
  compare: (a, b) => compareHstores(a as string, b as string),
  hashKey: (value) => value as string,
  fromJs: (value) =>
    typeof value === "object" && value !== null &&
      !ArrayBuffer.isView(value) && !Array.isArray(value)
      ? formatHstore(pairsOfJs(value))
      : readHstore(checkText(textOfJs(value))),
  toJs: (value) => value,
};

/** The pairs of an array: `{key,value,…}`, or `{{key,value},…}`. */
export function pairsOfArray({ elements, dims }: SqlArray): HstorePairs {
  if (dims.length > 2) {
    throw new SqlError("2202E", "wrong number of array subscripts");
  }
  if (dims.length === 2 && dims[1] !== 2) {
    throw new SqlError("2202E", "array must have two columns");
  }
  if (elements.length % 2 !== 0) {
    throw new SqlError("2202E", "array must have even number of elements");
  }
  const pairs = new Map<string, string | null>();
  for (let i = 0; i < elements.length; i += 2) {
    const key = elements[i];
    if (key === null || key === undefined) throw nullKey();
    if (!pairs.has(key as string)) {
      pairs.set(key as string, elements[i + 1] as string | null);
    }
  }
  return pairs;
}

/** The error of a key that is NULL. */
export function nullKey(): SqlError {
  return new SqlError("22004", "null value not allowed for hstore key");
}

/** The members of a JSON object, in the order of the pairs. */
function jsonObjectOf(value: string): JsonObject {
  const pairs = pairsOf(value);
  return new JsonObject([...pairs.keys()], [...pairs.values()]);
}

/** The `json` of a value: all its values are strings. */
export function jsonOfHstore(value: string): string {
  return formatJson(jsonObjectOf(value));
}

/** The `jsonb` of a value. */
export function jsonbOfHstore(value: string): string {
  const { keys, values } = jsonObjectOf(value);
  return formatJson(canonicalObject([...keys], [...values]));
}

/** The casts from and to `hstore`. */
export const hstoreCasts: readonly CastDefinition[] = [
  {
    source: textArray,
    target: hstore,
    context: "explicit",
    convert: (value) => formatHstore(pairsOfArray(value as SqlArray)),
  },
  {
    source: hstore,
    target: json,
    context: "explicit",
    convert: (value) => jsonOfHstore(value as string),
  },
  {
    source: hstore,
    target: jsonb,
    context: "explicit",
    convert: (value) => jsonbOfHstore(value as string),
  },
];
