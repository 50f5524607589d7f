/**
 * After a definition: tables and indexes that came or changed note what their
 * expressions call, so that DROP of that finds them.
 *
 * @module
 */
import {
  hasCallables,
  needsOfIndex,
  needsOfTable,
} from "../analyzer/constraints/expression_needs.ts";
import type { AnalyzeOptions } from "../analyzer/statement_state.ts";
import { entryKey } from "../catalog/catalog_rows.ts";
import type {
  CatalogView,
  IndexEntry,
  TableEntry,
} from "../catalog/entries.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { replaceEntry } from "./catalog_change.ts";

/** Notes the needs of what is not as it was in `before`. */
export function noteNeeds(
  before: CatalogView,
  transaction: Transaction,
  analysis: () => AnalyzeOptions,
): void {
  const { catalog } = transaction;
  if (!hasCallables(catalog)) return;
  const options = analysis();
  for (const entry of [...catalog.entries()]) {
    if (before.byId(entry.id) === entry) continue;
    if (entry.kind === "table") noteTable(entry, transaction, options);
    if (entry.kind === "index") noteIndex(entry, transaction, options);
  }
}

function noteTable(
  entry: TableEntry,
  transaction: Transaction,
  options: AnalyzeOptions,
): void {
  const found = needsOfTable(options, entry);
  const { needs: known, ...rest } = entry;
  if (found.length === 0 && known === undefined) return;
  if (JSON.stringify(found) === JSON.stringify(known)) return;
  for (const { id } of found) transaction.guardRelation(id, entryKey(id));
  replaceEntry(
    entry,
    found.length === 0 ? rest : { ...rest, needs: found },
    transaction,
  );
}

function noteIndex(
  entry: IndexEntry,
  transaction: Transaction,
  options: AnalyzeOptions,
): void {
  const table = transaction.catalog.byId(entry.tableId);
  if (table?.kind !== "table") return;
  const { dependencies = [] } = entry;
  const known = new Set(dependencies.map(({ id }) => id));
  const found = [...needsOfIndex(options, table, entry)]
    .filter((id) => !known.has(id));
  if (found.length === 0) return;
  for (const id of found) transaction.guardRelation(id, entryKey(id));
  const more = found.map((id) => ({ id, kind: "normal" }) as const);
  const after = { ...entry, dependencies: [...dependencies, ...more] };
  replaceEntry(entry, after, transaction);
}
