/**
 * CREATE and TRUNCATE of tables and indexes.
 *
 * All of them happen in the transaction: rows of the catalog, range tombstones
 * over what was truncated, entries of new indexes. Nobody else sees any of it
 * before COMMIT, and ROLLBACK forgets it.
 *
 * @module
 */
import { storageRange } from "../access/row_key.ts";
import type {
  BoundCreateIndex,
  BoundCreateTable,
  BoundKey,
  BoundTruncate,
} from "../analyzer/bound_tree.ts";
import { encodeEntry, entryKey } from "../catalog/catalog_rows.ts";
import type {
  IndexColumn,
  IndexEntry,
  TableEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import {
  addEntry,
  type DefinitionContext,
  freeName,
  removeStorage,
  replaceEntry,
} from "./catalog_change.ts";
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
  const id = context.counters.newId();
  const table: TableEntry = {
    kind: "table",
    id,
    storageId: id,
    schema,
    name,
    accessMethod: statement.accessMethod,
    columns: statement.columns.map(({ sequence, ...column }, position) => ({
      number: position + 1,
      ...column,
      ...sequence && { identity: sequence.identity },
    })),
    options: statement.options,
  };
  addEntry(table, context);
  const drawing = withSequences(statement, table, context);
  keepSequences(drawing, context.transaction);
  for (const key of statement.keys) {
    await createKey(key, drawing, context);
  }
}

/** Makes the index of a PRIMARY KEY or UNIQUE. */
async function createKey(
  key: BoundKey,
  table: TableEntry,
  context: DefinitionContext,
): Promise<void> {
  const name = key.name ??
    freeName(key.defaultName, table.schema, context.transaction);
  const method = context.access.index("btree");
  const columns = key.columns.map((position): IndexColumn => {
    const column = table.columns[position]!;
    const typeName = column.type.type.name;
    const operatorClass = method.operatorClasses.find((each) =>
      each.isDefault && each.typeName === typeName
    );
    if (operatorClass === undefined) {
      throw new SqlError(
        "42704",
        `data type ${column.type.type.displayName} has no default operator class for access method "btree"`,
        {
          hint:
            "You must specify an operator class for the index or define a default operator class for the data type.",
        },
      );
    }
    return {
      columnNumber: column.number,
      operatorClass: operatorClass.name,
      descending: false,
      nullsFirst: false,
    };
  });
  await addIndex(
    {
      name,
      accessMethod: "btree",
      columns,
      unique: true,
      primary: key.form === "primary_key",
      constraintName: name,
      options: {},
    },
    table,
    context,
  );
}

/** Runs CREATE INDEX. */
export async function createIndex(
  statement: BoundCreateIndex,
  context: DefinitionContext,
): Promise<void> {
  const { table } = statement;
  const { transaction } = context;
  if (statement.exists) {
    context.notice(`relation "${statement.name}" already exists, skipping`);
    return;
  }
  const name = statement.name ??
    freeName(statement.defaultName, table.schema, transaction);
  // Whoever writes to the table meanwhile does not know of the index: either
  // their commit fails, by the table's row, or ours, by the range.
  transaction.put(entryKey(table.id), encodeEntry(table), true);
  const { start, end } = storageRange(table.storageId);
  transaction.guardRange(start, end);
  await addIndex(
    {
      name,
      accessMethod: statement.accessMethod,
      columns: statement.columns,
      unique: statement.unique,
      primary: false,
      options: statement.options,
    },
    table,
    context,
  );
}

async function addIndex(
  definition: Omit<
    IndexEntry,
    "kind" | "id" | "storageId" | "schema" | "tableId"
  >,
  table: TableEntry,
  context: DefinitionContext,
): Promise<void> {
  const id = context.counters.newId();
  const index: IndexEntry = {
    kind: "index",
    id,
    storageId: id,
    schema: table.schema,
    tableId: table.id,
    ...definition,
  };
  const method = context.access.index(index.accessMethod);
  method.validate(index, table);
  addEntry(index, context);
  await method.build(index, table, context.transaction, context.build);
}

/** Runs TRUNCATE. */
export async function truncate(
  statement: BoundTruncate,
  context: DefinitionContext,
): Promise<void> {
  for (const table of statement.tables) {
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
  const table: TableEntry = { ...after, storageId: counters.newId() };
  removeStorage(before, transaction);
  replaceEntry(before, table, transaction);
  for (const old of transaction.catalog.indexesOf(table.id)) {
    const index: IndexEntry = { ...old, storageId: counters.newId() };
    removeStorage(old, transaction);
    replaceEntry(old, index, transaction);
    const method = access.index(index.accessMethod);
    await method.build(index, table, transaction, build);
  }
  return table;
}
