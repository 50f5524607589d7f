/**
 * Geometric values of a row as bytes: each float in 8 bytes, little-endian.
 *
 * @module
 */
import type { ValueSource } from "./value_source.ts";

/** Writes a value; gives its end. */
export function writeShape(
  value: Float64Array,
  view: DataView,
  at: number,
): number {
  for (let i = 0; i < value.length; i++) {
    view.setFloat64(at + i * 8, value[i]!, true);
  }
  return at + value.length * 8;
}

/** Reads the value from `from` to `to`. */
export function readShape(
  source: ValueSource,
  from: number,
  to: number,
): Float64Array {
  const count = (to - from) / 8;
  if (!Number.isInteger(count) || count < 2) {
    throw source.corrupt(`geometric value of ${to - from} bytes`, from);
  }
  const value = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    value[i] = source.view.getFloat64(from + i * 8, true);
  }
  return value;
}
