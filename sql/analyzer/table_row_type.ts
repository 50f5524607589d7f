/**
 * The type of a table's rows.
 *
 * @module
 */
import type { TableEntry } from "../catalog/entries.ts";
import type { DataType } from "../types/data_type.ts";
import { rowType } from "../types/row/row_type.ts";

const tableTypes = new WeakMap<TableEntry, DataType>();

/** The type of a table's rows. */
export function tableRowType(table: TableEntry): DataType {
  let type = tableTypes.get(table);
  if (type === undefined) {
    type = rowType(
      {
        oid: table.id,
        name: `${table.schema}.${table.name}`,
        displayName: table.name,
      },
      table.columns.map((column) => ({ name: column.name, type: column.type })),
    );
    tableTypes.set(table, type);
  }
  return type;
}
