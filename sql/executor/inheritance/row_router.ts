/**
 * Which partition each row of a partitioned table goes to, through all levels.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import { keyColumnText } from "../../catalog/inheritance/bound_text.ts";
import { partitionsOf } from "../../catalog/inheritance/partitions.ts";
import { asParent } from "../../catalog/inheritance/table_tree.ts";
import { type Chunk, valueAt } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { forEachRow } from "../column_tools.ts";
import type { RunState } from "../run_state.ts";
import { partitionKeysOf, partitionPositions } from "./partition_keys.ts";

/** Rows that go to one table, in order. */
export interface RoutedRows {
  readonly table: TableEntry;
  readonly rows: Uint32Array;
}

/**
 * The tables of the selected rows of a chunk, whose columns are those of `root`:
 * by row number.
 *
 * @throws {SqlError} `23514` for the first row that none takes.
 */
export function routeRows(
  root: TableEntry,
  rows: Chunk,
  run: RunState,
): readonly TableEntry[] {
  const tables = new Array<TableEntry>(rows.rowCount);
  let failed: { readonly row: number; readonly error: SqlError } | undefined;
  const route = (table: TableEntry, part: Chunk): void => {
    const ordered = asParent(table, root);
    const parts = partitionsOf(run.writes.catalog, table);
    const found = partitionPositions(parts, ordered, part, run);
    const deeper = new Map<TableEntry, number[]>();
    forEachRow(part.selection, part.rowCount, (row) => {
      const partition = parts.tables[found[row]!];
      if (partition === undefined) {
        if (failed === undefined || row < failed.row) {
          failed = { row, error: noPartition(table, ordered, part, row, run) };
        }
      } else if (partition.partitionKey === undefined) tables[row] = partition;
      else {
        const others = deeper.get(partition);
        if (others === undefined) deeper.set(partition, [row]);
        else others.push(row);
      }
    });
    for (const [partition, some] of deeper) {
      route(partition, { ...part, selection: Uint32Array.from(some) });
    }
  };
  route(root, rows);
  if (failed !== undefined) throw failed.error;
  return tables;
}

function noPartition(
  table: TableEntry,
  ordered: TableEntry,
  rows: Chunk,
  row: number,
  run: RunState,
): SqlError {
  const keys = partitionKeysOf(ordered, rows, run);
  const names = table.partitionKey!.columns.map((column) =>
    keyColumnText(table, column)
  );
  const values = keys.map((column) => {
    const value = valueAt(column, row);
    return value === null ? "null" : column.type.output(value);
  });
  return new SqlError(
    "23514",
    `no partition of relation "${table.name}" found for row`,
    {
      detail: `Partition key of the failing row contains (${
        names.join(", ")
      }) = (${values.join(", ")}).`,
      schema: table.schema,
      table: table.name,
    },
  );
}

/** How many rows are told apart one after another, whatever their table. */
const IN_ORDER_MAX = 64;

/**
 * The selected rows of a chunk by table: in their order where there are few or
 * it is wanted, else all of one table together.
 */
export function rowsByTable(
  { selection, rowCount }: Pick<Chunk, "selection" | "rowCount">,
  tableOf: (row: number) => TableEntry,
  inOrder: boolean,
): RoutedRows[] {
  const count = selection?.length ?? rowCount;
  const groups: { readonly table: TableEntry; readonly rows: number[] }[] = [];
  const last = new Map<TableEntry, number[]>();
  const keepsOrder = inOrder || count <= IN_ORDER_MAX;
  forEachRow(selection, rowCount, (row) => {
    const table = tableOf(row);
    const there = keepsOrder
      ? groups.at(-1)?.table === table ? groups.at(-1)!.rows : undefined
      : last.get(table);
    if (there !== undefined) {
      there.push(row);
      return;
    }
    const rows = [row];
    groups.push({ table, rows });
    last.set(table, rows);
  });
  return groups.map(({ table, rows }) => ({
    table,
    rows: Uint32Array.from(rows),
  }));
}
