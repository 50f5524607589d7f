/**
 * Types of arguments and results that no column can have: `void`, `any`, and
 * the polymorphic ones, which stand for others (see
 * `functions/polymorphism.ts`).
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { DataType, SqlValue } from "./data_type.ts";

function pseudoType(oid: number, name: string): DataType {
  const noInput = (): never => {
    throw new SqlError("0A000", `cannot accept a value of type ${name}`);
  };
  return {
    oid,
    name,
    displayName: oid === 2276 ? '"any"' : name,
    category: "P",
    preferred: false,
    length: /(^any|compatible)(array|range|multirange)$/.test(name) ? -1 : 4,
    storage: "reference",
    input: noInput,
    output: (value) => String(value),
    compare: () => 0,
    hashKey: () => "",
    fromJs: noInput,
    toJs: (value) => value,
  };
}

/** Any type at all; each argument of its own. */
export const anyType: DataType = pseudoType(2276, "any");

/** Any type, the same for all arguments that are declared so. */
export const anyElement: DataType = pseudoType(2283, "anyelement");

/** Any type that is not an array. */
export const anyNonArray: DataType = pseudoType(2776, "anynonarray");

/** Any array type. */
export const anyArray: DataType = pseudoType(2277, "anyarray");

/** Any type; those that are declared so become one that all convert to. */
export const anyCompatible: DataType = pseudoType(5077, "anycompatible");

/** An array of what `anycompatible` becomes. */
export const anyCompatibleArray: DataType = pseudoType(
  5078,
  "anycompatiblearray",
);

/** As `anycompatible`, but no array. */
export const anyCompatibleNonArray: DataType = pseudoType(
  5079,
  "anycompatiblenonarray",
);

/** Any range type; `anyelement` is then what its bounds are of. */
export const anyRange: DataType = pseudoType(3831, "anyrange");

/** Any multirange type. */
export const anyMultirange: DataType = pseudoType(4537, "anymultirange");
/** Any enumeration. */
export const anyEnum: DataType = pseudoType(3500, "anyenum");

const POLYMORPHIC: ReadonlySet<DataType> = new Set([
  anyType,
  anyElement,
  anyNonArray,
  anyArray,
  anyEnum,
  anyCompatible,
  anyCompatibleArray,
  anyCompatibleNonArray,
  anyRange,
  anyMultirange,
]);

/** Whether the type stands for others. */
export function isPolymorphic(type: DataType): boolean {
  return POLYMORPHIC.has(type);
}

/** The result of a function that returns nothing: an empty text. */
export const voidType: DataType = {
  ...pseudoType(2278, "void"),
  input: (): SqlValue => "",
  output: () => "",
};

/** The result of functions that triggers call. */
export const triggerType: DataType = pseudoType(2279, "trigger");
