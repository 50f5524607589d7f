/**
 * The parameters and the result of CREATE FUNCTION and CREATE PROCEDURE.
 *
 * @module
 */
import type {
  RoutineEntry,
  RoutineParameter,
} from "../../catalog/routine_entry.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { isPolymorphic } from "../../functions/polymorphism.ts";
import type {
  CreateRoutineSyntax,
  RoutineParameterSyntax,
} from "../../parser/syntax.ts";
import type { DataType, TypeRef } from "../../types/data_type.ts";
import {
  anyArray,
  anyType,
  triggerType,
  voidType,
} from "../../types/pseudo_types.ts";
import { record } from "../../types/row/row_type.ts";
import { formatType } from "../../types/type_registry.ts";
import { Coercer } from "../coerce.ts";
import { deparse } from "../deparse.ts";
import { ExpressionBinder } from "../expression_binder.ts";
import { Scope } from "../scope.ts";
import type { StatementState } from "../statement_state.ts";
import { bindRoutineType } from "./routine_type.ts";
import { toStored } from "./stored_type.ts";

/** What a routine is given, and gives. */
export interface BoundSignature
  extends Pick<RoutineEntry, "parameters" | "returns" | "returnsSet"> {
  /** All types in it. */
  readonly types: readonly TypeRef[];
}

/** `42P13` */
export function invalidDefinition(
  message: string,
  options: { readonly detail?: string; readonly hint?: string } = {},
): SqlError {
  return new SqlError("42P13", message, options);
}

/** Binds the parameters and the result. */
export function bindSignature(
  state: StatementState,
  syntax: CreateRoutineSyntax,
): BoundSignature {
  const bound = syntax.parameters.map((each) => bindParameter(state, each));
  refuseOrder(bound.map(({ parameter }) => parameter));
  const inputs = bound.filter(({ parameter: { mode } }) =>
    mode === "in" || mode === "inout" || mode === "variadic"
  ).map(({ type }) => type.type);
  const outputs = bound.filter(({ parameter: { mode } }) =>
    mode === "out" || mode === "inout" || mode === "table"
  ).map(({ type }) => type);
  const returns = resultOf(state, syntax, outputs);
  for (const { type } of [...outputs, returns]) requireKnown(type, inputs);
  const isTable = bound.some(({ parameter }) => parameter.mode === "table");
  return {
    parameters: bound.map(({ parameter }) => parameter),
    returns: toStored(returns),
    returnsSet: isTable || syntax.returns?.setOf === true,
    types: [returns, ...bound.map(({ type }) => type)],
  };
}

/** Parameters and their types, of what takes some and no more. */
export function bindParameters(
  state: StatementState,
  list: readonly RoutineParameterSyntax[],
): {
  readonly parameters: readonly RoutineParameter[];
  readonly types: readonly TypeRef[];
} {
  const bound = list.map((each) => bindParameter(state, each));
  return {
    parameters: bound.map(({ parameter }) => parameter),
    types: bound.map(({ type }) => type),
  };
}

function bindParameter(
  state: StatementState,
  syntax: RoutineParameterSyntax,
): { readonly parameter: RoutineParameter; readonly type: TypeRef } {
  const mode = syntax.mode === "default" ? "in" : syntax.mode;
  if (syntax.type.setOf) {
    throw invalidDefinition("functions cannot accept set arguments");
  }
  const type = parameterType(state, syntax);
  if (
    mode === "variadic" && type.type.element === undefined &&
    type.type !== anyArray && type.type !== anyType &&
    type.type.name !== "anycompatiblearray"
  ) throw invalidDefinition("VARIADIC parameter must be an array");
  if (type.type === voidType || type.type === triggerType) {
    throw invalidDefinition(
      `SQL functions cannot have arguments of type ${type.type.displayName}`,
    );
  }
  if (syntax.default !== undefined && (mode === "out" || mode === "table")) {
    throw invalidDefinition("only input parameters can have default values");
  }
  return {
    type,
    parameter: {
      name: syntax.name ?? "",
      mode,
      type: toStored({ type: type.type, typmod: -1 }),
      ...(syntax.default === undefined
        ? {}
        : { defaultSql: defaultText(state, syntax, type) }),
    },
  };
}

/** The type; PostgreSQL names one that is not there without quotes. */
function parameterType(
  state: StatementState,
  { type }: RoutineParameterSyntax,
): TypeRef {
  try {
    return bindRoutineType(state, type);
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== "42704") throw error;
    throw new SqlError("42704", error.message.replaceAll('"', ""));
  }
}

/** The text of a default, as a value of the parameter's type. */
function defaultText(
  state: StatementState,
  syntax: RoutineParameterSyntax,
  type: TypeRef,
): string {
  const coercer = new Coercer(state);
  const place = "DEFAULT expressions";
  const scope = new Scope([]);
  const bound = new ExpressionBinder({ state, coercer, scope, place })
    .bind(syntax.default!);
  if (isPolymorphic(type.type)) return deparse(coercer.settleUnknown(bound));
  const value = coercer.coerce(bound, type, { context: "assignment" });
  if (value !== undefined) return deparse(value);
  throw new SqlError(
    "42804",
    `argument of DEFAULT must be type ${
      formatType(type)
    }, not type ${bound.type.type.displayName}`,
  );
}

/** `42P13` for parameters in a wrong order, or of one name. */
function refuseOrder(parameters: readonly RoutineParameter[]): void {
  let hasVariadic = false;
  let hasDefault = false;
  const names = { given: new Set<string>(), got: new Set<string>() };
  for (const { mode, name, defaultSql } of parameters) {
    const isGiven = mode === "in" || mode === "inout" || mode === "variadic";
    if (isGiven) {
      if (hasVariadic) {
        throw invalidDefinition(
          "VARIADIC parameter must be the last input parameter",
        );
      }
      hasVariadic = mode === "variadic";
      if (defaultSql !== undefined) hasDefault = true;
      else if (hasDefault) {
        throw invalidDefinition(
          "input parameters after one with a default value must also have defaults",
        );
      }
    }
    if (name === "") continue;
    const groups = mode === "in" || mode === "variadic"
      ? [names.given]
      : mode === "inout"
      ? [names.given, names.got]
      : [names.got];
    const isTaken = mode === "table" || mode === "out"
      ? names.got.has(name) || names.given.has(name)
      : groups.some((group) => group.has(name)) || names.got.has(name);
    if (isTaken) {
      throw invalidDefinition(`parameter name "${name}" used more than once`);
    }
    for (const group of groups) group.add(name);
  }
}

/** The result: what is said, or what the parameters make. */
function resultOf(
  state: StatementState,
  syntax: CreateRoutineSyntax,
  outputs: readonly TypeRef[],
): TypeRef {
  const made: TypeRef | undefined = outputs.length === 0
    ? undefined
    : outputs.length === 1 && syntax.routine === "function"
    ? outputs[0]!
    : { type: record, typmod: -1 };
  if (syntax.routine === "procedure") {
    return made ?? { type: voidType, typmod: -1 };
  }
  const isTable = syntax.parameters.some(({ mode }) => mode === "table");
  if (syntax.returns === undefined || isTable) {
    if (made !== undefined) return made;
    throw invalidDefinition("function result type must be specified");
  }
  const written = bindRoutineType(state, syntax.returns);
  if (made !== undefined && made.type !== written.type) {
    throw invalidDefinition(
      `function result type must be ${
        formatType({ type: made.type, typmod: -1 })
      } because of OUT parameters`,
    );
  }
  return written;
}

/** `42P13` where nothing says what a polymorphic result is. */
export function requireKnown(
  type: DataType,
  inputs: readonly DataType[],
  what = "result data type",
): void {
  if (!isPolymorphic(type) || type === anyType) return;
  const compatible = type.name.startsWith("anycompatible");
  const ranged = /range$/.test(type.name);
  const isSource = (each: DataType): boolean =>
    isPolymorphic(each) && each !== anyType &&
    each.name.startsWith("anycompatible") === compatible &&
    (!ranged || /range$/.test(each.name));
  if (inputs.some(isSource)) return;
  const family = compatible
    ? "anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or anycompatiblemultirange"
    : "anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange";
  const sources = ranged
    ? compatible
      ? "anycompatiblerange or anycompatiblemultirange"
      : "anyrange or anymultirange"
    : family;
  throw invalidDefinition(`cannot determine ${what}`, {
    detail:
      `A result of type ${type.name} requires at least one input of type ${sources}.`,
  });
}
