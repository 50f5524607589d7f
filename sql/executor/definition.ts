/**
 * CREATE TABLE and TRUNCATE.
 *
 * All of them happen in the transaction: rows of the catalog, range tombstones
 * over what was truncated, entries of new indexes. Nobody else sees any of it
 * before COMMIT, and ROLLBACK forgets it.
 *
 * @module
 */
import type {
  BoundCreateTable,
  BoundTruncate,
} from "../analyzer/bound_tree.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import {
  addEntry,
  type DefinitionContext,
  removeStorage,
  replaceEntry,
} from "./catalog_change.ts";
import { addConstraints } from "./constraint_definition.ts";
import { copyIndex } from "./index_definition.ts";
import { truncatedTables } from "./foreign_keys/lost_foreign_keys.ts";
import {
  keepSequences,
  restartSequence,
  withSequences,
} from "./sequence_definition.ts";

/** Runs CREATE TABLE. */
export async function createTable(
  statement: BoundCreateTable,
  context: DefinitionContext,
): Promise<void> {
  const { name, schema } = statement;
  if (statement.exists) {
    context.notice(`relation "${name}" already exists, skipping`);
    return;
  }
  const id = context.counters.newId(statement.schema);
  const table: TableEntry = {
    kind: "table",
    id,
    storageId: id,
    schema,
    name,
    accessMethod: statement.accessMethod,
    ...statement.onCommit && { onCommit: statement.onCommit },
    columns: statement.columns.map((
      { sequence, generated, ...column },
      position,
    ) => ({
      number: position + 1,
      ...column,
      ...sequence && { identity: sequence.identity },
      ...generated && { generated },
    })),
    options: statement.options,
  };
  addEntry(table, context);
  const drawing = withSequences(statement, table, context);
  keepSequences(drawing, context.transaction);
  const made = await addConstraints(
    drawing,
    statement.constraints,
    context,
    true,
  );
  for (const like of statement.indexes) await copyIndex(like, made, context);
}

/** Runs TRUNCATE. */
export async function truncate(
  statement: BoundTruncate,
  context: DefinitionContext,
): Promise<void> {
  const tables = truncatedTables(statement.tables, statement.cascade, context);
  for (const table of tables) {
    await emptyTable(table, table, context);
    if (!statement.restartIdentity) continue;
    for (const sequence of context.transaction.catalog.sequencesOf(table.id)) {
      restartSequence(sequence, sequence.start, context);
    }
  }
}

/**
 * Takes all rows out of a table, which becomes `after`: new storage ids, and
 * range tombstones over the old ones.
 */
export async function emptyTable(
  before: TableEntry,
  after: TableEntry,
  { transaction, counters, access, build }: DefinitionContext,
): Promise<TableEntry> {
  const table: TableEntry = {
    ...after,
    storageId: counters.newId(after.schema),
  };
  removeStorage(before, transaction);
  replaceEntry(before, table, transaction);
  for (const old of transaction.catalog.indexesOf(table.id)) {
    const index: IndexEntry = { ...old, storageId: counters.newId(old.schema) };
    removeStorage(old, transaction);
    replaceEntry(old, index, transaction);
    const method = access.index(index.accessMethod);
    await method.build(index, table, transaction, build);
  }
  return table;
}
