/**
 * Operators of `int2`, `int4` and `int8`: arithmetic that fails where
 * PostgreSQL's overflows (`22003`), division that cuts towards zero, bits and
 * shifts.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import {
  int2,
  int4,
  int8,
  INT8_MAX,
  INT8_MIN,
  normalizeInt8,
} from "../../types/int_types.ts";
import { divisionByZero, outOfRange } from "../../types/type_error.ts";
import {
  type Arithmetic,
  int8Kernel,
  integerKernel,
} from "./arithmetic_kernels.ts";
import { binary, infix, prefix, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

type Integer = number | bigint;

/** Bounds of a type whose values are numbers. */
interface SmallType {
  readonly type: DataType;
  readonly min: number;
  readonly max: number;
}

const SMALL_TYPES: readonly SmallType[] = [
  { type: int2, min: -32768, max: 32767 },
  { type: int4, min: -2147483648, max: 2147483647 },
];

function checked(small: SmallType): (value: number) => number {
  const { type, min, max } = small;
  return (value) => {
    if (value > max || value < min) throw outOfRange(type.displayName);
    return value;
  };
}

function smallArithmetic(small: SmallType): OperatorDefinition[] {
  const { type } = small;
  const check = checked(small);
  const forms: Record<Arithmetic, (a: number, b: number) => number> = {
    "+": (a, b) => check(a + b),
    "-": (a, b) => check(a - b),
    "*": (a, b) => check(a * b) + 0,
    "/": (a, b) => {
      if (b === 0) throw divisionByZero();
      return check(Math.trunc(a / b)) + 0;
    },
  };
  return (["+", "-", "*", "/"] as const).map((operator) =>
    infix(
      binary<number, number>(operator, [type, type], type, forms[operator], {
        column: integerKernel(type, operator, small),
      }),
      operator === "+" || operator === "*" ? { commutator: operator } : {},
    )
  );
}

/** `a % b` with the sign of `a`. */
export function moduloSmall(a: number, b: number): number {
  if (b === 0) throw divisionByZero();
  return a % b + 0;
}

function smallBits(small: SmallType): OperatorDefinition[] {
  const { type } = small;
  // Results of int2 wrap around, as C's cast to a short does.
  const wrap = type === int2
    ? (value: number): number => (value << 16) >> 16
    : (value: number): number => value;
  const on = (
    name: string,
    form: (a: number, b: number) => number,
    right: DataType = type,
  ): FunctionDefinition =>
    binary<number, number>(
      name,
      [type, right],
      type,
      (a, b) => wrap(form(a, b)),
    );
  return [
    infix(
      binary<number, number>("%", [type, type], type, moduloSmall, {
        column: integerKernel(type, "%", small),
      }),
    ),
    infix(on("&", (a, b) => a & b), { commutator: "&" }),
    infix(on("|", (a, b) => a | b), { commutator: "|" }),
    infix(on("#", (a, b) => a ^ b), { commutator: "#" }),
    infix(on("<<", (a, b) => a << b, int4)),
    infix(on(">>", (a, b) => a >> b, int4)),
  ];
}

function smallPrefixes(small: SmallType): OperatorDefinition[] {
  const { type } = small;
  const check = checked(small);
  const on = (
    name: string,
    form: (value: number) => number,
  ): FunctionDefinition => unary<number>(name, type, type, form);
  return [
    prefix(on("+", (value) => value)),
    prefix(on("-", (value) => check(0 - value))),
    prefix(on("@", (value) => check(Math.abs(value)))),
    prefix(on("~", (value) => ~value)),
  ];
}

/** An exact result as `int8`, if it is one. */
export function checkInt8(value: bigint): Integer {
  if (value > INT8_MAX || value < INT8_MIN) throw outOfRange("bigint");
  return normalizeInt8(value);
}

/** `a + b` of `int8`. */
export function addInt8(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return checkInt8(BigInt(a) + BigInt(b));
}

/** `a - b` of `int8`. */
export function subtractInt8(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return checkInt8(BigInt(a) - BigInt(b));
}

/** `a * b` of `int8`. */
export function multiplyInt8(a: Integer, b: Integer): Integer {
  if (typeof a === "number" && typeof b === "number") {
    const product = a * b;
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return checkInt8(BigInt(a) * BigInt(b));
}

/** `a / b` of `int8`, cut towards zero. */
export function divideInt8(a: Integer, b: Integer): Integer {
  if (b === 0) throw divisionByZero();
  if (typeof a === "number" && typeof b === "number") {
    // The quotient of safe integers may round up to an integer: take the
    // remainder off first.
    return (a - a % b) / b + 0;
  }
  return checkInt8(BigInt(a) / BigInt(b));
}

/** `a % b` of `int8`, with the sign of `a`. */
export function moduloInt8(a: Integer, b: Integer): Integer {
  if (b === 0) throw divisionByZero();
  if (typeof a === "number" && typeof b === "number") return a % b + 0;
  return normalizeInt8(BigInt(a) % BigInt(b));
}

/** `-a` of `int8`. */
export function negateInt8(a: Integer): Integer {
  return typeof a === "number" ? 0 - a : checkInt8(-a);
}

function wrapInt8(value: bigint): Integer {
  return normalizeInt8(BigInt.asIntN(64, value));
}

function int8Operators(): OperatorDefinition[] {
  const on = (
    name: string,
    form: (a: Integer, b: Integer) => Integer,
    right: DataType = int8,
  ): FunctionDefinition =>
    binary<Integer, Integer>(name, [int8, right], int8, form, {
      column: name === "+" || name === "-" || name === "*"
        ? int8Kernel(int8, name, form)
        : undefined,
    });
  const bits = (
    name: string,
    form: (a: bigint, b: bigint) => bigint,
  ): FunctionDefinition =>
    on(name, (a, b) => wrapInt8(form(BigInt(a), BigInt(b))));
  const shift = (
    name: string,
    form: (a: bigint, b: bigint) => bigint,
  ): FunctionDefinition =>
    on(
      name,
      (a, b) => wrapInt8(form(BigInt(a), BigInt(Number(b) & 63))),
      int4,
    );
  const one = (
    name: string,
    form: (value: Integer) => Integer,
  ): OperatorDefinition => prefix(unary<Integer>(name, int8, int8, form));
  return [
    infix(on("+", addInt8), { commutator: "+" }),
    infix(on("-", subtractInt8)),
    infix(on("*", multiplyInt8), { commutator: "*" }),
    infix(on("/", divideInt8)),
    infix(on("%", moduloInt8)),
    infix(bits("&", (a, b) => a & b), { commutator: "&" }),
    infix(bits("|", (a, b) => a | b), { commutator: "|" }),
    infix(bits("#", (a, b) => a ^ b), { commutator: "#" }),
    infix(shift("<<", (a, b) => a << b)),
    infix(shift(">>", (a, b) => a >> b)),
    one("+", (value) => value),
    one("-", negateInt8),
    one("@", (value) => value < 0 ? negateInt8(value) : value),
    one("~", (value) => wrapInt8(~BigInt(value))),
  ];
}

/** The operators of integers. */
export const integerOperators: readonly OperatorDefinition[] = [
  ...SMALL_TYPES.flatMap((small) => [
    ...smallArithmetic(small),
    ...smallBits(small),
    ...smallPrefixes(small),
  ]),
  ...int8Operators(),
];
