/**
 * Objects that are nothing but their entry in the catalog, made and changed:
 * routines and triggers.
 *
 * @module
 */
import type { BoundChangeEntry } from "../analyzer/routines/bound_routine.ts";
import { entryKey } from "../catalog/catalog_rows.ts";
import { dependenciesOf } from "../catalog/dependencies.ts";
import type { CatalogEntry, TriggerEntry } from "../catalog/entries.ts";
import { childrenOf } from "../catalog/inheritance/table_tree.ts";
import { inheritTrigger } from "./inheritance/partition_objects.ts";
import {
  addEntry,
  type DefinitionContext,
  removeEntry,
  replaceEntry,
  touchTable,
} from "./catalog_change.ts";

/** A trigger for rows of a partitioned table is one of its partitions, too. */
function shareTrigger(
  trigger: TriggerEntry,
  before: CatalogEntry | undefined,
  context: DefinitionContext,
): void {
  const { transaction } = context;
  const { catalog } = transaction;
  const table = catalog.byId(trigger.tableId);
  const isShared = trigger.forEachRow && table?.kind === "table" &&
    table.partitionKey !== undefined;
  if (!isShared) return;
  for (const child of childrenOf(catalog, table.id)) {
    const there = before &&
      catalog.triggersOf(child.id).find(({ parentId }) =>
        parentId === trigger.id
      );
    if (there !== undefined) removeEntry(there, transaction);
    const own = inheritTrigger(trigger, table, child, context);
    touchTable(child.id, transaction);
    shareTrigger(own, there, context);
  }
}

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
  if (entry.kind === "trigger") {
    touchTable(entry.tableId, transaction);
    shareTrigger(entry, before, context);
  }
  return entry;
}
