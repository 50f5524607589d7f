/**
 * Numbers for relations that a pass makes: below those of the plan.
 *
 * @module
 */
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { inputsOf, outputOf } from "../planner/plan_tree.ts";

/** Below those that passes give to what nothing else asks for by name. */
const LAST = -2;

/** Gives numbers that no relation of `plan` has, nor any given before. */
export function newRelations(plan: LogicalPlan): () => number {
  let last: number | undefined;
  return () => {
    last = (last ?? leastOf(plan)) - 1;
    return last;
  };
}

function leastOf(plan: LogicalPlan): number {
  return Math.min(
    LAST,
    ...outputOf(plan).map(({ relation }) => relation),
    ...inputsOf(plan).map(leastOf),
  );
}
