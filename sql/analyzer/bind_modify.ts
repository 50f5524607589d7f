/**
 * UPDATE and DELETE: the rows they mean, and the values that UPDATE gives them.
 *
 * Parts are bound in PostgreSQL's order (FROM, WHERE, RETURNING, SET), on which
 * types of parameters and the first error depend.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { DeleteSyntax, UpdateSyntax } from "../parser/syntax.ts";
import { bindAssignments } from "./bind_assignments.ts";
import { bindCurrentOf } from "./bind_cursor.ts";
import { bindChangedFrom } from "./bind_from.ts";
import { bindCondition } from "./bind_query.ts";
import { bindReturning } from "./bind_returning.ts";
import { combine } from "./binding.ts";
import { bindWith } from "./bind_with.ts";
import type { BoundDelete, BoundUpdate } from "./bound_change.ts";
import type { BoundExpression, BoundFrom } from "./bound_expression.ts";
import { Coercer } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import type { ParentScope, Scope } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";
import {
  bindChangeTarget,
  type ChangeTarget,
  targetAssignments,
} from "./updatable_views/change_target.ts";

/** Binds UPDATE; WHERE and RETURNING come before SET, as in PostgreSQL. */
export function bindUpdate(
  state: StatementState,
  syntax: UpdateSyntax,
  parent?: ParentScope,
): Omit<BoundUpdate, "parameterTypes" | "cacheable"> {
  const { base, finish } = bindWith(state, syntax, parent);
  const target = bindChangeTarget(state, syntax, ["update"]);
  const rows = bindRows(state, syntax, base, target);
  const { using, read, where, binder } = rows;
  const returning = bindReturning(binder, syntax, target, read);
  const assigned = bindAssignments(
    binder.at("UPDATE"),
    syntax.assignments,
    target.shown,
  );
  const assignments = targetAssignments(target, assigned, "update");
  const ctes = finish();
  return {
    kind: "update",
    from: target.from,
    rows: target.rows,
    using,
    where,
    assignments,
    ctes,
    ...returning,
  };
}

/** Binds DELETE. */
export function bindDelete(
  state: StatementState,
  syntax: DeleteSyntax,
  parent?: ParentScope,
): Omit<BoundDelete, "parameterTypes" | "cacheable"> {
  const { base, finish } = bindWith(state, syntax, parent);
  const target = bindChangeTarget(state, syntax, ["delete"]);
  const rows = bindRows(state, syntax, base, target);
  const { using, read, where, binder } = rows;
  const returning = bindReturning(binder, syntax, target, read);
  return {
    kind: "delete",
    from: target.from,
    rows: target.rows,
    using,
    where,
    ctes: finish(),
    ...returning,
  };
}

/** The rows that a statement changes. */
interface BoundRows {
  readonly using: BoundFrom | undefined;
  /** That, and the table that changes. */
  readonly read: BoundFrom;
  readonly where: BoundExpression | undefined;
  readonly binder: ExpressionBinder;
}

function bindRows(
  state: StatementState,
  syntax: UpdateSyntax | DeleteSyntax,
  base: Scope,
  target: ChangeTarget,
): BoundRows {
  const { from, rows, view } = target;
  const { using, scope } = bindChangedFrom(
    state,
    target.scope(),
    syntax.from,
    base,
  );
  const binder = new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope,
    place: "WHERE",
  });
  if (view !== undefined && syntax.currentOf !== undefined) {
    throw new SqlError(
      "0A000",
      "WHERE CURRENT OF on a view is not implemented",
    );
  }
  const written = syntax.currentOf === undefined
    ? bindCondition(binder, syntax.where)
    : bindCurrentOf(binder, from, syntax.currentOf);
  const conditions = [target.where, written].filter((each) =>
    each !== undefined
  );
  const where = conditions.length === 0
    ? undefined
    : combine("and", conditions, -1);
  const read: BoundFrom = using === undefined ? rows : {
    kind: "join",
    join: "inner",
    left: rows,
    right: using,
    condition: undefined,
  };
  return { using, read, where, binder };
}
