/**
 * Automatic ANALYZE on an open database.
 *
 * @module
 */
import type { Environment } from "../../../base/environment.ts";
import type { AccessRegistry } from "../../access/access_registry.ts";
import { storedColumns } from "../../analyzer/bind_maintenance.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import type { CatalogState } from "../../catalog/catalog_state.ts";
import { analyzeTable } from "../../executor/statistics/analyze_table.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import type { TransactionHandle } from "../../transaction/transaction_handle.ts";
import { Settings } from "../settings.ts";
import { StatementCancellation } from "../statement_cancellation.ts";
import type { TableLocks } from "../table_locks/table_locks.ts";
import type { AutoAnalyzeHost } from "./auto_analyze.ts";
import type { TableActivity } from "./table_activity.ts";

/** What is asked of an open database. */
export interface AnalyzedDatabase {
  readonly environment: Environment;
  readonly settings: ReadonlyMap<string, string>;
  readonly activity: TableActivity;
  readonly catalog: Catalog;
  readonly access: AccessRegistry;
  readonly tableLocks: TableLocks;
  planningHandle(catalog: CatalogState): TransactionHandle;
  now(): number;
  begin(settings: Settings): Transaction;
  commit(transaction: Transaction): Promise<void>;
  rollback(transaction: Transaction): void;
}

/** What automatic ANALYZE needs of `core`. */
export function autoAnalyzeHost(core: AnalyzedDatabase): AutoAnalyzeHost {
  const { environment } = core;
  return {
    environment,
    activity: core.activity,
    settings: () => new Settings(core.settings),
    catalog: () => core.catalog.committed,
    rowsOf: (table) => {
      const { committed } = core.catalog;
      return core.access.table(table.accessMethod)
        .estimateRows(table, core.planningHandle(committed));
    },
    isChanging: () => core.tableLocks.areDefinitionsOpen,
    analyze: async (table, signal) => {
      const transaction = core.begin(new Settings(core.settings));
      try {
        await analyzeTable({ table, columns: storedColumns(table) }, {
          transaction,
          access: core.access,
          counters: core.catalog.counters,
          signal: new StatementCancellation({
            environment,
            timeoutMs: 0,
            signal,
            sinceMs: undefined,
          }),
          now: core.now(),
          byItself: true,
        });
      } catch (error) {
        core.rollback(transaction);
        throw error;
      }
      await core.commit(transaction);
    },
  };
}
