/**
 * Operators of `float4` and `float8`: IEEE arithmetic, with PostgreSQL's errors
 * where a finite computation overflows, underflows or divides by zero.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { floatOverflow, floatUnderflow } from "../../types/number_casts.ts";
import { divisionByZero } from "../../types/type_error.ts";
import { type Arithmetic, floatKernel } from "./arithmetic_kernels.ts";
import { binary, infix, prefix, unary } from "../define.ts";
import type { OperatorDefinition } from "../registry.ts";

type Rounding = (value: number) => number;

function checkSum(value: number, a: number, b: number): number {
  if (!Number.isFinite(value) && Number.isFinite(a) && Number.isFinite(b)) {
    throw floatOverflow();
  }
  return value;
}

function checkProduct(value: number, a: number, b: number): number {
  if (value === 0 && a !== 0 && b !== 0) throw floatUnderflow();
  return checkSum(value, a, b);
}

function checkQuotient(value: number, a: number, b: number): number {
  if (b === 0 && a === a) throw divisionByZero();
  if (value === 0 && a !== 0 && Number.isFinite(b)) throw floatUnderflow();
  if (!Number.isFinite(value) && Number.isFinite(a) && b === b) {
    throw floatOverflow();
  }
  return value;
}

/** The scalar forms, with results rounded by `round`. */
function forms(
  round: Rounding,
): Record<Arithmetic, (a: number, b: number) => number> {
  return {
    "+": (a, b) => checkSum(round(a + b), a, b),
    "-": (a, b) => checkSum(round(a - b), a, b),
    "*": (a, b) => checkProduct(round(a * b), a, b),
    "/": (a, b) => checkQuotient(round(a / b), a, b),
  };
}

function operatorsOf(type: DataType, round: Rounding): OperatorDefinition[] {
  const scalar = forms(round);
  return [
    ...(["+", "-", "*", "/"] as const).map((operator) =>
      infix(
        binary<number, number>(operator, [type, type], type, scalar[operator], {
          column: type === float8
            ? floatKernel(type, operator, scalar[operator])
            : undefined,
        }),
        operator === "+" || operator === "*" ? { commutator: operator } : {},
      )
    ),
    prefix(unary<number>("+", type, type, (value) => value)),
    prefix(unary<number>("-", type, type, (value) => -value)),
    prefix(unary<number>("@", type, type, Math.abs)),
  ];
}

/** `float4` with `float8`: computed as `float8`. */
function mixedOperators(): OperatorDefinition[] {
  const scalar = forms((value) => value);
  const pairs = [[float4, float8], [float8, float4]] as const;
  return pairs.flatMap((types) =>
    (["+", "-", "*", "/"] as const).map((operator) =>
      infix(
        binary<number, number>(operator, types, float8, scalar[operator], {
          column: floatKernel(float8, operator, scalar[operator]),
        }),
        operator === "+" || operator === "*" ? { commutator: operator } : {},
      )
    )
  );
}

/** `a ^ b` of floats (dpow). */
export function powerFloat(a: number, b: number): number {
  if (a !== a) return b === 0 ? 1 : NaN;
  if (b !== b) return a === 1 ? 1 : NaN;
  if (a === 0 && b < 0) {
    throw new SqlError(
      "2201F",
      "zero raised to a negative power is undefined",
    );
  }
  if (a < 0 && Number.isFinite(b) && !Number.isInteger(b)) {
    throw new SqlError(
      "2201F",
      "a negative number raised to a non-integer power yields a complex result",
    );
  }
  // JavaScript says NaN where C says 1: one to an infinite power.
  if ((a === 1 || a === -1) && !Number.isFinite(b)) return 1;
  const value = a ** b;
  if (Number.isFinite(a) && Number.isFinite(b)) {
    if (!Number.isFinite(value)) throw floatOverflow();
    if (value === 0 && a !== 0) throw floatUnderflow();
  }
  return value;
}

/** The square root, `2201F` for a negative number. */
export function squareRootFloat(value: number): number {
  if (value < 0) {
    throw new SqlError(
      "2201F",
      "cannot take square root of a negative number",
    );
  }
  return Math.sqrt(value);
}

/** The operators of floats. */
export const floatOperators: readonly OperatorDefinition[] = [
  ...operatorsOf(float4, Math.fround),
  ...operatorsOf(float8, (value) => value),
  ...mixedOperators(),
  infix(binary<number, number>("^", [float8, float8], float8, powerFloat)),
  prefix(unary<number>("|/", float8, float8, squareRootFloat)),
  prefix(unary<number>("||/", float8, float8, Math.cbrt)),
];
