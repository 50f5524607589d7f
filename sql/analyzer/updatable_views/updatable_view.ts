/**
 * Whether rows can be changed through a view, and what its columns are to the
 * table below.
 *
 * A view can be changed when each of its rows is one row of one table:
 *
 * ```text
 * view over view over table     columns of the outer view, over the table
 *   SELECT a, b + 1 FROM inner    inner's column → what inner has for it
 *   WHERE …                       conditions of all views, over the table
 * ```
 *
 * @module
 */
import type { ViewEntry } from "../../catalog/entries.ts";
import { viewTable } from "../../catalog/view_table.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type {
  BoundExpression,
  BoundFrom,
  BoundQuery,
  TableRelation,
} from "../bound_expression.ts";
import { hasSetCall } from "../set_calls.ts";
import type { StatementState } from "../statement_state.ts";
import { queryOf } from "../view_text.ts";
import { replaceExpressions, someExpression } from "../walk.ts";

/** What is done with the rows of a view. */
export type ViewChange = "insert" | "update" | "delete";

/** Whether triggers of a view do what a statement asks for. */
export type IsInstead = (view: ViewEntry) => boolean;

/** A column of a view that cannot be assigned to. */
export interface FixedColumn {
  /** The view in which it is not a column of what is below. */
  readonly view: string;
  readonly column: string;
  readonly reason: string;
}

/** A column of a view, over the table. */
export interface ViewColumn {
  readonly expression: BoundExpression;
  /** Its position in the table, or why it has none. */
  readonly target: number | FixedColumn;
}

/** A view of a chain down to the table. */
export interface ViewLevel {
  readonly view: ViewEntry;
  /** Its own WHERE, over the table. */
  readonly where: BoundExpression | undefined;
}

/** A view that can be changed. */
export interface UpdatableView {
  /** The table whose rows its rows are. */
  readonly base: TableRelation;
  /** They: of the table, or of a view with INSTEAD OF triggers. */
  readonly rows: BoundFrom;
  readonly columns: readonly ViewColumn[];
  /** The view, and those below it. */
  readonly levels: readonly ViewLevel[];
}

/** A view, or the one below it, that cannot be changed, and PostgreSQL's why. */
export interface FixedView {
  readonly view: ViewEntry;
  readonly reason: string;
}

/** What a view is to the table below; what keeps it from being changed. */
export function resolveView(
  state: StatementState,
  view: ViewEntry,
  needsColumns: boolean,
  isInstead: IsInstead = () => false,
): UpdatableView | FixedView {
  const query = state.noting(
    undefined,
    () => state.bindQuery(queryOf(view), { resolveUnknowns: true }),
  );
  return isInstead(view)
    ? rowsOfView(view, query, state.newRelation())
    : resolveQuery(view, query, needsColumns, isInstead);
}

/** A view whose triggers do what is to be done: its rows are changed. */
function rowsOfView(
  view: ViewEntry,
  query: BoundQuery,
  relation: number,
): UpdatableView {
  const alias = view.name;
  const columnNames = view.columns.map(({ name }) => name);
  const rows = { relation, alias, columnNames };
  return overRows(
    { ...rows, kind: "table", table: viewTable(view) },
    { ...rows, kind: "subquery", query, captures: [], view },
  );
}

/**
 * The view as {@linkcode resolveView} gives it.
 *
 * @throws {SqlError} `55000` where it cannot be changed.
 */
export function requireUpdatable(
  state: StatementState,
  view: ViewEntry,
  change: ViewChange,
  isInstead?: IsInstead,
): UpdatableView {
  const resolved = resolveView(state, view, change !== "delete", isInstead);
  if (!("reason" in resolved)) return resolved;
  const { verb, trying } = WORDS[change];
  const event = change.toUpperCase();
  throw new SqlError("55000", `cannot ${verb} view "${resolved.view.name}"`, {
    detail: resolved.reason,
    hint:
      `To enable ${trying} the view, provide an INSTEAD OF ${event} trigger or an unconditional ON ${event} DO INSTEAD rule.`,
  });
}

const WORDS: Readonly<
  Record<ViewChange, { readonly verb: string; readonly trying: string }>
> = {
  insert: { verb: "insert into", trying: "inserting into" },
  update: { verb: "update", trying: "updating" },
  delete: { verb: "delete from", trying: "deleting from" },
};

/** `query` is that of `view`. */
export function resolveQuery(
  view: ViewEntry,
  query: BoundQuery,
  needsColumns: boolean,
  isInstead: IsInstead = () => false,
): UpdatableView | FixedView {
  const reason = whyFixed(query);
  if (reason !== undefined) return { view, reason };
  const below = resolveBelow(query, needsColumns, isInstead);
  if ("reason" in below) return below;
  const { from } = query;
  const overTable = (expression: BoundExpression): BoundExpression =>
    from?.kind === "table" ? expression : replaceExpressions(
      expression,
      (part) =>
        part.kind === "column" && from?.kind === "subquery" &&
          part.relation === from.relation
          ? below.columns[part.column]!.expression
          : undefined,
    );
  const columns = query.targets.filter(({ visible }) => visible).map(
    ({ expression }, i): ViewColumn => ({
      expression: overTable(expression),
      target: targetOf(expression, below, {
        view: view.name,
        column: view.columns[i]!.name,
      }),
    }),
  );
  const hasColumn = columns.some(({ target }) =>
    typeof target === "number" || target.view !== view.name
  );
  if (needsColumns && !hasColumn) {
    const reason =
      "Views that have no updatable columns are not automatically updatable.";
    return { view, reason };
  }
  const where = query.where && overTable(query.where);
  return {
    base: below.base,
    rows: below.rows,
    columns,
    levels: [{ view, where }, ...below.levels],
  };
}

/** What the FROM of a view's query is to the table. */
function resolveBelow(
  { from }: BoundQuery,
  needsColumns: boolean,
  isInstead: IsInstead,
): UpdatableView | FixedView {
  if (from?.kind !== "subquery") {
    const table = from as TableRelation;
    return overRows(table, table);
  }
  const { view, query, relation } = from;
  return isInstead(view!)
    ? rowsOfView(view!, query, relation)
    : resolveQuery(view!, query, needsColumns, isInstead);
}

/** What is changed itself. */
function overRows(base: TableRelation, rows: BoundFrom): UpdatableView {
  const { relation } = base;
  const columns = base.table.columns.map(({ name, type }, column) => ({
    expression: {
      kind: "column" as const,
      relation,
      column,
      type,
      name,
      offset: -1,
    },
    target: column,
  }));
  return { base, rows, columns, levels: [] };
}

/** Which column of the table a target is. */
function targetOf(
  expression: BoundExpression,
  below: UpdatableView,
  names: Pick<FixedColumn, "view" | "column">,
): ViewColumn["target"] {
  const fixed = (what: string): FixedColumn => ({
    ...names,
    reason: `View columns that ${what} are not updatable.`,
  });
  if (expression.kind !== "column") {
    return fixed("are not columns of their base relation");
  }
  const { column } = expression;
  if (column < 0 || column >= below.columns.length) {
    return fixed("refer to system columns");
  }
  return below.columns[column]!.target;
}

/** Why rows of a query are not those of one table, in PostgreSQL's order. */
function whyFixed(query: BoundQuery): string | undefined {
  const { from, targets } = query;
  const containing = [
    [query.distinct || query.distinctOn > 0, "DISTINCT"],
    [query.groupBy.length > 0 || query.groupingSets !== undefined, "GROUP BY"],
    [query.having !== undefined, "HAVING"],
    [from?.kind === "set_operation", "UNION, INTERSECT, or EXCEPT"],
    [query.ctes.length > 0, "WITH"],
    [
      query.limit !== undefined || query.offset !== undefined,
      "LIMIT or OFFSET",
    ],
  ] as const;
  const found = containing.find(([is]) => is);
  if (found !== undefined) {
    return `Views containing ${found[1]} are not automatically updatable.`;
  }
  const has = (test: (expression: BoundExpression) => boolean): boolean =>
    targets.some(({ expression }) => test(expression));
  const returning = query.grouped
    ? "aggregate functions"
    : has((each) => someExpression(each, ({ kind }) => kind === "window"))
    ? "window functions"
    : has(hasSetCall)
    ? "set-returning functions"
    : undefined;
  if (returning !== undefined) {
    return `Views that return ${returning} are not automatically updatable.`;
  }
  if (from?.kind === "sample") {
    return "Views containing TABLESAMPLE are not automatically updatable.";
  }
  const isSingle =
    (from?.kind === "table" && from.table.materialized === undefined) ||
    (from?.kind === "subquery" && from.view !== undefined);
  return isSingle
    ? undefined
    : "Views that do not select from a single table or view are not automatically updatable.";
}
