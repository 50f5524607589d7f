/**
 * What it costs to bring bytes that are not in memory.
 *
 * The unit is that of `estimate.ts`, about 1.7 µs of a core. A request to a
 * bucket takes about 20 ms whatever it brings, and a stream brings 100 MB/s:
 *
 * | bytes | a request | a page of 8 KiB within it |
 * | --- | ---: | ---: |
 * | behind the network | 10,000 | 50 |
 * | in a cache on disk | 60 | 5 |
 * | in memory | 0 | 0 |
 *
 * `random_page_cost` (4) scales the one, `seq_page_cost` (1) the other. Rows that
 * are fetched together are asked for side by side; what is read from one end to
 * the other is read ahead, so that one request's time is seen. Fetching rows never
 * costs more than reading everything once.
 *
 * @module
 */
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { keyPositions } from "../planner/index_only.ts";
import { type CostFacts, DEFAULT_COSTS } from "./facts.ts";

const FAR_REQUEST = 2500;
const FAR_PAGE = 50;
const NEAR_REQUEST = 15;
const NEAR_PAGE = 5;
const PAGE_BYTES = 8192;
/** Stored bytes of a block, which is what a lookup brings. */
const BLOCK_BYTES = 16_384;
/** Requests of one fetch that are under way at once. */
const SIDE_BY_SIDE = 16;

/** The cost of bringing a share of what is stored, from one end to the other. */
export function streamCost(
  storageId: number,
  share: number,
  facts: CostFacts,
): number {
  const residence = facts.residence?.(storageId);
  if (residence === undefined) return 0;
  const { bytes, far, near } = residence;
  const pages = bytes * share / PAGE_BYTES;
  const { seqPage, randomPage } = facts.costs ?? DEFAULT_COSTS;
  const request = Math.min(1, far * pages) * FAR_REQUEST +
    Math.min(1, near * pages) * NEAR_REQUEST;
  return request * randomPage +
    pages * (far * FAR_PAGE + near * NEAR_PAGE) * seqPage;
}

/** The cost of bringing what some lookups find, each for itself. */
export function lookupsCost(
  storageId: number,
  lookups: number,
  facts: CostFacts,
): number {
  const residence = facts.residence?.(storageId);
  if (residence === undefined || lookups <= 0) return 0;
  const { bytes, far, near } = residence;
  const blocks = Math.max(1, bytes / BLOCK_BYTES);
  // Of so many blocks so many are met (Cardenas 1975).
  const met = blocks * (1 - (1 - 1 / blocks) ** lookups);
  const { seqPage, randomPage } = facts.costs ?? DEFAULT_COSTS;
  const each = (far * FAR_REQUEST + near * NEAR_REQUEST) * randomPage;
  const waits = Math.min(met, Math.max(1, met / SIDE_BY_SIDE));
  const pages = met * BLOCK_BYTES / PAGE_BYTES;
  const apart = waits * each +
    pages * (far * FAR_PAGE + near * NEAR_PAGE) * seqPage;
  return Math.min(apart, streamCost(storageId, 1, facts));
}

/** The cost of bringing what `times` lookups find, each by a plan's index. */
export function repeatedCost(
  plan: LogicalPlan,
  times: number,
  facts: CostFacts,
): number {
  switch (plan.kind) {
    case "index_lookup":
      return lookupsCost(plan.index.storageId, times, facts) +
        lookupsCost(plan.table.table.storageId, times, facts);
    case "index_scan": {
      const isAlone = keyPositions(plan) !== undefined;
      return lookupsCost(plan.range.index.storageId, times, facts) +
        (isAlone ? 0 : lookupsCost(plan.table.table.storageId, times, facts));
    }
    case "append":
      return plan.inputs.reduce(
        (sum, input) => sum + repeatedCost(input, times, facts),
        0,
      );
    default:
      return 0;
  }
}
