/**
 * Expressions that are evaluated over rows when they are changed, and not by a
 * plan below: RETURNING, ON CONFLICT DO UPDATE.
 *
 * A query in them that needs a value of the row is run below the change, which
 * is where it must not see the change anyway; it gets the value that the row will
 * have, or has had:
 *
 * ```text
 * INSERT INTO t (a) VALUES (1) RETURNING (SELECT x FROM u WHERE u.a = t.a)
 *
 *   insert t (a = c.0) RETURNING q.0 - apply q.0 = (SELECT … c.0) - compute c.0 = 1
 * ```
 *
 * Where that value is known only when the row is changed (the row that ON CONFLICT
 * meets, what MERGE makes of one), the query waits for it: it is planned over an
 * `external` node, which is given the rows then, and reads the database as it was
 * before the statement.
 *
 * @module
 */
import type {
  BoundColumn,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import {
  childrenOf,
  mapChildren,
  replaceExpressions,
  someExpression,
} from "../analyzer/walk.ts";
import { bool } from "../types/bool_type.ts";
import { int4 } from "../types/int_types.ts";
import type { LateRows, LogicalPlan } from "./logical_plan.ts";
import type { Planning } from "./planning.ts";
import { hasColumn } from "./subquery_parts.ts";
import { waits } from "./volatility.ts";

/**
 * What a column of the changed row is in the rows below the change; `undefined`
 * if it is not known there.
 */
export type ValueBelow = (column: BoundColumn) => BoundExpression | undefined;

/** Whether a query in the expression, or a call that waits, needs a row. */
export function needsRow(expression: BoundExpression): boolean {
  if (waits(expression) && hasColumn(expression)) return true;
  return someExpression(
    expression,
    (part) => part.kind === "subquery" && childrenOf(part).some(hasColumn),
  );
}

/** Expressions over changed rows, planned. */
export interface PlannedRowValues {
  readonly input: LogicalPlan;
  readonly expressions: BoundExpression[];
  /** What is asked only when the rows are changed. */
  readonly late: LateRows | undefined;
}

/** Plans expressions over changed rows. */
export function planRowValues(
  planning: Planning,
  input: LogicalPlan,
  expressions: readonly BoundExpression[],
  valueBelow: ValueBelow,
): PlannedRowValues {
  const isLate = expressions.map((expression) => {
    let unknown = false;
    atQueries(expression, (column) => {
      if (valueBelow(column) === undefined) unknown = true;
      return column;
    });
    return unknown;
  });
  const early = expressions.map((expression, i) =>
    isLate[i]!
      ? NO_VALUE
      : atQueries(expression, (column) => valueBelow(column)!)
  );
  const [below, planned] = planning.extract(input, early);
  const rows = new LateColumns(planning.newRelation());
  const asked = expressions.filter((_, i) => isLate[i]!).map((expression) =>
    atQueries(expression, (column) => rows.of(column))
  );
  if (asked.length === 0) {
    return { input: below, expressions: planned, late: undefined };
  }
  const [plan, answers] = planning.extract(rows.node(), asked);
  let next = 0;
  return {
    input: below,
    expressions: planned.map((each, i) => isLate[i]! ? answers[next++]! : each),
    late: { columns: rows.columns, external: rows.relation, plan },
  };
}

/** In the place of an expression that is planned elsewhere. */
const NO_VALUE: BoundExpression = {
  kind: "constant",
  type: { type: bool, typmod: -1 },
  value: null,
  offset: -1,
};

/** The columns of changed rows that queries over them take. */
class LateColumns {
  readonly relation: number;
  readonly columns: BoundColumn[] = [];

  constructor(relation: number) {
    this.relation = relation;
  }

  /** The column of the node that stands for `column`. */
  of(column: BoundColumn): BoundExpression {
    const { columns, relation } = this;
    let position = columns.findIndex((each) =>
      each.relation === column.relation && each.column === column.column
    );
    if (position < 0) position = columns.push(column) - 1;
    return { ...column, relation, column: position };
  }

  /** The rows, with their numbers as the last column. */
  node(): LogicalPlan {
    return {
      kind: "external",
      relation: this.relation,
      types: [
        ...this.columns.map(({ type }) => type),
        { type: int4, typmod: -1 },
      ],
    };
  }
}

/** An expression with the columns that its queries take replaced. */
function atQueries(
  expression: BoundExpression,
  replace: (column: BoundColumn) => BoundExpression,
): BoundExpression {
  const atColumns = (part: BoundExpression): BoundExpression | undefined =>
    part.kind === "column" ? replace(part) : undefined;
  // What waits is computed as a whole.
  return waits(expression)
    ? replaceExpressions(expression, atColumns)
    : replaceExpressions(
      expression,
      (part) =>
        part.kind === "subquery"
          ? mapChildren(part, (child) => replaceExpressions(child, atColumns))
          : undefined,
    );
}
