/**
 * What COMMIT does to temporary tables: ON COMMIT DELETE ROWS and DROP.
 *
 * The rows of the former are never taken over into the session's memory
 * (`transaction/temporary/`): each transaction finds the table empty.
 *
 * @module
 */
import type { TableEntry } from "../catalog/entries.ts";
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
    const rows = transaction.rowDeltas.get(storageId) ?? 0;
    if (rows !== 0) transaction.countRows(storageId, -rows);
  }
  if (dropped.length === 0) return;
  const targets = { entries: dropped, cascade: true, notices: [] };
  const { catalog: named } = transaction;
  dropObjects(targets, { transaction, named, notice: () => {} });
}
