/**
 * Rows that a set-returning function gives, a few at a time, so that a million
 * of them need no room.
 *
 * @module
 */
import type { ColumnBuilder } from "../../chunk/chunk.ts";
import type { Nullable, TypeRef } from "../../types/data_type.ts";

/** A column that a set-returning function gives. */
export interface SetColumn {
  /** Its name: an OUT parameter's, or a column definition's. */
  readonly name: string;
  /** Its type. */
  readonly type: TypeRef;
}

/** The rows of one call, in order. */
export interface SetSource {
  /**
   * Appends the next rows, at most `count`, to the columns; returns how many.
   * Fewer than `count`: there are no more, and it is not called again.
   */
  fill(columns: readonly ColumnBuilder[], count: number): number;
}

/** No rows. */
export const NO_ROWS: SetSource = { fill: () => 0 };

/**
 * The rows of one column that an iterable gives.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ColumnBuilder } from "../../chunk/chunk.ts";
 * import { text } from "../../types/text_types.ts";
 * import { valuesSource } from "./set_source.ts";
 *
 * const source = valuesSource(["a", null, "b"]);
 * const column = new ColumnBuilder(text);
 * assertEquals(source.fill([column], 2), 2);
 * assertEquals(source.fill([column], 2), 1);
 * ```
 */
export function valuesSource(values: Iterable<Nullable>): SetSource {
  const iterator = values[Symbol.iterator]();
  return {
    fill([column], count): number {
      for (let filled = 0; filled < count; filled++) {
        const next = iterator.next();
        if (next.done === true) return filled;
        column!.append(next.value);
      }
      return count;
    },
  };
}

/** The rows of several columns that an iterable gives. */
export function rowsSource(rows: Iterable<readonly Nullable[]>): SetSource {
  const iterator = rows[Symbol.iterator]();
  return {
    fill(columns, count): number {
      for (let filled = 0; filled < count; filled++) {
        const next = iterator.next();
        if (next.done === true) return filled;
        const row = next.value;
        for (let c = 0; c < columns.length; c++) {
          columns[c]!.append(row[c] ?? null);
        }
      }
      return count;
    },
  };
}
