/**
 * What the optimizer is told besides the plan.
 *
 * @module
 */
import { bindIndexKeys } from "../analyzer/indexes/index_keys.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import type { PlanFacts } from "../optimizer/facts.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { analyzeOptions } from "./analyze_options.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Settings } from "./settings.ts";

/** The facts for plans in a transaction. */
export function planFacts(
  core: DatabaseCore,
  settings: Settings,
  transaction: TransactionHandle,
  catalog: CatalogState,
): PlanFacts {
  return {
    transaction,
    access: core.access,
    indexKeys: (index, table) =>
      bindIndexKeys(
        () => analyzeOptions(core, settings, catalog),
        index,
        table,
      ),
    ways: settings.ways,
    scanProviders: core.extensions.scanProviders.all,
  };
}
