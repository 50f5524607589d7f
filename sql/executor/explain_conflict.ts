/**
 * ON CONFLICT of an INSERT as EXPLAIN shows it.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { quoteIdentifier } from "../parser/quote.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import type { ExplainNode } from "./explain_node.ts";

/** What is to be said of ON CONFLICT, if the plan has it. */
export function conflictShown(
  plan: LogicalPlan,
  text: (expression: BoundExpression) => string,
): ExplainNode["details"] {
  if (plan.kind !== "insert" || plan.conflict === undefined) return [];
  const { arbiters, update } = plan.conflict;
  return [
    ["Conflict Resolution", update === undefined ? "NOTHING" : "UPDATE"],
    [
      "Conflict Arbiter Indexes",
      arbiters.map(({ name }) => quoteIdentifier(name)),
    ],
    ...update?.where === undefined
      ? []
      : [["Conflict Filter", text(update.where)] as const],
  ];
}
