/**
 * Expressions that may not be evaluated twice, or that wait for storage.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { someExpression } from "../analyzer/walk.ts";

/** Whether evaluating the expression twice may give two results. */
export function isVolatile(expression: BoundExpression): boolean {
  return someExpression(expression, (part) =>
    part.kind === "call" &&
    (part.function.volatility === "volatile" ||
      part.function.async !== undefined));
}

/** Whether the expression has a call that waits for storage. */
export function waits(expression: BoundExpression): boolean {
  return someExpression(expression, isWaitingCall);
}

/** Whether the expression is a call that waits for storage. */
export function isWaitingCall(expression: BoundExpression): boolean {
  return expression.kind === "call" && expression.function.async !== undefined;
}
