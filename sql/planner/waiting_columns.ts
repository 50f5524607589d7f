/**
 * Calls that wait for storage, as columns computed apart.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { childrenOf, replaceExpressions } from "../analyzer/walk.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { columnRef } from "./plan_tree.ts";
import { isWaitingCall, waits } from "./volatility.ts";

/** Calls that wait for storage get a node of their own, inner ones first. */
export function separateWaits(
  newRelation: () => number,
  input: LogicalPlan,
  expressions: readonly BoundExpression[],
): [LogicalPlan, BoundExpression[]] {
  let plan = input;
  let current = [...expressions];
  while (current.some(waits)) {
    const relation = newRelation();
    const calls: BoundExpression[] = [];
    current = current.map((expression) =>
      replaceExpressions(expression, (part) => {
        if (!isWaitingCall(part) || childrenOf(part).some(waits)) {
          return undefined;
        }
        const column = calls.push(part) - 1;
        return columnRef({ relation, column }, part);
      })
    );
    plan = {
      kind: "compute",
      input: plan,
      relation,
      expressions: calls,
      waits: true,
    };
  }
  return [plan, current];
}
