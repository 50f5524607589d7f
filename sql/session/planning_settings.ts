/**
 * The settings that plans are made by: which ways are open, and what things cost.
 *
 * @module
 */
import {
  type CostSettings,
  DEFAULT_COSTS,
  type ParallelSettings,
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
  /** When several threads help. */
  readonly parallel: ParallelSettings;
  /** How far off an estimate is that plans are made anew for; 0: never. */
  readonly adaptFactor: number;
}

/** Where values of settings are read. */
interface SettingValues {
  show(name: string): string;
  integer(name: string): number;
}

/** The settings of a session. */
export function planningSettingsOf(settings: SettingValues): PlanningSettings {
  const isOn = (name: string): boolean => settings.show(name) === "on";
  const cost = (name: string): number => Number(settings.show(name));
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
    parallel: {
      workersMax: Math.min(
        settings.integer("max_parallel_workers_per_gather"),
        settings.integer("max_parallel_workers"),
      ),
      pagesMin: settings.integer("min_parallel_table_scan_size"),
      setupCost: cost("parallel_setup_cost"),
      tupleCost: cost("parallel_tuple_cost"),
      forced: settings.show("debug_parallel_query") !== "off",
    },
    adaptFactor: settings.integer("lsm_s3.plan_adapt_factor"),
  };
}

/** The parallel settings as they come. */
const USUAL_PARALLEL: readonly unknown[] = [2, 1024, 1000, 0.1, false];
/** Which estimates make a plan anew, as it comes. */
const USUAL_ADAPT_FACTOR = 10;

/** What plans depend on, as a key; empty where all is as by default. */
export function plansKeyOf(
  { zone, ...styles }: DateTimeSettings,
  { ways, costs, parallel, adaptFactor }: PlanningSettings,
  timeZone: string,
): string {
  const isDefault = zone === DEFAULT_DATETIME_SETTINGS.zone &&
    styles.dateStyle === "ISO" && styles.dateOrder === "MDY" &&
    styles.intervalStyle === "postgres";
  const open = Object.values(ways);
  const paid = Object.values(costs);
  const threads = [...Object.values(parallel), adaptFactor];
  const areUsual = paid.join() === Object.values(DEFAULT_COSTS).join() &&
    threads.join() === [...USUAL_PARALLEL, USUAL_ADAPT_FACTOR].join();
  return isDefault && areUsual && open.every((each) => each)
    ? ""
    : [timeZone, ...Object.values(styles), ...open, ...paid, ...threads].join(
      "\0",
    );
}
