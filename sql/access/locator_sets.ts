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
