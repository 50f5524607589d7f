/**
 * What EXPLAIN VERBOSE says that a node gives: the `Output` line.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";
import { type PlanText, shownWithin } from "./explain_text.ts";

/** What a node gives; empty where PostgreSQL says nothing of it. */
export function outputShown(plan: LogicalPlan, text: PlanText): string[] {
  const node = shownWithin(plan);
  if (isAppend(node)) return [];
  const output = outputOf(plan).map((id) => text.output(id, node));
  if (node === plan) return output;
  // PostgreSQL sorts what is asked for, and what it sorts by after that.
  const keys = sortKeys(node).map((key) => text.given(key, node));
  return [...new Set([...output, ...keys])];
}

/** What the rows that a node gives on are sorted by. */
function sortKeys(plan: LogicalPlan): BoundExpression[] {
  switch (plan.kind) {
    case "sort":
    case "top_n":
      return plan.keys.map(({ expression }) => expression);
    case "limit":
      return sortKeys(plan.input);
    default:
      return [];
  }
}

function isAppend(plan: LogicalPlan): boolean {
  return plan.kind === "append" && plan.inputs.length > 0 ||
    plan.kind === "recursive" ||
    plan.kind === "set_operation" && plan.operation === "union" && plan.all;
}
