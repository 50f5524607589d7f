/**
 * The order of a batch's rows, whose keys lie in one stretch of bytes.
 *
 * @module
 */
import { compareViews, headAt } from "../../base/bytes.ts";

/** Orders the keys of two rows. */
export function compareKeys(
  view: DataView,
  starts: Uint32Array,
  ends: Uint32Array,
  a: number,
  b: number,
): number {
  const aStart = starts[a]!;
  const bStart = starts[b]!;
  const aLength = ends[a]! - aStart;
  const bLength = ends[b]! - bStart;
  const shared = Math.min(aLength, bLength);
  return compareViews(view, aStart, view, bStart, shared) ||
    aLength - bLength;
}

/**
 * The rows in the order of their keys, those of one key as they came. Six bytes
 * after what all keys begin with are compared as numbers, mostly enough.
 */
export function sortRows(
  view: DataView,
  starts: Uint32Array,
  ends: Uint32Array,
  count: number,
): Uint32Array {
  let prefix = count === 0 ? 0 : ends[0]! - starts[0]!;
  for (let row = 1; row < count && prefix > 0; row++) {
    const most = Math.min(prefix, ends[row]! - starts[row]!);
    let at = 0;
    while (
      at < most &&
      view.getUint8(starts[0]! + at) === view.getUint8(starts[row]! + at)
    ) at++;
    prefix = at;
  }
  const heads = new Float64Array(count);
  const rows = new Uint32Array(count);
  for (let row = 0; row < count; row++) {
    heads[row] = headAt(view, starts[row]! + prefix, ends[row]!);
    rows[row] = row;
  }
  return rows.sort((a, b) =>
    heads[a]! - heads[b]! || compareKeys(view, starts, ends, a, b) || a - b
  );
}
