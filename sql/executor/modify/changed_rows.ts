/**
 * Rows that a statement has changed: as they were, as they are, and what they
 * were made from.
 *
 * All columns share the row numbers of the chunk that the change came from, so
 * that rows inserted, updated and deleted can be told about together, in the
 * order of the input.
 *
 * @module
 */
import type { Chunk, Column } from "../../chunk/chunk.ts";
import { allocateValidity, allocateValues } from "../../chunk/chunk.ts";
import type { SqlValue } from "../../types/data_type.ts";

/** Rows of a table as they are at one time. */
export interface RowImage {
  /** All of the table's columns; NULL in a row that there was not. */
  readonly columns: readonly Column[];
  /** The locators of the changed rows, in order; NaN where there was none. */
  readonly locators: Float64Array;
}

/** Changed rows. */
export interface ChangedRows {
  /** How many rows were changed. */
  readonly count: number;
  /** Which of the chunk's rows were, ascending; absent: all. */
  readonly selection: Uint32Array | undefined;
  /** As they were; absent: none was there. */
  readonly before: RowImage | undefined;
  /** As they are; absent: none is. */
  readonly after: RowImage | undefined;
  /** As they are, or were where they are no more; absent: one of the two. */
  readonly current?: RowImage;
  /** What was done with each of the changed rows, where that differs. */
  readonly actions?: Column;
  /** The table that they are in now, where that is another one. */
  readonly movedTo?: number;
  /** The rows that the change came from. */
  readonly source: Chunk;
}

/** A column of `rowCount` rows: row `rows[i]` is row `i` of `column`, others NULL. */
export function scatter(
  column: Column,
  rows: Uint32Array,
  rowCount: number,
): Column {
  const { type, values, validity } = column;
  const result = allocateValues(type, rowCount);
  const valid = allocateValidity(rowCount);
  const from = values as SqlValue[];
  const to = result as SqlValue[];
  for (let i = 0; i < rows.length; i++) {
    const isValid = validity === undefined ||
      ((validity[i >>> 5]! >>> (i & 31)) & 1) === 1;
    if (!isValid) continue;
    const row = rows[i]!;
    to[row] = from[i]!;
    valid[row >>> 5]! |= 1 << (row & 31);
  }
  return { type, values: result, validity: valid };
}
