/**
 * How many nodes walks look at: a walk marks them, and whoever wants to know
 * clears the marks before it and counts them after it.
 *
 * @module
 */
import type { SegmentMemory } from "./segment_memory.ts";

/** Forgets what walks have looked at. */
export function clearVisits({ graph, bytes }: SegmentMemory): void {
  bytes.fill(0, graph.visited, graph.visited + graph.count);
}

/** How many nodes walks have looked at since. */
export function countVisits({ graph, bytes }: SegmentMemory): number {
  let visits = 0;
  for (let at = graph.visited; at < graph.visited + graph.count; at++) {
    if (bytes[at] !== 0) visits++;
  }
  return visits;
}
