/**
 * Tables and indexes as EXPLAIN names them.
 *
 * @module
 */
import type { TableRelation } from "../analyzer/bound_tree.ts";
import { quoteIdentifier } from "../analyzer/quote.ts";
import type { KnnNode } from "../planner/logical_plan.ts";

/** A table, and its alias. */
export function tableName({ table, alias }: TableRelation): string {
  const name = quoteIdentifier(table.name);
  return alias === table.name ? name : `${name} ${quoteIdentifier(alias)}`;
}

/** What the JSON form says about a table. */
export function tableFacts(
  { table, alias }: TableRelation,
): Readonly<Record<string, string>> {
  return { "Relation Name": table.name, "Alias": alias };
}

/** A scan of an index. */
export function indexShown(
  { index, table }: Pick<KnnNode, "index" | "table">,
): {
  readonly title: string;
  readonly facts: Readonly<Record<string, string>>;
} {
  return {
    title: `Index Scan using ${quoteIdentifier(index.name)} on ${
      tableName(table)
    }`,
    facts: {
      "Scan Direction": "Forward",
      "Index Name": index.name,
      ...tableFacts(table),
    },
  };
}
