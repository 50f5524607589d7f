/**
 * The one form of an `int8`: a `number` while it is a safe integer, a `bigint`
 * beyond.
 *
 * @module
 */

/** The least and greatest values of `int8`. */
export const INT8_MIN = -(2n ** 63n);
/** The greatest value of `int8`. */
export const INT8_MAX: bigint = 2n ** 63n - 1n;

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** An `int8` in its one form: `number` while it is safe. */
export function normalizeInt8(value: bigint): number | bigint {
  return value <= SAFE_MAX && value >= -SAFE_MAX ? Number(value) : value;
}

/** Orders two values of `int8`, of any form. */
export function compareInt8(a: number | bigint, b: number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
