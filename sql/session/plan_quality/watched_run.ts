/**
 * A run of a statement whose plan is looked at, if it is its turn.
 *
 * @module
 */
import type { ExecutionContext, PlanRun } from "../../executor/operator.ts";
import { planFor, type PlannedRun } from "../plan_choice.ts";
import { costFacts } from "../plan_facts.ts";

/** Opens the plan for a run of a statement. */
export function openWatched(
  run: PlannedRun,
  context: ExecutionContext,
): PlanRun {
  const {
    core,
    settings,
    prepared: { text, choices, plan: generic, learned },
  } = run;
  const plan = planFor(run);
  return core.planQuality.open({
    text,
    choices,
    context,
    plan,
    learned: plan === generic ? learned : undefined,
    facts: () => costFacts(core, settings),
    logFactor: settings.integer("lsm_s3.plan_quality_log_factor"),
    adaptFactor: settings.planning.adaptFactor,
  });
}
