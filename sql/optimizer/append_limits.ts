/**
 * Pass: the first rows of a tree of tables are among the first of each table.
 *
 * ```text
 * before  limit 10                 after  limit 10
 *           sort by d                       sort by d
 *             compute e <-> $1 AS d           append p
 *               append p                        limit 10
 *                 scan p1                         sort by d
 *                 scan p2                           compute e <-> $1 AS d
 *                                                     scan p1
 *                                               … p2
 * ```
 *
 * So an index of each table gives them in order, a vector index too.
 *
 * @module
 */
import type { LimitNode, LogicalPlan } from "../planner/logical_plan.ts";
import { mapPlan, outputOf } from "../planner/plan_tree.ts";

/** Takes limits into the inputs of appends. */
export function limitAppends(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => node.kind === "limit" ? limited(node) : node);
}

function limited(node: LimitNode): LogicalPlan {
  const { limit, offset, ties, input: sort } = node;
  const isPlain = limit !== undefined && offset === undefined &&
    ties === undefined;
  if (!isPlain || sort.kind !== "sort") return node;
  const { input } = sort;
  const compute = input.kind === "compute" && !input.waits ? input : undefined;
  const append = compute?.input ?? input;
  if (append.kind !== "append" || append.inputs.length === 0) return node;
  const inputs = append.inputs.map((each): LogicalPlan => ({
    ...node,
    input: {
      ...sort,
      input: compute === undefined ? each : { ...compute, input: each },
    },
  }));
  const more = compute === undefined
    ? []
    : outputOf(compute).slice(-compute.expressions.length);
  return { ...node, input: { ...sort, input: { ...append, more, inputs } } };
}
