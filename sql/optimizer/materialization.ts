/**
 * Pass: a statement that changes a table computes all its rows first, where some
 * of them come from plans that are started while others are read: those would
 * see what the statement itself has changed.
 *
 * @module
 */
import { isChange, type LogicalPlan } from "../planner/logical_plan.ts";
import { inputsOf, mapInputs } from "../planner/plan_tree.ts";

/** Puts a `materialize` below changes that need one. */
export function materializeChanges(plan: LogicalPlan): LogicalPlan {
  if (!isChange(plan)) return mapInputs(plan, materializeChanges);
  return startsLate(plan.input)
    ? { ...plan, input: { kind: "materialize", input: plan.input } }
    : plan;
}

/** Whether something below is started after the first row was given. */
function startsLate(plan: LogicalPlan): boolean {
  const inputs = inputsOf(plan);
  return inputs.length > 1 || inputs.some(startsLate);
}
