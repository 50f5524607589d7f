/**
 * CREATE INDEX, and the indexes of keys.
 *
 * @module
 */
import { storageRange } from "../access/row_key.ts";
import { classTypeName } from "../analyzer/indexes/class_type_name.ts";
import type { BoundReindex } from "../analyzer/bound_alter.ts";
import type { BoundCreateIndex } from "../analyzer/bound_tree.ts";
import type { LikeIndex } from "../analyzer/bound_like.ts";
import { columnsName, objectName } from "../analyzer/object_name.ts";
import type {
  BoundExclude,
  BoundKey,
} from "../analyzer/constraints/bound_constraint.ts";
import type {
  IndexColumn,
  IndexEntry,
  TableEntry,
} from "../catalog/entries.ts";
import { isTemporaryId } from "../catalog/temporary_schema.ts";
import type { Transaction } from "../transaction/transaction.ts";
import { SqlError } from "../errors/sql_error.ts";
import {
  addEntry,
  type DefinitionContext,
  freeName,
  removeStorage,
  replaceEntry,
  touchEntry,
} from "./catalog_change.ts";

/** Makes the index of a PRIMARY KEY or UNIQUE. */
export async function createKey(
  key: BoundKey,
  table: TableEntry,
  context: DefinitionContext,
): Promise<void> {
  const name = key.name ??
    freeName(key.defaultName, table.schema, context.transaction);
  const method = context.access.index("btree");
  const columns = key.columns.map((position): IndexColumn => {
    const column = table.columns[position]!;
    const typeName = classTypeName(column.type.type);
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
      ...key.include.length > 0 && {
        include: key.include.map((position) => table.columns[position]!.number),
      },
      ...key.nullsNotDistinct && { nullsNotDistinct: true },
      ...key.deferrable && { deferrable: true },
      ...key.initiallyDeferred && { initiallyDeferred: true },
      primary: key.form === "primary_key",
      constraintName: name,
      options: {},
    },
    table,
    context,
  );
}

/** Makes the index of an EXCLUDE. */
export async function createExclusion(
  exclude: BoundExclude,
  table: TableEntry,
  context: DefinitionContext,
): Promise<void> {
  if (table.partitionKey !== undefined) {
    throw new SqlError(
      "0A000",
      "exclusion constraints on partitioned tables are not supported",
    );
  }
  const name = exclude.name ??
    freeName(exclude.defaultName, table.schema, context.transaction);
  const { accessMethod, columns, include, predicate, usedColumns } = exclude;
  await addIndex(
    {
      name,
      accessMethod,
      columns,
      unique: false,
      primary: exclude.temporal === "primary_key",
      constraintName: name,
      ...exclude.temporal !== undefined && { temporal: true },
      exclusion: exclude.operators,
      ...include.length > 0 && { include },
      ...predicate !== undefined && { predicate },
      ...usedColumns.length > 0 && { usedColumns },
      ...exclude.deferrable && { deferrable: true },
      ...exclude.initiallyDeferred && { initiallyDeferred: true },
      options: {},
    },
    table,
    context,
  );
}

/** Runs CREATE INDEX, of the table alone; the index, if it was made. */
export async function createIndex(
  statement: BoundCreateIndex,
  context: DefinitionContext,
): Promise<IndexEntry | undefined> {
  const { table } = statement;
  const { transaction } = context;
  if (statement.exists) {
    context.notice(`relation "${statement.name}" already exists, skipping`);
    return undefined;
  }
  const name = statement.name ??
    freeName(statement.defaultName, table.schema, transaction);
  keepWriters(table, transaction);
  const index = await addIndex(
    {
      name,
      accessMethod: statement.accessMethod,
      columns: statement.columns,
      unique: statement.unique,
      ...statement.include.length > 0 && { include: statement.include },
      ...statement.predicate !== undefined && {
        predicate: statement.predicate,
      },
      ...statement.usedColumns.length > 0 && {
        usedColumns: statement.usedColumns,
      },
      ...statement.nullsNotDistinct && { nullsNotDistinct: true },
      primary: false,
      options: statement.options,
    },
    table,
    context,
  );
  return index;
}

/**
 * Whoever writes to the table meanwhile does not know of an index: either their
 * commit fails, by the table's row, or ours, by the range.
 */
export function keepWriters(table: TableEntry, transaction: Transaction): void {
  touchEntry(table, transaction);
  const { start, end } = storageRange(table.storageId);
  transaction.guardRange(start, end);
}

/** Runs REINDEX: new storage for each index, filled from the rows. */
export async function reindex(
  { indexes }: BoundReindex,
  { transaction, counters, access, build }: DefinitionContext,
): Promise<void> {
  for (const old of indexes) {
    const table = transaction.catalog.byId(old.tableId);
    if (table?.kind !== "table" || table.partitionKey !== undefined) continue;
    keepWriters(table, transaction);
    const index: IndexEntry = { ...old, storageId: counters.newId(old.schema) };
    removeStorage(old, transaction);
    replaceEntry(old, index, transaction);
    const method = access.index(index.accessMethod);
    await method.build(index, table, transaction, build);
  }
}

/** Makes an index of a new table as LIKE says. */
export async function copyIndex(
  { index, names, comment }: LikeIndex,
  table: TableEntry,
  context: DefinitionContext,
): Promise<void> {
  // Zero is that of an expression.
  const numberOf = (number: number): number =>
    number === 0
      ? 0
      : table.columns.find(({ name }) => name === names.get(number))!.number;
  const {
    id: _,
    name: _name,
    storageId: _storage,
    comment: _comment,
    ...rest
  } = index;
  const columns = index.columns.map((column) => ({
    ...column,
    columnNumber: numberOf(column.columnNumber),
  }));
  const include = index.include?.map(numberOf);
  const usedColumns = index.usedColumns?.map(numberOf);
  const shown = [
    ...index.columns.map(({ columnNumber, expression }) =>
      expression?.name ?? names.get(columnNumber)!
    ),
    ...index.include?.map((number) => names.get(number)!) ?? [],
  ];
  const usual = objectName(table.name, columnsName(shown), "idx");
  await addIndex(
    {
      ...rest,
      name: freeName(usual, table.schema, context.transaction),
      columns,
      ...include && { include },
      ...usedColumns && { usedColumns },
      ...comment !== undefined && { comment },
    },
    table,
    context,
  );
}

/** Makes an index, and fills it. */
export async function addIndex(
  definition: Omit<
    IndexEntry,
    "kind" | "id" | "storageId" | "schema" | "tableId"
  >,
  table: TableEntry,
  context: DefinitionContext,
): Promise<IndexEntry> {
  const id = context.counters.newId(table.schema);
  const index: IndexEntry = {
    kind: "index",
    id,
    ...definition,
    storageId: id,
    schema: table.schema,
    tableId: table.id,
  };
  const method = context.access.index(index.accessMethod);
  if (isTemporaryId(table.id) && method.refusesTemporary === true) {
    throw new SqlError(
      "0A000",
      `access method "${method.name}" does not support indexes on temporary tables`,
    );
  }
  method.validate(index, table);
  addEntry(index, context);
  // A partitioned table has no rows: its partitions have indexes of their own.
  if (table.partitionKey === undefined) {
    await method.build(index, table, context.transaction, context.build);
  }
  return index;
}
