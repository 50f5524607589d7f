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
import { SqlError } from "../errors/sql_error.ts";
import type { LogicalPlan } from "./logical_plan.ts";
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

/** Plans expressions over changed rows; `place` is what errors call it. */
export function planRowValues(
  planning: Planning,
  input: LogicalPlan,
  expressions: readonly BoundExpression[],
  { place, valueBelow }: {
    readonly place: string;
    readonly valueBelow: ValueBelow;
  },
): [LogicalPlan, BoundExpression[]] {
  const below = (column: BoundColumn): BoundExpression => {
    const value = valueBelow(column);
    if (value !== undefined) return value;
    throw new SqlError(
      "0A000",
      `a subquery over the changed row is not supported in ${place}`,
    );
  };
  const atColumns = (part: BoundExpression): BoundExpression | undefined =>
    part.kind === "column" ? below(part) : undefined;
  const moved = expressions.map((expression) =>
    // What waits is computed below as a whole.
    waits(expression)
      ? replaceExpressions(expression, atColumns)
      : replaceExpressions(
        expression,
        (part) =>
          part.kind === "subquery"
            ? mapChildren(part, (child) => replaceExpressions(child, atColumns))
            : undefined,
      )
  );
  return planning.extract(input, moved);
}

/** Below the change nothing is known of the row. */
export const NOTHING_BELOW: ValueBelow = (): undefined => undefined;
