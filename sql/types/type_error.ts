/**
 * The errors that every data type raises in the same words.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";

/** `22P02`: the text is not a value of the type. */
export function invalidSyntax(typeName: string, text: string): SqlError {
  return new SqlError(
    "22P02",
    `invalid input syntax for type ${typeName}: "${text}"`,
  );
}

/** `22003`: the text is a number, but not one of the type. */
export function textOutOfRange(typeName: string, text: string): SqlError {
  return new SqlError(
    "22003",
    `value "${text}" is out of range for type ${typeName}`,
  );
}

/** `22003`: a computed value does not fit the type. */
export function outOfRange(typeName: string): SqlError {
  return new SqlError("22003", `${typeName} out of range`);
}

/** `22012`: division by zero. */
export function divisionByZero(): SqlError {
  return new SqlError("22012", "division by zero");
}

/** `22021`: the text cannot be UTF-8 in a database. */
export function invalidUtf8(what: string): SqlError {
  return new SqlError(
    "22021",
    `invalid byte sequence for encoding "UTF8": ${what}`,
  );
}
