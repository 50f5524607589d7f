/**
 * NOT NULL, checked before rows are written.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, isNull } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { countOf } from "../column_tools.ts";
import { failingRow } from "./failing_row.ts";

/** A row that breaks a rule. */
export interface BrokenRule {
  readonly row: number;
  /** The error that says so. */
  error(): SqlError;
}

/** The first of the selected rows with a NULL where none may be. */
export function brokenNotNull(
  table: TableEntry,
  chunk: Chunk,
): BrokenRule | undefined {
  const suspects: number[] = [];
  table.columns.forEach(({ notNull }, position) => {
    if (notNull && chunk.columns[position]!.validity !== undefined) {
      suspects.push(position);
    }
  });
  if (suspects.length === 0) return undefined;
  const { selection, rowCount } = chunk;
  const count = countOf(selection, rowCount);
  for (let i = 0; i < count; i++) {
    const row = selection === undefined ? i : selection[i]!;
    for (const position of suspects) {
      if (isNull(chunk.columns[position]!, row)) {
        return { row, error: () => violation(table, position, chunk, row) };
      }
    }
  }
  return undefined;
}

function violation(
  table: TableEntry,
  position: number,
  chunk: Chunk,
  row: number,
): SqlError {
  const column = table.columns[position]!.name;
  return new SqlError(
    "23502",
    `null value in column "${column}" of relation "${table.name}" violates not-null constraint`,
    {
      detail: failingRow(table, chunk, row),
      schema: table.schema,
      table: table.name,
      column,
    },
  );
}
