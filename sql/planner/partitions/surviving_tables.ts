/**
 * The tables below a partitioned one that can have rows for which conditions are
 * true, through all levels.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import type { CatalogView, TableEntry } from "../../catalog/entries.ts";
import { partitionsOf } from "../../catalog/inheritance/partitions.ts";
import { asParent } from "../../catalog/inheritance/table_tree.ts";
import { possiblePartitions, type ValueOf } from "./partition_bounds.ts";

/** Conditions on the rows of a partitioned table. */
export interface TreeQuestion {
  readonly catalog: CatalogView;
  readonly table: TableEntry;
  readonly relation: number;
  readonly conditions: readonly BoundExpression[];
  readonly valueOf: ValueOf;
}

/** The ids of the tables that may have rows. */
export function survivingTables(question: TreeQuestion): ReadonlySet<number> {
  const { catalog, table: root, relation, conditions, valueOf } = question;
  const found = new Set<number>();
  const look = (table: TableEntry): void => {
    if (table.partitionKey === undefined) {
      found.add(table.id);
      return;
    }
    const parts = partitionsOf(catalog, table);
    const ordered = asParent(table, root);
    const possible = possiblePartitions(
      { parts, ordered, relation, valueOf },
      conditions,
    );
    for (const position of possible) look(parts.tables[position]!);
  };
  look(root);
  return found;
}
