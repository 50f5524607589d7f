/**
 * Which row of a chunk an error is about: for who knows where the row came from
 * (the line of a COPY).
 *
 * @module
 */
import type { SqlError } from "./sql_error.ts";

const rows = new WeakMap<SqlError, number>();

/** The error, said to be about a row of the chunk that is written. */
export function atRow(error: SqlError, row: number): SqlError {
  rows.set(error, row);
  return error;
}

/** The row that an error is about, if it is known. */
export function failedRow(error: SqlError): number | undefined {
  return rows.get(error);
}
