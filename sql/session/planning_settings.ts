/**
 * The settings that plans are made by: which ways are open, and what things cost.
 *
 * @module
 */
import {
  type CostSettings,
  DEFAULT_COSTS,
  type PlanSettings,
} from "../optimizer/facts.ts";
import {
  type DateTimeSettings,
  DEFAULT_DATETIME_SETTINGS,
} from "../types/datetime_settings.ts";

/** What a session says of plans. */
export interface PlanningSettings {
  /** Which ways a plan may go. */
  readonly ways: PlanSettings;
  /** What things cost. */
  readonly costs: CostSettings;
}

/** The settings, by what SHOW says of each. */
export function planningSettingsOf(
  show: (name: string) => string,
): PlanningSettings {
  const isOn = (name: string): boolean => show(name) === "on";
  const cost = (name: string): number => Number(show(name));
  return {
    ways: {
      seqScans: isOn("enable_seqscan"),
      indexScans: isOn("enable_indexscan"),
      bitmapScans: isOn("enable_bitmapscan"),
      hashJoins: isOn("enable_hashjoin"),
      mergeJoins: isOn("enable_mergejoin"),
      nestedLoops: isOn("enable_nestloop"),
      partitionPruning: isOn("enable_partition_pruning"),
    },
    costs: {
      seqPage: cost("seq_page_cost"),
      randomPage: cost("random_page_cost"),
      tuple: cost("cpu_tuple_cost"),
      indexTuple: cost("cpu_index_tuple_cost"),
      operator: cost("cpu_operator_cost"),
    },
  };
}

/** What plans depend on, as a key; empty where all is as by default. */
export function plansKeyOf(
  { zone, ...styles }: DateTimeSettings,
  { ways, costs }: PlanningSettings,
  timeZone: string,
): string {
  const isDefault = zone === DEFAULT_DATETIME_SETTINGS.zone &&
    styles.dateStyle === "ISO" && styles.dateOrder === "MDY" &&
    styles.intervalStyle === "postgres";
  const open = Object.values(ways);
  const paid = Object.values(costs);
  const areUsual = paid.join() === Object.values(DEFAULT_COSTS).join();
  return isDefault && areUsual && open.every((each) => each)
    ? ""
    : [timeZone, ...Object.values(styles), ...open, ...paid].join("\0");
}
