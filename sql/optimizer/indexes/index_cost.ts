/**
 * What reading by an index costs, in the unit of `estimate.ts`.
 *
 * A row that is fetched by its locator costs as much as about sixteen that a
 * scan passes over (measured in memory; cold, both read the same blocks).
 *
 * @module
 */
import type { CostFacts } from "../facts.ts";

/** The cost of going down to where a range begins. */
const DESCENT = 0.15;
/** The cost of going on beyond a group of entries (measured in memory). */
const SEEK = 20;
/** The cost of an entry that is passed within what was read. */
const PASSED_ENTRY = 0.15;
/** The cost of an entry. */
const ENTRY = 0.005;
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
export function indexStartup({ ways }: CostFacts): number {
  return DESCENT + (ways?.indexScans !== false ? 0 : DISABLED);
}

/** The cost of reading by an index. */
export function indexCost(reads: IndexReads, facts: CostFacts): number {
  const { ranges, entries, rows, ordered } = reads;
  return indexStartup(facts) + (ranges - 1) * DESCENT + entries * ENTRY +
    rows * (ordered ? FETCH_ORDERED : FETCH);
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
): number {
  return Math.min(groups * SEEK, entries * PASSED_ENTRY) +
    (isAlone ? 0 : groups * FETCH_ORDERED);
}

/** The cost of reading by several indexes together. */
export function bitmapCost(
  { ranges, entries, rows }: Omit<IndexReads, "ordered">,
): number {
  return ranges * DESCENT + entries * ENTRY + rows * FETCH;
}

/** What is added to the cost of a scan of a table. */
export function scanPenalty({ ways }: CostFacts): number {
  return ways?.seqScans !== false ? 0 : DISABLED;
}
