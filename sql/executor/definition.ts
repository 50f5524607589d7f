/**
 * CREATE, DROP and TRUNCATE: changes of the catalog and what hangs on it.
 *
 * All of them happen in the transaction: rows of the catalog, range tombstones
 * over what was dropped, entries of new indexes. Nobody else sees any of it
 * before COMMIT, and ROLLBACK forgets it.
 *
 * @module
 */
import type { AccessRegistry } from "../access/access_registry.ts";
import type { BuildOptions } from "../access/index_access.ts";
import { storageRange } from "../access/row_key.ts";
import type {
  BoundCreateIndex,
  BoundCreateTable,
  BoundDropIndex,
  BoundDropTable,
  BoundKey,
  BoundTruncate,
} from "../analyzer/bound_tree.ts";
import {
  encodeCounter,
  encodeRelation,
  nameKey,
  relationKey,
} from "../catalog/catalog_rows.ts";
import type { Counters } from "../catalog/counters.ts";
import type {
  IndexColumn,
  IndexEntry,
  RelationEntry,
  TableEntry,
} from "../catalog/entries.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { Transaction } from "../transaction/transaction.ts";

/** The longest name, in bytes (NAMEDATALEN - 1). */
const NAME_BYTES_MAX = 63;

/** What definitions need. */
export interface DefinitionContext {
  /** The transaction. */
  readonly transaction: Transaction;
  /** The access methods. */
  readonly access: AccessRegistry;
  /** Where new ids come from. */
  readonly counters: Counters;
  /** Options of index builds. */
  readonly build: BuildOptions;
  /** Tells the user something. */
  notice(message: string): void;
}

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
    columns: statement.columns.map((column, position) => ({
      number: position + 1,
      ...column,
    })),
    options: statement.options,
  };
  addRelation(table, context);
  for (const key of statement.keys) {
    await createKey(key, table, context);
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
  transaction.put(relationKey(table.id), encodeRelation(table), true);
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
  addRelation(index, context);
  await method.build(index, table, context.transaction, context.build);
}

/** Runs DROP TABLE. */
export function dropTables(
  statement: BoundDropTable,
  context: DefinitionContext,
): void {
  statement.notices.forEach((notice) => context.notice(notice));
  const { transaction } = context;
  for (const table of statement.tables) {
    for (const index of transaction.catalog.indexesOf(table.id)) {
      removeRelation(index, transaction);
    }
    removeRelation(table, transaction);
  }
}

/** Runs DROP INDEX. */
export function dropIndexes(
  statement: BoundDropIndex,
  context: DefinitionContext,
): void {
  statement.notices.forEach((notice) => context.notice(notice));
  const { transaction } = context;
  for (const index of statement.indexes) {
    const table = transaction.catalog.relationById(index.tableId);
    if (index.constraintName !== undefined) {
      throw new SqlError(
        "2BP01",
        `cannot drop index ${index.name} because constraint ${index.constraintName} on table ${table?.name} requires it`,
        {
          hint:
            `You can drop constraint ${index.constraintName} on table ${table?.name} instead.`,
        },
      );
    }
    removeRelation(index, transaction);
    // Writers that know the index must not commit after this.
    if (table !== undefined) {
      transaction.put(relationKey(table.id), encodeRelation(table), true);
    }
  }
}

/** Runs TRUNCATE: new storage ids, and range tombstones over the old ones. */
export async function truncate(
  statement: BoundTruncate,
  context: DefinitionContext,
): Promise<void> {
  const { transaction, counters, access } = context;
  for (const bound of statement.tables) {
    const table: TableEntry = { ...bound, storageId: counters.newId() };
    replaceRelation(bound, table, transaction);
    for (const before of transaction.catalog.indexesOf(table.id)) {
      const index: IndexEntry = { ...before, storageId: counters.newId() };
      replaceRelation(before, index, transaction);
      await access.index(index.accessMethod).build(
        index,
        table,
        transaction,
        context.build,
      );
    }
  }
}

function addRelation(entry: RelationEntry, context: DefinitionContext): void {
  const { transaction } = context;
  if (transaction.catalog.relation(entry.schema, entry.name) !== undefined) {
    throw new SqlError("42P07", `relation "${entry.name}" already exists`);
  }
  transaction.put(
    nameKey(entry.schema, entry.name),
    encodeCounter(entry.id),
    true,
  );
  transaction.put(relationKey(entry.id), encodeRelation(entry), true);
  transaction.changeCatalog([{ kind: "put", entry }]);
}

function removeRelation(entry: RelationEntry, transaction: Transaction): void {
  transaction.delete(nameKey(entry.schema, entry.name), true);
  transaction.delete(relationKey(entry.id), true);
  const { start, end } = storageRange(entry.storageId);
  transaction.deleteRange(start, end);
  transaction.changeCatalog([{ kind: "remove", id: entry.id }]);
}

function replaceRelation(
  before: RelationEntry,
  after: RelationEntry,
  transaction: Transaction,
): void {
  transaction.put(relationKey(after.id), encodeRelation(after), true);
  const { start, end } = storageRange(before.storageId);
  transaction.deleteRange(start, end);
  transaction.changeCatalog([{ kind: "put", entry: after }]);
}

/** `name`, or `name1`, `name2` … if it is taken (PostgreSQL's ChooseRelationName). */
function freeName(
  name: string,
  schema: string,
  transaction: Transaction,
): string {
  let candidate = name;
  for (let n = 1; transaction.catalog.relation(schema, candidate); n++) {
    const suffix = String(n);
    candidate = name.slice(0, NAME_BYTES_MAX - suffix.length) + suffix;
  }
  return candidate;
}
