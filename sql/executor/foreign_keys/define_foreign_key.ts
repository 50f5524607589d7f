/**
 * A FOREIGN KEY put on a table, and what keeps a table that is referred to.
 *
 * @module
 */
import { hasPlainKeys } from "../../access/index_keys.ts";
import { transactionOf } from "../../transaction/transaction_view.ts";
import { storageRange } from "../../access/row_key.ts";
import type { BoundForeignKey } from "../../analyzer/constraints/bound_constraint.ts";
import type {
  ForeignKeyEntry,
  IndexEntry,
  TableEntry,
} from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import {
  type DefinitionContext,
  replaceEntry,
  touchEntry,
} from "../catalog_change.ts";
import { canReferTo, positionsOf } from "./key_columns.ts";
import { checkReferencing } from "./referencing_check.ts";

/**
 * Puts a foreign key on a table; gives its entry with it.
 *
 * @throws {SqlError} `42804`; `23503` when rows break it.
 */
export async function addForeignKey(
  table: TableEntry,
  name: string,
  bound: BoundForeignKey,
  context: DefinitionContext,
): Promise<TableEntry> {
  const { transaction } = context;
  const referenced = bound.referenced ?? table;
  const numbers = (
    { columns }: TableEntry,
    positions: readonly number[],
  ): number[] => positions.map((position) => columns[position]!.number);
  const referencedColumns = numbers(referenced, bound.referencedColumns);
  const columns = numbers(table, bound.columns);
  requireTypes(name, [table, bound.columns], [
    referenced,
    bound.referencedColumns,
  ]);
  const foreignKey: ForeignKeyEntry = {
    name,
    columns,
    referencedId: referenced.id,
    referencedColumns,
    indexId: indexOver(referenced, referencedColumns, bound, context).id,
    ...bound.period === true && { period: true },
    matchFull: bound.matchFull,
    onDelete: bound.onDelete,
    onUpdate: bound.onUpdate,
    setColumns: numbers(table, bound.setColumns),
    deferrable: bound.deferrable,
    initiallyDeferred: bound.initiallyDeferred,
    ...bound.notValid && { notValid: true },
    ...bound.notEnforced && { notEnforced: true },
  };
  const after: TableEntry = {
    ...table,
    foreignKeys: [...table.foreignKeys ?? [], foreignKey],
  };
  replaceEntry(table, after, transaction);
  if (referenced.id !== table.id) touch(referenced.id, context);
  if (!bound.notValid && !bound.notEnforced) {
    await validateForeignKey(after, foreignKey, context);
  }
  return after;
}

/** Whoever writes to a table meanwhile does not know of the foreign key. */
export function touch(
  id: number,
  { transaction }: Pick<DefinitionContext, "transaction">,
): void {
  const entry = transaction.catalog.byId(id);
  if (entry === undefined) return;
  touchEntry(entry, transaction);
}

/**
 * Checks that the columns of a foreign key can be compared.
 *
 * @throws {SqlError} `42804` unless they can.
 */
export function requireTypes(
  name: string,
  [table, own]: readonly [TableEntry, readonly number[]],
  [referenced, others]: readonly [TableEntry, readonly number[]],
): void {
  own.forEach((position, i) => {
    const column = table.columns[position]!;
    const other = referenced.columns[others[i]!]!;
    if (canReferTo(column.type.type, other.type.type)) return;
    throw new SqlError(
      "42804",
      `foreign key constraint "${name}" cannot be implemented`,
      {
        detail:
          `Key columns "${column.name}" of the referencing table and "${other.name}" of the referenced table are of incompatible types: ${column.type.type.displayName} and ${other.type.type.displayName}.`,
      },
    );
  });
}

function indexOver(
  { id, name }: TableEntry,
  numbers: readonly number[],
  { period = false }: BoundForeignKey,
  { transaction }: DefinitionContext,
): IndexEntry {
  const index = transaction.catalog.indexesOf(id).find((each) =>
    (period ? each.temporal === true : each.unique) &&
    each.deferrable !== true && hasPlainKeys(each) &&
    each.columns.length === numbers.length &&
    each.columns.every(({ columnNumber }) => numbers.includes(columnNumber))
  );
  if (index !== undefined) return index;
  throw new SqlError(
    "42830",
    `there is no unique constraint matching given keys for referenced table "${name}"`,
  );
}

/**
 * Checks the rows that are there.
 *
 * @throws {SqlError} `23503`.
 */
export async function validateForeignKey(
  table: TableEntry,
  { name, columns }: ForeignKeyEntry,
  { access, transaction }: DefinitionContext,
): Promise<void> {
  const scan = access.table(table.accessMethod).scan(table, transaction, {
    columns: positionsOf(table, columns),
  });
  // Rows that others write meanwhile are not looked at.
  const { start, end } = storageRange(table.storageId);
  transactionOf(transaction).guardRange(start, end);
  try {
    for (let next = await scan.next(); next; next = await scan.next()) {
      await checkReferencing(
        { access, transaction },
        { tableId: table.id, name },
        { keys: next.chunk, locators: next.locators },
      );
    }
  } finally {
    scan.close();
  }
}
