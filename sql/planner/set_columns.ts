/**
 * Calls that give rows, as columns computed apart: a `project_set` node gives
 * each row of its input as often as the longest of them has rows. Inner calls
 * come first, in a node of their own.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { hasSetCall, isSetCall } from "../analyzer/set_calls.ts";
import { childrenOf, replaceExpressions } from "../analyzer/walk.ts";
import type { LogicalPlan, SetCall } from "./logical_plan.ts";
import { columnRef } from "./plan_tree.ts";

/** `expressions` without calls that give rows, and the plan that has them. */
export function separateSets(
  newRelation: () => number,
  input: LogicalPlan,
  expressions: readonly BoundExpression[],
): [LogicalPlan, BoundExpression[]] {
  let plan = input;
  let current = [...expressions];
  while (current.some(hasSetCall)) {
    const relation = newRelation();
    const calls: SetCall[] = [];
    current = current.map((expression) =>
      replaceExpressions(expression, (part) => {
        if (!isSetCall(part) || childrenOf(part).some(hasSetCall)) {
          return undefined;
        }
        const { type, args } = part;
        const columns = [{ name: part.function.name, type }];
        const column = calls.push({ function: part.function, args, columns }) -
          1;
        return columnRef({ relation, column }, part);
      })
    );
    plan = { kind: "project_set", input: plan, relation, calls };
  }
  return [plan, current];
}
