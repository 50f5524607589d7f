/**
 * Roots, powers, exponentials and logarithms of {@linkcode Numeric}, with
 * PostgreSQL's rules for the decimals of a result: enough for 16 significant
 * digits, no fewer than an argument has, at most 1000.
 *
 * Inside, a number is a `bigint` times a power of ten ("fixed point"), with
 * guard digits beyond those of the result:
 *
 * - `ln x`: x = m × 10^k with m near 1, ln x = ln m + k ln 10; m is brought
 *   closer by square roots, then ln m = 2 artanh((m - 1) / (m + 1)).
 * - `exp x`: Taylor's series of x / 2^n, squared n times.
 * - `a ^ b`: repeated squaring for integers b, else exp(b ln a).
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import {
  divideRounded,
  Numeric,
  numericOverflow,
  powerOfTen,
} from "./numeric.ts";
import {
  divideToScale,
  GROUP_DIGITS,
  leadingGroup,
  ONE,
  RESULT_SCALE_MAX,
  roundTo,
  SIGNIFICANT_DIGITS_MIN,
  subtract,
} from "./numeric_arithmetic.ts";

/** Digits computed beyond those of a result. */
const GUARD_DIGITS = 12;

/** Beyond such exponents `exp` is out of range (NUMERIC_MAX_RESULT_SCALE × 3). */
const EXPONENT_MAX = 6000;

const LN_10 = 2.302585092994046;
const LOG10_E = 0.434294481903252;

/** The scale of a result whose leading digit stands at 10^weight. */
function resultScale(weight: number, ...scales: readonly number[]): number {
  const wanted = Math.max(
    SIGNIFICANT_DIGITS_MIN - Math.trunc(weight),
    0,
    ...scales,
  );
  return Math.min(wanted, RESULT_SCALE_MAX);
}

/** The integer square root, rounded down. */
function integerRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** The fixed-point value with `digits` decimals. */
function toFixedPoint(value: Numeric, digits: number): bigint {
  return digits >= value.scale
    ? value.unscaled * powerOfTen(digits - value.scale)
    : divideRounded(value.unscaled, powerOfTen(value.scale - digits));
}

/** A fixed-point value of `digits` decimals as a numeric of `scale`. */
function fromFixedPoint(value: bigint, digits: number, scale: number): Numeric {
  return Numeric.of(divideRounded(value, powerOfTen(digits - scale)), scale);
}

/** The square root; `2201F` for a negative number. */
export function squareRoot(value: Numeric): Numeric {
  if (value.kind === "nan" || value.kind === "infinity") return value;
  if (value.sign < 0) {
    throw new SqlError("2201F", "cannot take square root of a negative number");
  }
  const weight = 2 * leadingGroup(value).weight + 1;
  return squareRootToScale(value, resultScale(weight, value.scale));
}

/** The square root of a finite value that is not negative, to `scale`. */
export function squareRootToScale(value: Numeric, scale: number): Numeric {
  const digits = scale + 1;
  const root = integerRoot(toFixedPoint(value, 2 * digits));
  return fromFixedPoint(root, digits, scale);
}

/** ln 10 by number of decimals, computed when first asked for. */
const lnTen = new Map<number, bigint>();

/** 2 artanh(x) of a fixed-point value, |x| < 1. */
function doubledArtanh(x: bigint, one: bigint): bigint {
  const square = x * x / one;
  let power = x;
  let sum = x;
  for (let n = 3n; power !== 0n; n += 2n) {
    power = power * square / one;
    sum += power / n;
  }
  return sum * 2n;
}

/** ln of a fixed-point value that is not far from 1. */
function lnNearOne(value: bigint, digits: number): bigint {
  const one = powerOfTen(digits);
  let x = value;
  let factor = 1n;
  const near = one / 20n;
  while (x - one > near || one - x > near) {
    x = integerRoot(x * one);
    factor *= 2n;
  }
  return doubledArtanh((x - one) * one / (x + one), one) * factor;
}

function lnOfTen(digits: number): bigint {
  let value = lnTen.get(digits);
  if (value === undefined) {
    // ln 10 = 3 ln 2 + ln 1.25, with ln 2 = 2 artanh(1/3).
    const one = powerOfTen(digits);
    value = 3n * doubledArtanh(one / 3n, one) + doubledArtanh(one / 9n, one);
    if (lnTen.size > 64) lnTen.clear();
    lnTen.set(digits, value);
  }
  return value;
}

/** ln of a positive finite value, to `scale` decimals. */
function lnToScale(value: Numeric, scale: number): Numeric {
  const digits = Math.max(scale, 0) + GUARD_DIGITS + 8;
  const exponent = value.digits().length - 1 - value.scale;
  const k = exponent + (value.digits() >= "3163" ? 1 : 0);
  const shift = digits - value.scale - k;
  const m = shift >= 0
    ? value.unscaled * powerOfTen(shift)
    : divideRounded(value.unscaled, powerOfTen(-shift));
  const sum = lnNearOne(m, digits) + BigInt(k) * lnOfTen(digits);
  return fromFixedPoint(sum, digits, scale);
}

/** The power of ten of ln x, about (estimate_ln_dweight). */
function lnWeight(value: Numeric): number {
  if (value.sign <= 0) return 0;
  if (
    value.compare(Numeric.parse("0.9")) >= 0 &&
    value.compare(Numeric.parse("1.1")) <= 0
  ) {
    const x = subtract(value, ONE);
    if (x.unscaled === 0n) return 0;
    const { weight, digit } = leadingGroup(x);
    return weight * GROUP_DIGITS + Math.trunc(Math.log10(digit));
  }
  const { weight, digit } = leadingGroup(value);
  const digits = value.digits();
  const count = digits.length - 1 - value.scale - weight * GROUP_DIGITS + 1;
  const next = digits.slice(count, count + GROUP_DIGITS);
  const two = digit * 10_000 + Number(next.padEnd(GROUP_DIGITS, "0"));
  const ln = Math.log(two) + (weight - 1) * GROUP_DIGITS * LN_10;
  return Math.trunc(Math.log10(Math.abs(ln)));
}

function checkLogarithm(value: Numeric): Numeric | undefined {
  if (value.kind === "nan") return value;
  if (value.sign === 0) {
    throw new SqlError("2201E", "cannot take logarithm of zero");
  }
  if (value.sign < 0) {
    throw new SqlError("2201E", "cannot take logarithm of a negative number");
  }
  return value.kind === "infinity" ? value : undefined;
}

/** The natural logarithm; `2201E` for zero and below. */
export function naturalLogarithm(value: Numeric): Numeric {
  const special = checkLogarithm(value);
  if (special !== undefined) return special;
  return lnToScale(value, resultScale(lnWeight(value), value.scale));
}

/** The logarithm of `value` to `base`. */
export function logarithm(base: Numeric, value: Numeric): Numeric {
  if (base.kind === "nan" || value.kind === "nan") return Numeric.NAN;
  const specialBase = checkLogarithm(base);
  const specialValue = checkLogarithm(value);
  if (specialBase !== undefined) {
    return specialValue === undefined ? Numeric.ZERO : Numeric.NAN;
  }
  if (specialValue !== undefined) return specialValue;
  const baseWeight = lnWeight(base);
  const valueWeight = lnWeight(value);
  const weight = valueWeight - baseWeight;
  const scale = resultScale(weight, base.scale, value.scale);
  const lnBase = lnToScale(base, Math.max(scale + weight - baseWeight + 8, 0));
  const lnValue = lnToScale(
    value,
    Math.max(scale + weight - valueWeight + 8, 0),
  );
  if (lnBase.unscaled === 0n) {
    throw new SqlError("22012", "division by zero");
  }
  return divideToScale(lnValue, lnBase, scale);
}

/** e^x to `scale` decimals. */
function expToScale(value: Numeric, scale: number): Numeric {
  const x = value.toNumber();
  if (Math.abs(x) >= EXPONENT_MAX) {
    if (x > 0) throw numericOverflow();
    return Numeric.of(0n, scale);
  }
  const halvings = Math.max(0, Math.ceil(Math.log2(Math.abs(x) + 1)) + 8);
  const integerDigits = Math.max(0, Math.ceil(x * LOG10_E));
  const digits = scale + integerDigits + Math.ceil(halvings * 0.31) +
    GUARD_DIGITS;
  const one = powerOfTen(digits);
  const small = toFixedPoint(value, digits) >> BigInt(halvings);
  let sum = one;
  let term = one;
  for (let n = 1n; term !== 0n && term !== -1n; n++) {
    term = term * small / one / n;
    sum += term;
  }
  for (let i = 0; i < halvings; i++) sum = sum * sum / one;
  return fromFixedPoint(sum, digits, scale);
}

/** e to the power of `value`. */
export function exponential(value: Numeric): Numeric {
  if (value.kind === "-infinity") return Numeric.ZERO;
  if (!value.isFinite) return value;
  const weight = clamp(value.toNumber() * LOG10_E, 2000);
  return expToScale(value, resultScale(weight, value.scale));
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

function powerSpecial(base: Numeric, exponent: Numeric): Numeric | undefined {
  if (base.isFinite && exponent.isFinite) return undefined;
  if (base.kind === "nan") {
    return exponent.isFinite && exponent.sign === 0 ? ONE : base;
  }
  if (exponent.kind === "nan") {
    return base.isFinite && base.compare(ONE) === 0 ? ONE : exponent;
  }
  checkPower(base, exponent);
  if (base.isFinite && base.compare(ONE) === 0) return ONE;
  if (exponent.isFinite && exponent.sign === 0) return ONE;
  if (base.isFinite && base.sign === 0) {
    return exponent.sign > 0 ? Numeric.ZERO : Numeric.INFINITY;
  }
  if (!exponent.isFinite) {
    const magnitude = base.isFinite
      ? Numeric.of(base.sign < 0 ? -base.unscaled : base.unscaled, base.scale)
      : Numeric.INFINITY;
    if (magnitude.compare(ONE) === 0) return ONE;
    const grows = magnitude.compare(ONE) > 0 === exponent.sign > 0;
    return grows ? Numeric.INFINITY : Numeric.ZERO;
  }
  if (exponent.sign < 0) return Numeric.ZERO;
  const odd = exponent.trimmed().unscaled % 2n !== 0n;
  return base.sign < 0 && odd ? Numeric.NEGATIVE_INFINITY : Numeric.INFINITY;
}

function isIntegral(value: Numeric): boolean {
  return !value.isFinite || value.trimmed().scale === 0;
}

function checkPower(base: Numeric, exponent: Numeric): void {
  if (base.sign === 0 && base.isFinite && exponent.sign < 0) {
    throw new SqlError("2201F", "zero raised to a negative power is undefined");
  }
  if (base.sign < 0 && !isIntegral(exponent)) {
    throw new SqlError(
      "2201F",
      "a negative number raised to a non-integer power yields a complex result",
    );
  }
}

/** `base` to the power of `exponent`. */
export function power(base: Numeric, exponent: Numeric): Numeric {
  const special = powerSpecial(base, exponent);
  if (special !== undefined) return special;
  checkPower(base, exponent);
  const whole = exponent.trimmed();
  if (
    whole.scale === 0 && BigInt.asIntN(32, whole.unscaled) === whole.unscaled
  ) {
    return integerPower(base, Number(whole.unscaled), exponent.scale);
  }
  if (base.unscaled === 0n) return Numeric.of(0n, SIGNIFICANT_DIGITS_MIN);
  const negative = base.sign < 0;
  const magnitude = negative ? Numeric.of(-base.unscaled, base.scale) : base;
  const result = realPower(magnitude, exponent);
  const odd = whole.scale === 0 && whole.unscaled % 2n !== 0n;
  return negative && odd ? Numeric.of(-result.unscaled, result.scale) : result;
}

function realPower(base: Numeric, exponent: Numeric): Numeric {
  const weightOfLn = lnWeight(base);
  const log = lnToScale(base, Math.max(8 - weightOfLn, 0));
  // Either may be beyond the range of a double, and the product within it.
  const rough = Numeric.of(
    log.unscaled * exponent.unscaled,
    log.scale + exponent.scale,
  ).toNumber();
  if (Math.abs(rough) > EXPONENT_MAX * 1.00333) {
    if (rough > 0) throw numericOverflow();
    return Numeric.of(0n, RESULT_SCALE_MAX);
  }
  const weight = Math.trunc(rough * LOG10_E);
  const scale = resultScale(weight, base.scale, exponent.scale);
  const digits = Math.max(0, scale + weight) - weightOfLn + 8 + GUARD_DIGITS +
    exponent.digits().length;
  const ln = lnToScale(base, Math.max(0, digits));
  const product = Numeric.of(
    divideRounded(ln.unscaled * exponent.unscaled, powerOfTen(exponent.scale)),
    ln.scale,
  );
  return expToScale(product, scale);
}

/** The decimal weight of base^exponent, about. */
function powerWeight(base: Numeric, exponent: number): number {
  if (base.unscaled === 0n) return 0;
  const digits = base.digits();
  const first = leadingGroup(base);
  // As many whole groups as there are in 16 digits.
  const count = digits.length - 1 - base.scale -
    first.weight * GROUP_DIGITS + 1 + 3 * GROUP_DIGITS;
  const lead = Number(digits.slice(0, count));
  const zeros = digits.length - Math.min(count, digits.length) - base.scale;
  return exponent * (Math.log10(lead) + zeros);
}

function integerPower(
  base: Numeric,
  exponent: number,
  exponentScale: number,
): Numeric {
  const weight = powerWeight(base, exponent);
  if (weight > 131_072) throw numericOverflow();
  if (weight + 1 < -RESULT_SCALE_MAX) return Numeric.of(0n, RESULT_SCALE_MAX);
  const scale = resultScale(weight, base.scale, exponentScale);
  if (exponent === 0) return Numeric.of(powerOfTen(scale), scale);
  if (exponent === 1) return roundTo(base, scale);
  if (base.unscaled === 0n) return Numeric.of(0n, scale);
  if (exponent === -1) return divideToScale(ONE, base, scale);
  const precision = Math.max(0, scale + Math.ceil(weight)) + GUARD_DIGITS + 12;
  const raised = raise(base, Math.abs(exponent), precision);
  if (exponent > 0) return scaled(raised, scale);
  const shift = scale + precision * 2 + Math.max(0, raised.exponent);
  const inverse = powerOfTen(shift) / raised.mantissa;
  return scaled(
    { mantissa: inverse, exponent: -shift - raised.exponent },
    scale,
  );
}

/** `mantissa × 10^exponent`, the mantissa cut to a number of digits. */
interface Scientific {
  readonly mantissa: bigint;
  readonly exponent: number;
}

function scaled(value: Scientific, scale: number): Numeric {
  const shift = value.exponent + scale;
  return shift >= 0
    ? Numeric.of(value.mantissa * powerOfTen(shift), scale)
    : Numeric.of(divideRounded(value.mantissa, powerOfTen(-shift)), scale);
}

/** Repeated squaring, each product cut to `precision` digits. */
function raise(base: Numeric, exponent: number, precision: number): Scientific {
  let result: Scientific = { mantissa: 1n, exponent: 0 };
  let square: Scientific = { mantissa: base.unscaled, exponent: -base.scale };
  for (let rest = exponent;;) {
    if (rest % 2 === 1) result = product(result, square, precision);
    rest = Math.floor(rest / 2);
    if (rest === 0) return result;
    square = product(square, square, precision);
  }
}

function product(a: Scientific, b: Scientific, precision: number): Scientific {
  const mantissa = a.mantissa * b.mantissa;
  const exponent = a.exponent + b.exponent;
  const excess = mantissa.toString().length - precision - 1;
  if (excess <= 0) return { mantissa, exponent };
  return {
    mantissa: mantissa / powerOfTen(excess),
    exponent: exponent + excess,
  };
}

/** n!, as PostgreSQL limits it: `22003` beyond 32177. */
export function factorial(n: number | bigint): Numeric {
  if (n < 0) {
    throw new SqlError("22003", "factorial of a negative number is undefined");
  }
  if (n > 32177) throw numericOverflow();
  let result = 1n;
  for (let i = 2n; i <= n; i++) result *= i;
  return Numeric.of(result);
}
