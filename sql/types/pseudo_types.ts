/**
 * Types of arguments and results that no column can have: `void`, `any`,
 * `anyelement` and `anynonarray`.
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
    length: 4,
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

/** The result of a function that returns nothing: an empty text. */
export const voidType: DataType = {
  ...pseudoType(2278, "void"),
  input: (): SqlValue => "",
  output: () => "",
};
