/**
 * Whether a KNN query goes through its index or looks at every row.
 *
 * Decided when the query runs, with the number of rows there are then and the
 * LIMIT it has then, so that a plan that was kept never goes stale. Costs are in
 * distance computations:
 *
 * ```text
 * exact   rows * (read + selectivity * distance)
 * index   nearestCost(k / selectivity) + (k / selectivity) * fetch
 * ```
 *
 * @module
 */
import type { KnnNode } from "../planner/logical_plan.ts";
import type { CostFacts } from "./facts.ts";

/** Reading a row in a scan. */
const READ = 0.5;
/** Computing a distance. */
const DISTANCE = 1;
/** Fetching a row by its locator. */
const FETCH = 4;
/** Nobody fetches more than this share of a table by locators. */
const SHARE_MAX = 0.5;

/** What was decided, and why. */
export interface KnnChoice {
  /** Whether the index is used. */
  readonly useIndex: boolean;
  /** Why, for EXPLAIN. */
  readonly reason: string;
  /** How many rows the index is expected to have to give. */
  readonly candidates: number;
  /** What each way is expected to cost. */
  readonly exactCost: number;
  readonly indexCost: number;
}

/** What the choice is made with. */
export interface KnnFacts extends CostFacts {
  /** Settings of the run. */
  readonly settings?: {
    /** Whether scans of whole tables may be chosen (default true). */
    readonly scansEnabled?: boolean | undefined;
  };
}

/** How many rows are thought to be within a bound: what is asked for first. */
const WITHIN = 100;

/**
 * Decides for `wanted` rows: LIMIT and OFFSET together; Infinity: those within a
 * bound.
 */
export function chooseKnn(
  node: KnnNode,
  wanted: number,
  { transaction, access, settings }: KnnFacts,
): KnnChoice {
  const { table } = node.table;
  const rows = access.table(table.accessMethod).estimateRows(
    table,
    transaction,
  );
  const { selectivity } = node;
  const isBounded = wanted === Infinity;
  const candidates = isBounded
    ? Math.min(rows, WITHIN)
    : Math.min(rows, Math.ceil(wanted / selectivity));
  const method = access.index(node.index.accessMethod);
  const searchCost = method.nearestCost === undefined
    ? defaultCost(rows, candidates)
    : method.nearestCost(node.index, transaction, candidates);
  const exactCost = rows * (READ + selectivity * DISTANCE);
  const indexCost = searchCost + candidates * FETCH;
  const percent = `${Number((selectivity * 100).toPrecision(3))}%`;
  const matching = node.filter === undefined
    ? `${rows} rows`
    : `${rows} rows of which about ${percent} match`;
  const costs = `(${Math.round(indexCost)} against ${Math.round(exactCost)})`;
  if (wanted === 0) {
    return {
      useIndex: false,
      reason: "no row is wanted",
      candidates,
      exactCost,
      indexCost,
    };
  }
  const tooMany = candidates > rows * SHARE_MAX;
  const forced = settings?.scansEnabled === false;
  const asked = isBounded ? "what is within" : wanted;
  const useIndex = forced || (!tooMany && indexCost < exactCost);
  const reason = forced
    ? `index for ${asked} of ${matching}, as enable_seqscan is off`
    : useIndex
    ? `index is cheaper for ${asked} of ${matching} ${costs}`
    : `exact is cheaper for ${asked} of ${matching} ${costs}`;
  return { useIndex, reason, candidates, exactCost, indexCost };
}

/** The cost of a graph search, for a method that does not say. */
function defaultCost(rows: number, candidates: number): number {
  return 40 * Math.log2(Math.max(rows, 2)) + 8 * candidates;
}
