/**
 * A row that breaks a rule, as errors show it.
 *
 * @module
 */
import type { TableEntry } from "../../catalog/entries.ts";
import { type Chunk, valueAt } from "../../chunk/chunk.ts";

/** Values longer than this are cut. */
const SHOWN_BYTES_MAX = 64;

/** `Failing row contains (…).` */
export function failingRow(
  { columns }: TableEntry,
  chunk: Chunk,
  row: number,
): string {
  const values = chunk.columns.map((each, position) => {
    if (columns[position]?.generated?.stored === false) return "virtual";
    const value = valueAt(each, row);
    return value === null ? "null" : clip(each.type.output(value));
  });
  return `Failing row contains (${values.join(", ")}).`;
}

/** PostgreSQL clips at 64 bytes, and never within a character. */
function clip(text: string): string {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= SHOWN_BYTES_MAX) return text;
  let end = SHOWN_BYTES_MAX;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return `${new TextDecoder().decode(bytes.subarray(0, end))}...`;
}
