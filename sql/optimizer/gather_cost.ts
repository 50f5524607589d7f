/**
 * What a plan costs that several threads run, as PostgreSQL counts.
 *
 * @module
 */
import type { GatherNode } from "../planner/logical_plan.ts";

/** A comparison. */
const OPERATOR = 0.0025;

/** What each thread gives, of all of them. */
export function gatherEstimate<
  E extends {
    readonly startup: number;
    readonly total: number;
    readonly rows: number;
  },
>({ input: plan, keys, workers, costs }: GatherNode, input: E): E {
  const threads = plan.kind === "aggregate"
    ? workers + 1
    : parallelDivisor(workers);
  const rows = Math.max(1, Math.round(input.rows * threads));
  const merging = keys === undefined
    ? 0
    : rows * OPERATOR * Math.log2(workers + 1);
  return {
    ...input,
    startup: input.startup + costs.setup,
    total: input.total + costs.setup + rows * costs.tuple + merging,
    rows,
  };
}

/**
 * How many threads share the rows of a scan, this one counted by what it has time
 * for (PostgreSQL's `get_parallel_divisor`).
 */
export function parallelDivisor(workers: number): number {
  return workers + Math.max(0, 1 - 0.3 * workers);
}
