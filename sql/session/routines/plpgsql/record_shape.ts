/**
 * Shapes of records: rows with the same names and types of fields have the same
 * shape, and the same type.
 *
 * @module
 */
import type { DataType, RowField } from "../../../types/data_type.ts";
import { rowType } from "../../../types/row/row_type.ts";

/** A shape. */
export interface RecordShape {
  /** Tells it from others. */
  readonly id: number;
  readonly fields: readonly RowField[];
  /** The type of records of the shape. */
  readonly type: DataType;
}

const known = new WeakMap<readonly RowField[], RecordShape>();
const byKey = new Map<string, WeakRef<RecordShape>>();
let ids = 0;

/** The shape of rows with these fields. */
export function shapeOf(fields: readonly RowField[]): RecordShape {
  const found = known.get(fields);
  if (found !== undefined) return found;
  const key = fields.map(({ name, type }) =>
    `${name}\0${type.type.oid}\0${type.typmod}`
  ).join("\x01");
  const same = byKey.get(key)?.deref();
  if (same !== undefined && sameTypes(same.fields, fields)) {
    known.set(fields, same);
    return same;
  }
  const names = { oid: 2249, name: "record", displayName: "record" };
  const shape = { id: ++ids, fields, type: rowType(names, fields) };
  known.set(fields, shape);
  byKey.set(key, new WeakRef(shape));
  return shape;
}

function sameTypes(
  a: readonly RowField[],
  b: readonly RowField[],
): boolean {
  return a.every(({ type }, i) => type.type === b[i]!.type.type);
}
