/**
 * The passes over a logical plan, in order.
 *
 * Each is a function from plan to plan that keeps the result as it is; each
 * file draws what it does. The order matters: constants first, since what is
 * known decides about the rest; keys before nearest rows, since an index that
 * leaves few rows makes an exact order cheap; pruning last.
 *
 * @module
 */
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { pruneColumns } from "./column_pruning.ts";
import { foldConstants } from "./constant_folding.ts";
import type { PlanFacts } from "./facts.ts";
import { pushFilters } from "./filter_pushdown.ts";
import { selectIndexes } from "./index_selection.ts";
import { selectKnn } from "./knn_selection.ts";
import { useTopN } from "./top_n.ts";

/** A better plan for the same rows. */
export function optimize(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  let better = foldConstants(plan);
  better = pushFilters(better);
  better = selectIndexes(better, facts);
  better = selectKnn(better, facts);
  better = useTopN(better);
  return pruneColumns(better);
}
