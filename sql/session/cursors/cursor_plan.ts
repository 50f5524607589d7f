/**
 * What the plan of a cursor lets it do.
 *
 * @module
 */
import type { LogicalPlan } from "../../planner/logical_plan.ts";

/** Whether PostgreSQL's `ExecSupportsBackwardScan` holds for such a plan. */
export function canGoBack(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case "scan":
    case "index_lookup":
    case "index_scan":
    case "bitmap_scan":
    case "values":
    case "function_scan":
    case "cte_scan":
    case "sort":
    case "top_n":
    case "materialize":
      return true;
    case "filter":
    case "project":
    case "compute":
    case "limit":
      return canGoBack(plan.input);
    default:
      return false;
  }
}

/** Whether each row of a plan is one of the table that it scans. */
export function isSimple(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case "scan":
    case "index_lookup":
    case "index_scan":
    case "bitmap_scan":
    // Its rows are known by what was locked, whatever is below.
    case "lock_rows":
      return true;
    case "filter":
    case "project":
    case "compute":
    case "limit":
    case "apply":
    case "init":
      return isSimple(plan.input);
    default:
      return false;
  }
}
