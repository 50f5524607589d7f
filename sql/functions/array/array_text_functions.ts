/**
 * `array_to_string`, `array_to_json`, `string_to_array`.
 *
 * @module
 */
import { SqlArray } from "../../types/array/array_value.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { json } from "../../types/json_types.ts";
import { anyArray } from "../../types/pseudo_types.ts";
import { textArray } from "../../types/text_array_type.ts";
import { text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { arrayTextOf } from "../json/json_build.ts";
import { polymorphicTo } from "./array_define.ts";

/** The elements' texts with `delimiter` between; NULLs as `nullText`, if any. */
function join(
  element: DataType,
  { elements }: SqlArray,
  delimiter: string,
  nullText: Nullable,
  { datetime }: FunctionContext,
): string {
  const texts: string[] = [];
  for (const item of elements) {
    if (item !== null) texts.push(element.output(item, datetime));
    else if (nullText !== null) texts.push(nullText as string);
  }
  return texts.join(delimiter);
}

function split(value: string, delimiter: Nullable): string[] {
  if (value === "") return [];
  if (delimiter === null) return [...value];
  return delimiter === "" ? [value] : value.split(delimiter as string);
}

function jsonFunction(declared: readonly DataType[]): FunctionDefinition {
  return polymorphicTo(
    "array_to_json",
    declared,
    json,
    ([type]) => ([array, pretty], { datetime }) =>
      arrayTextOf(type!.element!, datetime, pretty === true)(array!),
    { volatility: "stable" },
  );
}

function splitFunction(types: readonly DataType[]): FunctionDefinition {
  return define(
    "string_to_array",
    types,
    textArray,
    ([value, delimiter, nullText]) => {
      if (value === null) return null;
      const parts = split(value as string, delimiter!);
      return SqlArray.of(
        nullText === undefined || nullText === null
          ? parts
          : parts.map((part) => part === nullText ? null : part),
      );
    },
    { strict: false },
  );
}

/** Functions between arrays and texts. */
export const arrayTextFunctions: readonly FunctionDefinition[] = [
  polymorphicTo(
    "array_to_string",
    [anyArray, text],
    text,
    ([type]) => ([array, delimiter], context) =>
      join(
        type!.element!,
        array as SqlArray,
        delimiter as string,
        null,
        context,
      ),
    { volatility: "stable" },
  ),
  polymorphicTo(
    "array_to_string",
    [anyArray, text, text],
    text,
    ([type]) => ([array, delimiter, nullText], context) =>
      array === null || delimiter === null ? null : join(
        type!.element!,
        array as SqlArray,
        delimiter as string,
        nullText!,
        context,
      ),
    { volatility: "stable", strict: false },
  ),
  jsonFunction([anyArray]),
  jsonFunction([anyArray, bool]),
  splitFunction([text, text]),
  splitFunction([text, text, text]),
];
