/**
 * Where the analysis of a session's statements looks things up.
 *
 * @module
 */
import type { AnalyzeOptions } from "../analyzer/analyzer.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import { withSearchPath } from "../catalog/search_path.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Settings } from "./settings.ts";

/** What a statement is analyzed with, under a catalog. */
export function analyzeOptions(
  core: DatabaseCore,
  settings: Settings,
  catalog: CatalogState,
): AnalyzeOptions {
  return {
    catalog: withSearchPath(catalog, settings.searchPath),
    types: core.types,
    functions: core.functions,
    access: core.access,
    inputContext: { now: () => core.now(), datetime: settings.datetime },
    tableAccessMethod: settings.show("default_table_access_method"),
  };
}
