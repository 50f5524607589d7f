/**
 * What ALTER TABLE refuses for tables that inherit, and for those that others
 * inherit from under ONLY.
 *
 * @module
 */
import type { ColumnEntry, TableEntry } from "../../catalog/entries.ts";
import { childrenOf } from "../../catalog/inheritance/table_tree.ts";
import { parseStored } from "../../analyzer/stored_expression.ts";
import {
  columnsBinder,
  usedColumns,
} from "../../analyzer/constraints/column_expression.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import type { AlteredTable } from "../alter/alter_context.ts";

/**
 * Refuses an action on a table that is named.
 *
 * @throws {SqlError} `42P16`.
 */
export function refuseAlter(
  table: AlteredTable,
  action: AlterAction,
  only: boolean,
): void {
  const { entry, context } = table;
  const hasChildren =
    childrenOf(context.transaction.catalog, entry.id).length > 0;
  switch (action.kind) {
    case "add_column":
      if (entry.partitionBound !== undefined) {
        throw invalid("cannot add column to a partition", { code: "42809" });
      }
      if (only && hasChildren) {
        throw invalid("column must be added to child tables too");
      }
      return;
    case "drop_column":
    case "set_type": {
      const column = table.find(action.name);
      if (column === undefined) return;
      refuseColumn(table, column, action.kind);
      if (!only || !hasChildren) return;
      if (action.kind === "set_type") {
        throw invalid(
          `type of inherited column "${action.name}" must be changed in child tables too`,
        );
      }
      if (entry.partitionKey === undefined) return;
      throw invalid(
        "cannot drop column from only the partitioned table when partitions exist",
        { hint: "Do not specify the ONLY keyword." },
      );
    }
    case "drop_not_null": {
      const column = table.find(action.name);
      const isMarked = column?.notNull === true && parentsHave(table, column);
      if (!isMarked) return;
      throw invalid(
        `column "${action.name}" is marked NOT NULL in parent table`,
      );
    }
    case "add_constraint":
      if (
        only && hasChildren && action.constraint.form === "check" &&
        !action.constraint.noInherit
      ) throw invalid("constraint must be added to child tables too");
      return;
    case "drop_constraint":
      return refuseConstraint(table, action.name, only && hasChildren);
    default:
      return;
  }
}

function invalid(
  message: string,
  { code = "42P16", hint }: { readonly code?: string; readonly hint?: string } =
    {},
): SqlError {
  return new SqlError(code, message, hint === undefined ? {} : { hint });
}

/** Whether a parent has the column, and takes no NULL. */
function parentsHave(
  { entry, context }: AlteredTable,
  { name }: ColumnEntry,
): boolean {
  return (entry.parents ?? []).some((id) => {
    const parent = context.transaction.catalog.byId(id);
    return parent?.kind === "table" &&
      parent.columns.some((each) => each.name === name && each.notNull);
  });
}

function refuseColumn(
  table: AlteredTable,
  column: ColumnEntry,
  kind: "drop_column" | "set_type",
): void {
  const verb = kind === "drop_column" ? "drop" : "alter";
  const { entry } = table;
  if (column.inheritCount !== undefined) {
    throw invalid(`cannot ${verb} inherited column "${column.name}"`);
  }
  if (!isInKey(table, entry, column)) return;
  throw invalid(
    `cannot ${verb} column "${column.name}" because it is part of the partition key of relation "${entry.name}"`,
  );
}

/** Whether a column is in the key by which a table is partitioned. */
function isInKey(
  table: AlteredTable,
  entry: TableEntry,
  { number }: ColumnEntry,
): boolean {
  return (entry.partitionKey?.columns ?? []).some(
    ({ columnNumber, expression }) => {
      if (expression === undefined) return columnNumber === number;
      const place = "partition key expressions";
      const binder = columnsBinder(table.state(), entry, place);
      return usedColumns(binder.bind(parseStored(expression.sql)))
        .some((position) => entry.columns[position]!.number === number);
    },
  );
}

function refuseConstraint(
  { entry, context }: AlteredTable,
  name: string,
  isOnly: boolean,
): void {
  const check = entry.checks?.find((each) => each.name === name);
  const foreignKey = entry.foreignKeys?.find((each) => each.name === name);
  const index = context.transaction.catalog.indexesOf(entry.id).find((each) =>
    each.constraintName === name
  );
  const inherited = check?.inheritCount !== undefined ||
    foreignKey?.parentName !== undefined || index?.parentId !== undefined;
  if (inherited) {
    throw invalid(
      `cannot drop inherited constraint "${name}" of relation "${entry.name}"`,
    );
  }
  if (!isOnly || entry.partitionKey === undefined) return;
  throw invalid(
    "cannot remove constraint from only the partitioned table when partitions exist",
    { hint: "Do not specify the ONLY keyword." },
  );
}
