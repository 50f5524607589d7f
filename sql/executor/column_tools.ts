/**
 * Making columns: filled row by row, merged from parts, repeated, gathered.
 *
 * Columns keep the row numbers of the chunk they are computed for; rows outside
 * of the selection hold anything.
 *
 * @module
 */
import {
  allocateValidity,
  allocateValues,
  type Chunk,
  type Column,
  type ColumnValues,
  isNull,
} from "../chunk/chunk.ts";
import { DecimalColumn } from "../chunk/decimal_column.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import { Numeric } from "../types/numeric.ts";

/** Fills a column in any order; rows that are not set are not NULL. */
export class ColumnFiller {
  readonly #type: DataType;
  readonly #values: ColumnValues;
  readonly #isBoolean: boolean;
  #validity: Uint32Array | undefined;

  /** A filler of `rowCount` rows. */
  constructor(type: DataType, rowCount: number) {
    this.#type = type;
    this.#values = allocateValues(type, rowCount);
    this.#isBoolean = type.storage === "boolean";
  }

  /** Sets a row. */
  set(row: number, value: Nullable): void {
    if (value === null) {
      this.#setNull(row);
    } else {
      (this.#values as SqlValue[])[row] = this.#isBoolean
        ? (value === true ? 1 : 0)
        : value;
      if (this.#validity !== undefined) {
        this.#validity[row >>> 5]! |= 1 << (row & 31);
      }
    }
  }

  /** Copies rows of a column of the same storage. */
  copy(source: Column, rows: Uint32Array | undefined, rowCount: number): void {
    const from = source.values as SqlValue[];
    const to = this.#values as SqlValue[];
    const count = rows === undefined ? rowCount : rows.length;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      to[row] = from[row]!;
      if (source.validity !== undefined && isNull(source, row)) {
        this.#setNull(row);
      }
    }
  }

  /** The column. */
  finish(): Column {
    return {
      type: this.#type,
      values: this.#values,
      validity: this.#validity,
    };
  }

  #setNull(row: number): void {
    this.#validity ??= allocateValidity(this.#values.length).fill(0xffffffff);
    this.#validity[row >>> 5]! &= ~(1 << (row & 31));
    if (this.#type.storage === "reference") {
      (this.#values as Nullable[])[row] = null;
    }
  }
}

/** A column that has one value in every row. */
export function constantColumn(
  type: DataType,
  value: Nullable,
  rowCount: number,
): Column {
  const values = allocateValues(type, rowCount);
  if (value === null) {
    return { type, values, validity: allocateValidity(rowCount) };
  }
  const stored = type.storage === "boolean" ? (value === true ? 1 : 0) : value;
  (values as SqlValue[]).fill(stored);
  if (value instanceof Numeric && !Number.isNaN(value.small)) {
    if (value.kind === "finite") {
      const digits = new Float64Array(rowCount).fill(value.small);
      const all = values as Nullable[];
      return new DecimalColumn(type, digits, value.scale, undefined, all);
    }
  }
  return { type, values, validity: undefined };
}

/** Where all columns are not NULL; absent when all are everywhere. */
export function commonValidity(
  columns: readonly Column[],
  rowCount: number,
): Uint32Array | undefined {
  let result: Uint32Array | undefined;
  let own = false;
  const words = (rowCount + 31) >>> 5;
  for (const { validity } of columns) {
    if (validity === undefined) continue;
    if (result === undefined) {
      result = validity;
      continue;
    }
    if (!own) {
      result = result.slice(0, words);
      own = true;
    }
    for (let i = 0; i < words; i++) result[i]! &= validity[i]!;
  }
  return result;
}

/** How many rows `rows` names, or there are. */
export function countOf(
  rows: Uint32Array | undefined,
  rowCount: number,
): number {
  return rows === undefined ? rowCount : rows.length;
}

/** Calls `visit` for each row. */
export function forEachRow(
  rows: Uint32Array | undefined,
  rowCount: number,
  visit: (row: number) => void,
): void {
  if (rows === undefined) {
    for (let row = 0; row < rowCount; row++) visit(row);
  } else {
    for (let i = 0; i < rows.length; i++) visit(rows[i]!);
  }
}

/** The rows for which `test` holds. */
export function rowsWhere(
  rows: Uint32Array | undefined,
  rowCount: number,
  test: (row: number) => boolean,
): Uint32Array {
  const found = new Uint32Array(countOf(rows, rowCount));
  let count = 0;
  forEachRow(rows, rowCount, (row) => {
    if (test(row)) found[count++] = row;
  });
  return found.subarray(0, count);
}

/** The rows in which a boolean column is true. */
export function trueRows(
  column: Column,
  rows: Uint32Array | undefined,
  rowCount: number,
): Uint32Array {
  const values = column.values as Uint8Array;
  const { validity } = column;
  const found = new Uint32Array(countOf(rows, rowCount));
  let count = 0;
  const total = countOf(rows, rowCount);
  for (let i = 0; i < total; i++) {
    const row = rows === undefined ? i : rows[i]!;
    if (values[row] !== 1) continue;
    if (
      validity !== undefined &&
      ((validity[row >>> 5]! >>> (row & 31)) & 1) === 0
    ) continue;
    found[count++] = row;
  }
  return found.subarray(0, count);
}

/** The selected rows of a chunk in columns of their own, without selection. */
export function compact(chunk: Chunk): Chunk {
  const { selection } = chunk;
  if (selection === undefined) return chunk;
  return {
    columns: chunk.columns.map((column) => gather(column, selection)),
    rowCount: selection.length,
  };
}

/** The rows `rows` of a column, in that order. */
export function gather(column: Column, rows: Uint32Array): Column {
  const { type, validity } = column;
  const valid = validity && gatherValidity(validity, rows);
  if (column instanceof DecimalColumn) return column.gather(rows, valid);
  const values = gatherValues(type, column.values, rows);
  return { type, values, validity: valid };
}

function gatherValidity(
  validity: Uint32Array,
  rows: Uint32Array,
): Uint32Array {
  const valid = allocateValidity(rows.length);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const bit = (validity[row >>> 5]! >>> (row & 31)) & 1;
    if (bit === 1) valid[i >>> 5]! |= 1 << (i & 31);
  }
  return valid;
}

/** A loop for each kind of array, so that none meets another's. */
function gatherValues(
  type: DataType,
  values: ColumnValues,
  rows: Uint32Array,
): ColumnValues {
  const count = rows.length;
  switch (type.storage) {
    case "int32": {
      const from = values as Int32Array;
      const to = new Int32Array(count);
      for (let i = 0; i < count; i++) to[i] = from[rows[i]!]!;
      return to;
    }
    case "float64": {
      const from = values as Float64Array;
      const to = new Float64Array(count);
      for (let i = 0; i < count; i++) to[i] = from[rows[i]!]!;
      return to;
    }
    case "reference": {
      const from = values as (SqlValue | null)[];
      const to: (SqlValue | null)[] = new Array(count);
      for (let i = 0; i < count; i++) to[i] = from[rows[i]!]!;
      return to;
    }
    case "boolean": {
      const from = values as Uint8Array;
      const to = new Uint8Array(count);
      for (let i = 0; i < count; i++) to[i] = from[rows[i]!]!;
      return to;
    }
  }
}

/** A rough count of the bytes that a value holds. */
export function bytesOf(value: Nullable): number {
  if (typeof value === "string") return 24 + 2 * value.length;
  if (typeof value === "object" && value !== null && "byteLength" in value) {
    return 96 + value.byteLength;
  }
  return typeof value === "number" || typeof value === "boolean" ||
      value === null
    ? 8
    : 64;
}
