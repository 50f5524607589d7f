/**
 * The type of a table's, or a view's, rows.
 *
 * The registry has one for each that lasts, which says what was committed; a
 * transaction that makes a table makes its row type. A table that a transaction
 * has changed, one of the past, and a temporary one have a type of their own,
 * which no column can have.
 *
 * @module
 */
import type { TableEntry, ViewEntry } from "../catalog/entries.ts";
import { isTemporaryId } from "../catalog/temporary_schema.ts";
import type { DataType } from "../types/data_type.ts";
import type { CompositeDefinition } from "../types/row/composite_type.ts";
import { rowType } from "../types/row/row_type.ts";
import type { TypeRegistry } from "../types/type_registry.ts";

const tableTypes = new WeakMap<TableEntry | ViewEntry, DataType>();

/** Ids from here on are of one database, and not of the system. */
const FIRST_OWN_ID = 16384;

/** The type of a table's rows; `types` absent: by its fields alone. */
export function tableRowType(
  table: TableEntry | ViewEntry,
  types?: TypeRegistry,
): DataType {
  const { id } = table;
  if (types !== undefined && id >= FIRST_OWN_ID && !isTemporaryId(id)) {
    // Of a table that nobody knows, this transaction is the only one to know.
    if (types.byOid(id) === undefined) types.defineRowType(table);
    const known = types.compositeDefinition(id);
    if (known !== undefined && isSame(known, table)) return types.byOid(id)!;
  }
  let type = tableTypes.get(table);
  if (type === undefined) {
    type = rowType(
      {
        oid: id,
        name: `${table.schema}.${table.name}`,
        displayName: table.name,
      },
      table.columns.map((column) => ({ name: column.name, type: column.type })),
    );
    tableTypes.set(table, type);
  }
  return type;
}

/** Whether a row type says what the table says. */
function isSame(
  { columns, name, schema }: CompositeDefinition,
  table: TableEntry | ViewEntry,
): boolean {
  if (columns === table.columns) return true;
  return name === table.name && schema === table.schema &&
    columns.length === table.columns.length &&
    columns.every((column, i) => {
      const other = table.columns[i]!;
      return column.number === other.number && column.name === other.name &&
        column.type.type === other.type.type &&
        column.type.typmod === other.type.typmod;
    });
}
