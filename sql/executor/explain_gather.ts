/**
 * Plans that several threads run, as EXPLAIN shows them.
 *
 * @module
 */
import type { AggregateNode, GatherNode } from "../planner/logical_plan.ts";
import type { Actual, ExplainNode } from "./explain_node.ts";

/** What is shown of a gather. */
export function gatherShown(
  { keys, workers }: GatherNode,
  actual: Actual | undefined,
): Pick<ExplainNode, "type" | "details"> {
  return {
    type: keys === undefined ? "Gather" : "Gather Merge",
    details: [
      ["Workers Planned", String(workers)],
      ...actual?.launched === undefined
        ? []
        : [["Workers Launched", String(actual.launched)] as const],
    ],
  };
}

/** How an aggregate is called, and which of its steps it is. */
export function aggregateShown(
  { groups, phase }: AggregateNode,
): Pick<ExplainNode, "type" | "title" | "facts"> {
  const type = groups.length === 0 ? "Aggregate" : "HashAggregate";
  if (phase === undefined) return { type, title: type, facts: {} };
  const mode = phase === "partial" ? "Partial" : "Finalize";
  return { type, title: `${mode} ${type}`, facts: { "Partial Mode": mode } };
}
