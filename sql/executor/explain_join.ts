/**
 * What EXPLAIN calls a join.
 *
 * @module
 */
import { joinConditionOf } from "../planner/join_keys.ts";
import type { JoinNode, LogicalPlan } from "../planner/logical_plan.ts";
import { AHEAD_ROWS_MAX } from "./dependent_join.ts";
import type { ExplainNode } from "./explain_node.ts";

const NAMES: Readonly<Record<JoinNode["join"], string>> = {
  inner: "",
  left: "Left",
  full: "Full",
  semi: "Semi",
  anti: "Anti",
};

/** A join's names, and whether it is by a hash table. */
export interface JoinShown
  extends Pick<ExplainNode, "type" | "title" | "facts"> {
  readonly isHash: boolean;
}

/** What a join is called. */
export function joinShown(plan: JoinNode): JoinShown {
  const isMerge = plan.merged === true;
  const isHash = !isMerge && joinConditionOf(plan).keys.length > 0 &&
    plan.captures.length === 0;
  const way = isMerge ? "Merge" : isHash ? "Hash" : "Nested Loop";
  const type = isMerge || isHash ? `${way} Join` : way;
  const kind = NAMES[plan.join];
  return {
    isHash,
    type,
    title: kind === "" ? type : `${way} ${kind} Join`,
    facts: { "Join Type": kind === "" ? "Inner" : kind },
  };
}

/** Whether the right side of a join is begun for several rows at once. */
export function aheadShown(
  { captures, right }: JoinNode,
): ExplainNode["details"] {
  if (captures.length === 0 || !isNearest(right)) return [];
  return [[
    "Nearest Rows",
    `searched for up to ${AHEAD_ROWS_MAX} rows at once`,
  ]];
}

function isNearest(plan: LogicalPlan): boolean {
  return plan.kind === "knn" ||
    (plan.kind === "project" || plan.kind === "compute") &&
      isNearest(plan.input);
}
