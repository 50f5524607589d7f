/**
 * The order of text: by its UTF-8 bytes (the collation "C"), which is the order
 * of code points.
 *
 * JavaScript compares UTF-16 units instead: the two orders differ only where a
 * surrogate meets a unit above it (U+E000 to U+FFFF), so that only such a pair
 * needs a correction.
 *
 * @module
 */

/** Negative, zero or positive, by UTF-8 bytes. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const n = a.length < b.length ? a.length : b.length;
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rankOfUnit(x) - rankOfUnit(y);
  }
  return a.length - b.length;
}

/** UTF-16 units in the order of the code points they belong to. */
function rankOfUnit(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
