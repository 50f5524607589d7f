/**
 * The rules of a graph, as a walk over all of it.
 *
 * Rules that keep a search within the graph and finite; a graph that was read
 * is used only if they hold:
 * 1. A neighbour is a node; after the first `NONE` of a list comes no other.
 * 2. A neighbour on layer l is itself on layer l or higher.
 * 3. The entry point is a node of the layer it is said to be on, and no node
 *    that has neighbours is higher; there is none if no node has neighbours.
 * 4. A duplicate has one predecessor, no neighbours, and is nobody's neighbour
 *    nor the entry point: chains end.
 *
 * Rules of a graph that was built well, checked if `built` is asked for:
 *
 * 5. No node is its own neighbour, or twice in a list.
 * 6. Duplicates have the very same vector as their predecessor.
 * 7. A node without direction is linked to nothing; every other that is no
 *    duplicate is linked, unless it is alone.
 *
 * @module
 */
import { NONE } from "../kernels/kernels.ts";
import type { SegmentMemory } from "./segment_memory.ts";

/** How to check, for {@linkcode graphProblem}. */
export interface GraphCheckOptions {
  /** Also checks rules 5 to 7 (default false). */
  readonly built?: boolean;
}

/** What is wrong with the graph of a segment; `undefined` if nothing is. */
export function graphProblem(
  memory: SegmentMemory,
  levels: Uint8Array,
  options: GraphCheckOptions = {},
): string | undefined {
  const chained = new Uint8Array(memory.graph.count);
  return chainProblem(memory, chained) ??
    entryProblem(memory, levels, chained) ??
    listsProblem(memory, levels, chained) ??
    (options.built === true ? buildProblem(memory, chained) : undefined);
}

/** Marks the duplicates, and checks that each has one predecessor. */
function chainProblem(
  memory: SegmentMemory,
  chained: Uint8Array,
): string | undefined {
  const { count, duplicates } = memory.graph;
  for (let id = 0; id < count; id++) {
    const next = memory.numbers[duplicates / 4 + id]!;
    if (next === NONE) continue;
    if (next >= count) return `duplicate ${next} of ${count} nodes`;
    if (chained[next] === 1) return `duplicate ${next} of two nodes`;
    chained[next] = 1;
  }
  return undefined;
}

function entryProblem(
  memory: SegmentMemory,
  levels: Uint8Array,
  chained: Uint8Array,
): string | undefined {
  const { count } = memory.graph;
  const entry = memory.kernels.getEntry() >>> 0;
  const level = memory.kernels.getEntryLevel();
  if (entry === NONE) {
    return level === -1 ? undefined : `no entry point on layer ${level}`;
  }
  if (entry >= count) return `entry point ${entry} of ${count} nodes`;
  if (chained[entry] === 1) return `entry point ${entry} is a duplicate`;
  if (levels[entry] !== level) {
    return `entry point ${entry} on layer ${levels[entry]}, not ${level}`;
  }
  return undefined;
}

function listsProblem(
  memory: SegmentMemory,
  levels: Uint8Array,
  chained: Uint8Array,
): string | undefined {
  const { count, m, level0, upper } = memory.graph;
  const numbers = memory.numbers;
  const entry = memory.kernels.getEntry() >>> 0;
  const top = memory.kernels.getEntryLevel();
  let at = upper / 4;
  for (let id = 0; id < count; id++) {
    for (let level = 0; level <= levels[id]!; level++) {
      const start = level === 0 ? level0 / 4 + 2 * m * id : at;
      const max = level === 0 ? 2 * m : m;
      if (level > 0) at += m;
      let size = 0;
      while (size < max && numbers[start + size] !== NONE) {
        const next = numbers[start + size++]!;
        if (next >= count) return `neighbour ${next} of ${count} nodes`;
        if (levels[next]! < level) {
          return `neighbour ${next} of ${id} is not on layer ${level}`;
        }
        if (chained[next] === 1) return `neighbour ${next} is a duplicate`;
      }
      for (let i = size; i < max; i++) {
        if (numbers[start + i] !== NONE) return `gap in the list of ${id}`;
      }
      if (size === 0) continue;
      if (chained[id] === 1) return `duplicate ${id} has neighbours`;
      if (entry === NONE) return `node ${id} is linked, without entry point`;
      if (level > top) return `node ${id} is above the entry point`;
    }
  }
  return undefined;
}

function buildProblem(
  memory: SegmentMemory,
  chained: Uint8Array,
): string | undefined {
  const { count, m, level0, duplicates } = memory.graph;
  const numbers = memory.numbers;
  const seen = new Int32Array(count).fill(-1);
  let linked = 0;
  for (let id = 0; id < count; id++) {
    if (!memory.isNowhere(id) && chained[id] === 0) linked++;
  }
  for (let id = 0; id < count; id++) {
    const start = level0 / 4 + 2 * m * id;
    let size = 0;
    while (size < 2 * m && numbers[start + size] !== NONE) {
      const next = numbers[start + size++]!;
      if (next === id) return `node ${id} is its own neighbour`;
      if (seen[next] === id) return `neighbour ${next} twice for ${id}`;
      if (memory.isNowhere(next)) return `neighbour ${next} is nowhere`;
      seen[next] = id;
    }
    if (memory.isNowhere(id)) {
      if (size > 0 || chained[id] === 1) return `node ${id} is nowhere`;
    } else if (chained[id] === 0 && size === 0 && linked > 1) {
      return `node ${id} has no neighbour`;
    }
    const twin = numbers[duplicates / 4 + id]!;
    if (twin !== NONE && !isSameRow(memory, id, twin)) {
      return `duplicate ${twin} differs from ${id}`;
    }
  }
  return undefined;
}

function isSameRow(memory: SegmentMemory, a: number, b: number): boolean {
  const rowA = memory.rowBytes(a);
  const rowB = memory.rowBytes(b);
  return rowA.every((value, i) => Object.is(value, rowB[i]));
}
