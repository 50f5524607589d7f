/**
 * NOT NULL, checked before rows are written.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, isNull, valueAt } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { countOf } from "../column_tools.ts";

/** Values longer than this are cut in the error's detail. */
const SHOWN_BYTES_MAX = 64;

/**
 * Checks the selected rows of `chunk`, which has all of the table's columns.
 *
 * @throws {SqlError} `23502` for the first row and column that is NULL.
 */
export function checkNotNull(table: TableEntry, chunk: Chunk): void {
  const suspects: number[] = [];
  table.columns.forEach(({ notNull }, position) => {
    if (notNull && chunk.columns[position]!.validity !== undefined) {
      suspects.push(position);
    }
  });
  if (suspects.length === 0) return;
  const { selection, rowCount } = chunk;
  const count = countOf(selection, rowCount);
  for (let i = 0; i < count; i++) {
    const row = selection === undefined ? i : selection[i]!;
    for (const position of suspects) {
      if (isNull(chunk.columns[position]!, row)) {
        throw violation(table, position, chunk, row);
      }
    }
  }
}

function violation(
  table: TableEntry,
  position: number,
  chunk: Chunk,
  row: number,
): SqlError {
  const column = table.columns[position]!.name;
  const values = chunk.columns.map((each) => {
    const value = valueAt(each, row);
    return value === null ? "null" : clip(each.type.output(value));
  });
  return new SqlError(
    "23502",
    `null value in column "${column}" of relation "${table.name}" violates not-null constraint`,
    {
      detail: `Failing row contains (${values.join(", ")}).`,
      table: table.name,
      column,
    },
  );
}

/** PostgreSQL clips at 64 bytes, and never within a character. */
function clip(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= SHOWN_BYTES_MAX) return text;
  let end = SHOWN_BYTES_MAX;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return `${new TextDecoder().decode(bytes.subarray(0, end))}...`;
}
