/**
 * What the optimizer is told besides the plan.
 *
 * @module
 */
import { bindIndexKeys } from "../analyzer/indexes/index_keys.ts";
import type { CatalogState } from "../catalog/catalog_state.ts";
import type { PlanFacts, Residence } from "../optimizer/facts.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { analyzeOptions } from "./analyze_options.ts";
import type { DatabaseCore } from "./database_core.ts";
import type { Settings } from "./settings.ts";

type MeasuredFacts = Pick<PlanFacts, "measured">;

/** What things cost, and where they are: the same until the plan is made. */
export function costFacts(
  { store, planQuality }: DatabaseCore,
  { planning }: Settings,
): Required<Pick<PlanFacts, "costs" | "residence">> & MeasuredFacts {
  const known = new Map<number, Residence | undefined>();
  const residence = (storageId: number): Residence | undefined => {
    if (!known.has(storageId)) {
      known.set(storageId, store.residencyOf(storageId));
    }
    return known.get(storageId);
  };
  const measured = planning.adaptFactor === 0
    ? undefined
    : planQuality.measured;
  return { costs: planning.costs, residence, measured };
}

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
    ways: settings.planning.ways,
    ...costFacts(core, settings),
    parallel: settings.planning.parallel,
    scanProviders: core.extensions.scanProviders.all,
  };
}
