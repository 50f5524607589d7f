/**
 * Errors as those who run statements get them.
 *
 * Whatever a statement was wrong about is a {@linkcode SqlError}, also where
 * the vector or the storage layer found it; so is a conflict. What the store
 * itself reports (`corrupt`, `fenced`, `unavailable`, `closed`) stays a
 * {@linkcode KriyaError} of its kind. Both carry an SQLSTATE in `code`.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { SqlError } from "../errors/sql_error.ts";

/** The error to hand to the user for `error`. */
export function statementError(error: unknown): unknown {
  if (!(error instanceof KriyaError) || error instanceof SqlError) {
    return error;
  }
  if (error.kind !== "invalid" && error.kind !== "conflict") return error;
  return new SqlError(error.code, error.message, {
    cause: error,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

/** Throws {@linkcode statementError} of `error`: for `catch`. */
export function rethrowStatementError(error: unknown): never {
  throw statementError(error);
}
