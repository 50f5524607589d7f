/**
 * Foreign keys: what rows that were changed make it necessary to check.
 *
 * | changed | to be done |
 * | --- | --- |
 * | a row that refers: new, or its key changed | the key it refers to is there (`referencing_check.ts`) |
 * | a row that is referred to: gone, or its key changed | nobody refers to it any more, or they follow (`referenced_change.ts`) |
 *
 * Both happen at the end of the statement, in the order of the changes, and are
 * right when transactions race. Say T refers to a key k and D deletes it, at the
 * same time. T looks k up in its snapshot, and commits under the condition that
 * the entry of k in the unique index is unchanged since. D looks for rows that
 * refer to k in its snapshot, and commits under the condition that no entry
 * under k in the index of the referring columns was written since (without such
 * an index: that no row of the table was). Commits are checked one by one, in
 * the order of the log, against all that joined before: so
 *
 * 1. T before D: T wrote its row, and the entry under k; that came after D's
 *    snapshot, or D had seen it. D fails with `40001`.
 * 2. D before T: D deleted the entry of k after T's snapshot, or T had not found
 *    it. T fails with `40001`.
 *
 * Run again, either sees what the other did, and says `23503`. A foreign key that
 * comes or goes meanwhile changes the rows of both tables in the catalog, on which
 * everybody who writes to them depends.
 *
 * Rejected: a lock row for each key that is referred to. It is precise without
 * an index, too, but costs a write with every row.
 *
 * @module
 */
import { transactionOf } from "../../transaction/transaction_view.ts";
import type { ForeignKeyEntry, TableEntry } from "../../catalog/entries.ts";
import { type Reference, referencesTo } from "../../catalog/references.ts";
import type { Chunk, Column } from "../../chunk/chunk.ts";
import { constraintKey } from "../../transaction/pending_checks.ts";
import { gather } from "../column_tools.ts";
import type { ChangedRows } from "../modify/changed_rows.ts";
import { rowKey } from "../row_key.ts";
import type { RunState } from "../run_state.ts";
import { positionsOf } from "./key_columns.ts";
import { checkReferenced } from "./referenced_change.ts";
import { checkReferencing } from "./referencing_check.ts";

/**
 * Notes what `changed` rows of a table make it necessary to check; they are in
 * `movedTo` now.
 */
export function noteChanges(
  run: RunState,
  changedTable: TableEntry,
  changed: ChangedRows,
  movedTo: TableEntry = changedTable,
): void {
  noteReferencingRows(run, movedTo, changed);
  noteReferencedRows(run, changedTable, changed);
}

/** As `noteChanges`, of the foreign keys of the table itself. */
export function noteReferencingRows(
  run: RunState,
  changedTable: TableEntry,
  changed: ChangedRows,
): void {
  const table = tableNow(run, changedTable);
  if (table === undefined || changed.after === undefined) return;
  for (const foreignKey of table.foreignKeys ?? []) {
    if (foreignKey.notEnforced === true) continue;
    noteReferencing(run, table, foreignKey, changed);
  }
}

/** As `noteChanges`, of the foreign keys to the table. */
export function noteReferencedRows(
  run: RunState,
  changedTable: TableEntry,
  changed: ChangedRows,
): void {
  const table = tableNow(run, changedTable);
  if (table === undefined || changed.before === undefined) return;
  for (const reference of referencesTo(run.writes.catalog, table.id)) {
    if (reference.foreignKey.notEnforced === true) continue;
    noteReferenced(run, table, reference, changed);
  }
}

/** A table as it is now, its columns in the order of the rows. */
function tableNow(
  { writes: { catalog } }: RunState,
  { id, columns }: TableEntry,
): TableEntry | undefined {
  const table = catalog.byId(id);
  return table?.kind === "table" ? { ...table, columns } : undefined;
}

function noteReferencing(
  run: RunState,
  table: TableEntry,
  foreignKey: ForeignKeyEntry,
  { before, after, selection, count }: ChangedRows,
): void {
  const positions = positionsOf(table, foreignKey.columns);
  const now = positions.map((position) => after!.columns[position]!);
  const old = before && positions.map((position) => before.columns[position]!);
  const rows: number[] = [];
  const locators: number[] = [];
  for (let i = 0; i < count; i++) {
    const locator = after!.locators[i]!;
    if (Number.isNaN(locator)) continue;
    const row = selection === undefined ? i : selection[i]!;
    const isSame = old !== undefined && !Number.isNaN(before!.locators[i]) &&
      rowKey(old, row) === rowKey(now, row);
    if (isSame) continue;
    rows.push(row);
    locators.push(locator);
  }
  if (rows.length === 0) return;
  const keys = gathered(now, rows);
  const { checks } = transactionOf(run.writes);
  const key = constraintKey(table.id, foreignKey.name);
  checks.add({
    constraint: key,
    run: () =>
      checkReferencing(
        { access: run.context.access, transaction: run.writes },
        { tableId: table.id, name: foreignKey.name },
        { keys, locators: Float64Array.from(locators) },
      ),
  }, checks.isDeferred({ ...foreignKey, key }));
}

function noteReferenced(
  run: RunState,
  table: TableEntry,
  { table: { id: tableId }, foreignKey }: Reference,
  { before, after, selection, count }: ChangedRows,
): void {
  const positions = positionsOf(table, foreignKey.referencedColumns);
  const old = positions.map((position) => before!.columns[position]!);
  const now = after && positions.map((position) => after.columns[position]!);
  const gone: number[] = [];
  const moved: number[] = [];
  for (let i = 0; i < count; i++) {
    if (Number.isNaN(before!.locators[i])) continue;
    const row = selection === undefined ? i : selection[i]!;
    if (now === undefined || Number.isNaN(after!.locators[i])) gone.push(row);
    else if (rowKey(old, row) !== rowKey(now, row)) moved.push(row);
  }
  const { checks } = transactionOf(run.writes);
  const key = constraintKey(tableId, foreignKey.name);
  const isDeferred = checks.isDeferred({ ...foreignKey, key });
  const add = (rows: readonly number[], next: Chunk | undefined): void => {
    if (rows.length === 0) return;
    const keys = gathered(old, rows);
    const action = next === undefined
      ? foreignKey.onDelete
      : foreignKey.onUpdate;
    checks.add({
      constraint: key,
      run: () =>
        checkReferenced(run, { tableId, name: foreignKey.name }, {
          keys,
          next,
        }, noteChanges),
    }, isDeferred && action === "no_action");
  };
  add(gone, undefined);
  add(moved, now && gathered(now, moved));
}

function gathered(columns: readonly Column[], rows: readonly number[]): Chunk {
  const picked = Uint32Array.from(rows);
  return {
    columns: columns.map((column) => gather(column, picked)),
    rowCount: rows.length,
  };
}
