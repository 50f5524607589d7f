/**
 * The columns that a plan reads from a table: those of the access method, and
 * system columns made from locators.
 *
 * | column | value |
 * | --- | --- |
 * | `ctid` | the locator as a `tid`: its upper 32 and lower 16 bits |
 * | `tableoid` | the table's id |
 * | the locator | the number itself, for UPDATE and DELETE |
 *
 * @module
 */
import type { LocatedChunk } from "../access/table_access.ts";
import { CTID_COLUMN, TABLEOID_COLUMN } from "../analyzer/bound_expression.ts";
import type { TableEntry } from "../catalog/entries.ts";
import type { Chunk, Column } from "../chunk/chunk.ts";
import { LOCATOR_COLUMN } from "../planner/table_rows.ts";
import type { DataType } from "../types/data_type.ts";
import { oid } from "../types/int_types.ts";
import { tid } from "../types/place_types.ts";
import { constantColumn } from "./column_tools.ts";

/** Turns what an access method gives into the chunks of a plan. */
export class TableColumns {
  /** What to ask the access method for: positions in the table's columns. */
  readonly wanted: readonly number[];
  /** The types of the plan's columns. */
  readonly types: readonly DataType[];
  readonly #columns: readonly number[];
  readonly #tableId: number;
  readonly #isPlain: boolean;

  /** The columns `columns` of `table`, negative ones for system columns. */
  constructor(table: TableEntry, columns: readonly number[]) {
    this.#columns = columns;
    this.#tableId = table.id;
    this.wanted = columns.filter((column) => column >= 0);
    this.types = columns.map((column) =>
      column >= 0
        ? table.columns[column]!.type.type
        : column === CTID_COLUMN
        ? tid
        : oid
    );
    this.#isPlain = this.wanted.length === columns.length;
  }

  /** The chunk of the plan's columns. */
  chunkOf({ chunk, locators }: LocatedChunk): Chunk {
    if (this.#isPlain) return chunk;
    const { rowCount } = chunk;
    let next = 0;
    const columns = this.#columns.map((column) =>
      column >= 0
        ? chunk.columns[next++]!
        : systemColumn(column, locators, rowCount, this.#tableId)
    );
    return { columns, rowCount };
  }
}

/** A system column of rows with these locators. */
export function systemColumn(
  column: number,
  locators: Float64Array,
  rowCount: number,
  tableId: number,
): Column {
  switch (column) {
    case CTID_COLUMN:
      return { type: tid, values: locators, validity: undefined };
    case TABLEOID_COLUMN:
      return constantColumn(oid, tableId, rowCount);
    case LOCATOR_COLUMN:
      return { type: oid, values: locators, validity: undefined };
    default:
      throw new RangeError(`no system column ${column}`);
  }
}
