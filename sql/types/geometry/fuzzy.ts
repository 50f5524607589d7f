/**
 * Floats as PostgreSQL's geometry computes with them: comparison leaves a
 * difference of 1e-6 out, arithmetic fails where a result is too large or too
 * small.
 *
 * @module
 */
import { divisionByZero } from "../type_error.ts";
import { floatOverflow, floatUnderflow } from "../number_casts.ts";

const EPSILON = 1e-6;

/** Whether it is as good as zero. */
export function isZero(a: number): boolean {
  return Math.abs(a) <= EPSILON;
}

/** `a = b`. */
export function isSame(a: number, b: number): boolean {
  return a === b || Math.abs(a - b) <= EPSILON;
}

/** `a < b`. */
export function isLess(a: number, b: number): boolean {
  return a + EPSILON < b;
}

/** `a <= b`. */
export function isAtMost(a: number, b: number): boolean {
  return a <= b + EPSILON;
}

/** `a > b`. */
export function isMore(a: number, b: number): boolean {
  return a > b + EPSILON;
}

/** `a >= b`. */
export function isAtLeast(a: number, b: number): boolean {
  return a + EPSILON >= b;
}

function isInfinite(value: number): boolean {
  return value === Infinity || value === -Infinity;
}

function checked(result: number, a: number, b: number): number {
  if (isInfinite(result) && !isInfinite(a) && !isInfinite(b)) {
    throw floatOverflow();
  }
  return result;
}

/** `a + b`. */
export function plus(a: number, b: number): number {
  return checked(a + b, a, b);
}

/** `a - b`. */
export function minus(a: number, b: number): number {
  return checked(a - b, a, b);
}

/** `a * b`. */
export function times(a: number, b: number): number {
  const result = checked(a * b, a, b);
  if (result === 0 && a !== 0 && b !== 0) throw floatUnderflow();
  return result;
}

/** `a / b`. */
export function over(a: number, b: number): number {
  if (b === 0 && !Number.isNaN(a)) throw divisionByZero();
  const result = a / b;
  if (isInfinite(result) && !isInfinite(a)) throw floatOverflow();
  if (result === 0 && a !== 0 && !isInfinite(b)) throw floatUnderflow();
  return result;
}

/** The length of the longest side of a right-angled triangle. */
export function hypotenuse(a: number, b: number): number {
  if (isInfinite(a) || isInfinite(b)) return Infinity;
  if (Number.isNaN(a) || Number.isNaN(b)) return NaN;
  const long = Math.max(Math.abs(a), Math.abs(b));
  const short = Math.min(Math.abs(a), Math.abs(b));
  if (short === 0) return long;
  const ratio = short / long;
  const result = long * Math.sqrt(1 + ratio * ratio);
  if (isInfinite(result)) throw floatOverflow();
  return result;
}

/** The order of two floats, NaN above all. */
export function isBelow(a: number, b: number): boolean {
  return !Number.isNaN(a) && (Number.isNaN(b) || a < b);
}
