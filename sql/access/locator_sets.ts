/**
 * Sets of locators, as ascending arrays.
 *
 * @module
 */

/** The locators in both. */
export function intersection(a: Float64Array, b: Float64Array): Float64Array {
  const result = new Float64Array(Math.min(a.length, b.length));
  let count = 0;
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    const difference = a[i]! - b[j]!;
    if (difference < 0) i++;
    else if (difference > 0) j++;
    else {
      if (count === 0 || result[count - 1] !== a[i]) result[count++] = a[i]!;
      i++;
      j++;
    }
  }
  return result.subarray(0, count);
}

/** The locators in one or both, none twice. */
export function union(
  a: Float64Array,
  b: Float64Array,
): Float64Array<ArrayBuffer> {
  const result = new Float64Array(a.length + b.length);
  let count = 0;
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const next = j >= b.length || (i < a.length && a[i]! <= b[j]!)
      ? a[i++]!
      : b[j++]!;
    if (count === 0 || result[count - 1] !== next) result[count++] = next;
  }
  return result.subarray(0, count);
}

/** How many bits a set of locators may take for each of them. */
const BITS_EACH = 256;

const BITS_MAX = 2 ** 31;

/** What says whether a locator is one of `locators`, which are ascending. */
export function locatorTest(
  locators: Float64Array,
): (locator: number) => boolean {
  const { length } = locators;
  if (length === 0) return () => false;
  const first = locators[0]!;
  const span = locators[length - 1]! - first + 1;
  if (span > Math.min(BITS_EACH * (length + 1024), BITS_MAX)) {
    const set = new Set(locators);
    return (locator) => set.has(locator);
  }
  const bits = new Uint8Array(Math.ceil(span / 8));
  for (let i = 0; i < length; i++) {
    const bit = locators[i]! - first;
    bits[bit >>> 3]! |= 1 << (bit & 7);
  }
  return (locator) => {
    const bit = locator - first;
    return bit >= 0 && bit < span && (bits[bit >>> 3]! >> (bit & 7) & 1) === 1;
  };
}
