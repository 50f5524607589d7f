/**
 * Set operations as EXPLAIN shows them.
 *
 * @module
 */
import type { SetOperationNode } from "../planner/logical_plan.ts";
import type { ExplainNode } from "./explain_node.ts";

/** What is shown of UNION, INTERSECT and EXCEPT. */
export function setOperationShown(
  { operation, all }: SetOperationNode,
): Pick<ExplainNode, "type" | "title" | "facts"> {
  if (operation === "union") {
    const type = all ? "Append" : "HashAggregate";
    return { type, title: type, facts: {} };
  }
  const word = operation[0]!.toUpperCase() + operation.slice(1);
  return {
    type: "HashSetOp",
    title: `HashSetOp ${word}${all ? " All" : ""}`,
    facts: { "Command": word },
  };
}
