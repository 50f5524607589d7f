/**
 * What the planner asks about queries in expressions.
 *
 * @module
 */
import type {
  BoundExpression,
  BoundSubquery,
} from "../analyzer/bound_expression.ts";
import { sameExpression, someExpression } from "../analyzer/walk.ts";

/** Whether there is a query in the expression. */
export function hasSubquery(expression: BoundExpression): boolean {
  return someExpression(expression, ({ kind }) => kind === "subquery");
}

/** Whether the expression needs a row. */
export function hasColumn(expression: BoundExpression): boolean {
  return someExpression(expression, ({ kind }) => kind === "column");
}

/** Whether two are the same query of the same row. */
export function isSame(a: BoundSubquery, b: BoundSubquery): boolean {
  return a.query === b.query && sameExpression(a, b);
}
