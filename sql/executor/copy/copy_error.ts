/**
 * Errors of COPY: what was wrong, and in which line and column.
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";
import { SqlError } from "../../errors/sql_error.ts";

/** How much of a line or a value is shown. */
const SHOWN_CHARS_MAX = 100;

/** `error` with a CONTEXT, unless it has one. */
export function withContext(error: unknown, where: string): unknown {
  if (error instanceof SqlError) {
    if (error.where !== undefined) return error;
    const { code, message, detail, hint, position } = error;
    const { schema, table, column, constraint, cause } = error;
    return new SqlError(code, message, {
      where,
      offset: position === undefined ? undefined : position - 1,
      ...(detail === undefined ? {} : { detail }),
      ...(hint === undefined ? {} : { hint }),
      ...(schema === undefined ? {} : { schema }),
      ...(table === undefined ? {} : { table }),
      ...(column === undefined ? {} : { column }),
      ...(constraint === undefined ? {} : { constraint }),
      ...(cause === undefined ? {} : { cause }),
    });
  }
  if (error instanceof KriyaError && error.kind === "invalid") {
    return new SqlError(error.code, error.message, { where, cause: error });
  }
  return error;
}

/** Part of a line or a value, as errors show it. */
export function shown(text: string): string {
  return text.length <= SHOWN_CHARS_MAX
    ? `"${text}"`
    : `"${text.slice(0, SHOWN_CHARS_MAX)}..."`;
}

/** `22P04`: the data is not what the format says. */
export function badFormat(
  message: string,
  options: { readonly hint?: string; readonly detail?: string } = {},
): SqlError {
  return new SqlError("22P04", message, options);
}
