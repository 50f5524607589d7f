/**
 * Expressions over columns that were computed below.
 *
 * @module
 */
import type {
  BoundColumn,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import { replaceExpressions, sameExpression } from "../analyzer/walk.ts";
import { columnRef } from "./plan_tree.ts";
import { isVolatile } from "./volatility.ts";

/** `expression` with what the sort has computed taken from there. */
export function replaceComputed(
  expression: BoundExpression,
  computed: readonly BoundExpression[],
  relation: number,
  name: string,
): BoundExpression {
  return replaceExpressions(expression, (part) => {
    const column = computed.findIndex((other) =>
      other === part || (sameExpression(other, part) && !isVolatile(part))
    );
    if (column < 0) return undefined;
    const ref: BoundColumn = columnRef({ relation, column }, part, name);
    return ref;
  });
}
