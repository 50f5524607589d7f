/**
 * The keys of an index: what it has of the rows of its table.
 *
 * Keys that are expressions, and predicates, are computed by who runs
 * statements; columns are found here.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import type { IndexEntry, TableEntry } from "../catalog/entries.ts";
import { type Chunk, selectedCount } from "../chunk/chunk.ts";
import type { TypeRef } from "../types/data_type.ts";

/**
 * The key columns of an index for the selected rows of `chunk` (all of the
 * table's columns), with the same row numbers; selected are those of the rows
 * that the index has.
 */
export type IndexKeys = (
  index: IndexEntry,
  table: TableEntry,
  chunk: Chunk,
) => Chunk;

/** Whether all keys are columns, of all rows. */
export function hasPlainKeys({ columns, predicate }: IndexEntry): boolean {
  return predicate === undefined &&
    columns.every(({ expression }) => expression === undefined);
}

/** The keys of an index that has columns of all rows. */
export function columnKeys(
  index: IndexEntry,
  table: TableEntry,
  chunk: Chunk,
): Chunk {
  invariant(hasPlainKeys(index), "nobody computes the keys of an index");
  return {
    ...chunk,
    columns: index.columns.map(({ columnNumber }) =>
      chunk.columns[positionOf(table, columnNumber)]!
    ),
  };
}

function positionOf({ columns }: TableEntry, columnNumber: number): number {
  return columns.findIndex(({ number }) => number === columnNumber);
}

/** The types of an index's key columns. */
export function keyTypes(index: IndexEntry, table: TableEntry): TypeRef[] {
  return index.columns.map(({ columnNumber, expression }) =>
    expression?.type ??
      table.columns[positionOf(table, columnNumber)]!.type
  );
}

/** The key columns as error messages name them. */
export function keyNames(index: IndexEntry, table: TableEntry): string[] {
  return index.columns.map(({ columnNumber, expression }) =>
    expression?.sql ?? table.columns[positionOf(table, columnNumber)]!.name
  );
}

/** The locators of the rows that are still selected, of those that were. */
export function locatorsOf(
  before: Chunk,
  after: Chunk,
  locators: Float64Array,
): Float64Array {
  if (before.selection === after.selection) return locators;
  const kept = new Float64Array(selectedCount(after));
  let at = 0;
  eachSelected(before, (row, i) => {
    if (at < kept.length && after.selection![at] === row) {
      kept[at++] = locators[i]!;
    }
  });
  return kept;
}

/** Calls `visit` with each selected row and its number among them. */
export function eachSelected(
  { selection, rowCount }: Chunk,
  visit: (row: number, i: number) => void,
): void {
  const count = selection?.length ?? rowCount;
  for (let i = 0; i < count; i++) {
    visit(selection === undefined ? i : selection[i]!, i);
  }
}
