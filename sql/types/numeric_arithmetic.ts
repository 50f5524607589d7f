/**
 * Arithmetic on {@linkcode Numeric} with PostgreSQL's rules for the scale of a
 * result.
 *
 * | operation | decimals of the result |
 * | --- | --- |
 * | `a + b`, `a - b`, `a % b` | the greater of both |
 * | `a * b` | the sum of both, at most 16383 |
 * | `a / b` | enough for 16 significant digits, counted in groups of four as PostgreSQL stores them (`select_div_scale`), no fewer than `a` or `b` has, at most 1000 |
 *
 * Everything rounds half away from zero.
 *
 * @module
 */
import {
  divideRounded,
  isSafe,
  Numeric,
  powerOfTen,
  safePower,
  SCALE_MAX,
} from "./numeric.ts";
import { divisionByZero } from "./type_error.ts";

/** Digits that a quotient has at least (NUMERIC_MIN_SIG_DIGITS). */
export const SIGNIFICANT_DIGITS_MIN = 16;

/** Decimals that a computed value has at most (NUMERIC_MAX_DISPLAY_SCALE). */
export const RESULT_SCALE_MAX = 1000;

/** Decimal digits in one of PostgreSQL's stored digits (DEC_DIGITS). */
export const GROUP_DIGITS = 4;

/** `-a`. */
export function negate(a: Numeric): Numeric {
  switch (a.kind) {
    case "finite":
      return a.big === undefined
        ? Numeric.ofSafe(-a.small, a.scale)
        : Numeric.of(-a.big, a.scale);
    case "nan":
      return a;
    case "infinity":
      return Numeric.NEGATIVE_INFINITY;
    case "-infinity":
      return Numeric.INFINITY;
  }
}

/** `|a|`. */
export function absolute(a: Numeric): Numeric {
  return a.sign < 0 ? negate(a) : a;
}

/** `a + b`. */
export function add(a: Numeric, b: Numeric): Numeric {
  return addSmall(a, b, 1) ?? addAny(a, b);
}

/** `a + sign * b`, where doubles hold all of it exactly. */
function addSmall(a: Numeric, b: Numeric, sign: 1 | -1): Numeric | undefined {
  // The digits of a value with too many of them are NaN here.
  if (a.kind !== "finite" || b.kind !== "finite") return undefined;
  const places = a.scale - b.scale;
  const one = places >= 0 ? a.small : a.small * safePower(-places);
  const other = places <= 0 ? b.small : b.small * safePower(places);
  if (!isSafe(one) || !isSafe(other)) return undefined;
  const sum = one + sign * other;
  if (!isSafe(sum)) return undefined;
  return Numeric.ofSafe(sum, places >= 0 ? a.scale : b.scale);
}

function addAny(a: Numeric, b: Numeric): Numeric {
  if (!a.isFinite || !b.isFinite) {
    if (a.kind === "nan" || b.kind === "nan") return Numeric.NAN;
    if (a.isFinite) return b;
    if (b.isFinite || a.kind === b.kind) return a;
    return Numeric.NAN;
  }
  if (a.scale === b.scale) return Numeric.of(a.unscaled + b.unscaled, a.scale);
  return a.scale < b.scale
    ? Numeric.of(
      a.unscaled * powerOfTen(b.scale - a.scale) + b.unscaled,
      b.scale,
    )
    : Numeric.of(
      a.unscaled + b.unscaled * powerOfTen(a.scale - b.scale),
      a.scale,
    );
}

/** `a - b`. */
export function subtract(a: Numeric, b: Numeric): Numeric {
  return addSmall(a, b, -1) ?? addAny(a, negate(b));
}

/** `a * b`. */
export function multiply(a: Numeric, b: Numeric): Numeric {
  if (a.kind === "finite" && b.kind === "finite") {
    const product = a.small * b.small;
    const places = a.scale + b.scale;
    if (isSafe(product) && places <= SCALE_MAX) {
      return Numeric.ofSafe(product, places);
    }
  }
  if (!a.isFinite || !b.isFinite) {
    if (a.kind === "nan" || b.kind === "nan") return Numeric.NAN;
    const sign = a.sign * b.sign;
    if (sign === 0) return Numeric.NAN;
    return sign > 0 ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY;
  }
  const unscaled = a.unscaled * b.unscaled;
  const scale = a.scale + b.scale;
  if (scale <= SCALE_MAX) return Numeric.of(unscaled, scale);
  return Numeric.of(
    divideRounded(unscaled, powerOfTen(scale - SCALE_MAX)),
    SCALE_MAX,
  );
}

/** What both division and remainder answer before they compute. */
function divideSpecial(a: Numeric, b: Numeric): Numeric | undefined {
  if (a.kind === "nan" || b.kind === "nan") return Numeric.NAN;
  if (b.isFinite && b.small === 0) throw divisionByZero();
  if (a.isFinite && b.isFinite) return undefined;
  return a.isFinite ? Numeric.ZERO : Numeric.NAN;
}

/** `a / b`; fails with `22012` when `b` is zero. */
export function divide(a: Numeric, b: Numeric): Numeric {
  const special = divideSpecial(a, b);
  if (special !== undefined) {
    if (special.kind !== "nan" || !b.isFinite || a.kind === "nan") {
      return special;
    }
    return a.sign * b.sign > 0 ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY;
  }
  return divideToScale(a, b, quotientScale(a, b));
}

/** `a / b` of finite values, rounded to `scale` decimals. */
export function divideToScale(a: Numeric, b: Numeric, scale: number): Numeric {
  let dividend = a.unscaled;
  let divisor = b.unscaled;
  const shift = scale + b.scale - a.scale;
  if (shift >= 0) dividend *= powerOfTen(shift);
  else divisor *= powerOfTen(-shift);
  if (divisor < 0n) {
    dividend = -dividend;
    divisor = -divisor;
  }
  return Numeric.of(divideRounded(dividend, divisor), scale);
}

/** The integer part of `a / b`, without decimals. */
export function divideTruncated(a: Numeric, b: Numeric): Numeric {
  const special = divideSpecial(a, b);
  if (special !== undefined) {
    if (special.kind !== "nan" || !b.isFinite || a.kind === "nan") {
      return special;
    }
    return a.sign * b.sign > 0 ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY;
  }
  const scale = Math.max(a.scale, b.scale);
  return Numeric.of(aligned(a, scale) / aligned(b, scale));
}

/** `a % b`, with the sign of `a`; fails with `22012` when `b` is zero. */
export function remainder(a: Numeric, b: Numeric): Numeric {
  const special = divideSpecial(a, b);
  if (special !== undefined) return special.kind === "nan" ? special : a;
  const scale = Math.max(a.scale, b.scale);
  return Numeric.of(aligned(a, scale) % aligned(b, scale), scale);
}

function aligned(value: Numeric, scale: number): bigint {
  return value.unscaled * powerOfTen(scale - value.scale);
}

/** The leading stored digit of a value, and its place. */
export interface LeadingGroup {
  /** The place: the value is at least `digit × 10000^weight`. */
  readonly weight: number;
  /** The group of four decimal digits there; 0 for zero. */
  readonly digit: number;
}

/** The leading group of four digits, as PostgreSQL would store the value. */
export function leadingGroup(value: Numeric): LeadingGroup {
  if (value.small === 0) return { weight: 0, digit: 0 };
  const digits = value.digits();
  const exponent = digits.length - 1 - value.scale;
  const weight = Math.floor(exponent / GROUP_DIGITS);
  const count = exponent - weight * GROUP_DIGITS + 1;
  return { weight, digit: Number(digits.slice(0, count).padEnd(count, "0")) };
}

/** The decimals of `a / b` (select_div_scale). */
export function quotientScale(a: Numeric, b: Numeric): number {
  const first = leadingGroup(a);
  const second = leadingGroup(b);
  let weight = first.weight - second.weight;
  if (first.digit <= second.digit) weight--;
  const scale = SIGNIFICANT_DIGITS_MIN - weight * GROUP_DIGITS;
  return Math.min(RESULT_SCALE_MAX, Math.max(scale, a.scale, b.scale, 0));
}

/** Rounds to `scale` decimals (negative: tens, hundreds), half away from 0. */
export function roundTo(a: Numeric, scale: number): Numeric {
  return toScale(a, scale, divideRounded);
}

/** Cuts off after `scale` decimals (negative: tens, hundreds). */
export function truncateTo(a: Numeric, scale: number): Numeric {
  return toScale(a, scale, (value, unit) => value / unit);
}

function toScale(
  a: Numeric,
  scale: number,
  divideBy: (value: bigint, unit: bigint) => bigint,
): Numeric {
  if (!a.isFinite) return a;
  const wanted = Math.min(SCALE_MAX, Math.max(scale, -131072));
  if (wanted >= a.scale) return a.withScale(wanted);
  const cut = divideBy(a.unscaled, powerOfTen(a.scale - wanted));
  return wanted >= 0
    ? Numeric.of(cut, wanted)
    : Numeric.of(cut * powerOfTen(-wanted));
}

/** The least integer that is not below `a`. */
export function ceiling(a: Numeric): Numeric {
  const cut = truncateTo(a, 0);
  return a.isFinite && a.compare(cut) > 0 ? add(cut, ONE) : cut;
}

/** The greatest integer that is not above `a`. */
export function floor(a: Numeric): Numeric {
  const cut = truncateTo(a, 0);
  return a.isFinite && a.compare(cut) < 0 ? subtract(cut, ONE) : cut;
}

/** One, without decimals. */
export const ONE: Numeric = Numeric.fromInteger(1);
