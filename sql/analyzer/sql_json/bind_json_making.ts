/**
 * What makes and tests JSON: `JSON_OBJECT`, `JSON_ARRAY`, their aggregates,
 * `JSON`, `JSON_SCALAR`, `JSON_SERIALIZE`, `IS JSON`.
 *
 * What is made is `jsonb` if RETURNING says so, or says nothing and a part is
 * `jsonb`; else `json`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { FunctionDefinition } from "../../functions/registry.ts";
import {
  jsonArrayFunction,
  jsonObjectFunction,
  jsonScalarFunction,
  jsonTestFunction,
  jsonUniqueFunction,
} from "../../functions/json/sql_json/json_making.ts";
import type { CallSyntax, Expression } from "../../parser/expression_syntax.ts";
import { bytea } from "../../types/bytea_type.ts";
import type { DataType, TypeRef } from "../../types/data_type.ts";
import { json, jsonb } from "../../types/json_types.ts";
import { text } from "../../types/text_types.ts";
import { bindCall } from "../bind_call.ts";
import { type Binding, BOOLEAN } from "../binding.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { offsetOf } from "../coerce.ts";
import {
  type AggregateSyntax,
  type ArrayQuerySyntax,
  bindFormatted,
  callOf,
  type ConstructorSyntax,
  type ConversionSyntax,
  isJsonType,
  JSON_TYPE,
  returnedType,
  returnJson,
  type TestSyntax,
  type ValueSyntax,
} from "./json_values.ts";

function call(
  definition: FunctionDefinition,
  args: readonly BoundExpression[],
  type: TypeRef,
  offset: number,
): BoundExpression {
  return {
    kind: "call",
    function: definition,
    args,
    type,
    operator: undefined,
    offset,
  };
}

/** Whether `json` or `jsonb` is made. */
function madeType(
  returning: TypeRef | undefined,
  types: readonly DataType[],
): DataType {
  if (returning !== undefined) {
    return returning.type === jsonb ? jsonb : json;
  }
  return types.includes(jsonb) ? jsonb : json;
}

/** `JSON_OBJECT(…)`, `JSON_ARRAY(…)` */
export function bindJsonConstructor(
  binding: Binding,
  syntax: ConstructorSyntax,
): BoundExpression {
  const { form, members, absentOnNull, unique, offset } = syntax;
  const args = members.flatMap(({ key, value }) => {
    const bound = bindFormatted(binding, value, { byDefault: false });
    return key === undefined
      ? [bound]
      : [binding.coercer.settleUnknown(binding.bind(key)), bound];
  });
  const returning = syntax.returning === undefined
    ? undefined
    : returnedType(binding, syntax.returning);
  const types = args.map((arg) => arg.type.type);
  const target = madeType(returning, types);
  const making = { target, absentOnNull, unique };
  const definition = form === "object"
    ? jsonObjectFunction(types, making)
    : jsonArrayFunction(types, making);
  const made = call(definition, args, { type: target, typmod: -1 }, offset);
  return returnJson(binding, made, returning);
}

/** `JSON_ARRAY(query)` */
export function bindJsonArrayQuery(
  binding: Binding,
  { query, aggregated, offset }: ArrayQuerySyntax,
): BoundExpression {
  const scalar = {
    kind: "subquery",
    form: "scalar",
    left: undefined,
    operator: "=",
    isIn: false,
    offset,
  } as const;
  // The first one only says what is wrong with the query itself.
  binding.bind({ ...scalar, query });
  return binding.bind({ ...scalar, query: aggregated });
}

/** `JSON_OBJECTAGG(…)`, `JSON_ARRAYAGG(…)` */
export function bindJsonAggregate(
  binding: Binding,
  syntax: AggregateSyntax,
): BoundExpression {
  const { member: { key, value }, form, offset } = syntax;
  const args: Expression[] = key === undefined ? [] : [key];
  args.push(value.value);
  const types = args.map((arg) =>
    binding.within(binding.place, true, arg).type.type
  );
  args[args.length - 1] = formattedSyntax(value, types.at(-1)!);
  const returning = syntax.returning === undefined
    ? undefined
    : returnedType(binding, syntax.returning);
  const target = madeType(returning, types);
  const name = form === "array"
    ? `${target.name}_agg${syntax.absentOnNull ? "_strict" : ""}`
    : `${target.name}_object_agg${syntax.unique ? "_unique" : ""}${
      syntax.absentOnNull ? "_strict" : ""
    }`;
  const aggregate: CallSyntax = {
    kind: "call",
    schema: undefined,
    name,
    args: args.map((arg) => settled(arg)),
    star: false,
    distinct: false,
    orderBy: syntax.orderBy,
    withinGroup: false,
    filter: syntax.filter,
    over: syntax.over,
    offset,
  };
  return returnJson(binding, bindCall(binding, aggregate), returning);
}

/** A literal as a text. */
function settled(value: Expression): Expression {
  if (value.kind !== "constant" || value.literal.form !== "string") {
    return value;
  }
  return castSyntax(value, "text");
}

function castSyntax(operand: Expression, name: string): Expression {
  const type = { schema: "pg_catalog", name, modifiers: [], offset: -1 };
  return { kind: "cast", operand, type, offset: operand.offset };
}

/** `value FORMAT JSON` within an aggregate. */
function formattedSyntax(
  { value, isFormatted, formatOffset }: ValueSyntax,
  type: DataType,
): Expression {
  if (!isFormatted || isJsonType(type)) return value;
  if (type.category === "S" || type.category === "X") {
    return castSyntax(value, "json");
  }
  throw new SqlError(
    "42804",
    "cannot use non-string types with explicit FORMAT JSON clause",
    { offset: formatOffset },
  );
}

/** `value IS JSON …` */
export function bindJsonTest(
  binding: Binding,
  { value, form, unique, offset }: TestSyntax,
): BoundExpression {
  const bound = binding.coercer.settleUnknown(binding.bind(value));
  const { type } = bound.type;
  const test = { form, unique };
  if (isJsonType(type)) {
    return call(jsonTestFunction(type, test), [bound], BOOLEAN, offset);
  }
  if (type !== bytea && type.category !== "S") {
    throw new SqlError(
      "42804",
      `cannot use type ${type.displayName} in IS JSON predicate`,
    );
  }
  const plain = { isFormatted: false, encoding: undefined, formatOffset: -1 };
  const textual = type === bytea
    ? callOf(binding, "convert_from", [
      bound,
      binding.coercer.settleUnknown(binding.bind(UTF8)),
    ], offset)
    : bindFormatted(binding, { value, ...plain }, { byDefault: false }, bound);
  const operand = binding.coercer.implicit(textual, text);
  return call(jsonTestFunction(text, test), [operand], BOOLEAN, offset);
}

const UTF8: Expression = {
  kind: "constant",
  literal: { form: "string", text: "UTF8" },
  offset: -1,
};

/** `JSON(…)`, `JSON_SCALAR(…)`, `JSON_SERIALIZE(…)` */
export function bindJsonConversion(
  binding: Binding,
  syntax: ConversionSyntax,
): BoundExpression {
  const { form, input, unique, offset } = syntax;
  if (form === "serialize") return bindSerialize(binding, syntax);
  if (form === "scalar") {
    const value = binding.coercer.settleUnknown(binding.bind(input.value));
    if (isJsonType(value.type.type)) {
      return returnJson(binding, value, JSON_TYPE);
    }
    const definition = jsonScalarFunction(value.type.type);
    return call(definition, [value], JSON_TYPE, offset);
  }
  if (!unique) {
    return bindFormatted(binding, input, {
      byDefault: true,
      target: JSON_TYPE,
    });
  }
  const value = binding.coercer.settleUnknown(binding.bind(input.value));
  if (value.type.type !== text) {
    throw new SqlError(
      "42804",
      "cannot use non-string types with WITH UNIQUE KEYS clause",
      { offset },
    );
  }
  return call(jsonUniqueFunction, [value], JSON_TYPE, offset);
}

function bindSerialize(
  binding: Binding,
  { input, returning }: ConversionSyntax,
): BoundExpression {
  const value = bindFormatted(binding, input, { byDefault: true });
  const target = returning === undefined
    ? { type: text, typmod: -1 }
    : returnedType(binding, returning);
  const { type } = target;
  if (type !== bytea && type.category !== "S") {
    throw new SqlError(
      "42804",
      `cannot use type ${type.displayName} in RETURNING clause of JSON_SERIALIZE()`,
      {
        hint: "Try returning a string type or bytea.",
        offset: offsetOf(value),
      },
    );
  }
  return returnJson(binding, value, target);
}
