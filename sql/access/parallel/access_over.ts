/**
 * Scans over rows that another scan found: of a plan that runs in several
 * threads, each over some of the rows.
 *
 * @module
 */
import type { ColumnEntry, TableEntry } from "../../catalog/entries.ts";
import type { RowColumn } from "../../encoding/row_encoding.ts";
import { AccessRegistry } from "../access_registry.ts";
import { LsmTableScan } from "../lsm_table_scan.ts";
import type { TableAccessMethod } from "../table_access.ts";
import type { RowRuns } from "./row_runs.ts";

/** What is known of a table's column where its rows are decoded. */
export function rowColumn(
  { number, type: { type, typmod }, missing }: Pick<
    ColumnEntry,
    "number" | "type" | "missing"
  >,
): RowColumn {
  return {
    number,
    type,
    ...missing !== undefined && { missing: type.input(missing, typmod) },
  };
}

/**
 * Access methods of a plan that reads one table, whose rows are those of `runs`:
 * whatever a scan is asked for.
 */
export function accessOver(table: TableEntry, runs: RowRuns): AccessRegistry {
  const registry = new AccessRegistry();
  const no = (): never => {
    throw new TypeError("rows that are handed on are only scanned");
  };
  const method: TableAccessMethod = {
    name: table.accessMethod,
    filters: true,
    scan: (_table, _transaction, options) =>
      new LsmTableScan(
        runs,
        options.columns.map((place) => rowColumn(table.columns[place]!)),
        options,
      ),
    fetch: no,
    insert: no,
    update: no,
    delete: no,
    estimateRows: () => 0,
  };
  registry.registerTableAccessMethod(method);
  return registry;
}
