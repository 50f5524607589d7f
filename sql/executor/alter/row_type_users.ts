/**
 * ALTER TABLE and the columns that have values of the table's row type.
 *
 * A value keeps its form: a new column comes after all that ever were, and what
 * was dropped keeps its place. So what would need the values to be written anew
 * is refused, as it is in PostgreSQL.
 *
 * @module
 */
import {
  holdersOf,
  refuseInKeys,
  userOf,
} from "../../analyzer/composite_users.ts";
import type { ColumnEntry, TableEntry } from "../../catalog/entries.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { Transaction } from "../../transaction/transaction.ts";
import { replaceEntry } from "../catalog_change.ts";

/** @throws {SqlError} `0A000` when a column has values of the row type. */
export function refuseRowUsers(
  { id, name }: TableEntry,
  { catalog }: Transaction,
): void {
  const user = userOf(catalog, id);
  if (user === undefined) return;
  throw new SqlError(
    "0A000",
    `cannot alter table "${name}" because column "${user}" uses its row type`,
  );
}

/**
 * Says that the rows of a table are others, to the tables that have them as
 * values: how those are read and written is known by table.
 */
export function tellRowUsers(
  before: TableEntry,
  after: TableEntry,
  transaction: Transaction,
): void {
  if (isSameShape(before.columns, after.columns)) return;
  const gone = before.columns.find(({ number }) =>
    after.columns.every((column) => column.number !== number)
  );
  if (gone !== undefined) {
    const what = `column "${gone.name}" of table ${after.name}`;
    refuseInKeys(transaction.catalog, after.id, what);
  }
  for (const holder of holdersOf(transaction.catalog, after.id)) {
    replaceEntry(holder, holder, transaction);
  }
}

function isSameShape(
  before: readonly ColumnEntry[],
  after: readonly ColumnEntry[],
): boolean {
  return before.length === after.length &&
    before.every(({ number, name, type }, i) => {
      const other = after[i]!;
      return number === other.number && name === other.name &&
        type === other.type;
    });
}
