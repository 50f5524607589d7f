/**
 * WITH: queries under names.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { CteSyntax, SelectSyntax } from "../parser/syntax.ts";
import type { BoundCte } from "./bound_expression.ts";
import { type ParentScope, Scope } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";

/** The scope that a query starts with, and its WITH when it is bound. */
export interface ScopedWith {
  readonly base: Scope;
  /** The queries; to be asked when all that reads them is bound. */
  finish(): BoundCte[];
}

/** Binds the WITH of a query. */
export function bindWith(
  _state: StatementState,
  syntax: SelectSyntax,
  parent: ParentScope | undefined,
): ScopedWith {
  const [cte] = syntax.with as readonly CteSyntax[];
  if (cte !== undefined) {
    throw new SqlError("0A000", "WITH is not supported", {
      offset: cte.offset,
    });
  }
  return { base: new Scope([], [], parent), finish: () => [] };
}
