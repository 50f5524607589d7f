/**
 * Conditions as lists of what must all be true.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { bool } from "../types/bool_type.ts";

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

/** The conditions joined by AND; absent where there are none. */
export function conjunction(
  conditions: readonly BoundExpression[],
): BoundExpression | undefined {
  if (conditions.length <= 1) return conditions[0];
  return {
    kind: "logical",
    operation: "and",
    operands: conditions,
    type: { type: bool, typmod: -1 },
    offset: -1,
  };
}
