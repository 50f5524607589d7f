/**
 * Search of the graph in plain TypeScript: Malkov & Yashunin 2016, algorithms
 * 2 (search layer) and 5 (k-NN search). The twin of
 * `kernels/assembly/search.ts`: same walk, same results.
 *
 * @module
 */
import { NONE } from "../kernels/kernels.ts";
import { CandidatePool, comesBefore } from "./candidate_pool.ts";
import { codeDistancesTo } from "./plain_codes.ts";
import { distancesTo } from "./plain_distance.ts";
import type { PlainState } from "./plain_state.ts";

/** How many candidates one step expands. */
const WIDTH = 2;

/** What a walk compares with instead of a row: the query's codes. */
const CODES = -1;

/** A candidate: a node and its distance. */
export interface Candidate {
  readonly id: number;
  readonly distance: number;
}

/** Searches of one memory, and their pools. */
export class PlainSearch {
  readonly #state: PlainState;
  #pool = new CandidatePool(1);
  #results = new CandidatePool(1);
  readonly #list = new Uint32Array(1024);
  readonly #distances = new Float32Array(1024);

  /** Creates searches of `state`. */
  constructor(state: PlainState) {
    this.#state = state;
  }

  /** The pool of the last search. */
  get pool(): CandidatePool {
    return this.#pool;
  }

  /** Makes room for searches of `room` candidates. */
  reserve(room: number): void {
    if (this.#pool.ids.length >= room) return;
    this.#pool = new CandidatePool(room);
    this.#results = new CandidatePool(room);
  }

  /** Distances of the row at float `q`, or of the query's codes. */
  #distancesTo(q: number, list: ArrayLike<number>, count: number): void {
    const state = this.#state;
    if (q === CODES) codeDistancesTo(state, list, count, this.#distances);
    else distancesTo(state, q, list, count, this.#distances);
  }

  /** What a walk compares with. */
  get #walker(): number {
    return this.#state.codeQuery === 0 ? this.#state.query : CODES;
  }

  /** Walks greedily from the entry down to `level`. */
  descend(q: number, level: number): Candidate {
    const state = this.#state;
    const distances = this.#distances;
    let at = state.entry;
    this.#distancesTo(q, [at], 1);
    let best = distances[0]!;
    for (let l = state.entryLevel; l > level; l--) {
      for (let moved = true; moved;) {
        moved = false;
        const start = state.listAt(at, l);
        let count = 0;
        while (count < state.m && state.numbers[start + count] !== NONE) {
          count++;
        }
        const list = state.numbers.slice(start, start + count);
        this.#distancesTo(q, list, count);
        for (let i = 0; i < count; i++) {
          if (!(distances[i]! < best)) continue;
          best = distances[i]!;
          at = list[i]!;
          moved = true;
        }
      }
    }
    return { id: at, distance: best };
  }

  /** Appends the unseen neighbours of `id` to the list, and marks them. */
  #gather(id: number, level: number, epoch: number, count: number): number {
    const { numbers, bytes, visited } = this.#state;
    const start = this.#state.listAt(id, level);
    const end = start + this.#state.listMax(level);
    for (let p = start; p < end; p++) {
      const next = numbers[p]!;
      if (next === NONE) break;
      if (bytes[visited + next] === epoch) continue;
      bytes[visited + next] = epoch;
      this.#list[count++] = next;
    }
    return count;
  }

  /**
   * Algorithm 2: widens the pool, whose nodes are marked, to the nearest that
   * the layer's links reach, as many as its capacity.
   */
  searchLayer(q: number, level: number, epoch: number): void {
    const pool = this.#pool;
    const list = this.#list;
    const distances = this.#distances;
    let cursor = 0;
    while (cursor < pool.count) {
      let size = 0;
      for (let w = 0; cursor < pool.count && w < WIDTH; cursor++) {
        if (pool.expanded[cursor] === 1) continue;
        pool.expanded[cursor] = 1;
        w++;
        size = this.#gather(pool.ids[cursor]!, level, epoch, size);
      }
      this.#distancesTo(q, list, size);
      let lowest = cursor;
      for (let i = 0; i < size; i++) {
        const place = pool.insert(distances[i]!, list[i]!);
        if (place >= 0 && place < lowest) lowest = place;
      }
      cursor = lowest;
    }
  }

  #start(q: number, ef: number): number {
    const state = this.#state;
    this.reserve(state.efMax);
    const start = this.descend(q, 0);
    const epoch = state.nextEpoch();
    this.#pool.reset(ef);
    this.#pool.insert(start.distance, start.id);
    state.bytes[state.visited + start.id] = epoch;
    return epoch;
  }

  #put(at: number, id: number, distance: number): void {
    this.#state.numbers[this.#state.outIds + at] = id;
    this.#state.floats[this.#state.outDistances + at] = distance;
  }

  /** Algorithm 5: see `KernelFunctions.search`. */
  search(ef: number, window: number): number {
    const state = this.#state;
    if (state.entry === NONE) return 0;
    const q = this.#walker;
    const epoch = this.#start(q, ef);
    this.searchLayer(q, 0, epoch);
    const pool = q === CODES && window > 0
      ? this.#rank(this.#pool, this.#results, window)
      : this.#pool;
    let count = 0;
    for (let i = 0; i < pool.count && count < state.efMax; i++) {
      let id = pool.ids[i]!;
      for (; id !== NONE && count < state.efMax; count++) {
        this.#put(count, id, pool.distances[i]!);
        id = state.numbers[state.duplicates + id]!;
      }
    }
    return count;
  }

  /** Adds those of a node and its duplicates that the bitmap admits. */
  #admit(id: number, distance: number, bits: number): void {
    const { bytes, numbers, duplicates } = this.#state;
    const results = this.#results;
    do {
      if (bytes[bits + (id >>> 3)]! >> (id & 7) & 1) {
        results.insert(distance, id);
      }
      const last = results.count - 1;
      if (results.count === results.capacity) {
        if (distance >= results.distances[last]!) break;
      }
      id = numbers[duplicates + id]!;
    } while (id !== NONE);
  }

  /** See `KernelFunctions.searchFiltered`. */
  searchFiltered(
    ef: number,
    bits: number,
    budget: number,
    window: number,
  ): number {
    const state = this.#state;
    if (state.entry === NONE) return 0;
    const q = this.#walker;
    const epoch = this.#start(q, state.efMax);
    const pool = this.#pool;
    const results = this.#results;
    const distances = this.#distances;
    results.reset(ef);
    this.#admit(pool.ids[0]!, pool.distances[0]!, bits);
    const isWorse = (distance: number, id: number): boolean => {
      const last = results.count - 1;
      return results.count === ef &&
        comesBefore(results.distances[last]!, results.ids[last]!, distance, id);
    };
    let cursor = 0;
    let spent = 0;
    while (cursor < pool.count) {
      if (pool.expanded[cursor] === 1) {
        cursor++;
        continue;
      }
      if (isWorse(pool.distances[cursor]!, pool.ids[cursor]!)) break;
      pool.expanded[cursor] = 1;
      const size = this.#gather(pool.ids[cursor++]!, 0, epoch, 0);
      spent += size;
      if (spent > budget) return -1;
      this.#distancesTo(q, this.#list, size);
      let lowest = cursor;
      for (let i = 0; i < size; i++) {
        if (isWorse(distances[i]!, this.#list[i]!)) continue;
        const place = pool.insert(distances[i]!, this.#list[i]!);
        if (place < 0) continue;
        if (place < lowest) lowest = place;
        this.#admit(this.#list[i]!, distances[i]!, bits);
      }
      cursor = lowest;
    }
    const ranked = q === CODES && window > 0
      ? this.#rank(results, pool, window)
      : results;
    for (let i = 0; i < ranked.count; i++) {
      this.#put(i, ranked.ids[i]!, ranked.distances[i]!);
    }
    return ranked.count;
  }

  /** Puts the nearest candidates in order of their rows' distances. */
  #rank(
    from: CandidatePool,
    to: CandidatePool,
    window: number,
  ): CandidatePool {
    const distance = new Float32Array(1);
    const count = Math.min(from.count, window);
    to.reset(count);
    for (let i = 0; i < count; i++) {
      const id = from.ids[i]!;
      distancesTo(this.#state, this.#state.query, [id], 1, distance);
      to.insert(distance[0]!, id);
    }
    return to;
  }
}
