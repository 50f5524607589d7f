/**
 * The errors of the whole library: one class, a closed set of kinds.
 *
 * A kind tells the caller what to do, not what went wrong inside; the message
 * says that. SQL errors carry an SQLSTATE besides (see `sql/errors`), and so
 * do the storage errors that reach an SQL user, through `sqlStateOf`.
 *
 * @module
 */

/**
 * What the caller can do about an error:
 *
 * - `conflict`: another transaction was first; run this one again.
 * - `fenced`: another writer owns the database now; this one only reads.
 * - `unavailable`: the store did not answer, or the outcome is unknown.
 * - `invalid`: the request is wrong; change it.
 * - `corrupt`: bytes in the store are damaged; restore or repair them.
 * - `closed`: the object was closed before the call.
 * - `internal`: a defect of the library.
 */
export type ErrorKind =
  | "conflict"
  | "fenced"
  | "unavailable"
  | "invalid"
  | "corrupt"
  | "closed"
  | "internal";

/** Further facts of a {@linkcode KriyaError}. */
export interface KriyaErrorOptions {
  /** The error below, if there is one. */
  readonly cause?: unknown;
  /**
   * The SQLSTATE an SQL user gets; the default follows from the kind, see
   * {@linkcode sqlStateOf}.
   */
  readonly code?: string;
  /** More about the circumstances, as PostgreSQL's DETAIL. */
  readonly detail?: string;
  /** What to do, as PostgreSQL's HINT. */
  readonly hint?: string;
}

/**
 * An error that names what the caller can do about it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { KriyaError } from "./errors.ts";
 *
 * const error = new KriyaError("corrupt", "Cannot read \"sst/1\": bad magic");
 * assertEquals(error.kind, "corrupt");
 * assertEquals(error.code, "XX001");
 * ```
 */
export class KriyaError extends Error {
  /** The name of the class. */
  override readonly name: string = "KriyaError";
  /** What the caller can do. */
  readonly kind: ErrorKind;
  /** The SQLSTATE: five characters. */
  readonly code: string;
  /** PostgreSQL's DETAIL, if there is one. */
  readonly detail: string | undefined;
  /** PostgreSQL's HINT, if there is one. */
  readonly hint: string | undefined;

  /** Creates an error of `kind` with a message for people. */
  constructor(
    kind: ErrorKind,
    message: string,
    options: KriyaErrorOptions = {},
  ) {
    super(
      message,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.kind = kind;
    this.code = options.code ?? sqlStateOf(kind);
    this.detail = options.detail;
    this.hint = options.hint;
  }
}

/**
 * The SQLSTATE of a kind (PostgreSQL, Appendix A):
 * serialization_failure, object_in_use, system_error, data_corrupted …
 */
export function sqlStateOf(kind: ErrorKind): string {
  switch (kind) {
    case "conflict":
      return "40001";
    case "fenced":
      return "57P01";
    case "unavailable":
      return "58000";
    case "invalid":
      return "22023";
    case "corrupt":
      return "XX001";
    case "closed":
      return "08003";
    case "internal":
      return "XX000";
  }
}
