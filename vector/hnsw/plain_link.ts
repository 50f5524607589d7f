/**
 * Building the graph in plain TypeScript: Malkov & Yashunin 2016, algorithms 1
 * (insert) and 4 (select neighbours by the heuristic). The twin of
 * `kernels/assembly/link.ts`: same graph.
 *
 * @module
 */
import { NONE } from "../kernels/kernels.ts";
import { CandidatePool } from "./candidate_pool.ts";
import { distancesTo, isNowhere, sameRow } from "./plain_distance.ts";
import type { Candidate, PlainSearch } from "./plain_search.ts";
import type { PlainState } from "./plain_state.ts";

/** How many of the nearest candidates are compared with a new vector. */
const DUPLICATE_CANDIDATES = 8;

/**
 * Algorithm 4: of the sorted candidates, at most `max` that are nearer to the
 * base than to any selected before.
 */
function select(
  state: PlainState,
  candidates: CandidatePool,
  max: number,
): Candidate[] {
  const selected: Candidate[] = [];
  const out = new Float32Array(1);
  for (let i = 0; i < candidates.count && selected.length < max; i++) {
    const id = candidates.ids[i]!;
    const distance = candidates.distances[i]!;
    const isNearerToBase = selected.every((other) => {
      distancesTo(state, state.rowAt(id), [other.id], 1, out);
      return !(out[0]! < distance);
    });
    if (isNearerToBase) selected.push({ id, distance });
  }
  return selected;
}

/** Adds `id` to the list of `base`, which selects anew when it is full. */
function linkBack(
  state: PlainState,
  base: Candidate,
  id: number,
  level: number,
): void {
  const { numbers } = state;
  const start = state.listAt(base.id, level);
  const max = state.listMax(level);
  let count = 0;
  while (count < max && numbers[start + count] !== NONE) count++;
  if (count < max) {
    numbers[start + count] = id;
    return;
  }
  const list = numbers.slice(start, start + max);
  const distances = new Float32Array(max);
  distancesTo(state, state.rowAt(base.id), list, max, distances);
  const candidates = new CandidatePool(max + 1);
  candidates.insert(base.distance, id);
  for (let i = 0; i < max; i++) candidates.insert(distances[i]!, list[i]!);
  const selected = select(state, candidates, max);
  for (let i = 0; i < max; i++) {
    numbers[start + i] = selected[i]?.id ?? NONE;
  }
}

/** The node among the nearest candidates with the vector of `id`, or `NONE`. */
function findDuplicate(
  state: PlainState,
  id: number,
  candidates: CandidatePool,
): number {
  const end = Math.min(candidates.count, DUPLICATE_CANDIDATES);
  for (let i = 0; i < end; i++) {
    if (sameRow(state, id, candidates.ids[i]!)) return candidates.ids[i]!;
  }
  return NONE;
}

/** Algorithm 1: see `KernelFunctions.insert`. */
export function insert(
  state: PlainState,
  search: PlainSearch,
  node: { id: number; level: number; efConstruction: number },
): number {
  const { id, level } = node;
  for (let l = 0; l <= level; l++) {
    const list = state.listAt(id, l);
    state.numbers.fill(NONE, list, list + state.listMax(l));
  }
  if (isNowhere(state, id)) return 0;
  if (state.entry === NONE) {
    state.entry = id;
    state.entryLevel = level;
    return 1;
  }
  search.reserve(Math.max(state.efMax, node.efConstruction));
  const q = state.rowAt(id);
  const top = Math.min(level, state.entryLevel);
  const start = search.descend(q, top);
  const pool = search.pool;
  pool.reset(node.efConstruction);
  pool.insert(start.distance, start.id);
  const selected: Candidate[][] = [];
  for (let l = top; l >= 0; l--) {
    const epoch = state.nextEpoch();
    for (let i = 0; i < pool.count; i++) {
      pool.expanded[i] = 0;
      state.bytes[state.visited + pool.ids[i]!] = epoch;
    }
    search.searchLayer(q, l, epoch);
    selected[l] = select(state, pool, state.m);
  }
  const twin = findDuplicate(state, id, pool);
  if (twin !== NONE) {
    const { numbers, duplicates } = state;
    numbers[duplicates + id] = numbers[duplicates + twin]!;
    numbers[duplicates + twin] = id;
    return 0;
  }
  for (let l = top; l >= 0; l--) {
    const list = state.listAt(id, l);
    selected[l]!.forEach((neighbour, i) => {
      state.numbers[list + i] = neighbour.id;
      linkBack(state, neighbour, id, l);
    });
  }
  if (level > state.entryLevel) {
    state.entry = id;
    state.entryLevel = level;
  }
  return 1;
}
