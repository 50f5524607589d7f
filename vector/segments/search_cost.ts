/**
 * What a search of a segment costs, and so which way it goes.
 *
 * The unit is one row of an exact scan, read in order: 16 ns at 100
 * dimensions. Measured at 20,000 to 100,000 x 100 (100,000 rows, recall 0.96):
 *
 * | | walk | exact |
 * | --- | ---: | ---: |
 * | all rows | 140 us | 1600 us |
 * | any 90 % | 190 us | 1800 us |
 * | any 50 % | 310 us | 1200 us |
 * | any 20 % | 750 us | 630 us |
 * | any 10 % | 1280 us | 350 us |
 * | any 1 % | 3100 us | 40 us |
 *
 * so a walk costs about 50 per unit of width, and that much more as the rows
 * that may be found are fewer; a row picked from a bitmap costs half more than
 * one read in order. Walks that jump over rows that may not be found (two hops
 * at a time) would pay between 5 and 15 % of a million rows, and are not made.
 *
 * @module
 */

/** Cost of a unit of search width. */
const WALK_COST = 50;

/** Cost of a row of a bitmap. */
const PICK_COST = 1.5;

/** Distances that a walk may compute, per row that may be found. */
const BUDGET_SHARE = 0.6;

/** How a segment is searched: for EXPLAIN, and for tests. */
export type SearchPlan = "graph" | "filtered graph" | "codes" | "exact";

/** A way to search a segment. */
export interface PricedPlan {
  /** The way. */
  readonly plan: SearchPlan;
  /** What it costs, in rows of an exact scan. */
  readonly cost: number;
}

/** What a choice is made by. */
export interface PlanFacts {
  /** Rows of the segment. */
  readonly count: number;
  /** Rows that may be found. */
  readonly rows: number;
  /** The width a walk would have; Infinity if there is no graph. */
  readonly ef: number;
  /** The widest there may be. */
  readonly efMax: number;
}

/** The cheapest way. */
export function cheapestPlan(facts: PlanFacts): PricedPlan {
  const { count, rows, ef, efMax } = facts;
  const isAll = rows >= count;
  const exact = isAll ? rows : rows * PICK_COST;
  const walk = ef > efMax ? Infinity : ef * WALK_COST * count / rows;
  if (!(walk < exact)) return { plan: "exact", cost: exact };
  return { plan: isAll ? "graph" : "filtered graph", cost: walk };
}

/**
 * How many distances a walk may compute before it is given up for an exact
 * scan of `rows` rows: about the cost of that scan, so that a filter that
 * leaves out all that is near costs twice the best way at most.
 */
export function walkBudget(rows: number): number {
  return Math.ceil(rows * BUDGET_SHARE);
}
