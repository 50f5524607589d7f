/**
 * Which plans of a statement with parameters ran: those for the values of a run,
 * and the one for all. PostgreSQL's rule, by which `plan_choice.ts` plans.
 *
 * @module
 */
import type { Plan } from "../executor/physical_planner.ts";
import { estimate } from "../optimizer/estimate.ts";
import type { CostFacts } from "../optimizer/facts.ts";

/** Runs that are planned for their values before it is asked whether that pays. */
const CUSTOM_RUNS = 5;
/** Runs whose rows are counted at first, and one in how many later. */
const SAMPLES_FIRST = 3;
const SAMPLE_EVERY = 64;

/** What was chosen for a statement so far. */
export class PlanChoices {
  #runs = 0;
  #genericPlans = 0;
  #customPlans = 0;
  #customCost = 0;
  /** What the plan it has costs, once that was asked for. */
  #known: { readonly plan: Plan; readonly cost: number } | undefined;

  /**
   * Counts a run; whether what it gives is to be looked at: the first runs are, and
   * one in many later.
   */
  isSampled(): boolean {
    const run = this.#runs++;
    return run < SAMPLES_FIRST || run % SAMPLE_EVERY === 0;
  }

  /** How often the plan it has ran. */
  get genericPlans(): number {
    return this.#genericPlans;
  }

  /** How often it was planned for its values. */
  get customPlans(): number {
    return this.#customPlans;
  }

  /** Whether the next run is to be planned for its values. */
  prefersCustom(generic: Plan, facts: CostFacts): boolean {
    if (this.#customPlans < CUSTOM_RUNS) return true;
    if (this.#known?.plan !== generic) {
      const { total: cost } = estimate(generic.logical, facts);
      this.#known = { plan: generic, cost };
    }
    return this.#known.cost >= this.#customCost / this.#customPlans;
  }

  /** Counts a run of the plan it has. */
  countGeneric(): void {
    this.#genericPlans++;
  }

  /** Counts a run that was planned for its values. */
  countCustom(cost: number): void {
    this.#customPlans++;
    this.#customCost += cost;
  }
}
