/**
 * What EXPLAIN says of a KNN scan: which way it goes, and why; under ANALYZE,
 * which way it went, and what it did.
 *
 * @module
 */
import { chooseKnn } from "../optimizer/knn/cost.ts";
import { KnnShares } from "../optimizer/knn/shares.ts";
import type { KnnNode } from "../planner/logical_plan.ts";
import { evaluate } from "../planner/evaluate.ts";
import { rowWindow } from "./limits.ts";
import type { OperatorReport } from "./operator.ts";
import type { RunState } from "./run_state.ts";

/** How a KNN scan is shown. */
export interface KnnShown {
  /** Whether its exact way is what runs. */
  readonly isExact: boolean;
  /** Whether it searches among what other indexes find. */
  readonly isFiltered: boolean;
  /** Why, and what was done. */
  readonly why: readonly (readonly [string, string])[];
}

/** Says how a KNN scan would go now, or how it went. */
export function knnShown(
  plan: KnnNode,
  run: RunState,
  report: OperatorReport | undefined,
): KnnShown {
  const window = rowWindow(plan, run);
  const wanted = window.limit === 0 ? 0 : window.limit + window.offset;
  // What queries give that run before it is not known yet.
  const node = new KnnShares(plan).at(
    (part) => part.kind === "parameter" ? evaluate(part, run) : undefined,
    run.context,
  );
  const choice = report?.choice ?? chooseKnn(node, wanted, run.context);
  const isEndless = wanted === Infinity && plan.bound === undefined;
  return {
    isExact: choice.way === "exact" || isEndless,
    isFiltered: choice.way === "filtered index",
    why: [
      ["KNN", choice.reason],
      ...codesShown(plan),
      ...report?.facts ?? [],
    ],
  };
}

/** The codes that an index was told to have. */
function codesShown({ index }: KnnNode): (readonly [string, string])[] {
  const { quantization } = index.options;
  return quantization === undefined
    ? []
    : [["Quantization", quantization.toLowerCase()]];
}
