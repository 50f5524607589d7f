/**
 * Inner joins that may change places: their inputs and conditions, and the joins
 * again over other inputs.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { conjunctsOf } from "../planner/conjuncts.ts";
import type { JoinNode, LogicalPlan } from "../planner/logical_plan.ts";
import { isVolatile } from "../planner/volatility.ts";

/** Inner joins without their order. */
export interface FlatJoins {
  readonly inputs: readonly LogicalPlan[];
  readonly conditions: readonly BoundExpression[];
}

/** Whether a node is a join that may change places with those below it. */
export function isFreeJoin(plan: LogicalPlan): plan is JoinNode {
  return plan.kind === "join" && plan.join === "inner" &&
    plan.captures.length === 0 &&
    !conjunctsOf(plan.condition).some(isVolatile);
}

/** The inputs and conditions of a join and of those below that are free. */
export function flattenJoins(plan: JoinNode): FlatJoins {
  const inputs: LogicalPlan[] = [];
  const conditions: BoundExpression[] = [];
  const flatten = (node: LogicalPlan): void => {
    if (!isFreeJoin(node)) {
      inputs.push(node);
      return;
    }
    flatten(node.left);
    flatten(node.right);
    conditions.push(...conjunctsOf(node.condition));
  };
  flatten(plan);
  return { inputs, conditions };
}

/** The joins as they were, over other inputs. */
export function rebuildJoins(
  plan: JoinNode,
  inputs: readonly LogicalPlan[],
): LogicalPlan {
  let next = 0;
  const build = (node: LogicalPlan): LogicalPlan =>
    isFreeJoin(node)
      ? { ...node, left: build(node.left), right: build(node.right) }
      : inputs[next++]!;
  return build(plan);
}
