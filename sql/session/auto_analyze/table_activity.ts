/**
 * What commits did to the rows of tables since the database was opened, and
 * since each was analyzed: what `pg_stat_user_tables` shows, and automatic
 * ANALYZE goes by.
 *
 * It is kept in memory. How far a table went before the database was opened is
 * told by how many rows it has more or less than its statistics say.
 *
 * @module
 */
import type {
  CatalogChange,
  CatalogState,
} from "../../catalog/catalog_state.ts";
import type { RowTallies, RowTally } from "../../transaction/row_tally.ts";

/** What was done to a table. */
export interface Activity extends RowTally {
  /** Rows added, replaced and removed since the last ANALYZE. */
  changed: number;
  /** How often it was analyzed, because somebody asked for it. */
  analyzeCount: number;
  /** How often it was analyzed by itself. */
  autoAnalyzeCount: number;
}

/** The activity of all tables, by storage id. */
export class TableActivity {
  readonly #tables = new Map<number, Activity>();

  /** Takes over what a commit did, after which the catalog is `catalog`. */
  commit(
    tallies: RowTallies,
    changes: readonly CatalogChange[],
    catalog: CatalogState,
  ): void {
    this.#add(tallies);
    for (const change of changes) {
      if (change.kind === "remove" || change.entry.kind !== "statistics") {
        continue;
      }
      const { tableId, analyzedAt, autoAnalyzedAt } = change.entry;
      const table = catalog.byId(tableId);
      if (table?.kind !== "table") continue;
      this.#analyzed(
        table.storageId,
        (autoAnalyzedAt ?? -Infinity) > (analyzedAt ?? -Infinity),
      );
    }
  }

  #add(tallies: RowTallies): void {
    for (const [storageId, { inserted, updated, deleted }] of tallies) {
      const activity = this.#at(storageId);
      activity.inserted += inserted;
      activity.updated += updated;
      activity.deleted += deleted;
      activity.changed += inserted + updated + deleted;
    }
  }

  #analyzed(storageId: number, byItself: boolean): void {
    const activity = this.#at(storageId);
    activity.changed = 0;
    if (byItself) activity.autoAnalyzeCount++;
    else activity.analyzeCount++;
  }

  /** What was done to a table; `undefined`: nothing. */
  of(storageId: number): Readonly<Activity> | undefined {
    return this.#tables.get(storageId);
  }

  /** Forgets storages that are gone. */
  forget(storageIds: Iterable<number>): void {
    for (const storageId of storageIds) this.#tables.delete(storageId);
  }

  #at(storageId: number): Activity {
    let activity = this.#tables.get(storageId);
    if (activity === undefined) {
      activity = {
        ...{ inserted: 0, updated: 0, deleted: 0 },
        ...{ changed: 0, analyzeCount: 0, autoAnalyzeCount: 0 },
      };
      this.#tables.set(storageId, activity);
    }
    return activity;
  }
}

/** What changes since ANALYZE are counted by. */
export interface ChangeFacts {
  readonly activity: Readonly<Activity> | undefined;
  /** About how many rows the table has now. */
  readonly rows: number;
  /** How many it had when it was analyzed; 0: it never was. */
  readonly analyzedRows: number;
}

/** About how many rows were changed since the last ANALYZE. */
export function changedRows(
  { activity, rows, analyzedRows }: ChangeFacts,
): number {
  const changed = activity?.changed ?? 0;
  if (activity !== undefined && wasAnalyzed(activity)) return changed;
  const before = rows - (activity?.inserted ?? 0) + (activity?.deleted ?? 0);
  return changed + Math.abs(before - analyzedRows);
}

function wasAnalyzed(activity: Readonly<Activity>): boolean {
  return activity.analyzeCount + activity.autoAnalyzeCount > 0;
}
