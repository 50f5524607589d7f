/**
 * Compiled plans: what `openPlan` opens, any number of times.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import type { Operator } from "./operator.ts";
import type { RunState } from "./run_state.ts";

/** A compiled node of a plan. Immutable, shared by all runs. */
export interface PhysicalPlan {
  /** What it computes. */
  readonly node: LogicalPlan;
  /** Starts it. */
  open(run: RunState): Operator;
  /** How it is started ahead for rows of a join; absent where that cannot be. */
  readonly ahead?: AheadPlan | undefined;
}

/** A plan that can begin its work for several rows of a join at once. */
export interface AheadPlan extends PhysicalPlan {
  /**
   * Begins for the next `rows` rows, of which `show` sets the values of one, or
   * for the first of them: gives how many. So many times it has to be opened
   * then, row by row, before it is begun ahead again. An error of a row comes
   * when its turn does.
   */
  beginAhead(
    run: RunState,
    rows: number,
    show: (row: number) => void,
  ): Promise<number>;

  /** Gives up what was begun and is not wanted any more. */
  endAhead(run: RunState): void;
}

/** Starts a node below another, observed where somebody looks on. */
export function openInput(plan: PhysicalPlan, run: RunState): Operator {
  const operator = plan.open(run);
  const observe = run.observe ?? run.context.tally?.observe;
  return observe === undefined ? operator : observe(plan.node, operator);
}

/**
 * Pulls until `take` makes something of what came, or the end. Answers at once
 * as long as `pull` does.
 */
export function pullUntil<T, U>(
  pull: () => MaybePromise<T | undefined>,
  take: (item: T) => U | undefined,
): MaybePromise<U | undefined> {
  for (;;) {
    const item = pull();
    if (item instanceof Promise) {
      return item.then((value) => {
        if (value === undefined) return undefined;
        return take(value) ?? pullUntil(pull, take);
      });
    }
    if (item === undefined) return undefined;
    const taken = take(item);
    if (taken !== undefined) return taken;
  }
}

/** Pulls all there is, then calls `finish`. */
export function pullAll<T, U>(
  pull: () => MaybePromise<T | undefined>,
  take: (item: T) => void,
  finish: () => U,
): MaybePromise<U> {
  for (;;) {
    const item = pull();
    if (item instanceof Promise) {
      return item.then((value) => {
        if (value === undefined) return finish();
        take(value);
        return pullAll(pull, take, finish);
      });
    }
    if (item === undefined) return finish();
    take(item);
  }
}
