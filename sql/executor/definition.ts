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
import { SqlError } from "../errors/sql_error.ts";
import type { AlterContext } from "./alter/alter_context.ts";
import {
  addEntry,
  type DefinitionContext,
  removeStorage,
  replaceEntry,
  touchTable,
} from "./catalog_change.ts";
import { newBound } from "./inheritance/partition_bound.ts";
import { inheritObjects } from "./inheritance/partition_objects.ts";
import { requireDefaultWithout } from "./inheritance/partition_rows.ts";
import { RunState } from "./run_state.ts";
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
  context: AlterContext,
): Promise<void> {
  const { name, schema, parents, partitionKey, inheritedChecks } = statement;
  if (statement.exists) {
    context.notice(`relation "${name}" already exists, skipping`);
    return;
  }
  for (const { message, detail } of statement.notices) {
    context.notice(message, detail);
  }
  const id = context.counters.newId(statement.schema);
  const plain: TableEntry = {
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
    ...inheritedChecks.length > 0 && { checks: inheritedChecks },
    ...parents.length > 0 && { parents: parents.map(({ id }) => id) },
    ...partitionKey && { partitionKey },
  };
  const table = await placed(statement, plain, context);
  addEntry(table, context);
  // Whoever writes to a parent meanwhile does not know of the table.
  for (const parent of parents) touchTable(parent.id, context.transaction);
  const drawing = withSequences(statement, table, context);
  keepSequences(drawing, context.transaction);
  const made = await addConstraints(
    drawing,
    statement.constraints,
    context,
    true,
  );
  for (const like of statement.indexes) await copyIndex(like, made, context);
  const [parent] = parents;
  if (statement.partitionBound !== undefined) {
    await inheritObjects(parent!, made, context);
  }
}

/** A new table with its place among the partitions of its parent. */
async function placed(
  { name, parents: [parent], partitionBound: bound }: BoundCreateTable,
  table: TableEntry,
  context: AlterContext,
): Promise<TableEntry> {
  if (bound === undefined || parent === undefined) return table;
  const { catalog } = context.transaction;
  const run = new RunState(context.execution);
  const partitionBound = newBound(catalog, parent, { name, bound }, run);
  await requireDefaultWithout(parent, table, partitionBound, context);
  return { ...table, partitionBound };
}

/** Runs TRUNCATE. */
export async function truncate(
  statement: BoundTruncate,
  context: DefinitionContext,
): Promise<void> {
  const tables = truncatedTables(statement.tables, statement.cascade, context);
  for (const table of tables) {
    if (context.transaction.checks.hasDeferredOf(table.id)) {
      throw new SqlError(
        "55006",
        `cannot TRUNCATE "${table.name}" because it has pending trigger events`,
      );
    }
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
