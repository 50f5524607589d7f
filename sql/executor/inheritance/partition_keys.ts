/**
 * The values of partition keys, and whether rows are where they belong.
 *
 * @module
 */
import type {
  CatalogView,
  IndexEntry,
  TableEntry,
} from "../../catalog/entries.ts";
import {
  type Partitions,
  partitionsOf,
} from "../../catalog/inheritance/partitions.ts";
import {
  asParent,
  partitionAncestors,
} from "../../catalog/inheritance/table_tree.ts";
import { type Chunk, type Column, valueAt } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { forEachRow } from "../column_tools.ts";
import { failingRow } from "../modify/failing_row.ts";
import { indexKeysIn } from "../modify/index_keys.ts";
import type { RunState } from "../run_state.ts";

const known = new WeakMap<TableEntry, IndexEntry>();

/** A partition key as that of an index, so that it is computed as one. */
function keyIndex(ordered: TableEntry): IndexEntry {
  let index = known.get(ordered);
  if (index === undefined) {
    const { id, name, schema } = ordered;
    index = {
      kind: "index",
      id,
      name,
      schema,
      storageId: 0,
      tableId: id,
      accessMethod: "",
      columns: ordered.partitionKey!.columns,
      unique: false,
      primary: false,
      options: {},
    };
    known.set(ordered, index);
  }
  return index;
}

/**
 * The columns of the partition key of a table for rows whose columns are those
 * of `ordered`: the table itself, its columns perhaps in another order.
 */
export function partitionKeysOf(
  ordered: TableEntry,
  rows: Chunk,
  run: RunState,
): readonly Column[] {
  return indexKeysIn(run)(keyIndex(ordered), ordered, rows).columns;
}

/**
 * Which of the partitions each selected row belongs to: by row number, -1 for
 * none. `ordered` as for {@linkcode partitionKeysOf}.
 */
export function partitionPositions(
  parts: Partitions,
  ordered: TableEntry,
  rows: Chunk,
  run: RunState,
): Int32Array {
  const keys = partitionKeysOf(ordered, rows, run);
  const found = new Int32Array(rows.rowCount);
  const values = keys.map(() => null as ReturnType<typeof valueAt>);
  forEachRow(rows.selection, rows.rowCount, (row) => {
    for (let i = 0; i < keys.length; i++) values[i] = valueAt(keys[i]!, row);
    found[row] = parts.find(values);
  });
  return found;
}

/**
 * Checks that rows written to a partition by its name belong there.
 *
 * @throws {SqlError} `23514`.
 */
export function requirePartition(
  table: TableEntry,
  rows: Chunk,
  run: RunState,
): void {
  const [row] = misplacedRows(run.writes.catalog, table, rows, run);
  if (row === undefined) return;
  throw new SqlError(
    "23514",
    `new row for relation "${table.name}" violates partition constraint`,
    {
      detail: failingRow(table, rows, row),
      schema: table.schema,
      table: table.name,
    },
  );
}

/**
 * The rows that belong to another partition than the table: those that its
 * parent has elsewhere, then those of its parent's parent.
 */
export function misplacedRows(
  catalog: CatalogView,
  table: TableEntry,
  rows: Chunk,
  run: RunState,
): Uint32Array {
  const wrong = new Set<number>();
  let child = table;
  for (const parent of partitionAncestors(catalog, table)) {
    const parts = partitionsOf(catalog, parent);
    const own = parts.tables.findIndex(({ id }) => id === child.id);
    const ordered = asParent(parent, table);
    const found = partitionPositions(parts, ordered, rows, run);
    forEachRow(rows.selection, rows.rowCount, (row) => {
      if (found[row] !== own) wrong.add(row);
    });
    child = parent;
  }
  return Uint32Array.from(wrong);
}
