/**
 * What EXPLAIN says of a KNN scan: which way it goes, and why.
 *
 * @module
 */
import { chooseKnn } from "../optimizer/knn_cost.ts";
import type { KnnNode } from "../planner/logical_plan.ts";
import { rowWindow } from "./limits.ts";
import type { RunState } from "./run_state.ts";

/** How a KNN scan is shown. */
export interface KnnShown {
  /** Whether its exact way is what runs. */
  readonly isExact: boolean;
  /** Whether it searches among what other indexes find. */
  readonly isFiltered: boolean;
  /** Why. */
  readonly why: readonly (readonly [string, string])[];
}

/** Says how a KNN scan would go now. */
export function knnShown(plan: KnnNode, run: RunState): KnnShown {
  const window = rowWindow(plan, run);
  const wanted = window.limit === 0 ? 0 : window.limit + window.offset;
  const choice = chooseKnn(plan, wanted, run.context);
  const isEndless = wanted === Infinity && plan.bound === undefined;
  return {
    isExact: choice.way === "exact" || isEndless,
    isFiltered: choice.way === "filtered index",
    why: [["KNN", choice.reason]],
  };
}
