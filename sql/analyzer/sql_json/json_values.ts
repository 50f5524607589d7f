/**
 * What the expressions of SQL/JSON share: values with FORMAT, and RETURNING.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type {
  Expression,
  SelectSyntax,
  SortSyntax,
  TypeName,
  WindowSyntax,
} from "../../parser/expression_syntax.ts";
import type * as Json from "../../parser/json_syntax.ts";
import { bytea } from "../../types/bytea_type.ts";
import type { DataType, TypeRef } from "../../types/data_type.ts";
import { json, jsonb } from "../../types/json_types.ts";
import { text } from "../../types/text_types.ts";
import type { Binding } from "../binding.ts";
import { bindTypeName } from "../bind_type.ts";
import type { BoundExpression } from "../bound_expression.ts";
import { offsetOf } from "../coerce.ts";

/** `value [FORMAT JSON]` as it was written. */
export type ValueSyntax = Json.JsonValueSyntax<Expression>;
/** `RETURNING …` as it was written. */
export type ReturningSyntax = Json.JsonReturningSyntax<TypeName>;
/** ON ERROR or ON EMPTY as it was written. */
export type BehaviorSyntax = Json.JsonBehaviorSyntax<Expression>;
/** `PASSING …` as it was written. */
export type ArgumentSyntax = Json.JsonArgumentSyntax<Expression>;
/** What a path finds, as it was written. */
export type ResultSyntax = Json.JsonResultSyntax<Expression>;
/** A query function as it was written. */
export type QuerySyntax = Json.JsonQuerySyntax<Expression, TypeName>;
/** A constructor as it was written. */
export type ConstructorSyntax = Json.JsonConstructorSyntax<
  Expression,
  TypeName
>;
/** An aggregate as it was written. */
export type AggregateSyntax = Json.JsonAggregateSyntax<
  Expression,
  TypeName,
  SortSyntax,
  WindowSyntax
>;
/** `JSON_ARRAY(query)` as it was written. */
export type ArrayQuerySyntax = Json.JsonArrayQuerySyntax<SelectSyntax>;
/** IS JSON as it was written. */
export type TestSyntax = Json.JsonTestSyntax<Expression>;
/** A conversion as it was written. */
export type ConversionSyntax = Json.JsonConversionSyntax<Expression, TypeName>;
/** JSON_TABLE as it was written. */
export type TableSyntax = Json.JsonTableSyntax<Expression, TypeName>;
/** A column of JSON_TABLE as it was written. */
export type ColumnSyntax = Json.JsonColumnSyntax<Expression, TypeName>;

/** `json`, without a modifier. */
export const JSON_TYPE: TypeRef = { type: json, typmod: -1 };
/** `jsonb`, without a modifier. */
export const JSONB_TYPE: TypeRef = { type: jsonb, typmod: -1 };

/** Whether the type is `json` or `jsonb`. */
export function isJsonType(type: DataType): boolean {
  return type === json || type === jsonb;
}

/** A call of a function of the database by its name. */
export function callOf(
  binding: Binding,
  name: string,
  args: readonly BoundExpression[],
  offset: number,
): BoundExpression {
  const { function: definition, argumentTypes } = binding.state.options
    .functions.resolveFunction(
      name,
      args.map((arg) => arg.type.type),
      offset,
    );
  return {
    kind: "call",
    function: definition,
    args: args.map((arg, i) =>
      binding.coercer.implicit(arg, argumentTypes[i]!)
    ),
    type: { type: definition.returnType, typmod: -1 },
    operator: undefined,
    offset,
  };
}

function textConstant(value: string): BoundExpression {
  return {
    kind: "constant",
    type: { type: text, typmod: -1 },
    value,
    offset: -1,
  };
}

/** The text in bytes that are JSON in UTF-8. */
function textOfBytes(
  binding: Binding,
  value: BoundExpression,
): BoundExpression {
  const args = [value, textConstant("UTF8")];
  return callOf(binding, "convert_from", args, value.offset);
}

/**
 * A value with its format. Where it is to be JSON, `target` is what it becomes:
 * any type that can be cast to it may; without a target only text is JSON.
 */
export function bindFormatted(
  binding: Binding,
  syntax: ValueSyntax,
  wanted: { readonly byDefault: boolean; readonly target?: TypeRef },
  bound: BoundExpression = binding.bind(syntax.value),
): BoundExpression {
  const value = binding.coercer.settleUnknown(bound);
  const { type } = value.type;
  checkEncoding(syntax, type);
  const { target } = wanted;
  if (isJsonType(type)) {
    return target === undefined ? value : castTo(binding, value, target);
  }
  if (!syntax.isFormatted && !wanted.byDefault) return value;
  if (target === undefined && type !== bytea && type.category !== "S") {
    throw new SqlError(
      "42804",
      `cannot use non-string types with ${
        syntax.isFormatted ? "explicit" : "implicit"
      } FORMAT JSON clause`,
      { offset: syntax.isFormatted ? syntax.formatOffset : offsetOf(value) },
    );
  }
  const textual = type === bytea ? textOfBytes(binding, value) : value;
  return castTo(binding, textual, target ?? JSON_TYPE);
}

function checkEncoding(
  { encoding, formatOffset }: ValueSyntax,
  type: DataType,
): void {
  if (encoding === undefined) return;
  if (type !== bytea) {
    throw new SqlError(
      "42804",
      "JSON ENCODING clause is only allowed for bytea input type",
      { offset: formatOffset },
    );
  }
  requireUtf8(encoding, formatOffset);
}

function requireUtf8(encoding: string, offset: number): void {
  if (encoding === "utf8") return;
  throw new SqlError("0A000", "unsupported JSON encoding", {
    hint: "Only UTF8 JSON encoding is supported.",
    offset,
  });
}

/** A cast: explicit, but what is too long is not cut. */
export function castTo(
  binding: Binding,
  value: BoundExpression,
  target: TypeRef,
): BoundExpression {
  const context = target.typmod >= 0 && target.type.category === "S"
    ? "assignment"
    : "explicit";
  const cast = binding.coercer.coerce(value, target, { context });
  if (cast !== undefined) return cast;
  throw new SqlError(
    "42846",
    `cannot cast type ${value.type.type.displayName} to ${target.type.displayName}`,
    { offset: offsetOf(value) },
  );
}

/** The type that RETURNING names. */
export function returnedType(
  binding: Binding,
  syntax: ReturningSyntax,
): TypeRef {
  const target = bindTypeName(binding.state, syntax.type);
  const { encoding, formatOffset } = syntax;
  if (target.type.category === "P" && target.type.name !== "record") {
    throw new SqlError(
      "0A000",
      "returning pseudo-types is not supported in SQL/JSON functions",
    );
  }
  if (encoding !== undefined) {
    if (target.type !== bytea) {
      throw new SqlError(
        "0A000",
        "cannot set JSON encoding for non-bytea output types",
        { offset: formatOffset },
      );
    }
    requireUtf8(encoding, formatOffset);
  }
  return target;
}

/** JSON as the type that RETURNING names. */
export function returnJson(
  binding: Binding,
  value: BoundExpression,
  target: TypeRef | undefined,
): BoundExpression {
  if (target === undefined || target.type === value.type.type) return value;
  if (target.type !== bytea) return castTo(binding, value, target);
  const textual = castTo(binding, value, { type: text, typmod: -1 });
  const args = [textual, textConstant("UTF8")];
  return callOf(binding, "convert_to", args, value.offset);
}
