/**
 * Rows as keys of hash tables: a primitive that is the same for rows that are
 * not distinct, and only for them.
 *
 * One column gives its type's hash key, and a value of its own for NULL.
 * Several give a text in which every part says its kind and, where it is a
 * text, its length, so that no two rows run into each other.
 *
 * @module
 */
import { type Column, isNull, valueAt } from "../chunk/chunk.ts";
import type { SqlValue } from "../types/data_type.ts";

/** A key: `null` stands for NULL in a single column. */
export type RowKey = string | number | bigint | boolean | null;

/** The key of row `row`. */
export function rowKey(columns: readonly Column[], row: number): RowKey {
  if (columns.length === 1) {
    const column = columns[0]!;
    if (isNull(column, row)) return null;
    return column.type.hashKey(valueAt(column, row) as SqlValue);
  }
  let key = "";
  for (const column of columns) {
    if (isNull(column, row)) {
      key += "-";
      continue;
    }
    const part = column.type.hashKey(valueAt(column, row) as SqlValue);
    switch (typeof part) {
      case "string":
        key += `s${part.length}:${part}`;
        break;
      case "boolean":
        key += part ? "t" : "f";
        break;
      default:
        key += `n${part};`;
    }
  }
  return key;
}

/** About how many bytes a key takes in a table. */
export function bytesOfKey(key: RowKey): number {
  return typeof key === "string" ? 64 + 2 * key.length : 64;
}
