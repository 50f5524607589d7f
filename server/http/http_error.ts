/**
 * Errors as answers: JSON with PostgreSQL's fields, and the status that says
 * the same to who knows nothing of SQLSTATEs.
 *
 * ```json
 * { "code": "42P01", "message": "relation \"t\" does not exist", "position": 15 }
 * ```
 *
 * | SQLSTATE | status |
 * | --- | --- |
 * | `28…` | 401 |
 * | `25006`, `42501` | 403 |
 * | `3D000`, `3F000`, `42P01`, `42883` | 404 |
 * | `23503`, `23505`, `23P01`, `40…`, `55P03` | 409 |
 * | `54…` | 413 |
 * | `53100` | 507 |
 * | `08…`, `53…`, `57…`, `58…` | 503 |
 * | `57014` | 504 |
 * | `XX…` | 500 |
 * | others | 400 |
 *
 * @module
 */
import { KriyaError, SqlError } from "../../mod.ts";
import { characterPosition } from "../wire/error_response.ts";

/** What is wrong with a request, by HTTP's own words. */
export class HttpError extends Error {
  /** The name of the class. */
  override readonly name: string = "HttpError";
  /** The status. */
  readonly status: number;
  /** The SQLSTATE that comes nearest. */
  readonly code: string;
  /** Headers that go with it. */
  readonly headers: Readonly<Record<string, string>>;

  /** An error with `status`. */
  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** What is wrong with the body of a request: 400, `22023`. */
export function invalidBody(message: string): HttpError {
  return new HttpError(400, "22023", message);
}

/** An error in one statement of several, or in the text of one. */
export class StatementError extends Error {
  /** The name of the class. */
  override readonly name: string = "StatementError";
  /** The statement's text. */
  readonly text: string;
  /** Which of the statements it was, from 0, if there were several. */
  readonly index: number | undefined;

  /** An error that `cause` is of the statement `text`. */
  constructor(cause: unknown, text: string, index?: number) {
    super("statement failed", { cause });
    this.text = text;
    this.index = index;
  }
}

/** The fields of an error, as clients get them. */
export function errorFields(error: unknown): Record<string, unknown> {
  if (error instanceof StatementError) {
    const { cause, text, index } = error;
    return { ...fieldsOf(cause, text), statement: index };
  }
  return fieldsOf(error, "");
}

/** Undefined fields are left out by JSON. */
function fieldsOf(error: unknown, text: string): Record<string, unknown> {
  if (error instanceof HttpError) {
    return { code: error.code, message: error.message };
  }
  if (!(error instanceof KriyaError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { code: "XX000", message };
  }
  const { code, message, detail, hint } = error;
  if (!(error instanceof SqlError)) return { code, message, detail, hint };
  const { position, where, schema, table, column, constraint } = error;
  return {
    ...{ code, message, detail, hint },
    position: position === undefined
      ? undefined
      : characterPosition(text, position),
    ...{ where, schema, table, column, constraint },
  };
}

/** The answer that tells of an error. */
export function errorResponse(error: unknown): Response {
  const cause = error instanceof StatementError ? error.cause : error;
  const status = cause instanceof HttpError
    ? cause.status
    : statusOf(cause instanceof KriyaError ? cause.code : "XX000");
  const headers = cause instanceof HttpError ? cause.headers : {};
  return Response.json(errorFields(error), { status, headers });
}

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  "23503": 409,
  "23505": 409,
  "23P01": 409,
  "25006": 403,
  "3D000": 404,
  "3F000": 404,
  "42501": 403,
  "42883": 404,
  "42P01": 404,
  "53100": 507,
  "55P03": 409,
  "57014": 504,
};

const STATUS_OF_CLASS: Readonly<Record<string, number>> = {
  "08": 503,
  "28": 401,
  "40": 409,
  "53": 503,
  "54": 413,
  "57": 503,
  "58": 503,
  "XX": 500,
};

/** The status of an SQLSTATE. */
export function statusOf(code: string): number {
  return STATUS_OF_CODE[code] ?? STATUS_OF_CLASS[code.slice(0, 2)] ?? 400;
}
