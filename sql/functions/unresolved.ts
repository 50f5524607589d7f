/**
 * The errors of names that mean no function or operator, or several.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { DataType } from "../types/data_type.ts";

/** The error of a call that means no function, or several. */
export function noFunction(
  why: "none" | "ambiguous",
  name: string,
  types: readonly DataType[],
  offset: number | undefined,
): SqlError {
  const call = `function ${name}(${
    types.map((type) => type.displayName).join(", ")
  })`;
  if (why === "none") {
    return new SqlError("42883", `${call} does not exist`, {
      hint: "No function matches the given name and argument types. " +
        "You might need to add explicit type casts.",
      offset,
    });
  }
  return new SqlError("42725", `${call} is not unique`, {
    hint: "Could not choose a best candidate function. " +
      "You might need to add explicit type casts.",
    offset,
  });
}

/** The error of an operator that is none, or several. */
export function noOperator(
  why: "none" | "ambiguous",
  name: string,
  types: readonly DataType[],
  offset: number | undefined,
): SqlError {
  const names = types.map((type) => type.displayName);
  const call = names.length === 1
    ? `${name} ${names[0]}`
    : `${names[0]} ${name} ${names[1]}`;
  if (why === "none") {
    return new SqlError("42883", `operator does not exist: ${call}`, {
      hint: names.length === 1
        ? "No operator matches the given name and argument type. " +
          "You might need to add an explicit type cast."
        : "No operator matches the given name and argument types. " +
          "You might need to add explicit type casts.",
      offset,
    });
  }
  return new SqlError("42725", `operator is not unique: ${call}`, {
    hint: "Could not choose a best candidate operator. " +
      "You might need to add explicit type casts.",
    offset,
  });
}
