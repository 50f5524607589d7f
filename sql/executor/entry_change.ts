/**
 * Objects that are nothing but their entry in the catalog, made and changed:
 * routines and triggers.
 *
 * @module
 */
import type { BoundChangeEntry } from "../analyzer/routines/bound_routine.ts";
import { entryKey } from "../catalog/catalog_rows.ts";
import { dependenciesOf } from "../catalog/dependencies.ts";
import type { CatalogEntry } from "../catalog/entries.ts";
import {
  addEntry,
  type DefinitionContext,
  replaceEntry,
  touchTable,
} from "./catalog_change.ts";

/** Makes or changes an object; what it is afterwards. */
export function changeEntry(
  { before, after, notices, more = [] }: BoundChangeEntry,
  context: DefinitionContext,
): CatalogEntry | undefined {
  notices.forEach((notice) => context.notice(notice));
  if (after === undefined) return undefined;
  const { transaction } = context;
  const entry = before === undefined
    ? { ...after, id: context.counters.newId() }
    : after;
  if (before === undefined) addEntry(entry, context);
  else {
    for (const { id } of dependenciesOf(entry, transaction.catalog)) {
      transaction.guardRelation(id, entryKey(id));
    }
    replaceEntry(before, entry, transaction);
  }
  for (const each of more) replaceEntry(each.before, each.after, transaction);
  if (entry.kind === "trigger") touchTable(entry.tableId, transaction);
  return entry;
}
