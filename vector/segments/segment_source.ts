/**
 * One segment's part of a search, as what merges them sees it.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { SearchPlan } from "./search_cost.ts";

/** Visible rows of one segment, nearest first. */
export interface SegmentSource {
  /** How the last search was done; `undefined` before the first. */
  readonly plan: SearchPlan | undefined;
  /** Whether no row is left among those prepared. */
  readonly isEmpty: boolean;
  /** The next row's internal distance. REQUIRES: not `isEmpty`. */
  readonly distance: number;
  /** The next row's locator. REQUIRES: not `isEmpty`. */
  readonly locator: number;
  /** Goes on to the next row. REQUIRES: not `isEmpty`. */
  advance(): void;
  /** Makes the next `count` rows ready, or all that are left. */
  prepare(count: number): MaybePromise<void>;
}
