/**
 * Distances that an index can order by, and bounds on them.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { sameExpression, someExpression } from "../../analyzer/walk.ts";
import { conjunctsOf } from "../../planner/conjuncts.ts";
import type { ScanNode } from "../../planner/logical_plan.ts";
import type { PlanFacts } from "../facts.ts";
import { isFixed } from "../indexes/key_condition.ts";
import { type TableIndex, usableIndexes } from "../indexes/table_index.ts";

/** `operand operator query`, or the other way round. */
interface Ordering {
  readonly operator: string;
  readonly operands: readonly [BoundExpression, BoundExpression];
}

/** An index that knows an order, and what it is asked for. */
export interface OrderingIndex {
  readonly index: TableIndex;
  readonly operator: string;
  readonly query: BoundExpression;
}

/** The index of the scanned table that orders by `distance`, if there is one. */
export function orderingIndex(
  distance: BoundExpression,
  scan: ScanNode,
  facts: PlanFacts,
): OrderingIndex | undefined {
  const ordering = orderingOf(distance, scan);
  if (ordering === undefined) return undefined;
  for (const index of usableIndexes(scan, facts)) {
    const query = queryFor(index, ordering);
    if (query !== undefined) {
      return { index, operator: ordering.operator, query };
    }
  }
  return undefined;
}

function orderingOf(
  distance: BoundExpression,
  { table }: ScanNode,
): Ordering | undefined {
  if (distance.kind !== "call" || distance.operator === undefined) {
    return undefined;
  }
  const [left, right] = distance.args;
  if (left === undefined || right === undefined) return undefined;
  const isOver = (operand: BoundExpression): boolean =>
    someExpression(
      operand,
      (part) => part.kind === "column" && part.relation === table.relation,
    );
  return isOver(left) === isOver(right)
    ? undefined
    : { operator: distance.operator, operands: [left, right] };
}

/** What an index that gives that order is asked for. */
function queryFor(
  { entry, method, keys }: TableIndex,
  { operator, operands: [left, right] }: Ordering,
): BoundExpression | undefined {
  const [key] = keys;
  const [column] = entry.columns;
  if (
    entry.columns.length !== 1 || key === undefined ||
    method.openNearest === undefined ||
    !method.operatorClasses.some((each) =>
      each.name === column!.operatorClass &&
      each.typeName === key.type.type.name &&
      each.orderingOperators.includes(operator)
    )
  ) return undefined;
  for (const [operand, query] of [[left, right], [right, left]] as const) {
    if (sameExpression(operand, key) && isFixed(query)) return query;
  }
  return undefined;
}

/** A condition that a distance is below a value for all rows. */
export interface DistanceBound {
  readonly condition: BoundExpression;
  readonly distance: BoundExpression;
  readonly bound: BoundExpression;
}

/** The conditions of a filter that bound something, as `d < r` or `r > d`. */
export function distanceBounds(
  filter: BoundExpression | undefined,
): DistanceBound[] {
  return conjunctsOf(filter).flatMap((condition) => {
    if (condition.kind !== "call") return [];
    const [left, right] = condition.args;
    const { operator } = condition;
    if (left === undefined || right === undefined) return [];
    const isBelow = operator === "<" || operator === "<=";
    const isAbove = operator === ">" || operator === ">=";
    if (!isBelow && !isAbove) return [];
    const [distance, bound] = isBelow ? [left, right] : [right, left];
    return isFixed(bound) && bound.type.type.category === "N"
      ? [{ condition, distance, bound }]
      : [];
  });
}
