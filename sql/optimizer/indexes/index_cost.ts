/**
 * What reading by an index costs, in the unit of `estimate.ts`.
 *
 * A row that is fetched by its locator costs as much as about sixteen that a
 * scan passes over (measured in memory; cold, both read the same blocks).
 *
 * @module
 */
import { type CostFacts, DEFAULT_COSTS } from "../facts.ts";

/** The cost of going down to where a range begins. */
const DESCENT = 0.15;
/** The cost of going on beyond a group of entries (measured in memory). */
const SEEK = 20;
/** The cost of an entry that is passed within what was read. */
const PASSED_ENTRY = 0.15;
/** The cost of a row that is fetched. */
const FETCH = 0.2;
/** The same where neighbours are not fetched together. */
const FETCH_ORDERED = 0.25;
/** A way that is switched off, as PostgreSQL has it. */
const DISABLED = 1e10;

/** What is read by an index. */
export interface IndexReads {
  /** How many ranges. */
  readonly ranges: number;
  /** How many entries. */
  readonly entries: number;
  /** How many rows of the table. */
  readonly rows: number;
  /** Whether they are fetched in the order of the index. */
  readonly ordered: boolean;
}

/** The cost before the first row. */
export function indexStartup(facts: CostFacts): number {
  return DESCENT * randomRatio(facts) +
    (facts.ways?.indexScans !== false ? 0 : DISABLED);
}

/** The cost of reading by an index. */
export function indexCost(reads: IndexReads, facts: CostFacts): number {
  const { ranges, entries, rows, ordered } = reads;
  const { indexTuple } = facts.costs ?? DEFAULT_COSTS;
  const fetch = ordered ? FETCH_ORDERED : FETCH;
  return indexStartup(facts) + entries * indexTuple +
    ((ranges - 1) * DESCENT + rows * fetch) * randomRatio(facts);
}

/**
 * The cost of the first entries of groups: a seek each, or all entries where
 * groups are so short that they are passed.
 */
export function leadingCost(
  { groups, entries, isAlone }: {
    readonly groups: number;
    readonly entries: number;
    /** Whether no row of the table is read. */
    readonly isAlone: boolean;
  },
  facts: CostFacts,
): number {
  return Math.min(groups * SEEK, entries * PASSED_ENTRY) +
    (isAlone ? 0 : groups * FETCH_ORDERED * randomRatio(facts));
}

/** The cost of reading by several indexes together. */
export function bitmapCost(
  { ranges, entries, rows }: Omit<IndexReads, "ordered">,
  facts: CostFacts,
): number {
  const { indexTuple } = facts.costs ?? DEFAULT_COSTS;
  return entries * indexTuple +
    (ranges * DESCENT + rows * FETCH) * randomRatio(facts);
}

/** How much more, or less, `random_page_cost` says than it does by default. */
function randomRatio({ costs }: CostFacts): number {
  return costs === undefined ? 1 : costs.randomPage / DEFAULT_COSTS.randomPage;
}

/** What is added to the cost of a scan of a table. */
export function scanPenalty({ ways }: CostFacts): number {
  return ways?.seqScans !== false ? 0 : DISABLED;
}
