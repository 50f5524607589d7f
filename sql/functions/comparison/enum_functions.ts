/**
 * Operators and functions of enumerations.
 *
 * @module
 */
import { SqlArray } from "../../types/array/array_value.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { anyArray, anyEnum } from "../../types/pseudo_types.ts";
import { define, infix } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";
import { COMPARISONS, holds } from "./comparison_operators.ts";

/** A function of enumerations, made for the one of a call. */
function ofEnum(
  name: string,
  count: number,
  returns: "enum" | "array" | "bool",
  form: (type: DataType, args: readonly Nullable[]) => Nullable,
  strict: boolean,
): FunctionDefinition {
  const result = (type: DataType): DataType =>
    returns === "bool"
      ? bool
      : returns === "enum"
      ? type
      : type === anyEnum
      ? anyArray
      : arrayTypeOf(type)!;
  const make = (type: DataType): FunctionDefinition =>
    define(
      name,
      new Array<DataType>(count).fill(type),
      result(type),
      (args) => form(type, args),
      { strict, volatility: returns === "bool" ? "immutable" : "stable" },
    );
  return { ...make(anyEnum), specialize: ([type]) => make(type!) };
}

/** The numbers of the labels, in order. */
function orders({ enumeration }: DataType): number[] {
  return enumeration!.labels.map(({ order }) => order);
}

/** The values from one to another, both included; NULL: from the end. */
function range(
  type: DataType,
  [from, to]: readonly Nullable[],
): SqlArray {
  return SqlArray.of(
    orders(type).filter((order) =>
      (from === null || from === undefined || order >= (from as number)) &&
      (to === null || to === undefined || order <= (to as number))
    ),
  );
}

/** Functions of enumerations. */
export const enumFunctions: readonly FunctionDefinition[] = [
  ofEnum("enum_first", 1, "enum", (type) => orders(type)[0] ?? null, false),
  ofEnum("enum_last", 1, "enum", (type) => orders(type).at(-1) ?? null, false),
  ofEnum("enum_range", 1, "array", (type) => range(type, []), false),
  ofEnum("enum_range", 2, "array", range, false),
];

/** The operators of comparison. */
export const enumOperators: readonly OperatorDefinition[] = COMPARISONS.map(
  ([operator, commutator, negator]) =>
    infix(
      ofEnum(
        operator,
        2,
        "bool",
        (type, [a, b]) => holds(type, operator)(a as SqlValue, b as SqlValue),
        true,
      ),
      { commutator, negator },
    ),
);
