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
import { useCustomScans } from "./custom_scans.ts";
import { decorrelate } from "./decorrelation.ts";
import { factorDisjunctions } from "./disjunctions.ts";
import type { PlanFacts } from "./facts.ts";
import { pushFilters } from "./filter_pushdown.ts";
import { useExtremes } from "./indexes/extremes.ts";
import { useIndexOrder } from "./indexes/index_order.ts";
import { selectIndexes } from "./indexes/index_selection.ts";
import { useLeadingRows } from "./indexes/leading_rows.ts";
import { orderJoins } from "./join_order.ts";
import { selectJoins } from "./join_selection.ts";
import { gatherMembers } from "./knn/members.ts";
import { selectKnn } from "./knn/selection.ts";
import { materializeChanges } from "./materialization.ts";
import { inlineSingleRows } from "./single_rows.ts";
import { groupSubqueries } from "./subquery_groups.ts";
import { useTopN } from "./top_n.ts";
import { deduceEqualities } from "./transitive_equality.ts";
import { limitWindows } from "./window_limits.ts";

/** A pass. */
interface Pass {
  readonly name: string;
  readonly run: (plan: LogicalPlan, facts: PlanFacts) => LogicalPlan;
}

/** The passes in order; without any of them, the rows are the same. */
const PASSES: readonly Pass[] = [
  { name: "constants", run: foldConstants },
  { name: "decorrelation", run: decorrelate },
  { name: "disjunctions", run: factorDisjunctions },
  { name: "single rows", run: inlineSingleRows },
  { name: "filters", run: pushFilters },
  { name: "equalities", run: deduceEqualities },
  { name: "partitions", run: prunePartitions },
  { name: "custom scans", run: useCustomScans },
  { name: "window limits", run: limitWindows },
  {
    name: "nearest members",
    run: (plan, facts) => gatherMembers(plan, facts, slotsAfter(plan)),
  },
  { name: "subquery groups", run: groupSubqueries },
  { name: "join order", run: orderJoins },
  {
    name: "join selection",
    run: (plan, facts) => selectJoins(plan, facts, slotsAfter(plan)),
  },
  { name: "append limits", run: limitAppends },
  { name: "columns", run: pruneColumns },
  { name: "extremes", run: useExtremes },
  { name: "leading rows", run: useLeadingRows },
  { name: "index order", run: useIndexOrder },
  { name: "nearest rows", run: selectKnn },
  { name: "indexes", run: selectIndexes },
  { name: "top n", run: useTopN },
];

/** The names of the passes that {@linkcode PlanFacts.without} may have. */
export const PASS_NAMES: readonly string[] = PASSES.map(({ name }) => name);

/** A better plan for the same rows. */
export function optimize(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  const better = PASSES.reduce(
    (last, { name, run }) =>
      facts.without?.has(name) === true ? last : run(last, facts),
    plan,
  );
  return pruneColumns(materializeChanges(better));
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
