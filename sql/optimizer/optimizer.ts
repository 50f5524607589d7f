/**
 * The passes over a logical plan, in order.
 *
 * Each is a function from plan to plan that keeps the result as it is; each
 * file draws what it does. The order matters: constants first, since what is
 * known decides about the rest; nearest rows before other indexes, which then
 * serve the exact way; pruning last.
 *
 * @module
 */
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { inputsOf } from "../planner/plan_tree.ts";
import { limitAppends } from "./append_limits.ts";
import { prunePartitions } from "./partition_pruning.ts";
import { pruneColumns } from "./column_pruning.ts";
import { foldConstants } from "./constant_folding.ts";
import { decorrelate } from "./decorrelation.ts";
import { factorDisjunctions } from "./disjunctions.ts";
import type { PlanFacts } from "./facts.ts";
import { pushFilters } from "./filter_pushdown.ts";
import { useIndexOrder } from "./indexes/index_order.ts";
import { selectIndexes } from "./indexes/index_selection.ts";
import { orderJoins } from "./join_order.ts";
import { selectJoins } from "./join_selection.ts";
import { gatherMembers } from "./knn_members.ts";
import { selectKnn } from "./knn_selection.ts";
import { materializeChanges } from "./materialization.ts";
import { groupSubqueries } from "./subquery_groups.ts";
import { useTopN } from "./top_n.ts";

/** A better plan for the same rows. */
export function optimize(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  let better = foldConstants(plan);
  better = factorDisjunctions(decorrelate(better));
  better = prunePartitions(pushFilters(better), facts);
  better = gatherMembers(better, facts, slotsAfter(better));
  better = groupSubqueries(better, facts);
  better = orderJoins(better, facts);
  better = selectJoins(better, facts, slotsAfter(better));
  better = limitAppends(better);
  better = useIndexOrder(pruneColumns(better), facts);
  better = selectKnn(better, facts);
  better = selectIndexes(better, facts);
  better = useTopN(better);
  better = materializeChanges(better);
  return pruneColumns(better);
}

/** Numbers for slots beyond those of the plan. */
function slotsAfter(plan: LogicalPlan): () => number {
  let last = -1;
  const look = (node: LogicalPlan): void => {
    const captures = node.kind === "join"
      ? node.captures
      : node.kind === "apply" || node.kind === "init"
      ? node.subqueries.flatMap((subquery) => subquery.captures)
      : [];
    for (const { slot } of captures) last = Math.max(last, slot);
    if (node.kind === "init") last = Math.max(last, ...node.slots);
    for (const input of inputsOf(node)) look(input);
  };
  look(plan);
  return () => ++last;
}
