/**
 * Of how many of the nearest by codes the vectors are looked at, as measured.
 *
 * @module
 */

/** What keeps the recall of the nearest 10, and of the nearest 100. */
export interface CodeWindows {
  readonly of10: number;
  readonly of100: number;
}

/** Recall that may be lost because a row was not looked at. */
export const LOST_MAX = 0.004;

/** Of an index that was not measured: so many times the rows that are wanted. */
const UNKNOWN_TIMES = 12;

/** How many of the nearest by codes to look at for the nearest `k`. */
export function windowFor(windows: CodeWindows | undefined, k: number): number {
  if (windows === undefined) return UNKNOWN_TIMES * k;
  const { of10, of100 } = windows;
  // Between 10 and 100 along the logarithm; beyond, in proportion.
  const looked = k <= 10
    ? of10
    : k <= 100
    ? of10 * (of100 / of10) ** Math.log10(k / 10)
    : of100 * k / 100;
  return Math.ceil(Math.max(k, looked));
}

/**
 * The least window that loses no more than {@linkcode LOST_MAX} of the nearest,
 * from where by codes each of them was, of all queries.
 */
export function windowOf(places: readonly number[]): number {
  if (places.length === 0) return 1;
  const order = [...places].sort((a, b) => a - b);
  return order[Math.ceil((1 - LOST_MAX) * order.length) - 1]! + 1;
}
