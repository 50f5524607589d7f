/**
 * What INSERT, UPDATE, DELETE and MERGE change: a table, or the table below a
 * view, which the statement sees as the view's columns.
 *
 * Names are resolved in the view's columns, and mean expressions over the
 * table; what is assigned goes to the table's columns.
 *
 * @module
 */
import type {
  ColumnEntry,
  TableEntry,
  ViewEntry,
} from "../../catalog/entries.ts";
import { hasInsteadOf } from "../../catalog/view_table.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { RelationName } from "../../parser/syntax.ts";
import { defaultOf } from "../assign.ts";
import { bindTable, tableScope } from "../bind_from.ts";
import { combine } from "../binding.ts";
import type { BoundAssignment } from "../bound_change.ts";
import type {
  BoundExpression,
  BoundFrom,
  TableRelation,
} from "../bound_expression.ts";
import { type ScopeRelation, scopeRelation } from "../scope.ts";
import type { StatementState } from "../statement_state.ts";
import { replaceExpressions } from "../walk.ts";
import {
  requireUpdatable,
  type UpdatableView,
  type ViewChange,
} from "./updatable_view.ts";
import { withViewChecks } from "./view_checks.ts";

/** What a statement changes. */
export interface ChangeTarget {
  /** The table that changes. */
  readonly from: TableRelation;
  /** Its rows; those of a query where it is a view with INSTEAD OF triggers. */
  readonly rows: BoundFrom;
  /** The columns that the statement can name. */
  readonly shown: TableEntry;
  /** The view; absent: the table itself. */
  readonly view: ViewEntry | undefined;
  /** Which rows of the table it has; absent: all. */
  readonly where: BoundExpression | undefined;
  /** Its rows under another relation number and name. */
  scope(relation?: number, alias?: string): ScopeRelation;
  /**
   * The position in the table of a column of `shown`.
   *
   * @throws {SqlError} `0A000` when it cannot be assigned to.
   */
  position(column: number, verb: AssignVerb): number;
  /** What a column of the table gets where nothing is given. */
  defaultAt(position: number): BoundExpression;
}

/** How a column is written to, in the words of errors. */
export type AssignVerb = "insert into" | "update" | "merge into";

/** What a statement names as its target. */
export interface TargetName {
  readonly relation: RelationName;
  readonly alias: string | undefined;
}

/**
 * Finds what a statement changes in the ways `changes`; `fired` are those that
 * triggers may do instead.
 *
 * @throws {SqlError} `42P01`, `42809`; `55000` for a view that cannot be changed.
 */
export function bindChangeTarget(
  state: StatementState,
  { relation, alias }: TargetName,
  changes: readonly ViewChange[],
  fired: readonly ViewChange[] = changes,
): ChangeTarget {
  const { schema, name } = relation;
  const entry = state.options.catalog.relation(schema, name);
  if (entry?.kind === "view") {
    const resolved = resolvedView(state, entry, changes, fired);
    return viewTarget(state, entry, alias ?? name, resolved);
  }
  const from = bindTable(state, { relation, alias, columnAliases: [] });
  return {
    from,
    rows: from,
    shown: from.table,
    view: undefined,
    where: undefined,
    scope: (relation = from.relation, alias = from.alias) =>
      tableScope({ ...from, relation, alias }),
    position: (column) => column,
    defaultAt: (position) => defaultOf(state, from.table.columns[position]!),
  };
}

/** The view, in all the ways that it is changed. */
function resolvedView(
  state: StatementState,
  view: ViewEntry,
  changes: readonly ViewChange[],
  fired: readonly ViewChange[],
): UpdatableView {
  const { catalog } = state.options;
  const isInstead = (each: ViewEntry): boolean =>
    fired.length > 0 &&
    fired.every((event) => hasInsteadOf(catalog, each, event));
  let resolved: UpdatableView | undefined;
  for (const change of changes) {
    resolved = requireUpdatable(state, view, change, isInstead);
  }
  resolved ??= requireUpdatable(state, view, "delete", isInstead);
  return resolved;
}

function viewTarget(
  state: StatementState,
  view: ViewEntry,
  alias: string,
  resolved: UpdatableView,
): ChangeTarget {
  const { base, columns, levels } = resolved;
  const from: TableRelation = {
    ...base,
    table: withViewChecks(base.table, levels),
    ...base.tree && {
      tree: base.tree.map((each) => withViewChecks(each, levels)),
    },
  };
  const shown = shownTable(view, resolved);
  const conditions = levels.map(({ where }) => where)
    .filter((where) => where !== undefined).reverse();
  const names = view.columns.map(({ name }) => name);
  const types = shown.columns.map(({ type }) => type);
  return {
    from,
    rows: resolved.rows === base ? from : resolved.rows,
    shown,
    view,
    where: conditions.length === 0 ? undefined : combine("and", conditions, -1),
    scope: (relation = base.relation, given = alias) => ({
      ...scopeRelation(relation, given, names, types, shown),
      columns: columns.map(({ expression }) =>
        inRelation(expression, base.relation, relation)
      ),
    }),
    position: (column, verb) => {
      const { target } = columns[column]!;
      if (typeof target === "number") return target;
      throw new SqlError(
        "0A000",
        `cannot ${verb} column "${target.column}" of view "${target.view}"`,
        { detail: target.reason },
      );
    },
    defaultAt: (position) => {
      const column = columns.findIndex(({ target }) => target === position);
      return defaultOf(
        state,
        shown.columns[column] ?? base.table.columns[position]!,
      );
    },
  };
}

/** The table with the columns of the view instead of its own. */
function shownTable(
  view: ViewEntry,
  { base: { table }, columns }: UpdatableView,
): TableEntry {
  const { id, schema, name } = view;
  return {
    ...table,
    id,
    schema,
    name,
    columns: view.columns.map((own, i): ColumnEntry => {
      const target = columns[i]?.target;
      if (typeof target !== "number") return own;
      const { defaultSql = table.columns[target]!.defaultSql } = own;
      return { ...table.columns[target]!, name: own.name, defaultSql };
    }),
  };
}

/** `expression` over the rows of `from` as over those of `to`. */
function inRelation(
  expression: BoundExpression,
  from: number,
  to: number,
): BoundExpression {
  if (from === to) return expression;
  return replaceExpressions(
    expression,
    (part) =>
      part.kind === "column" && part.relation === from
        ? { ...part, relation: to }
        : undefined,
  );
}

/** Assignments to columns of `shown` as those to columns of the table. */
export function targetAssignments(
  target: ChangeTarget,
  assignments: readonly BoundAssignment[],
  verb: AssignVerb,
): readonly BoundAssignment[] {
  if (target.view === undefined) return assignments;
  const seen = new Set<number>();
  return assignments.map(({ column, expression }) => {
    const position = target.position(column, verb);
    requireOnce(target, seen, position);
    return { column: position, expression };
  });
}

/**
 * A value for every column of the table: `values` are those of the columns
 * `targets` of `shown`, which may be more than there are values; a value that
 * is absent, and a column without any, is its default.
 */
export function insertedColumns(
  target: ChangeTarget,
  targets: readonly number[],
  values: readonly (BoundExpression | undefined)[],
  verb: AssignVerb = "insert into",
): BoundExpression[] {
  const { columns } = target.from.table;
  const given = new Map<number, BoundExpression | undefined>();
  const seen = new Set<number>();
  targets.slice(0, values.length).forEach((column, i) => {
    const position = target.position(column, verb);
    requireOnce(target, seen, position);
    given.set(position, values[i]);
  });
  return columns.map((_, position) =>
    given.get(position) ?? target.defaultAt(position)
  );
}

/** @throws {SqlError} `42601` for two columns of a view that are one. */
function requireOnce(
  { from }: ChangeTarget,
  seen: Set<number>,
  position: number,
): void {
  if (seen.has(position)) {
    const { name } = from.table.columns[position]!;
    throw new SqlError(
      "42601",
      `multiple assignments to same column "${name}"`,
    );
  }
  seen.add(position);
}
