/**
 * ALTER TABLE of tables that others inherit from: what is done to a table is
 * done to those, too, and what a table has of its parents is theirs to change.
 *
 * | action | in the tables that inherit |
 * | --- | --- |
 * | ADD COLUMN, ADD CHECK | added, or counted as inherited once more where it is there |
 * | DROP COLUMN, DROP CHECK | dropped where nothing else keeps it, counted down where something does |
 * | ADD of keys and foreign keys | in partitions alone |
 * | others | the same |
 *
 * @module
 */
import type {
  CheckEntry,
  ColumnEntry,
  IndexEntry,
  TableEntry,
} from "../../catalog/entries.ts";
import { childrenOf } from "../../catalog/inheritance/table_tree.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import { removeEntry } from "../catalog_change.ts";
import { dropColumn, placeColumn, setNotNull } from "../alter/alter_columns.ts";
import { type AlterContext, AlteredTable } from "../alter/alter_context.ts";
import { requireCheck } from "../alter/existing_rows.ts";
import { inheritForeignKey, inheritIndex } from "./partition_objects.ts";

/** Does one action to one table. */
export type AlterOne = (
  table: AlteredTable,
  action: AlterAction,
) => Promise<void> | void;

type DropAction = Extract<
  AlterAction,
  { kind: "drop_column" | "drop_constraint" }
>;

/** The tables that inherit from one directly, to be altered. */
export function alteredChildren(
  { id }: TableEntry,
  context: AlterContext,
): AlteredTable[] {
  return childrenOf(context.transaction.catalog, id).map((child) =>
    new AlteredTable(child, context)
  );
}

/** Does to the tables that inherit what was done to a table with `before`. */
export async function alterChildren(
  table: AlteredTable,
  before: TableEntry,
  action: AlterAction,
  one: AlterOne,
): Promise<void> {
  const children = alteredChildren(table.entry, table.context);
  if (children.length === 0) return;
  switch (action.kind) {
    case "add_column": {
      const column = table.find(action.column.name);
      const isNew = before.columns.every(({ name }) =>
        name !== action.column.name
      );
      if (column !== undefined && isNew) await addToChildren(table, column);
      return;
    }
    case "drop_column":
      for (const child of children) await dropInChild(child, action, false);
      return;
    case "drop_constraint":
      for (const child of children) await loseConstraint(child, action.name);
      return;
    case "set_default":
    case "set_not_null":
    case "drop_not_null":
    case "set_type":
    case "drop_expression":
      for (const child of children) {
        const earlier = child.entry;
        await one(child, action);
        await alterChildren(child, earlier, action, one);
      }
      return;
    case "add_identity":
    case "set_identity":
    case "drop_identity":
      if (table.entry.partitionKey !== undefined) {
        shareIdentity(table, children);
      }
      return;
    case "validate_constraint":
      for (const child of children) {
        const { checks = [], foreignKeys = [] } = child.entry;
        const has = [...checks, ...foreignKeys].some(({ name }) =>
          name === action.name
        );
        if (!has) continue;
        await one(child, action);
        await alterChildren(child, child.entry, action, one);
      }
      return;
    default:
      return;
  }
}

/** Partitions draw from the sequence of their table. */
function shareIdentity(
  { entry }: AlteredTable,
  children: readonly AlteredTable[],
): void {
  for (const child of children) {
    const columns = child.entry.columns.map((column): ColumnEntry => {
      const above = entry.columns.find(({ name }) => name === column.name);
      const isShared = above?.identity !== undefined ||
        column.identity !== undefined;
      if (above === undefined || !isShared) return column;
      const { identity: _, defaultSql: _default, ...rest } = column;
      return {
        ...rest,
        ...above.identity && {
          identity: above.identity,
          defaultSql: above.defaultSql,
          notNull: true,
        },
      };
    });
    child.replace({ ...child.entry, columns });
    shareIdentity(child, alteredChildren(child.entry, child.context));
  }
}

/** Adds a column of a table to those that inherit from it. */
async function addToChildren(
  table: AlteredTable,
  column: ColumnEntry,
): Promise<void> {
  const { entry, context } = table;
  for (const child of alteredChildren(entry, context)) {
    const there = child.find(column.name);
    if (there !== undefined) {
      if (
        there.type.type !== column.type.type ||
        there.type.typmod !== column.type.typmod
      ) {
        throw new SqlError(
          "42804",
          `child table "${child.entry.name}" has different type for column "${column.name}"`,
        );
      }
      context.notice(
        `merging definition of column "${column.name}" for child "${child.entry.name}"`,
      );
      child.replaceColumn(there, {
        ...there,
        inheritCount: (there.inheritCount ?? 0) + 1,
      });
      continue;
    }
    const { missing: _, comment: _comment, identity, ...rest } = column;
    const isPartition = entry.partitionKey !== undefined;
    const { defaultSql, ...plain } = rest;
    const number = 1 + Math.max(
      child.entry.columnNumberMax ?? 0,
      ...child.entry.columns.map((each) => each.number),
    );
    const own: ColumnEntry = {
      ...plain,
      number,
      ...(identity === undefined || isPartition) && defaultSql !== undefined &&
        { defaultSql },
      ...isPartition && identity && { identity },
      inheritCount: 1,
      onlyInherited: true,
    };
    await placeColumn(child, own);
    await addToChildren(child, own);
  }
}

/** Takes one parent's part of a column from a table. */
async function dropInChild(
  child: AlteredTable,
  action: DropAction,
  only: boolean,
): Promise<void> {
  const column = child.find(action.name);
  if (column === undefined || column.inheritCount === undefined) return;
  const { inheritCount, onlyInherited, ...rest } = column;
  const left = inheritCount - 1;
  if (!only && left === 0 && onlyInherited === true) {
    dropColumn(child, action);
    for (const each of alteredChildren(child.entry, child.context)) {
      await dropInChild(each, action, only);
    }
    return;
  }
  child.replaceColumn(column, {
    ...rest,
    ...left > 0 && { inheritCount: left },
    ...!only && left > 0 && onlyInherited && { onlyInherited },
  });
}

/** DROP COLUMN of ONLY: those that inherit keep it as theirs. */
export async function keepInChildren(
  table: AlteredTable,
  action: DropAction,
): Promise<void> {
  for (const child of alteredChildren(table.entry, table.context)) {
    await dropInChild(child, action, true);
  }
}

/** Takes one parent's part of a CHECK, or a partition's foreign key. */
async function loseConstraint(
  child: AlteredTable,
  name: string,
): Promise<void> {
  const { entry } = child;
  const check = entry.checks?.find((each) =>
    each.name === name && each.inheritCount !== undefined
  );
  const goes = check !== undefined && check.inheritCount === 1 &&
    check.onlyInherited === true;
  const lose = (each: CheckEntry): CheckEntry[] => {
    if (each !== check) return [each];
    if (goes) return [];
    const { inheritCount, ...rest } = each;
    return [{
      ...rest,
      ...inheritCount! > 1 && { inheritCount: inheritCount! - 1 },
    }];
  };
  const foreignKeys = entry.foreignKeys?.filter(({ parentName }) =>
    parentName !== name
  );
  const hasForeignKey = foreignKeys?.length !== entry.foreignKeys?.length;
  if (check === undefined && !hasForeignKey) return;
  child.replace({
    ...entry,
    ...entry.checks && { checks: entry.checks.flatMap(lose) },
    ...foreignKeys && { foreignKeys },
  });
  if (!goes && !hasForeignKey) return;
  for (const each of alteredChildren(entry, child.context)) {
    await loseConstraint(each, name);
  }
}

/** DROP CONSTRAINT of a key: the parts of its index go, too. */
export function removeParts(
  index: IndexEntry,
  { transaction }: Pick<AlterContext, "transaction">,
): void {
  for (const part of transaction.catalog.relations()) {
    if (part.kind !== "index" || part.parentId !== index.id) continue;
    removeParts(part, { transaction });
    removeEntry(part, transaction);
    const table = transaction.catalog.byId(part.tableId);
    if (table?.kind === "table") {
      new AlteredTable(table, { transaction } as AlterContext).replace(table);
    }
  }
}

/** Gives those that inherit the constraints that a table has got. */
export async function shareConstraints(
  table: AlteredTable,
  before: TableEntry,
  indexesBefore: readonly IndexEntry[],
): Promise<void> {
  const { entry, context } = table;
  const { catalog } = context.transaction;
  const known = new Set((before.checks ?? []).map(({ name }) => name));
  const checks = (entry.checks ?? []).filter(({ name, noInherit }) =>
    !known.has(name) && noInherit !== true
  );
  const keys = new Set((before.foreignKeys ?? []).map(({ name }) => name));
  const foreignKeys = (entry.foreignKeys ?? []).filter(({ name }) =>
    !keys.has(name)
  );
  const indexes = catalog.indexesOf(entry.id).filter(({ id }) =>
    indexesBefore.every((each) => each.id !== id)
  );
  const isPartitioned = entry.partitionKey !== undefined;
  for (const child of alteredChildren(entry, context)) {
    const earlier = child.entry;
    const indexesEarlier = catalog.indexesOf(earlier.id);
    for (const check of checks) await shareCheck(child, check);
    for (const { name, notNull } of entry.columns) {
      const own = child.find(name);
      if (!notNull || own === undefined || own.notNull) continue;
      await setNotNull(child, name);
    }
    if (!isPartitioned) {
      await shareConstraints(child, earlier, indexesEarlier);
      continue;
    }
    for (const foreignKey of foreignKeys) {
      const after = await inheritForeignKey(
        foreignKey,
        entry,
        child.entry,
        context,
      );
      child.replacedBy(after);
    }
    for (const index of indexes) {
      await inheritIndex(index, entry, child.entry, context);
    }
    child.replace(child.entry);
    // Indexes were shared with the partitions below already.
    const { catalog: now } = context.transaction;
    await shareConstraints(child, earlier, now.indexesOf(earlier.id));
  }
}

async function shareCheck(
  child: AlteredTable,
  check: CheckEntry,
): Promise<void> {
  const { checks = [] } = child.entry;
  const there = checks.find(({ name }) => name === check.name);
  if (there === undefined) {
    const { inheritCount: _, onlyInherited: _only, ...rest } = check;
    const own = { ...rest, inheritCount: 1, onlyInherited: true };
    child.replace({ ...child.entry, checks: [...checks, own] });
    if (check.notValid !== true) await requireCheck(child, check.name);
    return;
  }
  if (there.sql !== check.sql) {
    throw new SqlError(
      "42804",
      `child table "${child.entry.name}" has different definition for check constraint "${check.name}"`,
    );
  }
  child.context.notice(
    `merging constraint "${check.name}" with inherited definition`,
  );
  const merged = { ...there, inheritCount: (there.inheritCount ?? 0) + 1 };
  child.replace({
    ...child.entry,
    checks: checks.map((each) => each === there ? merged : each),
  });
}
