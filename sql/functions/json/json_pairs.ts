/**
 * JSON made of texts (`json_object`), and JSON without its nulls
 * (`json_strip_nulls`, whose `jsonb` twin is in `json_change.ts`);
 * `jsonb_set_lax`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { SqlArray } from "../../types/array/array_value.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import {
  elementSlices,
  memberSlices,
  type Slice,
  wholeSlice,
} from "../../types/json_slice.ts";
import { parseJson } from "../../types/json_text.ts";
import { formatJson, quoteJson } from "../../types/json_tree.ts";
import { json, jsonb } from "../../types/json_types.ts";
import { textArray } from "../../types/text_array_type.ts";
import { text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";
import { changeDocument } from "./json_change.ts";

function badShape(message: string): SqlError {
  return new SqlError("2202E", message);
}

/** `{a : 1}` of keys and values. */
function objectOf(
  target: DataType,
  keys: readonly Nullable[],
  values: readonly Nullable[],
): string {
  const members = keys.map((key, i) => {
    if (key === null) {
      throw new SqlError("22004", "null value not allowed for object key");
    }
    const value = values[i]!;
    const shown = value === null ? "null" : quoteJson(value as string);
    return `${quoteJson(key as string)} : ${shown}`;
  });
  const textual = `{${members.join(", ")}}`;
  return target === jsonb ? formatJson(parseJson(textual)) : textual;
}

/** Keys and values in turn, or side by side in a second dimension. */
function objectOfPairs(target: DataType, { dims, elements }: SqlArray): string {
  if (dims.length > 2) throw badShape("wrong number of array subscripts");
  if (dims.length === 1 && dims[0]! % 2 !== 0) {
    throw badShape("array must have even number of elements");
  }
  if (dims.length === 2 && dims[1] !== 2) {
    throw badShape("array must have two columns");
  }
  return objectOf(
    target,
    elements.filter((_, i) => i % 2 === 0),
    elements.filter((_, i) => i % 2 === 1),
  );
}

function objectOfLists(
  target: DataType,
  keys: SqlArray,
  values: SqlArray,
): string {
  if (keys.dims.length > 1 || keys.dims.length !== values.dims.length) {
    throw badShape("wrong number of array subscripts");
  }
  if (keys.elements.length !== values.elements.length) {
    throw badShape("mismatched array dimensions");
  }
  return objectOf(target, keys.elements, values.elements);
}

/** The text of a piece without blanks and without members that are null. */
function withoutNulls(source: string, slice: Slice, inArrays: boolean): string {
  const isNull = ({ start, end }: Slice): boolean =>
    source.slice(start, end) === "null";
  const elements = elementSlices(source, slice);
  if (elements !== undefined) {
    const kept = inArrays
      ? elements.filter((element) => !isNull(element))
      : elements;
    return `[${
      kept.map((element) => withoutNulls(source, element, inArrays)).join(",")
    }]`;
  }
  const members = memberSlices(source, slice);
  if (members === undefined) {
    const piece = source.slice(slice.start, slice.end);
    return piece.startsWith('"')
      ? quoteJson(parseJson(piece) as string)
      : piece;
  }
  return `{${
    members.filter(({ value }) => !isNull(value)).map(({ key, value }) =>
      `${quoteJson(key)}:${withoutNulls(source, value, inArrays)}`
    ).join(",")
  }}`;
}

function badTreatment(): SqlError {
  return new SqlError(
    "22023",
    'null_value_treatment must be "delete_key", "return_target", ' +
      '"use_json_null", or "raise_exception"',
  );
}

/** `jsonb_set` for a value that may be NULL. */
function setLax(args: readonly Nullable[]): Nullable {
  const [document, path, value, create = true, treatment = "use_json_null"] =
    args;
  if (document === null || path === null || create === null) return null;
  const change = (given: string): string =>
    changeDocument(document as string, path as SqlValue, {
      value: parseJson(given),
      create: create as boolean,
    }, "set path in");
  if (treatment === null) throw badTreatment();
  if (value !== null) return change(value as string);
  switch (treatment) {
    case "use_json_null":
      return change("null");
    case "return_target":
      return document!;
    case "delete_key":
      return changeDocument(
        document as string,
        path as SqlValue,
        { value: undefined, create: false },
        "delete path in",
      );
    case "raise_exception":
      throw new SqlError("22004", "JSON value must not be null", {
        detail: "Exception was raised because null_value_treatment is " +
          '"raise_exception".',
        hint: "To avoid, either change the null_value_treatment argument or " +
          "ensure that an SQL NULL is not passed.",
      });
    default:
      throw badTreatment();
  }
}

/** Functions of texts and nulls. */
export const jsonPairFunctions: readonly FunctionDefinition[] = [
  ...[json, jsonb].flatMap((type) => [
    define(
      `${type.name}_object`,
      [textArray],
      type,
      ([pairs]) => objectOfPairs(type, pairs as SqlArray),
    ),
    define(
      `${type.name}_object`,
      [textArray, textArray],
      type,
      ([keys, values]) =>
        objectOfLists(type, keys as SqlArray, values as SqlArray),
    ),
  ]),
  ...[[json], [json, bool]].map((types) =>
    define("json_strip_nulls", types, json, ([document, inArrays]) => {
      const source = document as string;
      return withoutNulls(source, wholeSlice(source), inArrays === true);
    })
  ),
  ...[
    [jsonb, textArray, jsonb],
    [jsonb, textArray, jsonb, bool],
    [jsonb, textArray, jsonb, bool, text],
  ].map((types) =>
    define("jsonb_set_lax", types, jsonb, setLax, { strict: false })
  ),
];
