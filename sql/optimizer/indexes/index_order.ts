/**
 * Pass: rows come in order from an index that has them in order.
 *
 * ```text
 * before  limit 10                 after  limit 10
 *           sort by b, c                    index_scan t by t_a_b_c_idx, ordered
 *             scan t                          a = 1
 *               filter a = 1
 * ```
 *
 * The keys of the sort are those of the index, all in its directions or all in
 * the opposite ones; key columns with one value may stand between them.
 *
 * @module
 */
import type {
  LimitNode,
  LogicalPlan,
  SortKey,
  SortNode,
} from "../../planner/logical_plan.ts";
import { mapInputs } from "../../planner/plan_tree.ts";
import type { PlanFacts } from "../facts.ts";
import { cheaper, orderedScan } from "./ordered_scan.ts";

/** Replaces sorts by ordered scans where that is cheaper. */
export function useIndexOrder(
  plan: LogicalPlan,
  facts: PlanFacts,
): LogicalPlan {
  const below = mapInputs(plan, (input) => {
    // A limit decides together with the sort below it.
    if (plan.kind === "limit" && input.kind === "sort") {
      return mapInputs(input, (each) => useIndexOrder(each, facts));
    }
    return useIndexOrder(input, facts);
  });
  switch (below.kind) {
    case "limit":
      return below.input.kind === "sort"
        ? orderedLimit(below, below.input, facts)
        : below;
    case "sort":
      return cheaper(below, inOrder(below.input, below.keys, facts), facts);
    default:
      return below;
  }
}

function orderedLimit(
  limit: LimitNode,
  sort: SortNode,
  facts: PlanFacts,
): LogicalPlan {
  const ordered = inOrder(sort.input, sort.keys, facts);
  return ordered === undefined
    ? limit
    : cheaper(limit, { ...limit, input: ordered }, facts);
}

/** `plan` with its rows in the order of `keys`, by an index. */
function inOrder(
  plan: LogicalPlan,
  keys: readonly SortKey[],
  facts: PlanFacts,
): LogicalPlan | undefined {
  switch (plan.kind) {
    case "scan":
      return orderedScan(plan, keys, facts);
    case "filter":
    case "compute": {
      const input = inOrder(plan.input, keys, facts);
      return input && { ...plan, input };
    }
    default:
      return undefined;
  }
}
