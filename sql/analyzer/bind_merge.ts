/**
 * MERGE: a source and a table joined, and what is done with each pair.
 *
 * A WHEN sees the rows that it is for: both, only the table's (BY SOURCE: there
 * is no source row), or only the source's (BY TARGET).
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  MergeAction,
  MergeClause,
  MergeSyntax,
} from "../parser/syntax.ts";
import { assign } from "./assign.ts";
import { bindAssignments } from "./bind_assignments.ts";
import { bindFrom } from "./bind_from.ts";
import { requireWidth, targetPositions } from "./bind_insert.ts";
import { bindReturning } from "./bind_returning.ts";
import { bindWith } from "./bind_with.ts";
import type {
  BoundMerge,
  BoundMergeAction,
  BoundMergeClause,
} from "./bound_change.ts";
import { combine } from "./binding.ts";
import type { BoundExpression } from "./bound_expression.ts";
import { Coercer } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import {
  MERGE_ACTION_RELATION,
  type ParentScope,
  Scope,
  type ScopeRelation,
  scopeRelation,
} from "./scope.ts";
import { refuseGiven } from "./constraints/given_values.ts";
import { type StatementState, TEXT } from "./statement_state.ts";
import {
  bindChangeTarget,
  type ChangeTarget,
  insertedColumns,
  targetAssignments,
} from "./updatable_views/change_target.ts";

/** Binds MERGE. */
export function bindMerge(
  state: StatementState,
  syntax: MergeSyntax,
  parent?: ParentScope,
): Omit<BoundMerge, "parameterTypes" | "cacheable"> {
  const { base, finish } = bindWith(state, syntax, parent);
  refuseUnreachable(syntax.clauses);
  const changed = bindChangeTarget(
    state,
    syntax,
    syntax.clauses.flatMap(({ action: { kind } }) =>
      kind === "nothing" ? [] : [kind]
    ),
  );
  const { from, rows } = changed;
  const target = changed.scope();
  const { from: source, scope } = bindFrom(state, [syntax.source], base);
  refuseSameName(target, scope);
  const both = [...scope.relations, target];
  const binderOver = (relations: readonly ScopeRelation[]): ExpressionBinder =>
    new ExpressionBinder({
      state,
      coercer: new Coercer(state),
      scope: new Scope(
        relations,
        [...scope.all, target],
        base.parent,
        base.ctes,
      ),
      place: "JOIN/ON",
    });
  const condition = within(changed, binderOver(both).condition(syntax.on));
  const scopes = {
    matched: both,
    bySource: [target],
    byTarget: scope.relations,
  };
  const clauses = syntax.clauses.map((clause) =>
    bindClause(binderOver(scopes[clause.match]), clause, changed)
  );
  const actionRelation = state.newRelation();
  const action: ScopeRelation = {
    ...scopeRelation(actionRelation, MERGE_ACTION_RELATION, [""], [TEXT]),
    relationVisible: false,
    columnsVisible: false,
  };
  const returning = bindReturning(
    binderOver([...both, action]),
    syntax,
    changed,
    {
      kind: "join",
      join: "inner",
      left: source!,
      right: rows,
      condition: undefined,
    },
  );
  return {
    kind: "merge",
    from,
    rows,
    source: source!,
    condition,
    clauses,
    ctes: finish(),
    actionRelation,
    ...returning,
  };
}

/** `condition` for the rows that a view has of its table. */
function within(
  { where }: ChangeTarget,
  condition: BoundExpression,
): BoundExpression {
  return where === undefined
    ? condition
    : combine("and", [where, condition], -1);
}

/** A WHEN after one of its kind that takes all rows. */
function refuseUnreachable(clauses: readonly MergeClause[]): void {
  const taken = new Set<MergeClause["match"]>();
  for (const { match, condition } of clauses) {
    if (taken.has(match)) {
      throw new SqlError(
        "42601",
        "unreachable WHEN clause specified after unconditional WHEN clause",
      );
    }
    if (condition === undefined) taken.add(match);
  }
}

function refuseSameName({ alias }: ScopeRelation, source: Scope): void {
  const isTaken = source.relations.some((relation) =>
    relation.relationVisible && relation.alias === alias
  );
  if (!isTaken) return;
  throw new SqlError("42712", `name "${alias}" specified more than once`, {
    detail: "The name is used both as MERGE target table and data source.",
  });
}

function bindClause(
  binder: ExpressionBinder,
  { match, condition, action }: MergeClause,
  target: ChangeTarget,
): BoundMergeClause {
  const when = binder.at("MERGE WHEN conditions");
  const written = condition &&
    binder.coercer.toBoolean(when.bind(condition), "WHEN");
  return {
    match,
    // A row that the view does not have is not one without a source.
    condition: match !== "bySource"
      ? written
      : written === undefined
      ? target.where
      : within(target, written),
    action: bindAction(binder, action, target),
  };
}

function bindAction(
  binder: ExpressionBinder,
  action: MergeAction,
  target: ChangeTarget,
): BoundMergeAction {
  switch (action.kind) {
    case "nothing":
    case "delete":
      return { kind: action.kind };
    case "update":
      return {
        kind: "update",
        assignments: targetAssignments(
          target,
          bindAssignments(
            binder.at("UPDATE"),
            action.assignments,
            target.shown,
          ),
          "merge into",
        ),
      };
    case "insert":
      return {
        kind: "insert",
        assigned: bindInserted(binder.at("VALUES"), action, target),
      };
  }
}

/** The values of an INSERT: of every column. */
function bindInserted(
  binder: ExpressionBinder,
  { columns, overriding, values: syntax }: MergeAction & {
    readonly kind: "insert";
  },
  target: ChangeTarget,
): BoundExpression[] {
  const { shown } = target;
  const targets = targetPositions(shown, columns);
  const { coercer } = binder;
  const bound = syntax?.map((value) =>
    value.kind === "default" ? undefined : binder.bind(value)
  );
  if (bound !== undefined) {
    requireWidth(
      { targets: targets.length, columns },
      bound.length,
      (i) => syntax![i]!.offset,
    );
  }
  const values = (bound ?? []).map((value, i) => {
    if (value === undefined) return undefined;
    const column = shown.columns[targets[i]!]!;
    refuseGiven(column, overriding);
    const isOwn = column.identity !== undefined && overriding === "user";
    return isOwn ? undefined : assign(coercer, value, column);
  });
  return insertedColumns(target, targets, values, "merge into");
}
