/**
 * JSON made of values of any type: `to_jsonb`, `jsonb_build_object` and their
 * `json` twins.
 *
 * Booleans and numbers become themselves, JSON stays JSON, dates and times
 * become ISO text (`T` between date and time), everything else its text form.
 * NaN and infinities are no JSON numbers and become strings.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { SqlArray } from "../../types/array/array_value.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import type { DateTimeSettings } from "../../types/datetime_settings.ts";
import { parseJson } from "../../types/json_text.ts";
import { formatJson, quoteJson } from "../../types/json_tree.ts";
import { jsonOfHstore } from "../../types/extensions/hstore_type.ts";
import { json, jsonb } from "../../types/json_types.ts";
import { anyElement, anyType } from "../../types/pseudo_types.ts";
import { isRowType } from "../../types/row/row_type.ts";
import type { SqlRow } from "../../types/row/row_value.ts";
import { unknown } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

/** How dates look, which JSON of dates follows in its time zone. */
export type Settings = DateTimeSettings | undefined;

/** How dates and times look in JSON: ISO 8601, whatever DateStyle says. */
function isoText(
  type: DataType,
  settings: Settings,
): (value: SqlValue) => string {
  const iso = settings && { ...settings, dateStyle: "ISO" as const };
  return (value: SqlValue): string => type.output(value, iso);
}

/** JSON text of a value of `type`. */
function jsonTextOf(
  type: DataType,
  settings: Settings,
): (value: SqlValue) => string {
  switch (type.name) {
    case "bool":
      return (value) => value === true ? "true" : "false";
    case "json":
    case "jsonb":
      return (value) => value as string;
    case "hstore":
      return (value) => jsonOfHstore(value as string);
    case "date": {
      const output = isoText(type, settings);
      return (value) => quoteJson(output(value));
    }
    case "timestamp": {
      const output = isoText(type, settings);
      return (value) => quoteJson(output(value).replace(" ", "T"));
    }
    case "timestamptz": {
      const output = isoText(type, settings);
      return (value) =>
        quoteJson(
          output(value).replace(" ", "T")
            .replace(/([+-]\d\d)(?=$| BC)/, "$1:00"),
        );
    }
  }
  if (type.element !== undefined) return arrayTextOf(type.element, settings);
  if (isRowType(type)) return (value) => rowTextOf(value, settings);
  if (type.category === "N" && type.name !== "oid") {
    return (value) => {
      const output = type.output(value);
      return /^-?[\d.]/.test(output) ? output : quoteJson(output);
    };
  }
  return (value) => quoteJson(type.output(value, settings));
}

/** A row as an object of its fields, each on a line where `pretty`. */
export function rowTextOf(
  value: SqlValue,
  settings: DateTimeSettings | undefined,
  pretty = false,
): string {
  const { fields, values } = value as SqlRow;
  const members = fields.map(({ name, type }, i) => {
    const item = values[i]!;
    return `${quoteJson(name)}:${
      item === null ? "null" : jsonTextOf(type.type, settings)(item)
    }`;
  });
  return `{${members.join(pretty ? ",\n " : ",")}}`;
}

/**
 * An array as lists in lists, one a dimension; the items of the outer one each
 * on a line where `pretty`.
 */
export function arrayTextOf(
  element: DataType,
  settings: DateTimeSettings | undefined,
  pretty = false,
): (value: SqlValue) => string {
  const toText = nullable(element, settings);
  return (value) => {
    const { dims, elements } = value as SqlArray;
    if (elements.length === 0) return "[]";
    let texts = elements.map(toText);
    for (let i = dims.length - 1; i >= 0; i--) {
      const size = dims[i]!;
      const lists: string[] = [];
      for (let at = 0; at < texts.length; at += size) {
        const separator = pretty && i === 0 ? ",\n " : ",";
        lists.push(`[${texts.slice(at, at + size).join(separator)}]`);
      }
      texts = lists;
    }
    return texts[0]!;
  };
}

/** Makes JSON text of a value, NULL included. */
export type ToText = (value: Nullable) => string;

/** What makes JSON text of values of a type. */
export function nullable(type: DataType, settings: Settings): ToText {
  const toText = jsonTextOf(type, settings);
  return (value) => value === null ? "null" : toText(value);
}

/** The key of an object's member: the value's JSON text without quotes. */
export function keyOf(
  type: DataType,
  value: SqlValue,
  settings: Settings,
): string {
  if (
    type === json || type === jsonb || type.category === "A" || isRowType(type)
  ) {
    throw new SqlError(
      "22023",
      "key value must be scalar, not array, composite, or json",
    );
  }
  const textual = jsonTextOf(type, settings)(value);
  return textual.startsWith('"') ? parseJson(textual) as string : textual;
}

/** @throws {SqlError} `42804` for a type that is open. */
export function checkKnown(type: DataType): void {
  if (type === unknown) {
    throw new SqlError(
      "42804",
      "could not determine polymorphic type because input has type unknown",
    );
  }
}

function converter(name: string, target: DataType): FunctionDefinition {
  return {
    ...define(name, [anyElement], target, () => null, { volatility: "stable" }),
    specialize(types): FunctionDefinition {
      const [type] = types;
      checkKnown(type!);
      return define(name, types, target, ([value], { datetime }) => {
        const toText = jsonTextOf(type!, datetime);
        return finishText(target, toText(value!));
      }, { volatility: "stable" });
    },
  };
}

/** How text is put together: `json` keeps blanks that `jsonb` does not know. */
export function finishText(target: DataType, textual: string): string {
  return target === jsonb ? formatJson(parseJson(textual)) : textual;
}

/** A function of any number of values. */
function builder(
  name: string,
  target: DataType,
  build: (
    types: readonly DataType[],
    args: readonly Nullable[],
    settings: Settings,
  ) => string,
): FunctionDefinition[] {
  const options = { strict: false, volatility: "stable" } as const;
  return [
    define(name, [], target, () => build([], [], undefined), options),
    {
      ...define(name, [anyType], target, () => null, {
        ...options,
        variadic: true,
      }),
      specialize: (types) =>
        define(
          name,
          types,
          target,
          (args, { datetime }) => build(types, args, datetime),
          options,
        ),
    },
  ];
}

function buildObject(name: string, target: DataType): FunctionDefinition[] {
  return builder(name, target, (types, args, settings) => {
    if (args.length % 2 !== 0) {
      throw new SqlError(
        "22023",
        "argument list must have even number of elements",
        {
          hint: `The arguments of ${name}() must consist of alternating ` +
            "keys and values.",
        },
      );
    }
    const members: string[] = [];
    for (let i = 0; i < args.length; i += 2) {
      const given = args[i]!;
      if (given === null) {
        throw target === jsonb
          ? new SqlError("22023", `argument ${i + 1}: key must not be null`)
          : new SqlError("22004", "null value not allowed for object key");
      }
      const key = keyOf(types[i]!, given, settings);
      const value = nullable(types[i + 1]!, settings)(args[i + 1]!);
      members.push(`${quoteJson(key)} : ${value}`);
    }
    return finishText(target, `{${members.join(", ")}}`);
  });
}

function buildArray(name: string, target: DataType): FunctionDefinition[] {
  return builder(name, target, (types, args, settings) => {
    const items = args.map((value, i) => nullable(types[i]!, settings)(value));
    return finishText(target, `[${items.join(", ")}]`);
  });
}

/** Functions that make JSON. */
export const jsonBuildFunctions: readonly FunctionDefinition[] = [
  converter("to_jsonb", jsonb),
  converter("to_json", json),
  ...buildObject("jsonb_build_object", jsonb),
  ...buildObject("json_build_object", json),
  ...buildArray("jsonb_build_array", jsonb),
  ...buildArray("json_build_array", json),
];
