/**
 * Values of one column as bytes: the reading half, of many rows in a loop for
 * each kind. `value_reader.ts` reads one value; the forms are the same.
 *
 * @module
 */
import {
  allocateValidity,
  allocateValues,
  type Column,
  type ColumnValues,
} from "../chunk/chunk.ts";
import type { DataType, Nullable, SqlValue } from "../types/data_type.ts";
import { DecimalColumn } from "../chunk/decimal_column.ts";
import { readNumericAt, readSmallNumeric } from "./numeric_bytes.ts";
import { readText } from "./text_bytes.ts";
import { KIND, type ValueKind } from "./value_kind.ts";
import { readValue } from "./value_reader.ts";
import type { ValueSource } from "./value_source.ts";

/** Instead of where a value begins: there is none, the row has NULL. */
export const NULL_VALUE = -1;
/** Instead of where a value begins: the column came after the row. */
export const MISSING_VALUE = -2;

/** What is read. */
export interface ColumnForm {
  readonly type: DataType;
  readonly kind: ValueKind;
  /** The value of rows that came before the column. */
  readonly missing: Nullable;
}

/** Where the values are, one place a row of `rows`. */
export interface ValuePlaces {
  /** Where each begins, or one of the marks above. */
  readonly froms: Int32Array;
  /** Where each ends. */
  readonly tos: Int32Array;
  /** The rows they are of; absent: 0, 1, 2 … */
  readonly rows: Uint32Array | undefined;
  readonly count: number;
  /** Whether any of them may be a mark. */
  readonly hasMarks: boolean;
}

/**
 * Reads values into a column of `rowCount` rows.
 *
 * REQUIRES: the places are within the bytes.
 *
 * @throws {KriyaError} `corrupt` when bytes have no form the kind allows.
 */
export function readColumn(
  form: ColumnForm,
  source: ValueSource,
  places: ValuePlaces,
  rowCount: number,
): Column {
  const { type, kind } = form;
  if (kind === KIND.numeric) {
    const decimals = readDecimals(form, source, places, rowCount);
    if (decimals !== undefined) return decimals;
  }
  const values = allocateValues(type, rowCount);
  switch (kind) {
    case KIND.int4:
      readInts(4, values as Int32Array, source, places);
      break;
    case KIND.int2:
      readInts(2, values as Int32Array, source, places);
      break;
    case KIND.float8:
      readDoubles(values as Float64Array, source, places);
      break;
    case KIND.int8:
    case KIND.timestamp:
      readLongs(kind, values as Nullable[], source, places);
      break;
    case KIND.text:
      readTexts(values as Nullable[], source, places);
      break;
    case KIND.numeric:
      readNumerics(values as Nullable[], source, places);
      break;
    default:
      readAny(kind, values, source, places);
  }
  const validity = places.hasMarks
    ? fillMissing(form, values, places)
    : undefined;
  return { type, values, validity };
}

/** Sets the rows without a value; which rows are not NULL. */
function fillMissing(
  { type, missing }: ColumnForm,
  values: ColumnValues,
  { froms, rows, count }: ValuePlaces,
): Uint32Array | undefined {
  let validity: Uint32Array | undefined;
  const stored = typeof missing === "boolean" ? (missing ? 1 : 0) : missing;
  for (let i = 0; i < count; i++) {
    const from = froms[i]!;
    if (from >= 0) continue;
    const row = rows === undefined ? i : rows[i]!;
    if (from === MISSING_VALUE && stored !== null) {
      (values as SqlValue[])[row] = stored;
      continue;
    }
    validity ??= allocateValidity(values.length).fill(0xffff_ffff);
    validity[row >>> 5]! &= ~(1 << (row & 31));
    if (type.storage === "reference") (values as Nullable[])[row] = null;
  }
  return validity;
}

function readInts(
  lengthMax: number,
  values: Int32Array,
  source: ValueSource,
  { froms, tos, rows, count }: ValuePlaces,
): void {
  const { bytes } = source;
  for (let i = 0; i < count; i++) {
    const from = froms[i]!;
    if (from < 0) continue;
    const length = tos[i]! - from;
    if (length > lengthMax) {
      throw source.corrupt(`integer of ${length} bytes`, from);
    }
    let value = 0;
    switch (length) {
      case 0:
        break;
      case 1:
        value = bytes[from]! << 24 >> 24;
        break;
      case 2:
        value = (bytes[from]! | bytes[from + 1]! << 8) << 16 >> 16;
        break;
      case 4:
        value = bytes[from]! | bytes[from + 1]! << 8 |
          bytes[from + 2]! << 16 | bytes[from + 3]! << 24;
        break;
      default:
        throw source.corrupt(`integer of ${length} bytes`, from);
    }
    values[rows === undefined ? i : rows[i]!] = value;
  }
}

function readDoubles(
  values: Float64Array,
  source: ValueSource,
  { froms, tos, rows, count }: ValuePlaces,
): void {
  const { view } = source;
  for (let i = 0; i < count; i++) {
    const from = froms[i]!;
    if (from < 0) continue;
    if (tos[i]! - from !== 8) {
      throw source.corrupt(`float8 of ${tos[i]! - from} bytes`, from);
    }
    values[rows === undefined ? i : rows[i]!] = view.getFloat64(from, true);
  }
}

/** The upper halves of 64-bit integers that are safe ones are below. */
const HIGH_MAX = 0x20_0000;

function readLongs(
  kind: typeof KIND.int8 | typeof KIND.timestamp,
  values: Nullable[],
  source: ValueSource,
  { froms, tos, rows, count }: ValuePlaces,
): void {
  const { bytes, view } = source;
  for (let i = 0; i < count; i++) {
    const from = froms[i]!;
    if (from < 0) continue;
    const row = rows === undefined ? i : rows[i]!;
    const length = tos[i]! - from;
    if (length === 8) {
      const high = view.getInt32(from + 4, true);
      // Of 53 bits and a sign: as nearly all are.
      values[row] = high > -HIGH_MAX && high < HIGH_MAX
        ? high * 0x1_0000_0000 + view.getUint32(from, true)
        : readValue(kind, source, from, tos[i]!);
    } else if (length === 4) {
      values[row] = view.getInt32(from, true);
    } else if (length === 2) {
      values[row] = (bytes[from]! | bytes[from + 1]! << 8) << 16 >> 16;
    } else values[row] = readValue(kind, source, from, tos[i]!);
  }
}

function readTexts(
  values: Nullable[],
  source: ValueSource,
  { froms, tos, rows, count }: ValuePlaces,
): void {
  const { bytes } = source;
  const corrupt = source.corrupt.bind(source);
  for (let i = 0; i < count; i++) {
    const from = froms[i]!;
    if (from < 0) continue;
    values[rows === undefined ? i : rows[i]!] = readText(
      bytes,
      from,
      tos[i]!,
      corrupt,
    );
  }
}

/**
 * Numerics as their digits; nothing where they differ in scale, have too many
 * digits, or are no numbers.
 */
function readDecimals(
  { type, missing }: ColumnForm,
  source: ValueSource,
  { froms, tos, rows, count, hasMarks }: ValuePlaces,
  rowCount: number,
): Column | undefined {
  const { bytes } = source;
  const digits = new Float64Array(rowCount);
  let validity: Uint32Array | undefined;
  let scale = -1;
  for (let i = 0; i < count; i++) {
    const from = froms[i]!;
    const row = rows === undefined ? i : rows[i]!;
    if (hasMarks && from < 0) {
      if (from === MISSING_VALUE && missing !== null) return undefined;
      validity ??= allocateValidity(rowCount).fill(0xffff_ffff);
      validity[row >>> 5]! &= ~(1 << (row & 31));
      continue;
    }
    if (tos[i]! - from < 2) return undefined;
    const value = readSmallNumeric(bytes, from, tos[i]!);
    if (scale !== bytes[from + 1]!) {
      if (scale >= 0) return undefined;
      scale = bytes[from + 1]!;
    }
    if (Number.isNaN(value)) return undefined;
    digits[row] = value;
  }
  return new DecimalColumn(type, digits, Math.max(0, scale), validity);
}

function readNumerics(
  values: Nullable[],
  source: ValueSource,
  { froms, tos, rows, count }: ValuePlaces,
): void {
  for (let i = 0; i < count; i++) {
    const from = froms[i]!;
    if (from < 0) continue;
    values[rows === undefined ? i : rows[i]!] = readNumericAt(
      source,
      from,
      tos[i]!,
    );
  }
}

function readAny(
  kind: ValueKind,
  values: ColumnValues,
  source: ValueSource,
  { froms, tos, rows, count }: ValuePlaces,
): void {
  const isBoolean = kind === KIND.bool;
  for (let i = 0; i < count; i++) {
    const from = froms[i]!;
    if (from < 0) continue;
    const value = readValue(kind, source, from, tos[i]!);
    (values as SqlValue[])[rows === undefined ? i : rows[i]!] = isBoolean
      ? (value === true ? 1 : 0)
      : value;
  }
}
