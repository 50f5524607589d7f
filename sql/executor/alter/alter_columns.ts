/**
 * ALTER TABLE: columns that come and go, their defaults, NOT NULL, and what
 * generates them.
 *
 * A column that comes with a constant does not touch the rows: those from before
 * have the value that the catalog keeps. One that goes does not either: its
 * number is not used again, so that what rows have of it is passed over.
 *
 * @module
 */
import { parseStored } from "../../analyzer/stored_expression.ts";
import { bindDefault } from "../../analyzer/assign.ts";
import {
  bindColumn,
  refuseSystemName,
} from "../../analyzer/bind_table_definition.ts";
import { bindGenerated } from "../../analyzer/constraints/bind_check.ts";
import {
  columnsBinder,
  usedColumns,
} from "../../analyzer/constraints/column_expression.ts";
import { deparse } from "../../analyzer/deparse.ts";
import { describe } from "../../analyzer/describe.ts";
import { objectName } from "../../analyzer/object_name.ts";
import { someExpression } from "../../analyzer/walk.ts";
import { dependentsOf } from "../../catalog/dependencies.ts";
import type { ColumnEntry, TableEntry } from "../../catalog/entries.ts";
import { referencesTo } from "../../catalog/references.ts";
import { columnOf, valueAt } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { AlterAction } from "../../parser/alter_syntax.ts";
import { refuseMember } from "../../analyzer/bind_attributes.ts";
import { refuseRowUsers } from "./row_type_users.ts";
import { freeName, removeEntry } from "../catalog_change.ts";
import { removeForeignKey } from "../foreign_keys/lost_foreign_keys.ts";
import { defaultColumn } from "../modify/column_defaults.ts";
import { addSequence, keepSequences } from "../sequence_definition.ts";
import type { AlteredTable } from "./alter_context.ts";
import { hasRows, requireNoNulls, rewriteRows } from "./existing_rows.ts";
import { loseOrRefuse, type Lost } from "./lost_objects.ts";

type Action<K extends AlterAction["kind"]> = Extract<AlterAction, { kind: K }>;

/** ADD COLUMN. Its constraints come later. Whether it was added. */
export async function addColumn(
  table: AlteredTable,
  { column: definition, ifNotExists }: Action<"add_column">,
): Promise<boolean> {
  const { context, entry } = table;
  const { name } = definition;
  if (table.find(name) !== undefined) {
    const text = `column "${name}" of relation "${entry.name}" already exists`;
    if (!ifNotExists) throw new SqlError("42701", text);
    context.notice(`${text}, skipping`);
    return false;
  }
  refuseSystemName(name);
  const state = table.state();
  const bound = bindColumn(state, definition, entry.name);
  refuseMember(entry, bound.type.type);
  const number = 1 + Math.max(
    entry.columnNumberMax ?? 0,
    ...entry.columns.map((each) => each.number),
  );
  const { sequence, generated: _, ...rest } = bound;
  const generated = definition.generated && bindGenerated(
    state,
    { name: entry.name, columns: [...entry.columns, bound] },
    bound,
    definition.generated,
    (position) =>
      position === entry.columns.length ||
      entry.columns[position]!.generated !== undefined,
  );
  const column: ColumnEntry = {
    number,
    ...rest,
    ...sequence?.identity && { identity: sequence.identity },
    ...generated && { generated },
    ...sequence && {
      defaultSql: `nextval('${
        addSequence({
          schema: entry.schema,
          name: sequence.path?.at(-1) ??
            freeName(
              objectName(entry.name, name, "seq"),
              entry.schema,
              context.transaction,
            ),
          ...sequence.range,
          owner: {
            tableId: entry.id,
            columnNumber: number,
            identity: sequence.identity !== undefined,
          },
        }, context).id
      }')`,
    },
  };
  await placeColumn(table, column);
  keepSequences(table.entry, context.transaction);
  return true;
}

/** Puts a new column at the end, with its values. */
export async function placeColumn(
  table: AlteredTable,
  column: ColumnEntry,
): Promise<void> {
  const { entry, run } = table;
  const after: TableEntry = { ...entry, columns: [...entry.columns, column] };
  const position = entry.columns.length;
  if (
    column.generated !== undefined || isVolatileDefault(table, column) ||
    column.type.type.domain !== undefined
  ) {
    const isFilled = column.defaultSql !== undefined ||
      column.generated !== undefined;
    if (isFilled) refuseRowUsers(entry, table.context.transaction);
    await rewriteRows(table, after, ({ columns, rowCount }) => ({
      columns: [
        ...columns,
        column.generated === undefined
          ? defaultColumn(run, after, position, rowCount)
          : columnOf(column.type.type, new Array(rowCount).fill(null)),
      ],
      rowCount,
    }));
    return;
  }
  const { type } = column.type;
  const value = column.defaultSql === undefined
    ? null
    : valueAt(defaultColumn(run, after, position, 1), 0);
  if (value === null && column.notNull && await hasRows(table)) {
    throw new SqlError(
      "23502",
      `column "${column.name}" of relation "${entry.name}" contains null values`,
      { schema: entry.schema, table: entry.name, column: column.name },
    );
  }
  if (value !== null) refuseRowUsers(entry, table.context.transaction);
  const missing = value === null ? {} : { missing: type.output(value) };
  table.replace({
    ...entry,
    columns: [...entry.columns, { ...column, ...missing }],
  });
}

function isVolatileDefault(
  { context }: AlteredTable,
  column: ColumnEntry,
): boolean {
  const { bindDefault: bind } = context.execution;
  return column.defaultSql !== undefined && bind !== undefined &&
    someExpression(
      bind(column),
      (part) => part.kind === "call" && part.function.volatility === "volatile",
    );
}

/** DROP COLUMN: with indexes and constraints over it. */
export function dropColumn(
  table: AlteredTable,
  { name, ifExists, cascade }: Action<"drop_column" | "drop_constraint">,
): void {
  const { context } = table;
  const column = table.find(name);
  if (column === undefined) {
    if (!ifExists) throw table.missing(name);
    context.notice(`${table.missingText(name)}, skipping`);
    return;
  }
  const { transaction, named } = context;
  const shown = `column ${name} of ${describe(named, table.entry)}`;
  loseOrRefuse(shown, lostWith(table, column, shown), cascade, context);
  const entry = transaction.catalog.byId(table.entry.id) as TableEntry;
  table.replacedBy(entry);
  for (const index of transaction.catalog.indexesOf(entry.id)) {
    const isOver = index.columns.some((key) =>
      key.columnNumber === column.number
    ) ||
      index.include?.includes(column.number) === true ||
      index.usedColumns?.includes(column.number) === true;
    if (isOver) {
      removeEntry(index, transaction);
    }
  }
  for (const sequence of transaction.catalog.sequencesOf(entry.id)) {
    if (sequence.owner!.columnNumber === column.number) {
      removeEntry(sequence, transaction);
    }
  }
  const uses = usesColumn(table, column.name);
  table.replace({
    ...entry,
    columns: entry.columns.filter((each) => each.number !== column.number),
    columnNumberMax: Math.max(
      entry.columnNumberMax ?? 0,
      ...entry.columns.map((each) => each.number),
    ),
    ...entry.checks && {
      checks: entry.checks.filter(({ sql }) => !uses(sql)),
    },
    ...entry.statistics && {
      statistics: entry.statistics.filter(({ columns }) =>
        !columns.includes(column.number)
      ),
    },
    ...entry.foreignKeys && {
      foreignKeys: entry.foreignKeys.filter(({ columns }) =>
        !columns.includes(column.number)
      ),
    },
  });
}

/** Whether a stored expression of the table uses a column. */
export function usesColumn(
  table: AlteredTable,
  name: string,
): (sql: string) => boolean {
  const { entry } = table;
  const position = entry.columns.findIndex((each) => each.name === name);
  const binder = columnsBinder(table.state(), entry, "check constraints");
  return (sql) => usedColumns(binder.bind(parseStored(sql))).includes(position);
}

/** What is lost with a column beyond its own table's indexes and constraints. */
function lostWith(
  table: AlteredTable,
  column: ColumnEntry,
  shown: string,
): Lost[] {
  const { entry, context } = table;
  const { transaction, named } = context;
  const { catalog } = transaction;
  const lost: Lost[] = [];
  const uses = usesColumn(table, column.name);
  for (const other of entry.columns) {
    if (other.generated === undefined || !uses(other.generated.sql)) continue;
    if (other === column) continue;
    lost.push({
      shown: `column ${other.name} of ${describe(named, entry)}`,
      through: shown,
      lose: () =>
        dropColumn(table, {
          kind: "drop_column",
          name: other.name,
          ifExists: true,
          cascade: true,
        }),
    });
  }
  for (const reference of referencesTo(catalog, entry.id)) {
    const { foreignKey, table: other } = reference;
    const isOver = foreignKey.referencedColumns.includes(column.number);
    if (!isOver || other.id === entry.id) continue;
    lost.push({
      shown: `constraint ${foreignKey.name} on ${describe(named, other)}`,
      through: shown,
      lose: () => removeForeignKey(reference, transaction),
    });
  }
  for (const { entry: view, dependency } of dependentsOf(catalog, entry.id)) {
    if (view.kind === "index" || view.kind === "sequence") continue;
    if (dependency.column !== column.number) continue;
    lost.push({
      shown: describe(named, view),
      through: shown,
      lose: () => removeEntry(view, transaction),
    });
  }
  return lost;
}

/** SET DEFAULT and DROP DEFAULT. */
export function setDefault(
  table: AlteredTable,
  { name, expression }: Action<"set_default">,
): void {
  const column = table.column(name);
  const { entry, context } = table;
  const shown = `column "${name}" of relation "${entry.name}"`;
  if (column.identity !== undefined) {
    throw new SqlError("42601", `${shown} is an identity column`, {
      ...expression === undefined && {
        hint: "Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead.",
      },
    });
  }
  if (column.generated !== undefined) {
    throw new SqlError("42601", `${shown} is a generated column`, {
      ...expression === undefined && column.generated.stored && {
        hint: "Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.",
      },
    });
  }
  const { defaultSql: _, ...rest } = column;
  const bound = expression && bindDefault(table.state(), expression, column);
  table.replaceColumn(column, {
    ...rest,
    ...bound && { defaultSql: deparse(bound) },
  });
  keepSequences(table.entry, context.transaction);
}

/** SET NOT NULL. */
export async function setNotNull(
  table: AlteredTable,
  name: string,
): Promise<void> {
  const column = table.column(name);
  if (column.notNull) return;
  await requireNoNulls(table, [table.entry.columns.indexOf(column)]);
  table.replaceColumn(column, { ...column, notNull: true });
}

/** DROP NOT NULL. */
export function dropNotNull(table: AlteredTable, name: string): void {
  const column = table.column(name);
  const { entry, context } = table;
  if (column.identity !== undefined) {
    throw new SqlError(
      "42601",
      `column "${name}" of relation "${entry.name}" is an identity column`,
    );
  }
  const isKey = context.transaction.catalog.indexesOf(entry.id).some((index) =>
    index.primary &&
    index.columns.some((key) => key.columnNumber === column.number)
  );
  if (isKey) {
    throw new SqlError("42P16", `column "${name}" is in a primary key`);
  }
  table.replaceColumn(column, { ...column, notNull: false });
}

/** DROP EXPRESSION: the values stay. */
export function dropExpression(
  table: AlteredTable,
  { name, ifExists }: Action<"drop_identity" | "drop_expression">,
): void {
  const column = table.column(name);
  const shown = `column "${name}" of relation "${table.entry.name}"`;
  if (column.generated === undefined) {
    const text = `${shown} is not a generated column`;
    if (!ifExists) throw new SqlError("55000", text);
    table.context.notice(`${text}, skipping`);
    return;
  }
  if (!column.generated.stored) {
    throw new SqlError(
      "0A000",
      "ALTER TABLE / DROP EXPRESSION is not supported for virtual generated columns",
      { detail: `C${shown.slice(1)} is a virtual generated column.` },
    );
  }
  const { generated: _, ...rest } = column;
  table.replaceColumn(column, rest);
}
