/**
 * BEFORE … FOR EACH ROW: chunks of one row as triggers want them written.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, type Column, selectedCount } from "../../chunk/chunk.ts";
import { columnsOfRow, type TableTriggers } from "./table_triggers.ts";

const NONE = new Uint32Array(0);

/** The row to be inserted; none where a trigger leaves it out. */
export function beforeInsert(
  triggers: TableTriggers | undefined,
  table: TableEntry,
  rows: Chunk,
): MaybePromise<Chunk> {
  if (triggers?.hasBeforeRow !== true || selectedCount(rows) === 0) return rows;
  const row = rows.selection?.[0] ?? 0;
  const done = triggers.beforeRow("insert", undefined, rows.columns, row);
  return then(
    done,
    (after): Chunk =>
      after === undefined
        ? { ...rows, selection: NONE }
        : { columns: columnsOfRow(table, after), rowCount: 1 },
  );
}

/** The columns of the row to be updated; `undefined`: it is left alone. */
export function beforeUpdate(
  triggers: TableTriggers | undefined,
  table: TableEntry,
  before: readonly Column[],
  after: readonly Column[],
  row = 0,
): MaybePromise<readonly Column[] | undefined> {
  if (triggers?.hasBeforeRow !== true) return after;
  const done = triggers.beforeRow("update", before, after, row);
  return then(done, (given) => given && columnsOfRow(table, given));
}

/** Whether the row is to be deleted. */
export function beforeDelete(
  triggers: TableTriggers | undefined,
  before: readonly Column[],
  row = 0,
): MaybePromise<boolean> {
  if (triggers?.hasBeforeRow !== true) return true;
  const done = triggers.beforeRow("delete", before, undefined, row);
  return then(done, (given) => given !== undefined);
}
