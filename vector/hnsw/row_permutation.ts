/**
 * The rows of a segment's memory in another order, in their place.
 *
 * @module
 */
import { BATCH_MAX } from "../kernels/kernels.ts";
import type { SegmentMemory } from "./segment_memory.ts";

/**
 * Puts rows in another order: place p takes row `order[p]`. Yields now and
 * then; the rows are in no order until it is done.
 */
export function* permuteRows(
  memory: SegmentMemory,
  order: Uint32Array,
): Generator<void, void> {
  const { bytes, stride } = memory;
  const moved = new Uint8Array(order.length);
  let moves = 0;
  for (let start = 0; start < order.length; start++) {
    if (moved[start] === 1) continue;
    const at = memory.rowOffset(start);
    const first = bytes.slice(at, at + stride);
    let place = start;
    for (; order[place] !== start; place = order[place]!) {
      const from = memory.rowOffset(order[place]!);
      bytes.copyWithin(memory.rowOffset(place), from, from + stride);
      moved[place] = 1;
      if (++moves % BATCH_MAX === 0) yield;
    }
    bytes.set(first, memory.rowOffset(place));
    moved[place] = 1;
  }
}
