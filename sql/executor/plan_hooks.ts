/**
 * What is called around the run of a plan.
 *
 * @module
 */
import type { LogicalPlan } from "../planner/logical_plan.ts";

/** What is told of a run: its rows so far, its error. */
export interface PlanProgress {
  /** Rows given so far. */
  readonly rows: number;
  /** Rows inserted, updated or deleted so far. */
  readonly affectedRows: number;
  /** What it failed with; absent where it did not. */
  readonly error?: unknown;
}

/** Calls around one run of a plan, in this order. */
export interface PlanHooks {
  /** Before anything is opened. */
  start(plan: LogicalPlan): void;
  /** Before rows are asked for, each time. */
  run(progress: PlanProgress): void;
  /** After the last row, or when no more are wanted; not after an error. */
  finish(progress: PlanProgress): void;
  /** At last, after an error too. */
  end(progress: PlanProgress): void;
}
