/**
 * Rows in keys: each field as 1 and its form, or 2 for NULL, which comes last;
 * NULLs at the end are left out, and then comes 3.
 *
 * So the key of a row stays what it is when its type gets another field, which
 * the row has as NULL: it is the last of those that begin alike, as it is with
 * the NULL written.
 *
 * @module
 */
import type { ByteWriter } from "../../base/bytes.ts";
import type { Nullable, RowField, SqlValue } from "../types/data_type.ts";
import { SqlRow } from "../types/row/row_value.ts";

/** What stands before a field, and behind the last one. */
const FIELD_MARK = { value: 1, null: 2, end: 3 } as const;

/** What the reader of a row is asked for. */
export interface RowSource {
  /** The next byte. */
  byte(): number;
  /** An error that names the place. */
  corrupt(what: string): Error;
}

/** Writes a row; `part` writes the value of a field at the writer's end. */
export function writeRowKey(
  writer: ByteWriter,
  { values }: { readonly values: readonly Nullable[] },
  part: (field: number, value: SqlValue) => void,
): void {
  const last = values.findLastIndex((value) => value !== null);
  for (let i = 0; i <= last; i++) {
    const value = values[i]!;
    if (value === null) {
      writer.u8(FIELD_MARK.null);
    } else {
      writer.u8(FIELD_MARK.value);
      part(i, value);
    }
  }
  writer.u8(FIELD_MARK.end);
}

/**
 * Reads a row of these fields back; `part` reads the value of one.
 *
 * @throws {KriyaError} `corrupt`.
 */
export function readRowKey(
  source: RowSource,
  fields: readonly RowField[],
  part: (field: number) => SqlValue,
): SqlRow {
  const values: Nullable[] = fields.map(() => null);
  let isNull = false;
  for (let i = 0;; i++) {
    const mark = source.byte();
    if (mark === FIELD_MARK.end && !isNull) return new SqlRow(fields, values);
    isNull = mark === FIELD_MARK.null;
    const isField = i < fields.length && (isNull || mark === FIELD_MARK.value);
    if (!isField) throw source.corrupt("bad row in a key");
    if (!isNull) values[i] = part(i);
  }
}
