/**
 * The tables whose rows a table's name means: its own and those that inherit,
 * but under ONLY.
 *
 * @module
 */
import type { CatalogView, TableEntry } from "../../catalog/entries.ts";
import {
  asParent,
  childrenOf,
  scannedTables,
} from "../../catalog/inheritance/table_tree.ts";

/**
 * The tables, each with the columns of `table` first; absent: the table alone.
 * A partitioned table itself is not among them.
 */
export function scannedTree(
  catalog: CatalogView,
  table: TableEntry,
  only: boolean | undefined,
): readonly TableEntry[] | undefined {
  const isPartitioned = table.partitionKey !== undefined;
  if (only === true) return isPartitioned ? [] : undefined;
  if (!isPartitioned && childrenOf(catalog, table.id).length === 0) {
    return undefined;
  }
  return scannedTables(catalog, table).map((each) => asParent(each, table));
}
