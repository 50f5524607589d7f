/**
 * Rows between operators: columns of one length, with a selection.
 *
 * | storage | `values` |
 * | --- | --- |
 * | `boolean` | `Uint8Array`, 0 or 1 |
 * | `int32` | `Int32Array` (`int2`, `int4`); `oid` is `float64` |
 * | `float64` | `Float64Array` (`float4`, `float8`, `oid`) |
 * | `reference` | an array of values in the type's own form; of `numeric`, maybe made on demand (`decimal_column.ts`) |
 *
 * Invariants:
 * 1. All columns of a chunk have at least `rowCount` places.
 * 2. `validity` has bit `i` of word `i >> 5` set when row `i` is not NULL;
 *    without it no row is NULL. In a `reference` column a NULL row's place also
 *    holds `null`; in the others it holds anything.
 * 3. `selection`, where there is one, names the rows that are there, in order;
 *    columns made from a chunk keep its row numbers, and their places outside
 *    of the selection mean nothing.
 *
 * @module
 */
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import { DecimalColumn } from "./decimal_column.ts";

/** Rows of a chunk that a source should aim for. */
export const CHUNK_ROWS = 1024;

/** The values of a column; which array it is follows from the type. */
export type ColumnValues =
  | Uint8Array
  | Int32Array
  | Float64Array
  | (SqlValue | null)[];

/** Values of one type. */
export interface Column {
  /** The type of the values. */
  readonly type: DataType;
  /** The values, by row. */
  readonly values: ColumnValues;
  /** Which rows are not NULL; absent when none is NULL. */
  readonly validity: Uint32Array | undefined;
}

/** Columns of one length. */
export interface Chunk {
  /** The columns. */
  readonly columns: readonly Column[];
  /** How many rows the columns have. */
  readonly rowCount: number;
  /** The rows that are there, ascending or in the order wanted; absent: all. */
  readonly selection?: Uint32Array | undefined;
}

/** How many rows are selected. */
export function selectedCount(chunk: Chunk): number {
  return chunk.selection === undefined
    ? chunk.rowCount
    : chunk.selection.length;
}

/** Whether row `row` of `column` is NULL. */
export function isNull(column: Column, row: number): boolean {
  const { validity } = column;
  return validity !== undefined &&
    ((validity[row >>> 5]! >>> (row & 31)) & 1) === 0;
}

/** The value of row `row`, in the type's form, or NULL. */
export function valueAt(column: Column, row: number): Nullable {
  if (isNull(column, row)) return null;
  const value = column.values[row]!;
  return column.type.storage === "boolean" ? value === 1 : value;
}

/** An array for `count` values of `type`. */
export function allocateValues(type: DataType, count: number): ColumnValues {
  switch (type.storage) {
    case "boolean":
      return new Uint8Array(count);
    case "int32":
      return new Int32Array(count);
    case "float64":
      return new Float64Array(count);
    case "reference":
      return new Array<SqlValue | null>(count).fill(null);
  }
}

/** A validity bitmap of `count` rows, all of them NULL. */
export function allocateValidity(count: number): Uint32Array {
  return new Uint32Array((count + 31) >>> 5);
}

/** A column of `values`, one a row. */
export function columnOf(
  type: DataType,
  values: readonly Nullable[],
): Column {
  const builder = new ColumnBuilder(type, values.length);
  for (const value of values) builder.append(value);
  return builder.finish();
}

/** Fills a column value by value; grows as needed. */
export class ColumnBuilder {
  readonly #type: DataType;
  readonly #reference: boolean;
  readonly #boolean: boolean;
  #values: ColumnValues;
  /** The digits of numerics of one scale, as long as there are no others. */
  #digits: Float64Array | undefined;
  #scale = 0;
  #validity: Uint32Array | undefined;
  #count = 0;

  /** An empty builder with room for `capacity` rows (default a chunk). */
  constructor(type: DataType, capacity: number = CHUNK_ROWS) {
    this.#type = type;
    this.#reference = type.storage === "reference";
    this.#boolean = type.storage === "boolean";
    this.#values = this.#reference ? [] : allocateValues(type, capacity);
  }

  /** How many values there are. */
  get count(): number {
    return this.#count;
  }

  /** Adds a value or NULL. */
  append(value: Nullable): void {
    if (value === null) this.appendNull();
    else if (this.#reference) this.appendReference(value);
    else if (this.#boolean) this.appendNumber(value === true ? 1 : 0);
    else this.appendNumber(value as number);
  }

  /** Adds NULL. */
  appendNull(): void {
    if (this.#digits !== undefined) this.#settle();
    const row = this.#count++;
    if (this.#reference) {
      (this.#values as (SqlValue | null)[]).push(null);
    } else if (row >= this.#values.length) {
      this.#grow(row);
    }
    if (this.#validity === undefined) this.#startValidity(row);
    else this.#widenValidity(row);
  }

  /**
   * Adds a value of a column kept in a typed array; `boolean`: 0 or 1.
   *
   * REQUIRES: the type's storage is not `reference`.
   */
  appendNumber(value: number): void {
    const row = this.#count++;
    if (row >= this.#values.length) this.#grow(row);
    (this.#values as Float64Array)[row] = value;
    if (this.#validity !== undefined) this.#markValid(row);
  }

  /**
   * Adds a value of a column kept in an array.
   *
   * REQUIRES: the type's storage is `reference`.
   */
  appendReference(value: SqlValue): void {
    if (this.#digits !== undefined) this.#settle();
    const row = this.#count++;
    (this.#values as (SqlValue | null)[]).push(value);
    if (this.#validity !== undefined) this.#markValid(row);
  }

  /**
   * Adds the rows `rows` of a column of the same type, or its first `count`.
   */
  appendColumn(
    column: Column,
    rows: Uint32Array | undefined,
    count: number,
  ): void {
    const { validity } = column;
    const first = this.#count;
    this.#count = first + count;
    if (column instanceof DecimalColumn && this.#takes(column, first)) {
      this.#appendDigits(column.digits, rows, first, count);
    } else if (this.#reference) {
      if (this.#digits !== undefined) this.#settle(first);
      const to = this.#values as (SqlValue | null)[];
      const from = column.values as (SqlValue | null)[];
      for (let i = 0; i < count; i++) {
        to.push(from[rows === undefined ? i : rows[i]!]!);
      }
    } else {
      if (this.#count > this.#values.length) this.#grow(this.#count);
      copyNumbers(column.values, rows, count, this.#values, first);
    }
    if (validity === undefined && this.#validity === undefined) return;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      const isValid = validity === undefined ||
        ((validity[row >>> 5]! >>> (row & 31)) & 1) !== 0;
      if (isValid && this.#validity !== undefined) this.#markValid(first + i);
      else if (!isValid && this.#validity === undefined) {
        this.#startValidity(first + i);
      } else if (!isValid) this.#widenValidity(first + i);
    }
  }

  /** The column; the builder must not be used afterwards. */
  finish(): Column {
    if (this.#digits !== undefined) {
      return new DecimalColumn(
        this.#type,
        this.#digits.subarray(0, this.#count),
        this.#scale,
        this.#validity,
      );
    }
    return {
      type: this.#type,
      values: this.#values,
      validity: this.#validity,
    };
  }

  /** Whether digits are appended to what there is, none or others as these. */
  #takes({ scale }: DecimalColumn, first: number): boolean {
    if (this.#digits !== undefined) return this.#scale === scale;
    if (first > 0) return false;
    this.#scale = scale;
    this.#digits = new Float64Array(0);
    return true;
  }

  #appendDigits(
    from: Float64Array,
    rows: Uint32Array | undefined,
    first: number,
    count: number,
  ): void {
    let digits = this.#digits!;
    if (first + count > digits.length) {
      digits = new Float64Array(Math.max(first + count, 2 * digits.length));
      digits.set(this.#digits!);
      this.#digits = digits;
    }
    if (rows === undefined) digits.set(from.subarray(0, count), first);
    else for (let i = 0; i < count; i++) digits[first + i] = from[rows[i]!]!;
  }

  /** Values from now on, after `count` that were digits. */
  #settle(count: number = this.#count): void {
    const digits = this.#digits!.subarray(0, count);
    this.#digits = undefined;
    const { values } = new DecimalColumn(
      this.#type,
      digits,
      this.#scale,
      this.#validity,
    );
    this.#values = values as SqlValue[];
  }

  #grow(row: number): void {
    const values = allocateValues(this.#type, Math.max(16, row * 2));
    (values as Float64Array).set(this.#values as Float64Array);
    this.#values = values;
  }

  #startValidity(row: number): void {
    const validity = allocateValidity(Math.max(this.#values.length, row + 1));
    for (let i = 0; i < row; i++) validity[i >>> 5]! |= 1 << (i & 31);
    this.#validity = validity;
  }

  #markValid(row: number): void {
    this.#widenValidity(row);
    this.#validity![row >>> 5]! |= 1 << (row & 31);
  }

  #widenValidity(row: number): void {
    const validity = this.#validity!;
    if (row >>> 5 < validity.length) return;
    const wider = new Uint32Array(Math.max(4, validity.length * 2));
    wider.set(validity);
    this.#validity = wider;
  }
}

/** A loop for each kind of array, so that none meets another's. */
function copyNumbers(
  from: ColumnValues,
  rows: Uint32Array | undefined,
  count: number,
  to: ColumnValues,
  at: number,
): void {
  if (rows === undefined) {
    (to as Float64Array).set((from as Float64Array).subarray(0, count), at);
  } else if (from instanceof Int32Array) {
    const target = to as Int32Array;
    for (let i = 0; i < count; i++) target[at + i] = from[rows[i]!]!;
  } else if (from instanceof Float64Array) {
    const target = to as Float64Array;
    for (let i = 0; i < count; i++) target[at + i] = from[rows[i]!]!;
  } else {
    const source = from as Uint8Array;
    const target = to as Uint8Array;
    for (let i = 0; i < count; i++) target[at + i] = source[rows[i]!]!;
  }
}
