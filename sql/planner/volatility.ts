/**
 * Expressions that may not be evaluated twice, or that wait for storage.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { someExpression } from "../analyzer/walk.ts";
import { expressionsOf } from "./expressions_of.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { inputsOf } from "./plan_tree.ts";

/** Whether evaluating the expression twice may give two results. */
export function isVolatile(expression: BoundExpression): boolean {
  return someExpression(expression, (part) =>
    part.kind === "call" &&
    (part.function.volatility === "volatile" ||
      part.function.async !== undefined));
}

/**
 * Whether running the plan twice in a statement may give two results, or does more than
 * give rows.
 */
export function isVolatilePlan(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case "lock_rows":
    case "external":
    case "custom_scan":
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return true;
    case "apply":
    case "init":
      if (
        plan.subqueries.some(({ test }) =>
          test !== undefined && isVolatile(test)
        )
      ) return true;
  }
  return expressionsOf(plan).some(isVolatile) ||
    inputsOf(plan).some(isVolatilePlan);
}

/** Whether the expression has a call that waits for storage. */
export function waits(expression: BoundExpression): boolean {
  return someExpression(expression, isWaitingCall);
}

/** Whether the expression is a call that waits for storage. */
export function isWaitingCall(expression: BoundExpression): boolean {
  return expression.kind === "call" && expression.function.async !== undefined;
}
