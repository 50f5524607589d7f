/**
 * A segment's memory without its rows: graph and codes, and room for a few rows
 * whose distances are computed.
 *
 * @module
 */
import { invariant } from "../../base/invariant.ts";
import { SegmentMemory } from "./segment_memory.ts";

/** Rows that there is room for. */
export const WINDOW_ROWS = 64;

/**
 * A memory like `from`, of which nodes have these layers, without its rows.
 * REQUIRES: `from` has a graph and codes.
 */
export function withoutRows(
  from: SegmentMemory,
  levels: Uint8Array,
): SegmentMemory {
  const { dims, metric, efMax, form, graph, kernels, quantization } = from;
  invariant(quantization !== "none", "rows without codes are left");
  const memory = new SegmentMemory({
    dims,
    metric,
    element: form.element,
    m: graph.m,
    efMax,
    variant: kernels.variant,
    rowsMax: WINDOW_ROWS,
  });
  memory.reserveRows(graph.count);
  memory.addGraph(levels, graph.m);
  const codes = memory.layCodes(quantization, from.codeMean!);
  const copy = (to: number, at: number, bytes: number): void => {
    memory.bytes.set(from.bytes.subarray(at, at + bytes), to);
  };
  const place = memory.graph;
  copy(place.level0, graph.level0, 8 * graph.m * graph.count);
  copy(place.upper, graph.upper, 4 * graph.upperCount);
  copy(place.duplicates, graph.duplicates, 4 * graph.count);
  memory.bytes.set(from.codeRows, codes);
  memory.kernels.setEntry(kernels.getEntry() >>> 0, kernels.getEntryLevel());
  return memory;
}
