/**
 * Errors as PostgreSQL reports them: SQLSTATE, message, detail, hint, position.
 *
 * Messages are PostgreSQL's own words, lower case, because drivers and people
 * compare them. The codes are those of PostgreSQL's Appendix A.
 *
 * @module
 */
import { type ErrorKind, KriyaError } from "../../base/errors.ts";

/** Further facts of an {@linkcode SqlError}. */
export interface SqlErrorOptions {
  /** More about the circumstances. */
  readonly detail?: string;
  /** What to do. */
  readonly hint?: string;
  /**
   * Where in the statement's text: 0-based offset in UTF-16 code units of the
   * text that the user gave.
   */
  readonly offset?: number | undefined;
  /** The error below, if there is one. */
  readonly cause?: unknown;
  /** The schema of the table the error is about. */
  readonly schema?: string;
  /** The table the error is about. */
  readonly table?: string;
  /** The column the error is about. */
  readonly column?: string;
  /** The constraint the error is about. */
  readonly constraint?: string;
  /** What was being done: PostgreSQL's CONTEXT. */
  readonly where?: string | undefined;
}

/**
 * An error of a statement.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SqlError } from "./sql_error.ts";
 *
 * const error = new SqlError("42P01", 'relation "t" does not exist', {
 *   offset: 14,
 * });
 * assertEquals(error.position, 15);
 * ```
 */
export class SqlError extends KriyaError {
  /** The name of the class. */
  override readonly name: string = "SqlError";
  /**
   * 1-based position in the text that the user gave, in UTF-16 code units:
   * `text.slice(position - 1)` begins there. (PostgreSQL counts characters.)
   */
  readonly position: number | undefined;
  /** The schema of the table the error is about. */
  readonly schema: string | undefined;
  /** The table the error is about. */
  readonly table: string | undefined;
  /** The column the error is about. */
  readonly column: string | undefined;
  /** The constraint the error is about. */
  readonly constraint: string | undefined;
  /** What was being done: `COPY t, line 3, column n: "x"`. */
  readonly where: string | undefined;

  /** Creates an error with SQLSTATE `code`. */
  constructor(code: string, message: string, options: SqlErrorOptions = {}) {
    super(kindOf(code), message, {
      code,
      ...(options.detail === undefined ? {} : { detail: options.detail }),
      ...(options.hint === undefined ? {} : { hint: options.hint }),
      ...(options.cause === undefined ? {} : { cause: options.cause }),
    });
    this.position = options.offset === undefined
      ? undefined
      : options.offset + 1;
    this.schema = options.schema;
    this.table = options.table;
    this.column = options.column;
    this.constraint = options.constraint;
    this.where = options.where;
  }
}

/** The kind that says what a caller can do about an SQLSTATE. */
function kindOf(code: string): ErrorKind {
  const group = code.slice(0, 2);
  if (group === "40") return "conflict";
  if (code === "XX001" || code === "XX002") return "corrupt";
  if (group === "XX") return "internal";
  if (group === "58" || group === "53" || code === "08007") {
    return "unavailable";
  }
  return "invalid";
}
