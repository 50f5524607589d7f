/**
 * Which compaction is next: a pure function of the levels and the options.
 *
 * @module
 */
import type { TableMeta } from "../manifest/manifest.ts";
import { pickLeveled, pickTowardsBottom } from "./leveled_picker.ts";
import type { CompactionPlan, PickerOptions } from "./plan.ts";
import { pickAllRuns, pickTiered } from "./tiered_picker.ts";

/** What a picker may look at. */
export interface PickerState {
  /** The tables by level, as in a manifest. */
  readonly levels: readonly (readonly TableMeta[])[];
  /** Paths of tables that must not be inputs. */
  readonly busy: ReadonlySet<string>;
}

/** The most pressing compaction, `undefined` if none is due. */
export function pickCompaction(
  { levels, busy }: PickerState,
  options: PickerOptions,
): CompactionPlan | undefined {
  return options.compaction === "leveled"
    ? pickLeveled(levels, options, busy)
    : pickTiered(levels, options, busy);
}

/**
 * The next step towards one sorted run at the bottom, of what is not newer than
 * sequence `upTo` (default: of everything).
 */
export function pickFullCompaction(
  { levels, busy }: PickerState,
  options: PickerOptions,
  upTo: number = Infinity,
): CompactionPlan | undefined {
  return options.compaction === "leveled"
    ? pickTowardsBottom(levels, options, busy, upTo)
    : pickAllRuns(levels, options, busy, upTo);
}
