/**
 * Which tables overlap which.
 *
 * A table's range is [first key, last key], both included, its range tombstones
 * with them (see `sstable/properties.ts`).
 *
 * @module
 */
import { compareBytes } from "../../base/bytes.ts";
import type { TableMeta } from "../manifest/manifest.ts";

/** A closed range of keys. */
export interface KeySpan {
  /** The first key. */
  readonly firstKey: Uint8Array;
  /** The last key. */
  readonly lastKey: Uint8Array;
}

/** Whether two spans have a key in common. */
export function spansOverlap(a: KeySpan, b: KeySpan): boolean {
  return compareBytes(a.firstKey, b.lastKey) <= 0 &&
    compareBytes(b.firstKey, a.lastKey) <= 0;
}

/** The span from the first key of all to the last. REQUIRES: at least one. */
export function hullOf(spans: readonly KeySpan[]): KeySpan {
  let { firstKey, lastKey } = spans[0]!;
  for (const span of spans) {
    if (compareBytes(span.firstKey, firstKey) < 0) firstKey = span.firstKey;
    if (compareBytes(span.lastKey, lastKey) > 0) lastKey = span.lastKey;
  }
  return { firstKey, lastKey };
}

/** The first of the sorted, disjoint `tables` that ends at or after `key`. */
export function firstEndingAtOrAfter(
  tables: readonly KeySpan[],
  key: Uint8Array,
): number {
  let low = 0;
  let high = tables.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes(tables[middle]!.lastKey, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The tables of a sorted, disjoint level that overlap `span`. */
export function overlapping(
  tables: readonly TableMeta[],
  span: KeySpan,
): readonly TableMeta[] {
  const from = firstEndingAtOrAfter(tables, span.firstKey);
  let to = from;
  while (
    to < tables.length &&
    compareBytes(tables[to]!.firstKey, span.lastKey) <= 0
  ) to++;
  return tables.slice(from, to);
}

/**
 * The tables of level 0 that overlap `seed`, or overlap one that does, and so
 * on; in the order of the level.
 */
export function overlapClosure(
  tables: readonly TableMeta[],
  seed: TableMeta,
): readonly TableMeta[] {
  let hull: KeySpan = seed;
  let found = [seed];
  for (;;) {
    const wider = tables.filter((table) => spansOverlap(table, hull));
    if (wider.length === found.length) return wider;
    found = wider;
    hull = hullOf(wider);
  }
}
