/**
 * DECLARE CURSOR, and WHERE CURRENT OF.
 *
 * A query of one table, row by row, gives the place of each row after its
 * columns (`ctid`): what CURRENT OF is about.
 *
 * @module
 */
import type { TableEntry } from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { DeclareCursorSyntax } from "../parser/syntax.ts";
import type {
  BoundExpression,
  BoundQuery,
  TableRelation,
} from "./bound_expression.ts";
import type { BoundDeclareCursor } from "./bound_tree.ts";
import type { ExpressionBinder } from "./expression_binder.ts";
import { systemColumn } from "./scope.ts";
import { hasSetCall } from "./set_calls.ts";
import type { StatementState } from "./statement_state.ts";
import { someExpression } from "./walk.ts";

/** Binds DECLARE CURSOR; the statement in it is finished by the caller. */
export function bindCursorQuery(
  state: StatementState,
  { query: syntax }: DeclareCursorSyntax,
): Pick<BoundDeclareCursor, "cursorFields" | "table"> & {
  readonly query: BoundQuery;
} {
  const query = state.bindQuery(syntax, { resolveUnknowns: true });
  if (query.ctes.some((cte) => "kind" in cte.query)) {
    throw new SqlError(
      "0A000",
      "DECLARE CURSOR must not contain data-modifying statements in WITH",
    );
  }
  const { fields } = query;
  const from = scannedTable(query);
  if (from === undefined) {
    return { query, cursorFields: fields, table: undefined };
  }
  const expression = systemColumn(from, "ctid", -1)!;
  const { type } = expression;
  const place = { name: "ctid", type, table: undefined, column: undefined };
  return {
    query: {
      ...query,
      targets: [...query.targets, { name: "ctid", expression, visible: true }],
      fields: [...fields, place],
    },
    cursorFields: fields,
    table: from.table,
  };
}

/** The table whose rows a query gives one by one. */
function scannedTable(query: BoundQuery): TableRelation | undefined {
  const { from, grouped, distinct, distinctOn, targets } = query;
  const plain = from?.kind === "table" && !grouped && !distinct &&
    distinctOn === 0 && !query.withTies &&
    !targets.some(({ expression }) =>
      hasSetCall(expression) ||
      someExpression(expression, ({ kind }) => kind === "window")
    );
  return plain ? from : undefined;
}

/** `WHERE CURRENT OF cursor`: the row of a table that has its place. */
export function bindCurrentOf(
  binder: ExpressionBinder,
  from: TableRelation,
  cursor: string,
): BoundExpression {
  const { state } = binder;
  const value = rowOf(state, cursor, from.table);
  const column = systemColumn(from, "ctid", -1)!;
  const place: BoundExpression = {
    kind: "constant",
    type: column.type,
    value,
    offset: -1,
  };
  return binder.operator("=", column, place, -1);
}

function rowOf(
  state: StatementState,
  cursor: string,
  table: TableEntry,
): ReturnType<NonNullable<StatementState["options"]["currentRow"]>> {
  const { currentRow } = state.options;
  state.dependOnMoment();
  if (currentRow !== undefined) return currentRow(cursor, table);
  throw new SqlError("34000", `cursor "${cursor}" does not exist`);
}
