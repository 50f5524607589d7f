/**
 * Arithmetic of numerics by their digits, columns of one scale each.
 *
 * The result has the scale that `numeric_arithmetic.ts` gives it. Where a double
 * does not hold a result exactly there is none, and whoever asked computes with
 * the values.
 *
 * @module
 */
import { DecimalColumn } from "../../chunk/decimal_column.ts";
import { isSafe, safePower } from "../../types/numeric.ts";
import { numeric } from "../../types/numeric_type.ts";

/** Decimals of a column: those of two that fit in a result's. */
const SCALE_MAX = 1000;

/** The rows that are computed. */
export interface ComputedRows {
  /** How many places the columns have. */
  readonly rowCount: number;
  /** The rows; absent: all. */
  readonly rows: Uint32Array | undefined;
  /** Where the result is not NULL. */
  readonly validity: Uint32Array | undefined;
}

/** Computes a column, or nothing where digits do not do. */
export type DecimalForm = (
  a: DecimalColumn,
  b: DecimalColumn,
  rows: ComputedRows,
) => DecimalColumn | undefined;

/** `a + b`. */
export function addDecimals(
  a: DecimalColumn,
  b: DecimalColumn,
  rows: ComputedRows,
): DecimalColumn | undefined {
  return sum(a, b, 1, rows);
}

/** `a - b`. */
export function subtractDecimals(
  a: DecimalColumn,
  b: DecimalColumn,
  rows: ComputedRows,
): DecimalColumn | undefined {
  return sum(a, b, -1, rows);
}

function sum(
  a: DecimalColumn,
  b: DecimalColumn,
  sign: 1 | -1,
  { rowCount, rows, validity }: ComputedRows,
): DecimalColumn | undefined {
  const scale = Math.max(a.scale, b.scale);
  const shiftA = safePower(scale - a.scale);
  const shiftB = sign * safePower(scale - b.scale);
  if (!isSafe(shiftA) || !isSafe(shiftB)) return undefined;
  const left = a.digits;
  const right = b.digits;
  const out = new Float64Array(rowCount);
  const count = rows === undefined ? rowCount : rows.length;
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i]!;
    const x = left[row]! * shiftA;
    const y = right[row]! * shiftB;
    const result = x + y;
    if (!isSafe(x) || !isSafe(y) || !isSafe(result)) return undefined;
    out[row] = result + 0;
  }
  return new DecimalColumn(numeric, out, scale, validity);
}

/** `a * b`. */
export function multiplyDecimals(
  a: DecimalColumn,
  b: DecimalColumn,
  { rowCount, rows, validity }: ComputedRows,
): DecimalColumn | undefined {
  const scale = a.scale + b.scale;
  if (scale > SCALE_MAX) return undefined;
  const left = a.digits;
  const right = b.digits;
  const out = new Float64Array(rowCount);
  const count = rows === undefined ? rowCount : rows.length;
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i]!;
    const result = left[row]! * right[row]!;
    if (!isSafe(result)) return undefined;
    out[row] = result + 0;
  }
  return new DecimalColumn(numeric, out, scale, validity);
}
