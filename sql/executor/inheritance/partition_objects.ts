/**
 * What a partition has because its table has it: indexes, foreign keys, triggers
 * of rows.
 *
 * @module
 */
import { columnsName, objectName } from "../../analyzer/object_name.ts";
import type {
  ForeignKeyEntry,
  IndexEntry,
  TableEntry,
  TriggerEntry,
} from "../../catalog/entries.ts";
import {
  childNumbers,
  childrenOf,
} from "../../catalog/inheritance/table_tree.ts";
import { addEntry, freeName, replaceEntry } from "../catalog_change.ts";
import type { DefinitionContext } from "../catalog_change.ts";
import { constraintNames } from "../constraint_definition.ts";
import {
  touch,
  validateForeignKey,
} from "../foreign_keys/define_foreign_key.ts";
import { addIndex } from "../index_definition.ts";

/** Gives a partition what its table has; its entry with that. */
export async function inheritObjects(
  parent: TableEntry,
  child: TableEntry,
  context: DefinitionContext,
): Promise<TableEntry> {
  const { transaction } = context;
  for (const index of transaction.catalog.indexesOf(parent.id)) {
    await inheritIndex(index, parent, child, context);
  }
  let entry = child;
  for (const foreignKey of parent.foreignKeys ?? []) {
    entry = await inheritForeignKey(foreignKey, parent, entry, context);
  }
  for (const trigger of transaction.catalog.triggersOf(parent.id)) {
    if (trigger.forEachRow) inheritTrigger(trigger, parent, entry, context);
  }
  return entry;
}

type IndexParts = Pick<
  IndexEntry,
  "columns" | "include" | "usedColumns" | "predicate"
>;

/** The parts of an index over the columns of a partition. */
function partsOver(
  { columns, include, usedColumns, predicate }: IndexEntry,
  parent: TableEntry,
  child: TableEntry,
): IndexParts {
  const number = childNumbers(parent, child);
  return {
    columns: columns.map((column) =>
      column.columnNumber === 0
        ? column
        : { ...column, columnNumber: number(column.columnNumber) }
    ),
    ...include && { include: include.map(number) },
    ...usedColumns && { usedColumns: usedColumns.map(number) },
    ...predicate !== undefined && { predicate },
  };
}

/** What an index is, without its names. */
function shapeOf(index: IndexEntry): string {
  return JSON.stringify([
    index.accessMethod,
    index.unique,
    index.nullsNotDistinct ?? false,
    index.predicate,
    index.include ?? [],
    index.columns.map(({ columnNumber, expression, ...rest }) => [
      columnNumber,
      expression?.sql,
      rest.operatorClass,
      rest.descending,
      rest.nullsFirst,
    ]),
  ]);
}

/** Whether an index of a partition is what one of its table is. */
export function isSameIndex(
  index: IndexEntry,
  parent: TableEntry,
  part: IndexEntry,
  child: TableEntry,
): boolean {
  const wanted = { ...index, ...partsOver(index, parent, child) };
  return shapeOf(part) === shapeOf(wanted) &&
    (index.constraintName === undefined ||
      (part.constraintName !== undefined && part.primary === index.primary));
}

/** Makes the part of an index in a partition, or takes one that is there. */
export async function inheritIndex(
  index: IndexEntry,
  parent: TableEntry,
  child: TableEntry,
  context: DefinitionContext,
): Promise<void> {
  const { transaction } = context;
  const parts = partsOver(index, parent, child);
  const there = transaction.catalog.indexesOf(child.id).find((each) =>
    each.parentId === undefined && isSameIndex(index, parent, each, child)
  );
  if (there !== undefined) {
    replaceEntry(there, { ...there, parentId: index.id }, transaction);
    return;
  }
  const names = index.columns.map(({ columnNumber, expression }) =>
    expression?.name ??
      parent.columns.find(({ number }) => number === columnNumber)!.name
  );
  const included = (index.include ?? []).map((number) =>
    parent.columns.find((each) => each.number === number)!.name
  );
  const usual = index.primary
    ? objectName(child.name, undefined, "pkey")
    : objectName(
      child.name,
      columnsName([...names, ...included]),
      index.constraintName === undefined ? "idx" : "key",
    );
  const name = freeName(usual, child.schema, transaction);
  const {
    id: _,
    storageId: _storage,
    kind: _kind,
    tableId: _table,
    schema: _schema,
    dependencies: _dependencies,
    comment: _comment,
    columns: _columns,
    include: _include,
    usedColumns: _used,
    ...rest
  } = index;
  const made = await addIndex(
    {
      ...rest,
      ...parts,
      name,
      ...index.constraintName !== undefined && { constraintName: name },
      parentId: index.id,
    },
    child,
    context,
  );
  for (const each of childrenOf(transaction.catalog, child.id)) {
    await inheritIndex(made, child, each, context);
  }
}

/** Gives a partition a foreign key of its table; its rows must obey. */
export async function inheritForeignKey(
  foreignKey: ForeignKeyEntry,
  parent: TableEntry,
  child: TableEntry,
  context: DefinitionContext,
): Promise<TableEntry> {
  const number = childNumbers(parent, child);
  const own: ForeignKeyEntry = {
    ...foreignKey,
    columns: foreignKey.columns.map(number),
    setColumns: foreignKey.setColumns.map(number),
    parentName: foreignKey.name,
  };
  const { foreignKeys = [] } = child;
  const there = foreignKeys.find((each) =>
    each.parentName === undefined && each.referencedId === own.referencedId &&
    String(each.columns) === String(own.columns) &&
    String(each.referencedColumns) === String(own.referencedColumns) &&
    each.onDelete === own.onDelete && each.onUpdate === own.onUpdate &&
    each.deferrable === own.deferrable
  );
  const used = new Set(constraintNames(child, context.transaction.catalog));
  let { name } = own;
  for (let n = 1; there === undefined && used.has(name); n++) {
    name = `${own.name}_${n}`;
  }
  const after: TableEntry = {
    ...child,
    foreignKeys: there === undefined
      ? [...foreignKeys, { ...own, name }]
      : foreignKeys.map((each) =>
        each === there ? { ...each, parentName: own.name } : each
      ),
  };
  replaceEntry(child, after, context.transaction);
  if (there !== undefined) return after;
  touch(own.referencedId, context);
  if (own.notValid !== true && child.partitionKey === undefined) {
    await validateForeignKey(after, { ...own, name }, context);
  }
  return after;
}

/** Gives a partition a trigger of its table. */
export function inheritTrigger(
  trigger: TriggerEntry,
  parent: TableEntry,
  child: TableEntry,
  context: DefinitionContext,
): TriggerEntry {
  const number = childNumbers(parent, child);
  const entry: TriggerEntry = {
    ...trigger,
    id: context.counters.newId(child.schema),
    schema: child.schema,
    tableId: child.id,
    parentId: trigger.id,
    ...trigger.columns && { columns: trigger.columns.map(number) },
  };
  addEntry(entry, context);
  return entry;
}
