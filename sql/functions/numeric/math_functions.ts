/**
 * Mathematical functions of numbers.
 *
 * Those of floats are JavaScript's, whose last digit may differ from that of
 * another platform's library (PostgreSQL's depends on it too).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType } from "../../types/data_type.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { int2, int4, int8 } from "../../types/int_types.ts";
import {
  floatOverflow,
  floatUnderflow,
  roundHalfEven,
} from "../../types/number_casts.ts";
import { outOfRange } from "../../types/type_error.ts";
import { binary, define, unary } from "../define.ts";
import {
  checkInt8,
  moduloInt8,
  moduloSmall,
  negateInt8,
} from "./integer_operators.ts";
import { powerFloat, squareRootFloat } from "./float_operators.ts";
import type { FunctionDefinition } from "../registry.ts";

type Integer = number | bigint;

/** A function of a `float8`. */
function real(
  name: string,
  form: (value: number) => number,
): FunctionDefinition {
  return unary<number>(name, float8, float8, form);
}

/** A function whose finite argument must give a finite result. */
function bounded(
  name: string,
  form: (value: number) => number,
): FunctionDefinition {
  return real(name, (value) => {
    const result = form(value);
    if (Number.isFinite(value) && !Number.isFinite(result)) {
      throw floatOverflow();
    }
    return result;
  });
}

function inputOutOfRange(): SqlError {
  return new SqlError("22003", "input is out of range");
}

/** A function defined on an interval only. */
function within(
  name: string,
  limits: readonly [number, number],
  form: (value: number) => number,
): FunctionDefinition {
  return real(name, (value) => {
    if (value < limits[0] || value > limits[1]) throw inputOutOfRange();
    return form(value);
  });
}

/** A function without a value at infinity. */
function periodic(
  name: string,
  form: (value: number) => number,
): FunctionDefinition {
  return real(name, (value) => {
    if (value === Infinity || value === -Infinity) throw inputOutOfRange();
    return form(value);
  });
}

function exponential(value: number): number {
  const result = Math.exp(value);
  if (Number.isFinite(value)) {
    if (result === Infinity) throw floatOverflow();
    if (result === 0) throw floatUnderflow();
  }
  return result;
}

function checkLogarithm(value: number): void {
  if (value === 0) {
    throw new SqlError("2201E", "cannot take logarithm of zero");
  }
  if (value < 0) {
    throw new SqlError("2201E", "cannot take logarithm of a negative number");
  }
}

function logarithm(form: (value: number) => number): (value: number) => number {
  return (value) => {
    checkLogarithm(value);
    return form(value);
  };
}

/** In degrees: exact where the exact result is. */
const DEGREES_OF_SINE = new Map([[0, 0], [0.5, 30], [1, 90]]);

function degreesOfSine(value: number): number {
  const exact = DEGREES_OF_SINE.get(Math.abs(value));
  if (exact !== undefined) return value < 0 ? -exact : exact;
  return Math.asin(value) / Math.asin(0.5) * 30;
}

const floatFunctions: readonly FunctionDefinition[] = [
  unary<number>("abs", float4, float4, Math.abs),
  real("abs", Math.abs),
  real("ceil", Math.ceil),
  real("ceiling", Math.ceil),
  real("floor", Math.floor),
  real("round", roundHalfEven),
  real("trunc", Math.trunc),
  real("sign", (value) => value > 0 ? 1 : value < 0 ? -1 : 0),
  real("sqrt", squareRootFloat),
  real("cbrt", Math.cbrt),
  real("exp", exponential),
  real("ln", logarithm(Math.log)),
  real("log", logarithm(Math.log10)),
  real("log10", logarithm(Math.log10)),
  binary<number, number>("power", [float8, float8], float8, powerFloat),
  binary<number, number>("pow", [float8, float8], float8, powerFloat),
  bounded("degrees", (value) => value / (Math.PI / 180)),
  real("radians", (value) => {
    const result = value * (Math.PI / 180);
    if (result === 0 && value !== 0) throw floatUnderflow();
    return result;
  }),
  define("pi", [], float8, () => Math.PI),
  periodic("sin", Math.sin),
  periodic("cos", Math.cos),
  periodic("tan", Math.tan),
  periodic("cot", (value) => 1 / Math.tan(value)),
  within("asin", [-1, 1], Math.asin),
  within("acos", [-1, 1], Math.acos),
  within("asind", [-1, 1], degreesOfSine),
  real("atan", Math.atan),
  binary<number, number>("atan2", [float8, float8], float8, Math.atan2),
  real("sinh", Math.sinh),
  real("cosh", Math.cosh),
  real("tanh", Math.tanh),
  real("asinh", Math.asinh),
  within("acosh", [1, Infinity], Math.acosh),
  within("atanh", [-1, 1], Math.atanh),
];

/** The bounds of the types whose values are numbers. */
const SMALL: readonly (readonly [DataType, number, number])[] = [
  [int2, -32768, 32767],
  [int4, -2147483648, 2147483647],
];

function magnitude(value: Integer): Integer {
  return value < 0 ? negateInt8(value) : value;
}

/** The greatest common divisor of magnitudes, as a bigint. */
function divisor(a: Integer, b: Integer): bigint {
  let x = BigInt(a);
  let y = BigInt(b);
  if (x < 0n) x = -x;
  if (y < 0n) y = -y;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function multiple(a: Integer, b: Integer): bigint {
  const common = divisor(a, b);
  if (common === 0n) return 0n;
  const product = BigInt(a) / common * BigInt(b);
  return product < 0n ? -product : product;
}

function toInt4(value: bigint): number {
  if (value > 2147483647n) throw outOfRange("integer");
  return Number(value);
}

const integerFunctions: readonly FunctionDefinition[] = [
  ...SMALL.flatMap(([type, min]) => [
    unary<number>("abs", type, type, (value) => {
      if (value === min) throw outOfRange(type.displayName);
      return Math.abs(value);
    }),
    binary<number, number>("mod", [type, type], type, moduloSmall),
  ]),
  unary<Integer>("abs", int8, int8, magnitude),
  binary<Integer, Integer>("mod", [int8, int8], int8, moduloInt8),
  binary<Integer, Integer>(
    "gcd",
    [int8, int8],
    int8,
    (a, b) => checkInt8(divisor(a, b)),
  ),
  binary<Integer, Integer>(
    "lcm",
    [int8, int8],
    int8,
    (a, b) => checkInt8(multiple(a, b)),
  ),
  binary<Integer, Integer>(
    "gcd",
    [int4, int4],
    int4,
    (a, b) => toInt4(divisor(a, b)),
  ),
  binary<Integer, Integer>(
    "lcm",
    [int4, int4],
    int4,
    (a, b) => toInt4(multiple(a, b)),
  ),
];

/** Functions of integers and floats. */
export const mathFunctions: readonly FunctionDefinition[] = [
  ...floatFunctions,
  ...integerFunctions,
];
