/**
 * Errors of the database in the kinds that Prisma knows.
 *
 * @module
 */
import type { Error as AdapterError } from "@prisma/driver-adapter-utils";
import { KriyaError, SqlError } from "../../mod.ts";

/** An error as Prisma tells it from others: by its name and its cause. */
export class KriyaDriverAdapterError extends Error {
  /** Prisma looks for this name. */
  override readonly name = "DriverAdapterError";
  /** What went wrong, by kind. */
  override readonly cause: AdapterError;

  /** An error of that kind. */
  constructor(cause: AdapterError) {
    super("message" in cause ? cause.message : cause.kind);
    this.cause = cause;
  }
}

/** What Prisma is told of an error; what is none of ours stays what it is. */
export function adapterError(error: unknown): unknown {
  if (!(error instanceof KriyaError)) return error;
  const { code, message } = error;
  return new KriyaDriverAdapterError({
    originalCode: code,
    originalMessage: message,
    ...kindOf(error),
  } as AdapterError);
}

function kindOf(error: KriyaError): AdapterError {
  const { code, message, detail, hint } = error;
  const { constraint, table, column } = error instanceof SqlError
    ? error
    : { constraint: undefined, table: undefined, column: undefined };
  const index = constraint === undefined
    ? {}
    : { constraint: { index: constraint } };
  switch (code) {
    case "22001":
      return { kind: "LengthMismatch", ...column && { column } };
    case "22003":
      return { kind: "ValueOutOfRange", cause: message };
    case "22P02":
      return { kind: "InvalidInputValue", message };
    case "23505":
      return {
        kind: "UniqueConstraintViolation",
        ...index,
        ...table && { table },
      };
    case "23502":
      return {
        kind: "NullConstraintViolation",
        ...column && { constraint: { fields: [column] } },
      };
    case "23503":
      return { kind: "ForeignKeyConstraintViolation", ...index };
    case "23001":
      return { kind: "RestrictViolation", ...index };
    case "40001":
    case "40P01":
      return { kind: "TransactionWriteConflict" };
    case "42P01":
      return { kind: "TableDoesNotExist", ...nameIn(message, "table") };
    case "42703":
      return { kind: "ColumnNotFound", ...nameIn(message, "column") };
    case "08003":
      return { kind: "ConnectionClosed" };
    default:
      return {
        kind: "postgres",
        code,
        severity: "ERROR",
        message,
        detail,
        column,
        hint,
      };
  }
}

/** The name that a message gives, in quotes or before "does not exist". */
function nameIn(
  message: string,
  as: "table" | "column",
): { [name: string]: string } {
  const name = /"([^"]+)"/.exec(message)?.[1] ??
    /^column (\S+) does not exist$/.exec(message)?.[1];
  return name === undefined ? {} : { [as]: name };
}
