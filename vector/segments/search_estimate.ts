/**
 * What a search of a segment would cost, before it is made.
 *
 * @module
 */
import { efFor } from "./calibration.ts";
import { cheapestPlan, type PricedPlan } from "./search_cost.ts";
import type { SearchableSegment } from "./segment_cursor.ts";

/** The search that is thought of. */
export interface EstimateOptions {
  /** How many rows are asked for. */
  readonly k: number;
  /** The share of all rows that may be found (default 1). */
  readonly share?: number | undefined;
  /** The width, if it is set by hand. */
  readonly ef?: number | undefined;
  /** The recall that widths are chosen for. */
  readonly minRecall?: number | undefined;
}

/** The way that a segment would be searched, and its cost. */
export function estimateSearch(
  { versions, calibration, memory }: SearchableSegment,
  { k, share = 1, ef, minRecall }:
    & EstimateOptions
    & { readonly minRecall: number },
): PricedPlan {
  const { count } = versions;
  const open = count - versions.endedCount;
  const rows = Math.max(1, Math.round(open * share));
  const width = calibration === undefined
    ? Infinity
    : ef ?? efFor(calibration, { k, minRecall });
  return cheapestPlan({ count, rows, ef: width, efMax: memory.efMax });
}
