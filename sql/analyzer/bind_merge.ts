/**
 * MERGE: a source and a table joined, and what is done with each pair.
 *
 * A WHEN sees the rows that it is for: both, only the table's (BY SOURCE: there
 * is no source row), or only the source's (BY TARGET).
 *
 * @module
 */
import type { TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type {
  MergeAction,
  MergeClause,
  MergeSyntax,
} from "../parser/syntax.ts";
import { assign, defaultOf } from "./assign.ts";
import { bindAssignments } from "./bind_assignments.ts";
import { MERGE_ACTION_RELATION } from "./bind_call.ts";
import { bindFrom, bindTable, tableScope } from "./bind_from.ts";
import { requireWidth, targetPositions } from "./bind_insert.ts";
import { bindReturning } from "./bind_returning.ts";
import { bindWith } from "./bind_with.ts";
import type {
  BoundMerge,
  BoundMergeAction,
  BoundMergeClause,
} from "./bound_change.ts";
import type { BoundExpression, TableRelation } from "./bound_expression.ts";
import { Coercer } from "./coerce.ts";
import { ExpressionBinder } from "./expression_binder.ts";
import {
  type ParentScope,
  Scope,
  type ScopeRelation,
  scopeRelation,
} from "./scope.ts";
import { refuseGiven } from "./constraints/given_values.ts";
import { type StatementState, TEXT } from "./statement_state.ts";

/** Binds MERGE. */
export function bindMerge(
  state: StatementState,
  syntax: MergeSyntax,
  parent?: ParentScope,
): Omit<BoundMerge, "parameterTypes" | "cacheable"> {
  const { base, finish } = bindWith(state, syntax, parent);
  refuseUnreachable(syntax.clauses);
  const from = bindTable(state, { ...syntax, columnAliases: [] });
  const target = tableScope(from);
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
  const condition = binderOver(both).condition(syntax.on);
  const scopes = {
    matched: both,
    bySource: [target],
    byTarget: scope.relations,
  };
  const clauses = syntax.clauses.map((clause) =>
    bindClause(binderOver(scopes[clause.match]), clause, from)
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
    from,
    {
      kind: "join",
      join: "inner",
      left: source!,
      right: from,
      condition: undefined,
    },
  );
  return {
    kind: "merge",
    from,
    source: source!,
    condition,
    clauses,
    ctes: finish(),
    actionRelation,
    ...returning,
  };
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
  from: TableRelation,
): BoundMergeClause {
  const when = binder.at("MERGE WHEN conditions");
  return {
    match,
    condition: condition &&
      binder.coercer.toBoolean(when.bind(condition), "WHEN"),
    action: bindAction(binder, action, from),
  };
}

function bindAction(
  binder: ExpressionBinder,
  action: MergeAction,
  { table }: TableRelation,
): BoundMergeAction {
  switch (action.kind) {
    case "nothing":
    case "delete":
      return { kind: action.kind };
    case "update":
      return {
        kind: "update",
        assignments: bindAssignments(
          binder.at("UPDATE"),
          action.assignments,
          table,
        ),
      };
    case "insert":
      return {
        kind: "insert",
        assigned: bindInserted(binder.at("VALUES"), action, table),
      };
  }
}

/** The values of an INSERT: of every column. */
function bindInserted(
  binder: ExpressionBinder,
  { columns, overriding, values: syntax }: MergeAction & {
    readonly kind: "insert";
  },
  table: TableEntry,
): BoundExpression[] {
  const targets = targetPositions(table, columns);
  const { state, coercer } = binder;
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
  return table.columns.map((column, position) => {
    const value = bound?.[targets.indexOf(position)];
    if (value !== undefined) refuseGiven(column, overriding);
    const isOwn = column.identity !== undefined && overriding === "user";
    return value === undefined || isOwn
      ? defaultOf(state, column)
      : assign(coercer, value, column);
  });
}
