/**
 * What an aggregation must give for the expressions above it.
 *
 * @module
 */
import type {
  BoundAggregate,
  BoundExpression,
  BoundGrouping,
} from "../analyzer/bound_expression.ts";
import { childrenOf, sameExpression } from "../analyzer/walk.ts";

/**
 * The aggregates and GROUPINGs in an expression above groups, and the columns that depend on
 * a grouped primary key: they become groups too, which changes no group.
 */
export function collectGrouped(
  expression: BoundExpression,
  groups: BoundExpression[],
  aggregates: BoundAggregate[],
  groupings: BoundGrouping[],
): void {
  if (expression.kind === "grouping") {
    if (!groupings.some((other) => sameExpression(other, expression))) {
      groupings.push(expression);
    }
    return;
  }
  if (groups.some((group) => sameExpression(group, expression))) return;
  if (expression.kind === "aggregate") {
    if (!aggregates.some((other) => sameExpression(other, expression))) {
      aggregates.push(expression);
    }
    return;
  }
  if (expression.kind === "column") {
    groups.push(expression);
    return;
  }
  for (const child of childrenOf(expression)) {
    collectGrouped(child, groups, aggregates, groupings);
  }
}
