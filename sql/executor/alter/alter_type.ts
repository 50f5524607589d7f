/**
 * ALTER COLUMN … TYPE: every row is written anew, and every index with it,
 * unless the values stay what they are.
 *
 * @module
 */
import { refuseMember } from "../../analyzer/bind_attributes.ts";
import { bindColumnType } from "../../analyzer/bind_type.ts";
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { columnsBinder } from "../../analyzer/constraints/column_expression.ts";
import { deparse } from "../../analyzer/deparse.ts";
import { describe } from "../../analyzer/describe.ts";
import { dependentsOf } from "../../catalog/dependencies.ts";
import type {
  ColumnEntry,
  IndexColumn,
  TableEntry,
} from "../../catalog/entries.ts";
import { referencesTo } from "../../catalog/references.ts";
import {
  retypedIndex,
  usesInTexts,
} from "../../analyzer/indexes/rebind_index.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import { findCast } from "../../types/cast.ts";
import type { TypeRef } from "../../types/data_type.ts";
import { formatType } from "../../types/type_registry.ts";
import { replaceEntry } from "../catalog_change.ts";
import { compileExpression } from "../expression_compiler.ts";
import {
  requireTypes,
  validateForeignKey,
} from "../foreign_keys/define_foreign_key.ts";
import { positionsOf } from "../foreign_keys/key_columns.ts";
import type { ForeignKeyEntry } from "../../catalog/constraint_entry.ts";
import { usesColumn } from "./alter_columns.ts";
import type { AlteredTable } from "./alter_context.ts";
import { refuseRowUsers } from "./row_type_users.ts";
import { rewriteRows } from "./existing_rows.ts";

/** Runs ALTER COLUMN … TYPE. */
export async function setType(
  table: AlteredTable,
  { name, type: typeName, using }: Extract<AlterAction, { kind: "set_type" }>,
): Promise<void> {
  const column = table.column(name);
  refuseUsers(table, column);
  const state = table.state();
  const type = bindColumnType(state, typeName, name);
  refuseRowUsers(table.entry, table.context.transaction);
  refuseMember(table.entry, type.type);
  const place = "transform expressions";
  const binder = columnsBinder(state, table.entry, place);
  const source = using === undefined
    ? binder.bind({ kind: "column", path: [name], star: false, offset: -1 })
    : binder.bind(using);
  const value = binder.coercer.coerce(source, type, { context: "assignment" });
  if (value === undefined) throw cannotCast(column, type, using !== undefined);
  const after = retyped(table, column, type);
  if (using === undefined && staysSame(column.type, type)) {
    table.replace(after);
    retypeIndexes(table, after, column);
    return;
  }
  retypeIndexes(table, after, column, type);
  const position = table.entry.columns.indexOf(column);
  const compute = compileExpression(value, ({ column }) => column);
  await rewriteRows(table, withoutMissing(after), (chunk) => ({
    columns: chunk.columns.map((each, i) =>
      i === position ? compute(chunk, undefined, table.run) : each
    ),
    rowCount: chunk.rowCount,
  }));
  await recheckForeignKeys(table, column.number);
}

/** Rows that are written anew have all columns. */
function withoutMissing(table: TableEntry): TableEntry {
  return {
    ...table,
    columns: table.columns.map(({ missing: _, ...column }) => column),
  };
}

/** Texts that may be equal where others are not: their keys are others. */
const OWN_EQUALITY: ReadonlySet<string> = new Set(["bpchar", "citext"]);

/** Whether each value of a type is the same one of another. */
function staysSame(before: TypeRef, after: TypeRef): boolean {
  const cast = findCast(before.type, after.type);
  const isSame = before.type === after.type ||
    (before.type.category === "S" && after.type.category === "S" &&
      cast?.convert === undefined && !OWN_EQUALITY.has(before.type.name) &&
      !OWN_EQUALITY.has(after.type.name));
  if (!isSame) return false;
  return after.typmod < 0 ||
    (after.type.name === "varchar" && before.typmod >= 0 &&
      before.typmod <= after.typmod) ||
    (before.type === after.type && before.typmod === after.typmod);
}

function cannotCast(
  { name }: ColumnEntry,
  type: TypeRef,
  isUsing: boolean,
): SqlError {
  const shown = formatType(type);
  return isUsing
    ? new SqlError(
      "42804",
      `result of USING clause for column "${name}" cannot be cast automatically to type ${type.type.displayName}`,
      { hint: "You might need to add an explicit cast." },
    )
    : new SqlError(
      "42804",
      `column "${name}" cannot be cast automatically to type ${type.type.displayName}`,
      { hint: `You might need to specify "USING ${name}::${shown}".` },
    );
}

/** What keeps a column from having another type. */
function refuseUsers(table: AlteredTable, column: ColumnEntry): void {
  const { entry, context } = table;
  const { name, number } = column;
  if (column.generated === undefined) {
    const uses = usesColumn(table, name);
    for (const other of entry.columns) {
      if (other.generated === undefined || !uses(other.generated.sql)) continue;
      throw new SqlError(
        "0A000",
        "cannot alter type of a column used by a generated column",
        {
          detail:
            `Column "${name}" is used by generated column "${other.name}".`,
        },
      );
    }
  }
  const { catalog } = context.transaction;
  for (const { entry: view, dependency } of dependentsOf(catalog, entry.id)) {
    if (view.kind !== "view" || dependency.column !== number) continue;
    throw new SqlError(
      "0A000",
      "cannot alter type of a column used by a view or rule",
      {
        detail: `rule _RETURN on ${
          describe(context.named, view)
        } depends on column "${name}"`,
      },
    );
  }
}

/** The table with another type for a column, and its default cast to that. */
function retyped(
  table: AlteredTable,
  column: ColumnEntry,
  type: TypeRef,
): TableEntry {
  const { entry, context } = table;
  let { defaultSql } = column;
  const { bindDefault } = context.execution;
  if (
    defaultSql !== undefined && column.identity === undefined && bindDefault
  ) {
    const value: BoundExpression = bindDefault(column);
    const { coercer } = columnsBinder(
      table.state(),
      entry,
      "DEFAULT expressions",
    );
    const cast = coercer.coerce(value, type, { context: "assignment" });
    if (cast === undefined) {
      throw new SqlError(
        "42804",
        `default for column "${column.name}" cannot be cast automatically to type ${type.type.displayName}`,
      );
    }
    defaultSql = deparse(cast);
  }
  return {
    ...entry,
    columns: entry.columns.map((each) =>
      each === column
        ? { ...each, type, ...defaultSql !== undefined && { defaultSql } }
        : each
    ),
  };
}

/** Indexes over a column get the operator class of its type. */
function retypeIndexes(
  table: AlteredTable,
  after: TableEntry,
  { number }: ColumnEntry,
  to?: TypeRef,
): void {
  const { entry, context } = table;
  const { transaction, access } = context;
  const type = to ??
    entry.columns.find((column) => column.number === number)!.type;
  for (const index of transaction.catalog.indexesOf(entry.id)) {
    const isKey = index.columns.some((key) => key.columnNumber === number);
    if (!isKey && !usesInTexts(index, number)) continue;
    const { operatorClasses } = access.index(index.accessMethod);
    const classFor = (key: IndexColumn, typeName: string): string => {
      const isGood = operatorClasses.some((each) =>
        each.name === key.operatorClass && each.typeName === typeName
      );
      if (isGood) return key.operatorClass;
      const found = operatorClasses.find((each) =>
        each.isDefault && each.typeName === typeName
      );
      if (found !== undefined) return found.name;
      throw new SqlError(
        "42704",
        `data type ${type.type.displayName} has no default operator class for access method "${index.accessMethod}"`,
        {
          hint:
            "You must specify an operator class for the index or define a default operator class for the data type.",
        },
      );
    };
    const columns = index.columns.map((key): IndexColumn =>
      key.columnNumber === number
        ? { ...key, operatorClass: classFor(key, type.type.name) }
        : key
    );
    const same = { ...index, columns };
    const changed = usesInTexts(index, number)
      ? retypedIndex(table.state(), after, same, classFor)
      : same;
    replaceEntry(index, changed, transaction);
  }
}

/** Foreign keys over a column are checked once more. */
async function recheckForeignKeys(
  { entry, context }: AlteredTable,
  number: number,
): Promise<void> {
  const { catalog } = context.transaction;
  const tableOf = (id: number): TableEntry => catalog.byId(id) as TableEntry;
  const check = ({ id }: TableEntry, foreignKey: ForeignKeyEntry): void => {
    const own = tableOf(id);
    const other = tableOf(foreignKey.referencedId);
    requireTypes(
      foreignKey.name,
      [own, positionsOf(own, foreignKey.columns)],
      [other, positionsOf(other, foreignKey.referencedColumns)],
    );
  };
  for (const foreignKey of entry.foreignKeys ?? []) {
    if (!foreignKey.columns.includes(number)) continue;
    check(entry, foreignKey);
    await validateForeignKey(entry, foreignKey, context);
  }
  for (const { table, foreignKey } of referencesTo(catalog, entry.id)) {
    if (!foreignKey.referencedColumns.includes(number)) continue;
    check(table, foreignKey);
    await validateForeignKey(table, foreignKey, context);
  }
}
