/**
 * Joins by merging two sides in the order of their keys.
 *
 * ```text
 * before  join on a.x = b.x           after  join on a.x = b.x, merged
 *           scan a                             sort by x   (or an index in order)
 *           scan b                               scan a
 *                                              sort by x
 *                                                scan b
 * ```
 *
 * Chosen where both sides come in order from indexes for less than a hash table
 * costs, and where hash joins are switched off.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { joinConditionOf, type JoinKey } from "../planner/join_keys.ts";
import type { JoinNode, LogicalPlan } from "../planner/logical_plan.ts";
import { hasOrderedEquality } from "./equivalences.ts";
import { estimate } from "./estimate.ts";
import type { PlanFacts } from "./facts.ts";
import { useIndexOrder } from "./indexes/index_order.ts";

/** What a row costs that is kept in a hash table. */
const KEPT_ROW = 0.02;

/** The join as a merge, if it can be one and that pays. */
export function mergedJoin(
  join: JoinNode,
  facts: PlanFacts,
): JoinNode | undefined {
  const { mergeJoins = true, hashJoins = true } = facts.ways ?? {};
  if (!mergeJoins || join.join === "full" || join.captures.length > 0) {
    return undefined;
  }
  const { keys } = joinConditionOf(join);
  if (keys.length === 0 || !keys.every(isMergeable)) return undefined;
  const left = inOrder(join.left, keys.map((key) => key.left), facts);
  const right = inOrder(join.right, keys.map((key) => key.right), facts);
  const merged: JoinNode = { ...join, left, right, merged: true };
  if (!hashJoins) return merged;
  if (left.kind === "sort" || right.kind === "sort") return undefined;
  const hashed = estimate(join, facts).total +
    estimate(join.right, facts).rows * KEPT_ROW;
  return estimate(merged, facts).total < hashed ? merged : undefined;
}

/** Whether both sides of a key have one order, in which equals are together. */
function isMergeable({ left, right, condition }: JoinKey): boolean {
  return left.type.type === right.type.type &&
    hasOrderedEquality(left.type.type) &&
    condition.kind === "call" && condition.function.routine === undefined &&
    [left, right].every(hasOwnOrder);
}

/** Whether values are in the order of their type, not of a language. */
function hasOwnOrder(expression: BoundExpression): boolean {
  if (expression.type.collation?.language !== undefined) return false;
  return expression.kind !== "cast" ||
    expression.collation?.language === undefined &&
      hasOwnOrder(expression.operand);
}

function inOrder(
  input: LogicalPlan,
  keys: readonly BoundExpression[],
  facts: PlanFacts,
): LogicalPlan {
  return useIndexOrder({
    kind: "sort",
    input,
    keys: keys.map((expression) => ({
      expression,
      descending: false,
      nullsFirst: false,
    })),
  }, facts);
}
