/**
 * How a KNN query finds its rows: through its index, through its index among the
 * rows that other indexes find for the filter, or exactly.
 *
 * Decided when the query runs, with the number of rows there are then and the
 * LIMIT it has then, so that a plan that was kept never goes stale. Costs are in
 * distance computations of a walk through a graph (60 ns at 100 dimensions):
 *
 * ```text
 * exact     rows * read, or lookups + found * (entry + fetch) by other indexes
 * index     nearestCost(k / selectivity) + (k / selectivity) * fetch
 * filtered  lookups + found * entry + min(found, nearestCost * rows / found) + k * fetch
 * ```
 *
 * What the filter leaves may be near the query or far from it, which nobody
 * knows before: a search looks at some rows first, and if so few of them match
 * that it would be cheaper among those found by other indexes, begins again
 * there.
 *
 * @module
 */
import type { KnnNode, LogicalPlan } from "../../planner/logical_plan.ts";
import { inputsOf } from "../../planner/plan_tree.ts";
import type { CostFacts } from "../facts.ts";

/** Reading a row in a scan, with its distance. */
const READ = 15;
/** Fetching a row by its locator. */
const FETCH = 120;
/** An entry of another index. */
const ENTRY = 2;
/** A range of another index, or a search of it. */
const LOOKUP = 60;
/** A row among those that were found, compared one by one. */
const PICK = 0.4;
/** Opening a search. */
const STARTUP = 500;
/** Nobody fetches more than this share of a table by locators. */
const SHARE_MAX = 0.5;

/** Where rows come from. */
export type KnnWay = "exact" | "index" | "filtered index";

/** So much less than expected of the rows that are near match rarely there. */
const RARE = 0.7;

/**
 * Whether rows that match are rarer than expected among those nearest, so that
 * those that are found lie at the end of what was searched: where an index finds
 * the ones in the middle well and those at the end less so.
 */
function isRare(
  { costs, selectivity }: KnnChoice,
  fetched: number,
  matches: number,
): boolean {
  return costs["filtered index"] < Infinity &&
    matches < RARE * selectivity * fetched;
}

/** What was decided, and why. */
export interface KnnChoice {
  /** Where rows come from. */
  readonly way: KnnWay;
  /** Whether it was set by hand, and is kept to. */
  readonly isForced?: boolean;
  /** Why, for EXPLAIN. */
  readonly reason: string;
  /** How many rows the index is expected to have to give. */
  readonly candidates: number;
  /** The share of the near rows that is expected to match. */
  readonly selectivity: number;
  /** Whether the index finds rows far down the order as well as the first. */
  readonly isRanked: boolean;
  /** What the ways are expected to cost; Infinity where there is none. */
  readonly costs: Readonly<Record<KnnWay, number>>;
}

/** What the choice is made with. */
export interface KnnFacts extends CostFacts {
  /** Settings of the run. */
  readonly settings?: {
    /** Whether scans of whole tables may be chosen (default true). */
    readonly scansEnabled?: boolean | undefined;
    /** The way that was set by hand; absent: the cheapest. */
    readonly knnWay?: KnnWay | undefined;
  };
}

/** How many rows are thought to be within a bound: what is asked for first. */
const WITHIN = 100;

/** The fewest rows that a search looks at before it is judged by them. */
const SAMPLE = 32;

/** How many rows a search fetches first. */
export function firstFetches({ candidates, isForced }: KnnChoice): number {
  return isForced === true || candidates <= 2 * SAMPLE ? candidates : SAMPLE;
}

/**
 * Whether another way is thought to be cheaper than to go on with a search
 * nearest first that has found `matches` of `wanted` rows among so many that it
 * fetched.
 */
export function isHopeless(
  choice: KnnChoice,
  { fetched, matches, wanted }: {
    readonly fetched: number;
    readonly matches: number;
    readonly wanted: number;
  },
): boolean {
  const { costs, isForced } = choice;
  if (isForced === true) return false;
  const other = Math.min(costs.exact, costs["filtered index"]);
  if (fetched * FETCH > other) return true;
  if (wanted === Infinity) return false;
  if (choice.isRanked === false && isRare(choice, fetched, matches)) {
    return true;
  }
  const share = Math.max(matches, 0.5) / fetched;
  return (wanted - matches) / share * FETCH > other;
}

/**
 * Decides for `wanted` rows: LIMIT and OFFSET together; Infinity: those within a
 * bound.
 */
export function chooseKnn(
  node: KnnNode,
  wanted: number,
  facts: KnnFacts,
): KnnChoice {
  const { transaction, access, settings } = facts;
  const { table } = node.table;
  const rows = access.table(table.accessMethod).estimateRows(
    table,
    transaction,
  );
  const isBounded = wanted === Infinity;
  const candidatesOf = (share: number): number =>
    isBounded
      ? Math.min(rows, WITHIN)
      : Math.min(rows, Math.ceil(wanted / share));
  const candidates = candidatesOf(node.selectivity);
  const costs = {
    exact: exactCost(node, rows),
    index: STARTUP + searchCost(node, candidates, rows, facts) +
      candidates * FETCH,
    "filtered index": filteredCost(node, rows, candidatesOf, facts),
  };
  const known = {
    selectivity: node.selectivity,
    isRanked: access.index(node.index.accessMethod).filteredCost === undefined,
  };
  if (wanted === 0) {
    const reason = "no row is wanted";
    return { way: "exact", reason, candidates, costs, ...known };
  }
  const set = settings?.knnWay;
  // There may be nothing to search among.
  const forced = set !== undefined && costs[set] < Infinity ? set : undefined;
  const isScanless = settings?.scansEnabled === false;
  const way = forced ?? cheapestWay(costs, {
    forced: isScanless,
    tooMany: candidates > rows * SHARE_MAX,
  });
  const asked = isBounded ? "what is within" : wanted;
  const reason = forced !== undefined
    ? "lsm_knn.strategy says so"
    : isScanless
    ? "enable_seqscan is off"
    : undefined;
  const why = reason === undefined
    ? ` (${describeCosts(costs, way)})`
    : `, as ${reason}`;
  return {
    way,
    isForced: forced !== undefined,
    ...known,
    reason: `${way} ${
      reason === undefined ? "is cheaper " : ""
    }for ${asked} of ${matching(node, rows)}${why}`,
    candidates: way === "filtered index"
      ? candidatesOf(restShare(node))
      : candidates,
    costs,
  };
}

function cheapestWay(
  costs: KnnChoice["costs"],
  { forced, tooMany }: { readonly forced: boolean; readonly tooMany: boolean },
): KnnWay {
  const filtered = costs["filtered index"];
  const index = tooMany && !forced ? Infinity : costs.index;
  if (!forced && costs.exact <= Math.min(index, filtered)) return "exact";
  return filtered < index ? "filtered index" : "index";
}

function describeCosts(costs: KnnChoice["costs"], way: KnnWay): string {
  const others = (Object.keys(costs) as KnnWay[])
    .filter((each) => each !== way && costs[each] < Infinity)
    .map((each) => `${each} ${Math.round(costs[each])}`);
  return `${Math.round(costs[way])} against ${others.join(", ")}`;
}

function matching({ filter, selectivity }: KnnNode, rows: number): string {
  const percent = `${Number((selectivity * 100).toPrecision(3))}%`;
  return filter === undefined
    ? `${rows} rows`
    : `${rows} rows of which about ${percent} match`;
}

/** The share of the rows found by other indexes that the filter leaves. */
function restShare({ selectivity, bitmap }: KnnNode): number {
  return bitmap === undefined || bitmap.share === 0
    ? 1
    : Math.min(1, selectivity / bitmap.share);
}

function exactCost(node: KnnNode, rows: number): number {
  if (leafOf(node.exact).kind === "scan") return rows * READ;
  const found = rows * (node.bitmap?.share ?? node.selectivity);
  return lookupCost(node) + found * (ENTRY + FETCH);
}

function lookupCost({ bitmap }: KnnNode): number {
  return (bitmap?.lookups ?? 1) * LOOKUP;
}

/** What the exact way reads. */
function leafOf(plan: LogicalPlan): LogicalPlan {
  const [input] = inputsOf(plan);
  return input === undefined ? plan : leafOf(input);
}

function searchCost(
  { index }: KnnNode,
  candidates: number,
  rows: number,
  { access, transaction }: KnnFacts,
): number {
  const method = access.index(index.accessMethod);
  return method.nearestCost === undefined
    ? defaultCost(rows, candidates)
    : method.nearestCost(index, transaction, candidates);
}

function filteredCost(
  node: KnnNode,
  rows: number,
  candidatesOf: (share: number) => number,
  facts: KnnFacts,
): number {
  if (node.bitmap === undefined) return Infinity;
  const found = Math.max(1, rows * node.bitmap.share);
  const candidates = Math.min(found, candidatesOf(restShare(node)));
  const { index } = node;
  const method = facts.access.index(index.accessMethod);
  const search = method.filteredCost === undefined
    ? Math.min(
      found * PICK,
      searchCost(node, candidates, rows, facts) * rows / found,
    )
    : method.filteredCost(index, facts.transaction, candidates, found / rows);
  return STARTUP + lookupCost(node) + found * ENTRY + search +
    candidates * FETCH;
}

/** The cost of a graph search, for a method that does not say. */
function defaultCost(rows: number, candidates: number): number {
  return 40 * Math.log2(Math.max(rows, 2)) + 8 * candidates;
}
