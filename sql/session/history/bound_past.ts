/**
 * A statement that asks for a moment of the past, before its catalog is known.
 *
 * @module
 */
import type { BoundPast } from "../../analyzer/bound_tree.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { ParsedStatement } from "../../parser/parser.ts";

/** Statements that have no moment. */
const TIMELESS: ReadonlySet<string> = new Set([
  "commit",
  "rollback",
  "savepoint",
  "release",
  "rollback_to",
  "set",
  "reset_all",
  "show",
  "set_constraints",
  "alter_system",
  "create_snapshot",
  "drop_snapshot",
  "prepare",
  "deallocate",
  "declare_cursor",
  "fetch",
  "close_cursor",
  "listen",
  "unlisten",
  "notify",
  "discard",
  "lock_table",
]);

/** Whether a statement can be run as of a moment. */
export function canBePast({ syntax }: ParsedStatement): boolean {
  return !TIMELESS.has(syntax.kind);
}

/**
 * The statement, to be bound when the catalog of then is known.
 *
 * @throws {SqlError} `0A000` for one that has no moment.
 */
export function boundPast(statement: ParsedStatement): BoundPast {
  if (canBePast(statement)) {
    const facts = { parameterTypes: [], cacheable: true };
    return { kind: "past", statement, ...facts };
  }
  const name = statement.syntax.kind.replaceAll("_", " ").toUpperCase();
  throw new SqlError("0A000", `AS OF is not supported in ${name}`, {
    hint: "BEGIN AS OF … shows the past to all statements of a block.",
  });
}
