/**
 * Conditions as lists of what must all be true.
 *
 * @module
 */
import type { BoundExpression } from "./bound_expression.ts";

/** The conditions that AND joins; none for an absent one. */
export function conjunctsOf(
  condition: BoundExpression | undefined,
): BoundExpression[] {
  if (condition === undefined) return [];
  if (condition.kind === "logical" && condition.operation === "and") {
    return condition.operands.flatMap(conjunctsOf);
  }
  return [condition];
}
