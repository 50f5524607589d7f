/**
 * Partners that a foreign key promises: a row that refers to one has it.
 *
 * ```text
 * join on t.c = c.id      t.c REFERENCES c (id)      t.c IS NOT NULL
 *   scan t
 *   scan c
 * ```
 *
 * So the keys of all rows of the other table need not be gathered. Only where the
 * key is checked by the end of each statement, of every row.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type { TableEntry } from "../../catalog/entries.ts";
import type { ScanNode } from "../../planner/logical_plan.ts";
import type { MemberLink } from "./partners.ts";

/** Whether each row of `scan` whose key is not NULL has a partner. */
export function isPromised(
  { key, partnerKey, partners, isAnti }: MemberLink,
  { table: { table } }: ScanNode,
): boolean {
  if (isAnti || partners.kind !== "scan" || partners.filter !== undefined) {
    return false;
  }
  const referenced = partners.table.table;
  const column = numberOf(key, table);
  const referencedColumn = numberOf(partnerKey, referenced);
  if (column === undefined || referencedColumn === undefined) return false;
  return (table.foreignKeys ?? []).some((foreignKey) =>
    foreignKey.referencedId === referenced.id &&
    foreignKey.columns.length === 1 && foreignKey.columns[0] === column &&
    foreignKey.referencedColumns[0] === referencedColumn &&
    !foreignKey.deferrable && foreignKey.notValid !== true &&
    foreignKey.notEnforced !== true
  );
}

/** The number of the column that an expression is. */
function numberOf(
  expression: BoundExpression,
  { columns }: TableEntry,
): number | undefined {
  return expression.kind === "column"
    ? columns[expression.column]?.number
    : undefined;
}
