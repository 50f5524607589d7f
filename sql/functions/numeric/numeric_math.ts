/**
 * Mathematical functions of `numeric`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { float8 } from "../../types/float_types.ts";
import { int4, int8 } from "../../types/int_types.ts";
import { Numeric } from "../../types/numeric.ts";
import {
  absolute,
  ceiling,
  divideTruncated,
  floor,
  remainder,
  roundTo,
  truncateTo,
} from "../../types/numeric_arithmetic.ts";
import {
  exponential,
  factorial,
  logarithm,
  naturalLogarithm,
  power,
  squareRoot,
} from "../../types/numeric_functions.ts";
import { numeric } from "../../types/numeric_type.ts";
import { binary, define, infix, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

const TEN = Numeric.fromInteger(10);

function one(
  name: string,
  form: (value: Numeric) => Numeric,
): FunctionDefinition {
  return unary<Numeric>(name, numeric, numeric, form);
}

function two(
  name: string,
  form: (a: Numeric, b: Numeric) => Numeric,
): FunctionDefinition {
  return binary<Numeric, Numeric>(name, [numeric, numeric], numeric, form);
}

function toScale(
  name: string,
  form: (value: Numeric, scale: number) => Numeric,
): FunctionDefinition {
  return binary<Numeric, number>(name, [numeric, int4], numeric, form);
}

function signOf(value: Numeric): Numeric {
  if (value.kind === "nan") return value;
  return Numeric.fromInteger(value.sign);
}

/** Common scale and magnitudes of two finite values. */
function aligned(a: Numeric, b: Numeric): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  const x = absolute(a).withScale(scale).unscaled;
  const y = absolute(b).withScale(scale).unscaled;
  return [x, y, scale];
}

function divisor(a: Numeric, b: Numeric): Numeric {
  if (!a.isFinite || !b.isFinite) return Numeric.NAN;
  let [x, y, scale] = aligned(a, b);
  while (y !== 0n) [x, y] = [y, x % y];
  return Numeric.of(x, scale);
}

function multiple(a: Numeric, b: Numeric): Numeric {
  if (!a.isFinite || !b.isFinite) return Numeric.NAN;
  const [x, y, scale] = aligned(a, b);
  const common = divisor(a, b).withScale(scale).unscaled;
  return Numeric.of(common === 0n ? 0n : x / common * y, scale);
}

function badBucket(message: string): SqlError {
  return new SqlError("2201G", message);
}

function checkBucket(
  hasNaN: boolean,
  isBounded: boolean,
  count: number,
): void {
  if (count <= 0) throw badBucket("count must be greater than zero");
  if (hasNaN) {
    throw badBucket("operand, lower bound, and upper bound cannot be NaN");
  }
  if (!isBounded) throw badBucket("lower and upper bounds must be finite");
}

function beyondLast(count: number): number {
  if (count < 2147483647) return count + 1;
  throw new SqlError("22003", "integer out of range");
}

/** Which of `count` equal parts of a range `value` lies in: 0 below it. */
function exactBucket(
  value: Numeric,
  low: Numeric,
  high: Numeric,
  count: number,
): number {
  const all = [value, low, high];
  const hasNaN = all.some(({ kind }) => kind === "nan");
  checkBucket(hasNaN, low.isFinite && high.isFinite, count);
  const direction = low.compare(high);
  if (direction === 0) throw badBucket("lower bound cannot equal upper bound");
  if (value.compare(low) * direction > 0) return 0;
  if (value.compare(high) * direction <= 0) return beyondLast(count);
  const scale = Math.max(...all.map((each) => each.scale));
  const [v, from, to] = all.map((each) => each.withScale(scale).unscaled);
  return Number(BigInt(count) * (v! - from!) / (to! - from!)) + 1;
}

/** {@linkcode exactBucket} of floats. */
function bucket(
  value: number,
  low: number,
  high: number,
  count: number,
): number {
  const hasNaN = [value, low, high].some(Number.isNaN);
  checkBucket(hasNaN, Number.isFinite(low) && Number.isFinite(high), count);
  if (low === high) throw badBucket("lower bound cannot equal upper bound");
  const inside = low < high
    ? value >= low && value < high
    : value <= low && value > high;
  if (!inside) {
    if (low < high ? value < low : value > low) return 0;
    return beyondLast(count);
  }
  const part = Math.floor(count * ((value - low) / (high - low)));
  return Math.min(part, count - 1) + 1;
}

/** Mathematical functions of numerics. */
export const numericFunctions: readonly FunctionDefinition[] = [
  one("abs", absolute),
  one("ceil", ceiling),
  one("ceiling", ceiling),
  one("floor", floor),
  one("round", (value) => roundTo(value, 0)),
  one("trunc", (value) => truncateTo(value, 0)),
  toScale("round", roundTo),
  toScale("trunc", truncateTo),
  one("sign", signOf),
  one("sqrt", squareRoot),
  one("exp", exponential),
  one("ln", naturalLogarithm),
  one("log", (value) => logarithm(TEN, value)),
  one("log10", (value) => logarithm(TEN, value)),
  two("log", logarithm),
  two("power", power),
  two("pow", power),
  two("mod", remainder),
  two("div", divideTruncated),
  two("gcd", divisor),
  two("lcm", multiple),
  unary<number | bigint>("factorial", int8, numeric, factorial),
  unary<Numeric>(
    "scale",
    numeric,
    int4,
    (value) => value.isFinite ? value.scale : null,
  ),
  unary<Numeric>(
    "min_scale",
    numeric,
    int4,
    (value) => value.isFinite ? value.trimmed().scale : null,
  ),
  one("trim_scale", (value) => value.trimmed()),
  define(
    "width_bucket",
    [float8, float8, float8, int4],
    int4,
    (args) => bucket(...args as [number, number, number, number]),
  ),
  define(
    "width_bucket",
    [numeric, numeric, numeric, int4],
    int4,
    (args) => exactBucket(...args as [Numeric, Numeric, Numeric, number]),
  ),
];

/** The operator `^` of numerics. */
export const numericPowerOperators: readonly OperatorDefinition[] = [
  infix(two("^", power)),
];
