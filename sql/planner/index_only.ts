/**
 * Whether an index alone has what a scan wants.
 *
 * A key says of a value all there is to know, but for: the scale of a `numeric`,
 * the sign of a zero, the blanks at the end of a `bpchar`.
 *
 * @module
 */
import type { DataType } from "../types/data_type.ts";
import type { IndexScanNode } from "./logical_plan.ts";
import { LOCATOR_COLUMN } from "./table_rows.ts";

const EXACT: ReadonlySet<string> = new Set([
  "bool",
  "int2",
  "int4",
  "int8",
  "oid",
  "date",
  "time",
  "timestamp",
  "timestamptz",
  "text",
  "varchar",
  "name",
  "uuid",
  "bytea",
  "money",
  "inet",
  "cidr",
  "macaddr",
  "macaddr8",
  "xid8",
  "pg_lsn",
  "ltree",
]);

/** Whether keys have the values of a type as they were written. */
function isExact({ name, enumeration, fields }: DataType): boolean {
  return (EXACT.has(name) && fields === undefined) || enumeration !== undefined;
}

/**
 * Where the wanted columns of the table are among the key columns; absent
 * where one of them is not.
 */
export function keyPositions(
  { table: { table }, range, columns }: Pick<
    IndexScanNode,
    "table" | "range" | "columns"
  >,
): number[] | undefined {
  const positions: number[] = [];
  for (const column of columns) {
    if (column === LOCATOR_COLUMN) return undefined;
    if (column < 0) continue;
    const { number, type } = table.columns[column]!;
    const position = range.index.columns.findIndex((key) =>
      key.columnNumber === number
    );
    if (position < 0 || !isExact(type.type)) return undefined;
    positions.push(position);
  }
  return positions;
}
