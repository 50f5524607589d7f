/**
 * The names of the columns that relations have: of indexes and sequences, and
 * the system's, too.
 *
 * @module
 */
import type { CatalogView, RelationEntry } from "../../catalog/entries.ts";

const SYSTEM_COLUMNS: ReadonlyMap<number, string> = new Map([
  [-1, "ctid"],
  [-2, "xmin"],
  [-3, "cmin"],
  [-4, "xmax"],
  [-5, "cmax"],
  [-6, "tableoid"],
]);

const SEQUENCE_COLUMNS: readonly string[] = [
  "last_value",
  "log_cnt",
  "is_called",
];

/** The name of a column by its number (pg_attribute.attnum). */
export function columnName(
  catalog: CatalogView,
  entry: RelationEntry,
  number: number,
): string | undefined {
  switch (entry.kind) {
    case "table":
      return SYSTEM_COLUMNS.get(number) ?? nameAt(entry, number);
    case "view":
      return nameAt(entry, number);
    case "sequence":
      return SYSTEM_COLUMNS.get(number) ?? SEQUENCE_COLUMNS[number - 1];
    case "index": {
      const { columns, include = [] } = entry;
      const key = columns[number - 1];
      if (key?.expression !== undefined) return key.expression.name;
      const table = catalog.relationById(entry.tableId);
      const at = key?.columnNumber ?? include[number - 1 - columns.length];
      return at === undefined || table?.kind !== "table"
        ? undefined
        : nameAt(table, at);
    }
  }
}

function nameAt(
  { columns }: Extract<RelationEntry, { kind: "table" | "view" }>,
  number: number,
): string | undefined {
  return columns.find((each) => each.number === number)?.name;
}
