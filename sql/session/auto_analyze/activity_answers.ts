/**
 * What `lsm_table_activity()` answers: the numbers of `pg_stat_all_tables`.
 *
 * @module
 */
import type { Nullable } from "../../types/data_type.ts";
import type { Answer, Asked } from "../catalog_question.ts";
import { changedRows } from "./table_activity.ts";

/** What the functions about the activity of tables answer. */
export const ACTIVITY_ANSWERS: readonly (readonly [string, Answer])[] = [
  ["lsm_table_activity", activityRows],
];

/** A row for each table that keeps rows of its own. */
function activityRows({ core }: Asked): Nullable {
  const { committed } = core.catalog;
  const planning = core.planningHandle(committed);
  const rows: unknown[][] = [];
  for (const table of committed.relations()) {
    if (table.kind !== "table" || table.storageId === 0) continue;
    const activity = core.activity.of(table.storageId);
    const live = core.access.table(table.accessMethod)
      .estimateRows(table, planning);
    const analyzedRows = committed.statisticsOf(table.id)?.rows ?? 0;
    const changed = changedRows({ activity, rows: live, analyzedRows });
    rows.push([
      table.id,
      ...[activity?.inserted, activity?.updated, activity?.deleted]
        .map((count) => String(count ?? 0)),
      String(live),
      String(changed),
      String(activity?.analyzeCount ?? 0),
      String(activity?.autoAnalyzeCount ?? 0),
    ]);
  }
  return JSON.stringify(rows);
}
