/**
 * VACUUM and ANALYZE: the tables and columns that they name.
 *
 * @module
 */
import type { TableEntry } from "../catalog/entries.ts";
import { treeOf } from "../catalog/inheritance/table_tree.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { MaintenanceSyntax } from "../parser/maintenance_syntax.ts";
import type { BoundCommon } from "./bound_change.ts";
import type { BoundMaintenance, MaintainedTable } from "./bound_maintenance.ts";
import { missingRelation } from "./bind_from.ts";
import type { StatementState } from "./statement_state.ts";

type Unfinished<T extends BoundCommon> = Omit<T, keyof BoundCommon>;

/**
 * Resolves the names.
 *
 * @throws {SqlError} `42P01`, `42703`, `42701`.
 */
export function bindMaintenance(
  { options: { catalog } }: StatementState,
  { vacuum, analyze, verbose, targets }: MaintenanceSyntax,
): Unfinished<BoundMaintenance> {
  const tables: MaintainedTable[] = [];
  const warnings: string[] = [];
  const word = vacuum ? "vacuum" : "analyze";
  for (const { relation: { schema, name, only }, columns } of targets) {
    const table = catalog.relation(schema, name);
    if (table === undefined) throw missingRelation(schema, name);
    if (table.kind !== "table") {
      warnings.push(
        `skipping "${name}" --- cannot ${word} non-tables or special system tables`,
      );
    } else if (table.storageId !== 0) {
      const all = table.partitionKey === undefined || only === true
        ? [table]
        : treeOf(catalog, table);
      for (const each of all) {
        tables.push({ table: each, columns: positionsOf(each, columns) });
      }
    }
  }
  if (targets.length === 0) {
    for (const table of catalog.relations()) {
      if (table.kind !== "table") continue;
      tables.push({ table, columns: positionsOf(table, []) });
    }
  }
  return { kind: "maintenance", vacuum, analyze, verbose, tables, warnings };
}

/** Where the columns of a table are that have values of their own. */
export function storedColumns(table: TableEntry): number[] {
  return [...table.columns.keys()].filter((at) =>
    table.columns[at]!.generated?.stored !== false
  );
}

/** Where the columns are that are named, or all that have values. */
function positionsOf(table: TableEntry, names: readonly string[]): number[] {
  if (names.length === 0) return storedColumns(table);
  const positions: number[] = [];
  for (const name of names) {
    const at = table.columns.findIndex((column) => column.name === name);
    if (at < 0) {
      throw new SqlError(
        "42703",
        `column "${name}" of relation "${table.name}" does not exist`,
      );
    }
    if (positions.includes(at)) {
      throw new SqlError(
        "42701",
        `column "${name}" of relation "${table.name}" appears more than once`,
      );
    }
    positions.push(at);
  }
  return positions;
}
