/**
 * Conditions as lists of what must all be true.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { bool } from "../types/bool_type.ts";

export { conjunctsOf } from "../analyzer/conjuncts.ts";

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
