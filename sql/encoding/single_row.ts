/**
 * One row as bytes, made of values and of what stays of the row that it
 * replaces. The form is drawn in `row_encoding.ts`.
 *
 * What stays is copied as bytes, whatever its type is.
 *
 * @module
 */
import type { ByteWriter } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import type { SqlValue } from "../types/data_type.ts";
import {
  HAS_NULLS,
  type RowColumn,
  RowReader,
  VERSION,
  WIDTH_SHIFT,
} from "./row_encoding.ts";
import { type ValueKind, valueKindOf } from "./value_kind.ts";
import { valueBytesMax, writeValue } from "./value_writer.ts";

/** A value by column, NULL, or `undefined` for what stays. */
export type RowValues = readonly (SqlValue | null | undefined)[];

/** Writes single rows of a table. */
export class SingleRowWriter {
  readonly #numbers: readonly number[];
  readonly #kinds: readonly ValueKind[];
  readonly #highest: number;
  readonly #old: RowReader;

  /** A writer of rows with these columns, in ascending order of numbers. */
  constructor(columns: readonly RowColumn[]) {
    this.#numbers = columns.map(({ number }) => number);
    this.#kinds = columns.map(({ type }) => valueKindOf(type));
    this.#highest = columns.at(-1)?.number ?? 0;
    this.#old = new RowReader([], "row");
  }

  /** Writes a row that replaces none: it has a value, or NULL, everywhere. */
  write(writer: ByteWriter, values: RowValues): void {
    this.#write(writer, values, undefined);
  }

  /**
   * Writes the row that replaces `old`. Not done, and `false`, if that was
   * written before the table got its last column.
   */
  replace(writer: ByteWriter, values: RowValues, old: Uint8Array): boolean {
    const reader = this.#old;
    reader.frame(old, 0, old.length);
    if (reader.highest !== this.#highest) return false;
    this.#write(writer, values, reader);
    return true;
  }

  #write(
    writer: ByteWriter,
    values: RowValues,
    old: RowReader | undefined,
  ): void {
    const numbers = this.#numbers;
    const highest = this.#highest;
    const valueBytes = this.#valueBytesMax(values, old);
    const hasNulls = numbers.length < highest || this.#hasNull(values, old);
    const widthLog = valueBytes < 0x100 ? 0 : valueBytes < 0x1_0000 ? 1 : 2;
    const bitmapBytes = hasNulls ? (highest + 7) >>> 3 : 0;
    const countBytes = highest < 128 ? 1 : 2;
    const start = writer.reserve(
      1 + countBytes + bitmapBytes + (highest << widthLog) + valueBytes,
    );
    const bytes = writer.memory;
    const view = writer.memoryView;
    bytes[start] = VERSION | (widthLog << WIDTH_SHIFT) |
      (hasNulls ? HAS_NULLS : 0);
    bytes[start + 1] = countBytes === 1 ? highest : (highest & 127) | 128;
    if (countBytes === 2) bytes[start + 2] = highest >>> 7;
    const bitmap = start + 1 + countBytes;
    bytes.fill(0, bitmap, bitmap + bitmapBytes);
    const ends = bitmap + bitmapBytes;
    const base = ends + (highest << widthLog);
    let at = base;
    let next = 0;
    for (let number = 1; number <= highest; number++) {
      if (numbers[next] === number) {
        const before = at;
        at = this.#writeColumn(values, next++, old, writer, at);
        if (at < 0) at = before;
        else if (hasNulls) {
          bytes[bitmap + ((number - 1) >>> 3)]! |= 1 << ((number - 1) & 7);
        }
      }
      const end = at - base;
      const place = ends + ((number - 1) << widthLog);
      if (widthLog === 0) bytes[place] = end;
      else if (widthLog === 1) view.setUint16(place, end, true);
      else view.setUint32(place, end, true);
    }
    writer.truncate(at);
  }

  /** Writes a column's value at `at`; returns its end, or -1 for NULL. */
  #writeColumn(
    values: RowValues,
    position: number,
    old: RowReader | undefined,
    { memory, memoryView }: ByteWriter,
    at: number,
  ): number {
    const value = values[position];
    if (value === null) return -1;
    if (value !== undefined) {
      const kind = this.#kinds[position]!;
      const all = values as SqlValue[];
      return writeValue(kind, all, position, memory, memoryView, at);
    }
    invariant(old !== undefined, "a new row has all values");
    const number = this.#numbers[position]!;
    if (old.isNull(number)) return -1;
    const from = old.startOf(number);
    const to = old.endOf(number, from);
    const { bytes } = old;
    // Most are short: a call costs more than the bytes.
    for (let i = from; i < to; i++) memory[at + i - from] = bytes[i]!;
    return at + to - from;
  }

  /** Bytes that all values together cannot take more of. */
  #valueBytesMax(values: RowValues, old: RowReader | undefined): number {
    const kinds = this.#kinds;
    let sum = 0;
    for (let i = 0; i < kinds.length; i++) {
      const value = values[i];
      if (value === null) continue;
      if (value !== undefined) {
        sum += valueBytesMax(kinds[i]!, values as SqlValue[], i);
        continue;
      }
      const number = this.#numbers[i]!;
      const from = old!.startOf(number);
      sum += old!.endOf(number, from) - from;
    }
    return sum;
  }

  #hasNull(values: RowValues, old: RowReader | undefined): boolean {
    const numbers = this.#numbers;
    for (let i = 0; i < numbers.length; i++) {
      const value = values[i];
      if (value === null) return true;
      if (value === undefined && old!.isNull(numbers[i]!)) return true;
    }
    return false;
  }
}
