/**
 * UPDATE and DELETE: the rows they mean, and the values that UPDATE gives them.
 *
 * Parts are bound in PostgreSQL's order (FROM, WHERE, RETURNING, SET), on which
 * types of parameters and the first error depend.
 *
 * @module
 */
import type { DeleteSyntax, UpdateSyntax } from "../parser/syntax.ts";
import { bindAssignments } from "./bind_assignments.ts";
import { bindCurrentOf } from "./bind_cursor.ts";
import { bindChangedFrom, bindTable } from "./bind_from.ts";
import { bindCondition } from "./bind_query.ts";
import { bindReturning } from "./bind_returning.ts";
import { bindWith } from "./bind_with.ts";
import type { BoundDelete, BoundUpdate } from "./bound_change.ts";
import type {
  BoundExpression,
  BoundFrom,
  TableRelation,
} from "./bound_expression.ts";
import { Coercer } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import type { ParentScope, Scope } from "./scope.ts";
import type { StatementState } from "./statement_state.ts";

/** Binds UPDATE; WHERE and RETURNING come before SET, as in PostgreSQL. */
export function bindUpdate(
  state: StatementState,
  syntax: UpdateSyntax,
  parent?: ParentScope,
): Omit<BoundUpdate, "parameterTypes" | "cacheable"> {
  const { base, finish } = bindWith(state, syntax, parent);
  const { from, using, read, where, binder } = bindRows(state, syntax, base);
  const returning = bindReturning(binder, syntax, from, read);
  const assignments = bindAssignments(
    binder.at("UPDATE"),
    syntax.assignments,
    from.table,
  );
  const ctes = finish();
  return {
    kind: "update",
    from,
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
  const { from, using, read, where, binder } = bindRows(state, syntax, base);
  const returning = bindReturning(binder, syntax, from, read);
  return {
    kind: "delete",
    from,
    using,
    where,
    ctes: finish(),
    ...returning,
  };
}

/** The rows that a statement changes. */
interface BoundRows {
  readonly from: TableRelation;
  readonly using: BoundFrom | undefined;
  /** Both. */
  readonly read: BoundFrom;
  readonly where: BoundExpression | undefined;
  readonly binder: ExpressionBinder;
}

function bindRows(
  state: StatementState,
  syntax: UpdateSyntax | DeleteSyntax,
  base: Scope,
): BoundRows {
  const from = bindTable(state, { ...syntax, columnAliases: [] });
  const { using, scope } = bindChangedFrom(
    state,
    from,
    syntax.from,
    base,
  );
  const binder = new ExpressionBinder({
    state,
    coercer: new Coercer(state),
    scope,
    place: "WHERE",
  });
  const where = syntax.currentOf === undefined
    ? bindCondition(binder, syntax.where)
    : bindCurrentOf(binder, from, syntax.currentOf);
  const read: BoundFrom = using === undefined ? from : {
    kind: "join",
    join: "inner",
    left: from,
    right: using,
    condition: undefined,
  };
  return { from, using, read, where, binder };
}
