/**
 * The columns of foreign keys: picked from rows, turned into the types of the
 * other side, and shown.
 *
 * @module
 */
import type { ColumnEntry, TableEntry } from "../../catalog/entries.ts";
import {
  type Chunk,
  type Column,
  ColumnBuilder,
  isNull,
  valueAt,
} from "../../chunk/chunk.ts";
import { canCoerce, compileCast } from "../../types/cast.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";

/** The positions of a table's columns with these numbers. */
export function positionsOf(
  { columns }: TableEntry,
  numbers: readonly number[],
): number[] {
  return numbers.map((number) =>
    columns.findIndex((column) => column.number === number)
  );
}

/** The columns of a table with these numbers. */
export function entriesOf(
  table: TableEntry,
  numbers: readonly number[],
): ColumnEntry[] {
  return positionsOf(table, numbers).map((position) =>
    table.columns[position]!
  );
}

/** Types whose values one index can compare. */
const FAMILIES: readonly ReadonlySet<string>[] = [
  new Set(["int2", "int4", "int8"]),
  new Set(["float4", "float8"]),
  new Set(["date", "timestamp", "timestamptz"]),
];

/** Whether values of one type can be looked up among those of another. */
export function canReferTo(type: DataType, referenced: DataType): boolean {
  return type === referenced || canCoerce(type, referenced, "implicit") ||
    FAMILIES.some((each) => each.has(type.name) && each.has(referenced.name));
}

/** Values of a column as those of another type; NULL where there is none. */
export function columnAs(
  column: Column,
  type: DataType,
  count: number,
): Column {
  if (column.type === type) return column;
  const builder = new ColumnBuilder(type, count);
  for (let row = 0; row < count; row++) {
    builder.append(valueAs(valueAt(column, row), column.type, type));
  }
  return builder.finish();
}

function valueAs(value: Nullable, from: DataType, to: DataType): Nullable {
  if (value === null) return null;
  const target = { type: to, typmod: -1 };
  const cast = compileCast(from, target, "assignment");
  if (cast === undefined) return value;
  try {
    const converted = cast(value, NO_TIME);
    // What does not come back the same is not equal to anything there.
    const back = compileCast(to, { type: from, typmod: -1 }, "assignment");
    const same = converted !== null &&
      from.hashKey(
          (back === undefined ? converted : back(converted, NO_TIME))!,
        ) === from.hashKey(value);
    return same ? converted : null;
  } catch {
    return null;
  }
}

const NO_TIME = { now: (): number => 0 };

/** The rows of key columns in which none is NULL. */
export function rowsWithoutNull({ columns, rowCount }: Chunk): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < rowCount; row++) {
    if (!columns.some((column) => isNull(column, row))) rows.push(row);
  }
  return Uint32Array.from(rows);
}

/** `(a, b)=(1, 2)` */
export function shownKey(
  names: readonly ColumnEntry[],
  { columns }: Chunk,
  row: number,
): string {
  const values = columns.map((column) => {
    const value = valueAt(column, row);
    return value === null ? "null" : column.type.output(value);
  });
  const shown = names.map(({ name }) => name);
  return `(${shown.join(", ")})=(${values.join(", ")})`;
}

/** Rows of a table of which only some columns are known. */
export function sparseRows(
  table: TableEntry,
  positions: readonly number[],
  { columns, rowCount }: Chunk,
  selection: Uint32Array,
): Chunk {
  const all: Column[] = new Array(table.columns.length);
  positions.forEach((position, i) => {
    const { type } = table.columns[position]!.type;
    all[position] = columnAs(columns[i]!, type, rowCount);
  });
  return { columns: all, rowCount, selection };
}
