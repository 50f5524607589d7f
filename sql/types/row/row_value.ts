/**
 * A value of a row type: the values of its fields, with their names and types,
 * so that a row of no declared type (`record`) says by itself what it is.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { Nullable, RowField, RowValue } from "../data_type.ts";

/** A row. */
export class SqlRow implements RowValue {
  /** What the fields are. */
  readonly fields: readonly RowField[];
  /** The values, one a field. */
  readonly values: readonly Nullable[];

  /** A row of these values. */
  constructor(fields: readonly RowField[], values: readonly Nullable[]) {
    this.fields = fields;
    this.values = values;
  }
}

/**
 * The order of rows: field by field, NULL last.
 *
 * @throws {SqlError} `42804` when the fields' types differ, `42883` when one
 * has no order.
 */
export function compareRows(a: SqlRow, b: SqlRow): number {
  const count = Math.min(a.fields.length, b.fields.length);
  for (let i = 0; i < count; i++) {
    const { type } = a.fields[i]!.type;
    const other = b.fields[i]!.type.type;
    if (type !== other) {
      throw new SqlError(
        "42804",
        `cannot compare dissimilar column types ${type.displayName} and ${other.displayName} at record column ${
          i + 1
        }`,
      );
    }
    if (type.comparable === false) {
      throw new SqlError(
        "42883",
        `could not identify a comparison function for type ${type.displayName}`,
      );
    }
    const x = a.values[i]!;
    const y = b.values[i]!;
    if (x === null || y === null) {
      if (x !== y) return x === null ? 1 : -1;
      continue;
    }
    const order = type.compare(x, y);
    if (order !== 0) return order;
  }
  if (a.fields.length !== b.fields.length) {
    throw new SqlError(
      "42804",
      "cannot compare record types with different numbers of columns",
    );
  }
  return 0;
}

/** The key of a row in a hash table: each field's with its length. */
export function hashKeyOfRow({ fields, values }: SqlRow): string {
  let key = "";
  for (let i = 0; i < fields.length; i++) {
    const value = values[i]!;
    if (value === null) {
      key += "N";
    } else {
      const part = String(fields[i]!.type.type.hashKey(value));
      key += `${part.length}:${part}`;
    }
  }
  return key;
}
