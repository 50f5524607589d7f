/**
 * What is set of KNN searches, as operators follow it.
 *
 * @module
 */
import type { ExecutionSettings } from "../executor/operator.ts";
import type { KnnWay } from "../optimizer/knn/cost.ts";
import type { Settings } from "./settings.ts";

/** The settings of {@linkcode searchSettings}. */
export type SearchSettings = Pick<
  ExecutionSettings,
  "searchWidth" | "probes" | "knnWay" | "searchRowsMax" | "searchesGoOn"
>;

const WAYS: ReadonlyMap<string, KnnWay> = new Map([
  ["exact", "exact"],
  ["index", "index"],
  ["filtered_index", "filtered index"],
]);

const known = new WeakMap<
  Settings,
  { readonly version: number; readonly values: SearchSettings }
>();

/** What is set of KNN searches: looked up anew when a setting changed. */
export function searchSettings(settings: Settings): SearchSettings {
  const { version } = settings;
  const last = known.get(settings);
  if (last?.version === version) return last.values;
  const limit = (name: string): number | undefined => {
    const value = settings.integer(name);
    return value === 0 ? undefined : value;
  };
  const values = {
    searchWidth: limit("lsm_hnsw.ef_search"),
    probes: limit("lsm_ivfflat.probes"),
    knnWay: WAYS.get(settings.show("lsm_knn.strategy")),
    searchRowsMax: limit("lsm_hnsw.max_scan_tuples"),
    searchesGoOn: settings.show("lsm_hnsw.iterative_scan") !== "off",
  };
  known.set(settings, { version, values });
  return values;
}
