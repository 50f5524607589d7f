/**
 * What the expressions of a table need: the functions, operators and casts that
 * its defaults, generated columns and checks call.
 *
 * @module
 */
import { type Fields, idAt, textAt, wordAt } from "./stored_fields.ts";

/** An object that an expression of a table needs. */
export interface ExpressionNeed {
  /** The object. */
  readonly id: number;
  /** What needs it. */
  readonly part: "default" | "generated" | "check";
  /** The name of the column, or of the constraint. */
  readonly name: string;
}

/** Reads a stored need. */
export function decodeNeed(fields: Fields): ExpressionNeed {
  return {
    id: idAt(fields, "id"),
    part: wordAt(fields, "part", ["default", "generated", "check"]),
    name: textAt(fields, "name"),
  };
}
