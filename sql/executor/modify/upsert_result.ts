/**
 * What INSERT … ON CONFLICT has done with the rows of a chunk: inserted ones and
 * updated ones, told about together.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import {
  type Chunk,
  type Column,
  columnOf,
  valueAt,
} from "../../chunk/chunk.ts";
import { ColumnFiller } from "../column_tools.ts";
import type { ChangedRows, RowImage } from "./changed_rows.ts";

/** Rows that are inserted, and where they are then. */
interface Inserted {
  readonly rows: Uint32Array;
  readonly locators: Float64Array;
}

/** Rows that are updated: all columns by the number of the proposed row. */
export interface Updated {
  readonly rows: Uint32Array;
  readonly locators: Float64Array;
  readonly before: readonly Column[];
  readonly after: readonly Column[];
}

/** Inserted and updated rows, in the order in which they were proposed. */
export function changedRows(
  proposed: Chunk,
  inserted: Inserted,
  updated: Updated | undefined,
): ChangedRows {
  const { rowCount } = proposed;
  if (updated === undefined) {
    const { rows, locators } = inserted;
    return {
      count: rows.length,
      selection: rows.length === rowCount ? undefined : rows,
      before: undefined,
      after: { columns: proposed.columns, locators },
      source: proposed,
    };
  }
  const old = new Float64Array(rowCount).fill(NaN);
  const now = new Float64Array(rowCount).fill(NaN);
  inserted.rows.forEach((row, i) => now[row] = inserted.locators[i]!);
  updated.rows.forEach((row, i) => {
    old[row] = now[row] = updated.locators[i]!;
  });
  const selection = Uint32Array.from([...inserted.rows, ...updated.rows])
    .sort();
  const pick = (all: Float64Array): Float64Array =>
    Float64Array.from(selection, (row) => all[row]!);
  const after = proposed.columns.map((column, i) => {
    const filler = new ColumnFiller(column.type, rowCount);
    filler.copy(column, inserted.rows, rowCount);
    filler.copy(updated.after[i]!, updated.rows, rowCount);
    return filler.finish();
  });
  return {
    count: selection.length,
    selection: selection.length === rowCount ? undefined : selection,
    before: { columns: updated.before, locators: pick(old) },
    after: { columns: after, locators: pick(now) },
    source: proposed,
  };
}

/** Rows that were changed one by one, as if they had been changed together. */
export function joined(
  table: TableEntry,
  all: readonly ChangedRows[],
): ChangedRows | undefined {
  if (all.length === 0) return undefined;
  const image = (which: "before" | "after"): RowImage => ({
    columns: table.columns.map(({ type }, column) =>
      columnOf(
        type.type,
        all.map((rows) => {
          const from = rows[which]?.columns[column];
          return from === undefined ? null : valueAt(from, 0);
        }),
      )
    ),
    locators: Float64Array.from(all, (rows) => rows[which]?.locators[0] ?? NaN),
  });
  return {
    count: all.length,
    selection: undefined,
    before: image("before"),
    after: image("after"),
    source: { columns: [], rowCount: all.length },
  };
}
