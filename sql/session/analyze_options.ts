/**
 * Where the analysis of a session's statements looks things up.
 *
 * @module
 */
import type { AnalyzeOptions } from "../analyzer/analyzer.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import { withSearchPath } from "../catalog/search_path.ts";
import { catalogFunction } from "./catalog_functions.ts";
import {
  functionsIn,
  functionsOfSchema,
} from "./extensions/extension_functions.ts";
import type { DatabaseCore } from "./database_core.ts";
import { routineWaits } from "./routines/routine_waits.ts";
import type { Settings } from "./settings.ts";

/** What a statement is analyzed with, under a catalog. */
export function analyzeOptions(
  core: DatabaseCore,
  settings: Settings,
  catalog: CatalogState,
): AnalyzeOptions {
  const named = withSearchPath(catalog, settings.searchPath);
  const options: AnalyzeOptions = {
    catalog: named,
    types: core.types,
    functions: functionsIn(core.functions, named),
    functionsOfSchema: (schema) =>
      functionsOfSchema(core.functions, named, schema),
    access: core.access,
    inputContext: {
      now: () => core.now(),
      datetime: settings.datetime,
      catalog: (question, args) =>
        catalogFunction(
          { catalog: named, core, settings, analysis: () => options },
          question,
          args,
        ),
    },
    currentRow: (cursor, table) =>
      settings.objects.cursors.get(cursor).currentRow(table),
    temporarySchema: settings.temporary.schema.name,
    routineWaits: (entry) => routineWaits(named, core.functions, entry),
    tableAccessMethod: settings.show("default_table_access_method"),
  };
  return options;
}
