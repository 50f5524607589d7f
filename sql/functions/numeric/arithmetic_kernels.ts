/**
 * Arithmetic over columns of `int2`, `int4`, `int8` and `float8`.
 *
 * Every loop computes first and looks for errors only in a row that shows one
 * (a result out of range, a divisor of zero), because rows that are NULL hold
 * anything and must not fail. Rows that are not selected are not computed.
 *
 * Invariant: the same as the scalar form, row by row, errors included.
 *
 * @module
 */
import type { Column } from "../../chunk/chunk.ts";
import type { DataType } from "../../types/data_type.ts";
import { divisionByZero, outOfRange } from "../../types/type_error.ts";
import type { ColumnForm } from "../registry.ts";

/** An operator that has a loop. */
export type Arithmetic = "+" | "-" | "*" | "/";
/** The same, of integers. */
export type IntegerArithmetic = Arithmetic | "%";

/** What a loop reads and writes. */
interface Operands<V extends Int32Array | Float64Array> {
  readonly a: V;
  readonly b: V;
  readonly out: V;
  /** Rows to compute: all below `count`, or the first `count` of `rows`. */
  readonly rows: Uint32Array | undefined;
  readonly count: number;
  readonly validity: Uint32Array | undefined;
}

function isValid(validity: Uint32Array | undefined, row: number): boolean {
  return validity === undefined ||
    ((validity[row >>> 5]! >>> (row & 31)) & 1) !== 0;
}

/** Called for a row whose result does not fit: fails unless it is NULL. */
type Fail = (row: number) => void;

function integerLoop(
  operator: IntegerArithmetic,
  operands: Operands<Int32Array>,
  bounds: { readonly min: number; readonly max: number },
  fail: Fail,
): void {
  const { a, b, out, rows, count } = operands;
  const { min, max } = bounds;
  switch (operator) {
    case "+":
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const value = a[row]! + b[row]!;
        if (value > max || value < min) fail(row);
        out[row] = value;
      }
      return;
    case "-":
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const value = a[row]! - b[row]!;
        if (value > max || value < min) fail(row);
        out[row] = value;
      }
      return;
    case "*":
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const value = a[row]! * b[row]!;
        if (value > max || value < min) fail(row);
        out[row] = value;
      }
      return;
    case "/":
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const divisor = b[row]!;
        const quotient = a[row]! / divisor;
        // Only these divisors can fail; others give 32 bits.
        if (divisor === 0 || (divisor === -1 && quotient > max)) fail(row);
        out[row] = quotient | 0;
      }
      return;
    case "%":
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const divisor = b[row]!;
        if (divisor === 0) fail(row);
        else out[row] = a[row]! % divisor;
      }
      return;
  }
}

/** The column form of an operator of `int2` or `int4`. */
export function integerKernel(
  type: DataType,
  operator: IntegerArithmetic,
  bounds: { readonly min: number; readonly max: number },
): ColumnForm {
  return (args, rowCount, rows, validity): Column => {
    const b = args[1]!.values as Int32Array;
    const out = new Int32Array(rowCount);
    integerLoop(
      operator,
      {
        a: args[0]!.values as Int32Array,
        b,
        out,
        rows,
        count: rows === undefined ? rowCount : rows.length,
        validity,
      },
      bounds,
      (row) => {
        if (!isValid(validity, row)) return;
        if ((operator === "/" || operator === "%") && b[row] === 0) {
          throw divisionByZero();
        }
        throw outOfRange(type.displayName);
      },
    );
    return { type, values: out, validity };
  };
}

type Integer = number | bigint;
type Integers = (Integer | null)[];

/** Safe sums, differences and products; `undefined` where they are not. */
const SAFE: Readonly<
  Record<"+" | "-" | "*", (a: Integers, b: Integers, row: number) => number>
> = {
  "+": (a, b, row) => (a[row] as number) + (b[row] as number),
  "-": (a, b, row) => (a[row] as number) - (b[row] as number),
  "*": (a, b, row) => (a[row] as number) * (b[row] as number) + 0,
};

/**
 * The column form of an operator of `int8`; `scalar` is asked where an operand
 * or the result is no safe integer.
 */
export function int8Kernel(
  type: DataType,
  operator: "+" | "-" | "*",
  scalar: (a: Integer, b: Integer) => Integer,
): ColumnForm {
  const compute = SAFE[operator];
  return (args, rowCount, rows, validity): Column => {
    const a = args[0]!.values as Integers;
    const b = args[1]!.values as Integers;
    const out: Integers = new Array<Integer | null>(rowCount).fill(null);
    const count = rows === undefined ? rowCount : rows.length;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      if (!isValid(validity, row)) continue;
      if (typeof a[row] === "number" && typeof b[row] === "number") {
        const value = compute(a, b, row);
        if (Number.isSafeInteger(value)) {
          out[row] = value;
          continue;
        }
      }
      out[row] = scalar(a[row]!, b[row]!);
    }
    return { type, values: out, validity };
  };
}

function floatLoop(
  operator: Arithmetic,
  operands: Operands<Float64Array>,
  check: Fail,
): void {
  const { a, b, out, rows, count } = operands;
  switch (operator) {
    case "+":
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const value = a[row]! + b[row]!;
        out[row] = value;
        if (value - value !== 0) check(row);
      }
      return;
    case "-":
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const value = a[row]! - b[row]!;
        out[row] = value;
        if (value - value !== 0) check(row);
      }
      return;
    case "*":
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const value = a[row]! * b[row]!;
        out[row] = value;
        if (value - value !== 0 || value === 0) check(row);
      }
      return;
    case "/":
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const value = a[row]! / b[row]!;
        out[row] = value;
        if (value - value !== 0 || value === 0) check(row);
      }
      return;
  }
}

/**
 * The column form of an operator of `float8`; `scalar` is asked about rows that
 * overflow, underflow or are not a number.
 */
export function floatKernel(
  type: DataType,
  operator: Arithmetic,
  scalar: (a: number, b: number) => number,
): ColumnForm {
  return (args, rowCount, rows, validity): Column => {
    const a = args[0]!.values as Float64Array;
    const b = args[1]!.values as Float64Array;
    const out = new Float64Array(rowCount);
    const count = rows === undefined ? rowCount : rows.length;
    floatLoop(operator, { a, b, out, rows, count, validity }, (row) => {
      if (isValid(validity, row)) out[row] = scalar(a[row]!, b[row]!);
    });
    return { type, values: out, validity };
  };
}
