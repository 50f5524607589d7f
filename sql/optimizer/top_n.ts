/**
 * Pass: the first rows in order need no more room than they take.
 *
 * ```text
 * before  limit 10            after  top_n 10 by a
 *           sort by a                  scan t
 *             scan t
 * ```
 *
 * @module
 */
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { mapPlan } from "../planner/plan_tree.ts";

/** Joins a limit with the sort below it. */
export function useTopN(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => {
    if (
      node.kind !== "limit" || node.limit === undefined ||
      node.ties !== undefined || node.input.kind !== "sort"
    ) return node;
    const { limit, offset, input } = node;
    return {
      kind: "top_n",
      input: input.input,
      keys: input.keys,
      limit,
      offset,
    };
  });
}
