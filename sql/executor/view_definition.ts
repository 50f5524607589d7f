/**
 * CREATE VIEW, ALTER VIEW, and the tables of CREATE TABLE AS and materialized
 * views; their rows come by an INSERT that the session runs.
 *
 * @module
 */
import type {
  BoundAlterView,
  BoundCreateTableAs,
  BoundCreateView,
  BoundRefresh,
} from "../analyzer/bound_tree.ts";
import type { TableEntry } from "../catalog/entries.ts";
import {
  addEntry,
  type DefinitionContext,
  replaceEntry,
} from "./catalog_change.ts";

import { emptyTable } from "./definition.ts";
import { keepSequences } from "./sequence_definition.ts";

/** Runs CREATE VIEW. */
export function createView(
  { view, before, notices }: BoundCreateView,
  context: DefinitionContext,
): void {
  notices.forEach((notice) => context.notice(notice));
  if (before === undefined) {
    addEntry({ ...view, id: context.counters.newId(view.schema) }, context);
  } else {
    replaceEntry(before, view, context.transaction);
  }
}

/** Runs ALTER VIEW. */
export function alterView(
  { change, notices }: BoundAlterView,
  context: DefinitionContext,
): void {
  notices.forEach((notice) => context.notice(notice));
  if (change === undefined) return;
  const { transaction } = context;
  replaceEntry(change.before, change.after, transaction);
  keepSequences(change.after, transaction);
  for (const view of change.readers) {
    replaceEntry(transaction.catalog.byId(view.id)!, view, transaction);
  }
  if (change.before.schema === change.after.schema) return;
  for (const index of transaction.catalog.indexesOf(change.after.id)) {
    replaceEntry(index, { ...index, schema: change.after.schema }, transaction);
  }
}

/** Makes the table of CREATE TABLE AS, without rows; none if it is there. */
export function createTableAs(
  { table, exists }: BoundCreateTableAs,
  context: DefinitionContext,
): TableEntry | undefined {
  if (exists) {
    context.notice(`relation "${table.name}" already exists, skipping`);
    return undefined;
  }
  const id = context.counters.newId(table.schema);
  const made = { ...table, id, storageId: id };
  addEntry(made, context);
  return made;
}

/** Takes the rows out of a materialized view, for others to come. */
export async function emptyView(
  { table, source }: BoundRefresh,
  context: DefinitionContext,
): Promise<TableEntry> {
  const populated = source !== undefined;
  const materialized = { ...table.materialized!, populated };
  return await emptyTable(table, { ...table, materialized }, context);
}
