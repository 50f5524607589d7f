/**
 * The rows of a segment by locator: to find the versions of a row, and the
 * rows of a filter.
 *
 * Sorted by radix, 16 bits at a time: three passes over 48-bit locators, a
 * hundredth of what sorting with a comparison takes.
 *
 * @module
 */

/** The first index in sorted `locators` whose value is not below `locator`. */
export function findLocator(
  locators: Float64Array,
  locator: number,
  from: number = 0,
): number {
  let low = from;
  let high = locators.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (locators[middle]! < locator) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rows in the order of their locators, equal ones in their own order. */
export class LocatorOrder {
  /** The locators, sorted. */
  readonly locators: Float64Array<ArrayBuffer>;
  /** The ordinal of each. */
  readonly ordinals: Uint32Array<ArrayBuffer>;

  /** Sorts the rows whose locators these are: integers below 2^48. */
  constructor(locators: Float64Array) {
    this.ordinals = sortOrdinals(locators);
    this.locators = new Float64Array(locators.length);
    for (let i = 0; i < locators.length; i++) {
      this.locators[i] = locators[this.ordinals[i]!]!;
    }
  }

  /** Bytes held. */
  get byteLength(): number {
    return this.ordinals.byteLength + this.locators.byteLength;
  }

  /** The ordinals of a locator. */
  ordinalsOf(locator: number): Uint32Array {
    const from = findLocator(this.locators, locator);
    let to = from;
    while (this.locators[to] === locator) to++;
    return this.ordinals.subarray(from, to);
  }

  /**
   * Sets, in `out`, the bits of the rows that are set in `among` and whose
   * locator is in sorted `allowed`; gives how many those are.
   */
  setAllowed(
    allowed: Float64Array,
    among: Uint8Array,
    out: Uint8Array,
  ): number {
    const { locators, ordinals } = this;
    const end = locators.length;
    const isDense = allowed.length * 16 > end;
    let count = 0;
    let at = 0;
    for (let i = 0; i < allowed.length && at < end; i++) {
      const locator = allowed[i]!;
      if (isDense) {
        while (at < end && locators[at]! < locator) at++;
      } else at = findLocator(locators, locator, at);
      for (; at < end && locators[at] === locator; at++) {
        const ordinal = ordinals[at]!;
        const mask = 1 << (ordinal & 7);
        if ((among[ordinal >>> 3]! & mask) === 0) continue;
        out[ordinal >>> 3]! |= mask;
        count++;
      }
    }
    return count;
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
