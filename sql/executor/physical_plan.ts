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
}

/** Starts a node below another, observed where somebody looks on. */
export function openInput(plan: PhysicalPlan, run: RunState): Operator {
  const operator = plan.open(run);
  return run.observe === undefined
    ? operator
    : run.observe(plan.node, operator);
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
