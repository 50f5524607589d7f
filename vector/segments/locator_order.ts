/**
 * The ordinals of a segment by locator: to find the versions of a row, and the
 * rows of a filter.
 *
 * Sorted by radix, 16 bits at a time: three passes over 48-bit locators, a
 * hundredth of what sorting with a comparison takes.
 *
 * @module
 */

/** The first index in sorted `locators` whose value is not below `locator`. */
export function findLocator(locators: Float64Array, locator: number): number {
  let low = 0;
  let high = locators.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (locators[middle]! < locator) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ordinals in the order of their locators, equal ones in their own order. */
export class LocatorOrder {
  /** The ordinals. */
  readonly ordinals: Uint32Array<ArrayBuffer>;
  readonly #locators: Float64Array;

  /** Sorts the ordinals of `locators`, integers below 2^48. */
  constructor(locators: Float64Array) {
    this.#locators = locators;
    this.ordinals = sortOrdinals(locators);
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.ordinals.byteLength;
  }

  /** The first place whose locator is not below `locator`, from `low` on. */
  first(locator: number, low = 0): number {
    let high = this.ordinals.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#locators[this.ordinals[middle]!]! < locator) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Calls `visit` with every ordinal whose locator is in sorted `allowed`. */
  forEachAmong(allowed: Float64Array, visit: (ordinal: number) => void): void {
    const { ordinals } = this;
    const locators = this.#locators;
    const isDense = allowed.length * 16 > ordinals.length;
    let at = 0;
    for (let i = 0; i < allowed.length && at < ordinals.length; i++) {
      const locator = allowed[i]!;
      if (isDense) {
        while (at < ordinals.length && locators[ordinals[at]!]! < locator) at++;
      } else at = this.first(locator, at);
      while (at < ordinals.length && locators[ordinals[at]!] === locator) {
        visit(ordinals[at++]!);
      }
    }
  }
}

function sortOrdinals(locators: Float64Array): Uint32Array<ArrayBuffer> {
  const count = locators.length;
  let from = new Uint32Array(count);
  for (let i = 0; i < count; i++) from[i] = i;
  if (count < 4096) {
    return from.sort((a, b) => locators[a]! - locators[b]! || a - b);
  }
  let to = new Uint32Array(count);
  const starts = new Uint32Array(65_537);
  for (const divisor of [1, 2 ** 16, 2 ** 32]) {
    const digit = (ordinal: number): number =>
      Math.floor(locators[ordinal]! / divisor) % 65_536;
    starts.fill(0);
    for (let i = 0; i < count; i++) starts[digit(i) + 1]!++;
    for (let d = 0; d < 65_536; d++) starts[d + 1]! += starts[d]!;
    for (let i = 0; i < count; i++) {
      const ordinal = from[i]!;
      to[starts[digit(ordinal)]!++] = ordinal;
    }
    [from, to] = [to, from];
  }
  return from;
}
