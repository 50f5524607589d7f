/**
 * What COMMIT does to temporary tables (ON COMMIT DELETE ROWS and DROP), and
 * DISCARD TEMP.
 *
 * The rows of the former are never taken over into the session's memory
 * (`transaction/temporary/`): each transaction finds the table empty.
 *
 * @module
 */
import type { RelationEntry, TableEntry } from "../catalog/entries.ts";
import { isTemporaryId } from "../catalog/temporary_schema.ts";
import { growthOf } from "../transaction/row_tally.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { dropObjects } from "./drop.ts";

/** Runs what is to be done at COMMIT, after all checks. */
export async function runOnCommit(transaction: Transaction): Promise<void> {
  if (transaction.temporary?.hasChanged !== true) return;
  await transaction.runChecks();
  const dropped: TableEntry[] = [];
  for (const entry of transaction.catalog.relations()) {
    if (entry.kind !== "table" || entry.onCommit === undefined) continue;
    if (entry.onCommit === "drop") dropped.push(entry);
    const { storageId } = entry;
    const rows = growthOf(transaction.rowTallies.get(storageId));
    if (rows !== 0) transaction.countRows(storageId, "deleted", rows);
  }
  if (dropped.length > 0) dropAll(dropped, transaction);
}

/** Drops every temporary object: DISCARD TEMP. */
export function discardTemporary(transaction: Transaction): void {
  const entries = [...transaction.catalog.relations()].filter((entry) =>
    isTemporaryId(entry.id) && entry.kind !== "index"
  );
  if (entries.length > 0) dropAll(entries, transaction);
}

function dropAll(
  entries: readonly RelationEntry[],
  transaction: Transaction,
): void {
  const targets = { entries, cascade: true, notices: [] };
  const { catalog: named } = transaction;
  dropObjects(targets, { transaction, named, notice: () => {} });
}
