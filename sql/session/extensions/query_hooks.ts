/**
 * Hooks around planning and around running: PostgreSQL's `planner_hook` and
 * `Executor{Start,Run,Finish,End}_hook`, for applications.
 *
 * @module
 */
import { explainPlan } from "../../executor/explain.ts";
import type { ExecutionContext } from "../../executor/operator.ts";
import type { Plan } from "../../executor/physical_planner.ts";
import type { PlanHooks, PlanProgress } from "../../executor/plan_hooks.ts";
import { estimate } from "../../optimizer/estimate.ts";
import type { CostFacts, PlanSettings } from "../../optimizer/facts.ts";

/** A statement that is to be planned. */
export interface PlanningStatement {
  /** Its text. */
  readonly text: string;
  /** `select`, `insert` … */
  readonly kind: string;
  /** Which ways its plan may go, as the settings of the session say. */
  readonly ways: PlanSettings;
}

/** A plan, as hooks see it: what EXPLAIN says of its first node. */
export interface StatementPlan {
  /** The estimated cost. */
  readonly cost: number;
  /** The estimated number of rows. */
  readonly rows: number;
}

/** Plans a statement, within other ways than the session's where they are given. */
export type PlanNext = (ways?: Partial<PlanSettings>) => StatementPlan;

/** A statement that runs, or a query within it: of a function, of a trigger. */
export interface StatementExecution extends PlanProgress {
  /** The text of the statement. */
  readonly text: string;
  /** Milliseconds since it was opened. */
  readonly elapsedMs: number;
  /** The lines of EXPLAIN. */
  explain(): readonly string[];
}

/**
 * What an application has called; each may be absent. What one throws fails the
 * statement.
 */
export interface QueryHooks {
  /**
   * Around planning: `next` plans, by the hooks that were added before and then by the
   * planner, and its plan is to be given. A plan that is kept is planned once.
   */
  readonly planner?: (
    statement: PlanningStatement,
    next: PlanNext,
  ) => StatementPlan;
  /** Before a plan is opened. */
  readonly executorStart?: (execution: StatementExecution) => void;
  /** Before rows are asked for, each time. */
  readonly executorRun?: (execution: StatementExecution) => void;
  /** After the last row, or when no more are wanted; not after an error. */
  readonly executorFinish?: (execution: StatementExecution) => void;
  /** At last; after an error, with it. */
  readonly executorEnd?: (execution: StatementExecution) => void;
}

const NO_PROGRESS: PlanProgress = { rows: 0, affectedRows: 0 };

/** The hooks of an open database, in the order they were added. */
export class QueryHookChain {
  #all: readonly QueryHooks[] = [];
  readonly #nowMs: () => number;

  /** No hooks; times are told by `nowMs`. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Whether there are none. */
  get isEmpty(): boolean {
    return this.#all.length === 0;
  }

  /** Adds hooks; calling what it gives takes them away. */
  add(hooks: QueryHooks): () => void {
    this.#all = [...this.#all, hooks];
    return () => {
      this.#all = this.#all.filter((each) => each !== hooks);
    };
  }

  /** Plans a statement; the hooks that were added last are asked first. */
  plan(
    statement: PlanningStatement,
    planned: (ways: PlanSettings) => Plan,
    facts: CostFacts,
  ): Plan {
    // What hooks are given stands for a plan; which one, only we know.
    const plans = new WeakMap<StatementPlan, Plan>();
    const through = (
      count: number,
      ways: PlanSettings,
    ): StatementPlan => {
      const hook = this.#all.slice(0, count).findLastIndex(({ planner }) =>
        planner !== undefined
      );
      if (hook < 0) {
        const plan = planned(ways);
        const { total: cost, rows } = estimate(plan.logical, facts);
        const shown: StatementPlan = { cost, rows };
        plans.set(shown, plan);
        return shown;
      }
      return this.#all[hook]!.planner!(
        { ...statement, ways },
        (changed = {}) => through(hook, { ...ways, ...changed }),
      );
    };
    const chosen = plans.get(through(this.#all.length, statement.ways));
    if (chosen === undefined) {
      throw new TypeError("A planner hook has to give a plan that next() gave");
    }
    return chosen;
  }

  /** The calls around one run of a statement. */
  around(text: string, context: () => ExecutionContext): PlanHooks {
    const all = this.#all;
    const startMs = this.#nowMs();
    let lines: (() => readonly string[]) | undefined;
    const execution = (progress: PlanProgress): StatementExecution => ({
      ...progress,
      text,
      elapsedMs: this.#nowMs() - startMs,
      explain: () => lines!(),
    });
    return {
      start: (logical) => {
        lines = () => explainPlan({ logical }, LINES, context());
        for (const { executorStart } of all) {
          executorStart?.(execution(NO_PROGRESS));
        }
      },
      run: (progress) => {
        for (const { executorRun } of all) executorRun?.(execution(progress));
      },
      finish: (progress) => {
        for (const { executorFinish } of all) {
          executorFinish?.(execution(progress));
        }
      },
      end: (progress) => {
        for (const { executorEnd } of all) executorEnd?.(execution(progress));
      },
    };
  }
}

const LINES = {
  analyze: false,
  verbose: false,
  costs: true,
  requests: false,
  buffers: false,
  timing: false,
  summary: false,
  settings: false,
  genericPlan: false,
  serialize: "none",
  format: "text",
} as const;
