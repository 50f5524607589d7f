/**
 * The kernels in plain TypeScript: what defines the others, and what runs
 * where WebAssembly cannot.
 *
 * @module
 */
import { BATCH_MAX, type Kernels } from "../kernels/kernels.ts";
import { CandidatePool } from "./candidate_pool.ts";
import { distancesOfRange, distancesTo } from "./plain_distance.ts";
import { insert } from "./plain_link.ts";
import { codeDistancesTo } from "./plain_codes.ts";
import { sumNibbles } from "./plain_nibbles.ts";
import { PlainSearch } from "./plain_search.ts";
import { PlainState } from "./plain_state.ts";

/** The `k` nearest of the rows that `next` names until it gives -1. */
/** The numbers of the bits that are set, one a call; -1 at the end. */
function setBitsOf(
  { bytes }: PlainState,
  bits: number,
  words: number,
): () => number {
  let id = 0;
  return () => {
    while (id < 64 * words) {
      const at = id++;
      if (bytes[bits + (at >>> 3)]! >> (at & 7) & 1) return at;
    }
    return -1;
  };
}

function scanRows(
  state: PlainState,
  k: number,
  next: () => number,
  byCodes = false,
): number {
  const pool = new CandidatePool(k);
  const distance = new Float32Array(1);
  for (let id = next(); id >= 0; id = next()) {
    if (byCodes) codeDistancesTo(state, [id], 1, distance);
    else distancesOfRange(state, state.query, id, 1, distance);
    pool.insert(distance[0]!, id);
  }
  state.numbers.set(pool.ids.subarray(0, pool.count), state.outIds);
  state.floats.set(pool.distances.subarray(0, pool.count), state.outDistances);
  return pool.count;
}

/** Kernels over a memory of `pages` pages. */
export function createPlainKernels(pages: number): Kernels {
  const state = new PlainState(pages);
  const search = new PlainSearch(state);
  const batch = new Float32Array(BATCH_MAX);
  return {
    variant: "plain",
    memory: state.memory,
    setup(code, rows, stride, chunks, query, ids, distances, ...rest): void {
      const [_pool, _results, efMax, outIds, outDistances] = rest;
      const metric = code & 7;
      const element = code >> 3;
      Object.assign(state, { metric, element, efMax, chunks });
      state.rows = rows / 4;
      state.stride = stride / 4;
      state.query = query / 4;
      state.ids = ids / 4;
      state.distances = distances / 4;
      state.outIds = outIds / 4;
      state.outDistances = outDistances / 4;
    },
    setupGraph(count, m, level0, upper, upperAt, duplicates, visited): void {
      Object.assign(state, { count, m, visited, epoch: 0 });
      state.level0 = level0 / 4;
      state.upper = upper / 4;
      state.upperAt = upperAt / 4;
      state.duplicates = duplicates / 4;
    },
    setupCodes(codeKind, codeRows, codeStride, codeChunks): void {
      const codes = { codeKind, codeRows, codeStride, codeChunks };
      Object.assign(state, codes, { codeQuery: 0 });
    },
    setCodeQuery(codeQuery, alpha, beta, gamma): void {
      state.codeQuery = codeQuery;
      state.alpha = Math.fround(alpha);
      state.beta = Math.fround(beta);
      state.gamma = Math.fround(gamma);
    },
    setEntry(entry, level): void {
      state.entry = entry >>> 0;
      state.entryLevel = level;
    },
    getEntry: () => state.entry | 0,
    getEntryLevel: () => state.entryLevel,
    distanceBatch(count): void {
      state.refresh();
      const ids = state.numbers.subarray(state.ids, state.ids + count);
      distancesTo(state, state.query, ids, count, batch);
      state.floats.set(batch.subarray(0, count), state.distances);
    },
    distanceRange(from, count): void {
      state.refresh();
      distancesOfRange(state, state.query, from, count, batch);
      state.floats.set(batch.subarray(0, count), state.distances);
    },
    scan(k, count): number {
      state.refresh();
      let id = 0;
      return scanRows(state, k, () => id < count ? id++ : -1);
    },
    scanBits(k, bits, words): number {
      state.refresh();
      return scanRows(state, k, setBitsOf(state, bits, words));
    },
    scanCodes(k, bits, words): number {
      state.refresh();
      return scanRows(state, k, setBitsOf(state, bits, words), true);
    },
    sumNibbles(tables, codes, pairs, blocks, out): void {
      state.refresh();
      sumNibbles(state, { tables, codes, pairs, blocks, out });
    },
    search(ef, window): number {
      state.refresh();
      return search.search(ef, window);
    },
    searchFiltered(ef, bits, budget, window): number {
      state.refresh();
      return search.searchFiltered(ef, bits, budget, window);
    },
    insert(id, level, efConstruction): number {
      state.refresh();
      return insert(state, search, { id, level, efConstruction });
    },
  };
}
