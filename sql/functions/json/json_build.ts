/**
 * JSON made of values of any type: `to_jsonb`, `jsonb_build_object`,
 * `jsonb_agg` and their `json` twins.
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
import { parseJson } from "../../types/json_text.ts";
import {
  canonicalObject,
  formatJson,
  type JsonNode,
  quoteJson,
} from "../../types/json_tree.ts";
import { json, jsonb } from "../../types/json_types.ts";
import { anyElement, anyType } from "../../types/pseudo_types.ts";
import { unknown } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type {
  AggregateDefinition,
  AggregateState,
  FunctionDefinition,
} from "../registry.ts";

/** JSON text of a value of `type`. */
function jsonTextOf(type: DataType): (value: SqlValue) => string {
  switch (type.name) {
    case "bool":
      return (value) => value === true ? "true" : "false";
    case "json":
    case "jsonb":
      return (value) => value as string;
    case "timestamp":
      return (value) => quoteJson(type.output(value).replace(" ", "T"));
    case "timestamptz":
      return (value) =>
        quoteJson(
          type.output(value).replace(" ", "T").replace("+00", "+00:00"),
        );
  }
  if (type.element !== undefined) return arrayTextOf(type.element);
  if (type.category === "N" && type.name !== "oid") {
    return (value) => {
      const output = type.output(value);
      return /^-?[\d.]/.test(output) ? output : quoteJson(output);
    };
  }
  return (value) => quoteJson(type.output(value));
}

/** An array as lists in lists, one a dimension. */
function arrayTextOf(element: DataType): (value: SqlValue) => string {
  const toText = nullable(element);
  return (value) => {
    const { dims, elements } = value as SqlArray;
    if (elements.length === 0) return "[]";
    let texts = elements.map(toText);
    for (let i = dims.length - 1; i >= 0; i--) {
      const size = dims[i]!;
      const lists: string[] = [];
      for (let at = 0; at < texts.length; at += size) {
        lists.push(`[${texts.slice(at, at + size).join(",")}]`);
      }
      texts = lists;
    }
    return texts[0]!;
  };
}

type ToText = (value: Nullable) => string;

function nullable(type: DataType): ToText {
  const toText = jsonTextOf(type);
  return (value) => value === null ? "null" : toText(value);
}

/** The key of an object's member: the value's JSON text without quotes. */
function keyOf(type: DataType, value: SqlValue): string {
  if (type === json || type === jsonb || type.category === "A") {
    throw new SqlError(
      "22023",
      "key value must be scalar, not array, composite, or json",
    );
  }
  const textual = jsonTextOf(type)(value);
  return textual.startsWith('"') ? parseJson(textual) as string : textual;
}

function checkKnown(type: DataType): void {
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
      const toText = jsonTextOf(type!);
      const form = target === jsonb
        ? (value: SqlValue): string => formatJson(parseJson(toText(value)))
        : toText;
      return define(name, types, target, ([value]) => form(value!), {
        volatility: "stable",
      });
    },
  };
}

/** How text is put together: `json` keeps blanks that `jsonb` does not know. */
function finishText(target: DataType, textual: string): string {
  return target === jsonb ? formatJson(parseJson(textual)) : textual;
}

/** A function of any number of values. */
function builder(
  name: string,
  target: DataType,
  build: (types: readonly DataType[], args: readonly Nullable[]) => string,
): FunctionDefinition[] {
  const options = { strict: false, volatility: "stable" } as const;
  return [
    define(name, [], target, () => build([], []), options),
    {
      ...define(name, [anyType], target, () => null, {
        ...options,
        variadic: true,
      }),
      specialize: (types) =>
        define(name, types, target, (args) => build(types, args), options),
    },
  ];
}

function buildObject(name: string, target: DataType): FunctionDefinition[] {
  return builder(name, target, (types, args) => {
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
      const key = keyOf(types[i]!, given);
      const value = nullable(types[i + 1]!)(args[i + 1]!);
      members.push(`${quoteJson(key)} : ${value}`);
    }
    return finishText(target, `{${members.join(", ")}}`);
  });
}

function buildArray(name: string, target: DataType): FunctionDefinition[] {
  return builder(name, target, (types, args) => {
    const items = args.map((value, i) => nullable(types[i]!)(value));
    return finishText(target, `[${items.join(", ")}]`);
  });
}

class ArrayState implements AggregateState {
  readonly #toText: ToText;
  readonly #target: DataType;
  readonly #isStructured: boolean;
  readonly #items: string[] = [];

  constructor(type: DataType, target: DataType) {
    this.#isStructured = type.category === "A" || type.category === "C" ||
      type.name === "record";
    this.#toText = nullable(type);
    this.#target = target;
  }

  step(args: readonly Nullable[]): void {
    const [value] = args;
    // Arrays and rows begin a line each, but for the first.
    const isOwnLine = this.#isStructured && value !== null &&
      this.#items.length > 0;
    this.#items.push((isOwnLine ? "\n " : "") + this.#toText(value!));
  }

  finish(): Nullable {
    if (this.#items.length === 0) return null;
    return finishText(this.#target, `[${this.#items.join(", ")}]`);
  }
}

class ObjectState implements AggregateState {
  readonly #keyType: DataType;
  readonly #toText: ToText;
  readonly #target: DataType;
  readonly #keys: string[] = [];
  readonly #values: string[] = [];

  constructor(types: readonly DataType[], target: DataType) {
    this.#keyType = types[0]!;
    this.#toText = nullable(types[1]!);
    this.#target = target;
  }

  step(args: readonly Nullable[]): void {
    const [key, value] = args;
    if (key === null) {
      throw this.#target === jsonb
        ? new SqlError("22023", "field name must not be null")
        : new SqlError("22004", "null value not allowed for object key");
    }
    this.#keys.push(keyOf(this.#keyType, key!));
    this.#values.push(this.#toText(value!));
  }

  finish(): Nullable {
    if (this.#keys.length === 0) return null;
    if (this.#target === jsonb) {
      const values = this.#values.map((value): JsonNode => parseJson(value));
      return formatJson(canonicalObject(this.#keys, values));
    }
    const members = this.#keys.map((key, i) =>
      `${quoteJson(key)} : ${this.#values[i]}`
    );
    return `{ ${members.join(", ")} }`;
  }
}

function arrayAggregate(name: string, target: DataType): AggregateDefinition {
  const base = {
    name,
    argumentTypes: [anyElement],
    returnType: target,
    strict: false,
  };
  return {
    ...base,
    create: () => new ArrayState(unknown, target),
    specialize([type]): AggregateDefinition {
      checkKnown(type!);
      return {
        ...base,
        argumentTypes: [type!],
        create: () => new ArrayState(type!, target),
      };
    },
  };
}

function objectAggregate(name: string, target: DataType): AggregateDefinition {
  const base = {
    name,
    argumentTypes: [anyType, anyType],
    returnType: target,
    strict: false,
  };
  return {
    ...base,
    create: () => new ObjectState([unknown, unknown], target),
    specialize: (types) => ({
      ...base,
      argumentTypes: types,
      create: () => new ObjectState(types, target),
    }),
  };
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

/** Aggregates that make JSON. */
export const jsonAggregates: readonly AggregateDefinition[] = [
  arrayAggregate("jsonb_agg", jsonb),
  arrayAggregate("json_agg", json),
  objectAggregate("jsonb_object_agg", jsonb),
  objectAggregate("json_object_agg", json),
];
