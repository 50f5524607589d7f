/**
 * Short ways to write definitions: nearly all functions are strict, immutable,
 * and of one or two arguments.
 *
 * @module
 */
import type {
  ColumnForm,
  FunctionDefinition,
  OperatorDefinition,
  ScalarForm,
  Volatility,
} from "./definition.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";

/** What a definition may say besides name, types and form. */
export interface DefineOptions {
  /** Default true. */
  readonly strict?: boolean;
  /** Default `immutable`. */
  readonly volatility?: Volatility;
  /** Default false. */
  readonly variadic?: boolean;
  /** The column form, if there is one. */
  readonly column?: ColumnForm | undefined;
}

/** A function of any number of arguments. */
export function define(
  name: string,
  argumentTypes: readonly DataType[],
  returnType: DataType,
  scalar: ScalarForm,
  options: DefineOptions = {},
): FunctionDefinition {
  return {
    name,
    argumentTypes,
    returnType,
    strict: options.strict ?? true,
    volatility: options.volatility ?? "immutable",
    scalar,
    ...(options.variadic === true ? { variadic: true } : {}),
    ...(options.column === undefined ? {} : { column: options.column }),
  };
}

/** A strict function of one argument; `A` is the form of its type. */
export function unary<A extends SqlValue>(
  name: string,
  type: DataType,
  returnType: DataType,
  form: (value: A) => Nullable,
  options: DefineOptions = {},
): FunctionDefinition {
  return define(
    name,
    [type],
    returnType,
    (args) => form(args[0] as A),
    options,
  );
}

/** A strict function of two arguments; `A`, `B` are the forms of their types. */
export function binary<A extends SqlValue, B extends SqlValue>(
  name: string,
  types: readonly [DataType, DataType],
  returnType: DataType,
  form: (a: A, b: B) => Nullable,
  options: DefineOptions = {},
): FunctionDefinition {
  return define(
    name,
    types,
    returnType,
    (args) => form(args[0] as A, args[1] as B),
    options,
  );
}

/** What else an operator may say. */
export interface OperatorOptions {
  /** The operator with the operands exchanged. */
  readonly commutator?: string;
  /** The operator that answers the opposite. */
  readonly negator?: string;
}

/** The binary operator that a function of two arguments computes. */
export function infix(
  definition: FunctionDefinition,
  options: OperatorOptions = {},
  name: string = definition.name,
): OperatorDefinition {
  const [left, right] = definition.argumentTypes;
  return {
    name,
    left: left!,
    right: right!,
    function: definition,
    ...options,
  };
}

/** The prefix operator that a function of one argument computes. */
export function prefix(
  definition: FunctionDefinition,
  name: string = definition.name,
): OperatorDefinition {
  return {
    name,
    right: definition.argumentTypes[0]!,
    function: definition,
  };
}
