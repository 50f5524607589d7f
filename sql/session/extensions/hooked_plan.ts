/**
 * Planning a statement by the hooks that there are.
 *
 * @module
 */
import type { BoundPlannable } from "../../analyzer/bound_tree.ts";
import { type Plan, planStatement } from "../../executor/physical_planner.ts";
import type { PlanFacts } from "../../optimizer/facts.ts";
import type { DatabaseCore } from "../database_core.ts";
import type { Settings } from "../settings.ts";

/** A statement that is to be planned. */
export interface ToPlan {
  readonly text: string;
  readonly plannable: BoundPlannable;
  readonly facts: PlanFacts;
}

/**
 * The plan of a statement.
 *
 * @throws what a hook throws.
 */
export function hookedPlan(
  { extensions: { hooks } }: DatabaseCore,
  { planning: { ways } }: Settings,
  { text, plannable, facts }: ToPlan,
): Plan {
  if (hooks.isEmpty) return planStatement(plannable, facts);
  return hooks.plan(
    { text, kind: plannable.kind, ways },
    (ways) => planStatement(plannable, { ...facts, ways }),
    facts,
  );
}
