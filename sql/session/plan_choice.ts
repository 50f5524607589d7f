/**
 * Whether a statement with parameters is planned for its values (a custom plan)
 * or runs the plan it has (the generic one), by PostgreSQL's rule: five runs are
 * planned for their values; from then on, the generic plan is taken unless those
 * were cheaper on the mean, the planning counted.
 *
 * Where values decide nothing, the generic plan is what they would give, and is
 * counted as theirs.
 *
 * @module
 */
import { someExpression } from "../analyzer/walk.ts";
import type { Plan } from "../executor/physical_planner.ts";
import { estimate } from "../optimizer/estimate.ts";
import type { CostFacts } from "../optimizer/facts.ts";
import { expressionsOf } from "../planner/expressions_of.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { inputsOf } from "../planner/plan_tree.ts";
import type { Transaction } from "../transaction/transaction.ts";
import type { Nullable } from "../types/data_type.ts";
import type { DatabaseCore } from "./database_core.ts";
import { hookedPlan } from "./extensions/hooked_plan.ts";
import { costFacts, planFacts } from "./plan_facts.ts";
import type { Prepared } from "./prepared.ts";
import type { Settings } from "./settings.ts";

/** What planning costs for each table and once, in the unit of `estimate.ts`. */
const PLANNING = 30;

/** A run of a statement that is planned. */
export interface PlannedRun {
  readonly core: DatabaseCore;
  readonly settings: Settings;
  readonly prepared: Prepared;
  readonly transaction: Transaction;
  /** The values of its parameters. */
  readonly parameters: readonly Nullable[];
}

/** The plan for a run of a statement. */
export function planFor(run: PlannedRun): Plan {
  const { prepared } = run;
  const generic = prepared.plan!;
  const custom = wantsCustom(run);
  const plan = custom ? customPlan(run) ?? generic : generic;
  countPlan(run, plan, custom);
  return plan;
}

/** Whether a run is to be planned for its values. */
export function wantsCustom(run: PlannedRun): boolean {
  const { settings, prepared: { plan, choices, hasParameters } } = run;
  if (!hasParameters) return false;
  const mode = settings.show("plan_cache_mode");
  if (mode !== "auto") return mode === "force_custom_plan";
  return choices.prefersCustom(plan!, factsOf(run));
}

/** Counts a plan that runs. */
export function countPlan(
  run: PlannedRun,
  { logical }: Pick<Plan, "logical">,
  custom: boolean,
): void {
  const { choices } = run.prepared;
  if (!custom) return choices.countGeneric();
  const { total } = estimate(logical, factsOf(run));
  choices.countCustom(total + PLANNING * (tableCount(logical) + 1));
}

function factsOf({ core, settings, transaction }: PlannedRun): CostFacts {
  const { ways } = settings.planning;
  const { access } = core;
  return { transaction, access, ways, ...costFacts(core, settings) };
}

function customPlan(
  { core, settings, prepared, transaction, parameters }: PlannedRun,
): Plan | undefined {
  const { bound, plan, text } = prepared;
  switch (bound.kind) {
    case "select":
    case "insert":
    case "update":
    case "delete":
    case "merge":
      break;
    default:
      return undefined;
  }
  if (!valuesDecide(plan!.logical)) return undefined;
  return hookedPlan(core, settings, {
    text,
    plannable: bound,
    facts: {
      ...planFacts(core, settings, transaction, transaction.catalog),
      parameters,
    },
  });
}

/** Whether a node that may be done in other ways has parameters. */
function valuesDecide(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case "scan":
    case "index_lookup":
    case "index_scan":
    case "bitmap_scan":
    case "custom_scan":
    case "filter":
    case "join":
    case "limit":
    case "top_n":
      if (expressionsOf(plan).some(hasParameter)) return true;
      break;
    case "knn":
      if (
        [plan.filter, plan.bound, plan.limit].some((each) =>
          each !== undefined && hasParameter(each)
        )
      ) return true;
  }
  return inputsOf(plan).some(valuesDecide);
}

function hasParameter(
  expression: Parameters<typeof someExpression>[0],
): boolean {
  return someExpression(expression, ({ kind }) => kind === "parameter");
}

function tableCount(plan: LogicalPlan): number {
  return inputsOf(plan).reduce(
    (sum, input) => sum + tableCount(input),
    "table" in plan && "alias" in plan.table ? 1 : 0,
  );
}
