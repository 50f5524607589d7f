/**
 * Where things lie in linear memory, set by the host (see ../arena.ts, which
 * draws the layout). One instance serves one segment, so this is global.
 *
 * @module
 */

/** No node: the end of a neighbour list, or no next duplicate. */
export const NONE: u32 = 0xffffffff;

/** Metrics, as in ../../distance/metric.ts. */
export const L2: i32 = 0;
export const COSINE: i32 = 1;
export const IP: i32 = 2;
export const L1: i32 = 3;
export const HAMMING: i32 = 4;
/** What rows are made of: 32-bit floats are 0. */
export const HALVES: i32 = 1;
export const BITS: i32 = 2;
export const SPARSE: i32 = 3;

export let metric: i32 = 0;
export let element: i32 = 0;
/** Rows: `stride` bytes each, components in `chunks` of 16 bytes, zeros at the end. */
export let rows: usize = 0;
export let stride: usize = 0;
export let chunks: i32 = 0;

/** The query, laid out as a row. */
export let query: usize = 0;
/** u32 node numbers and f32 distances of a batch. */
export let ids: usize = 0;
export let distances: usize = 0;
/** Two pools of u64 keys, with room for `efMax` + 1 each. */
export let pool: usize = 0;
export let results: usize = 0;
export let efMax: i32 = 0;
/** u32 numbers and f32 distances that a search gives back; `efMax` each. */
export let outIds: usize = 0;
export let outDistances: usize = 0;
/** Keys and numbers while linking, see link.ts. */
export let scratch: usize = 0;

export let count: i32 = 0;
export let m: i32 = 0;
export let m0: i32 = 0;
export let level0: usize = 0;
export let upper: usize = 0;
/** Per node, where its lists above level 0 begin: u32, counted in numbers. */
export let upperAt: usize = 0;
/** Per node, the next node with the very same vector, or NONE. */
export let duplicates: usize = 0;
/** Per node, the epoch of the last search that saw it. */
export let visited: usize = 0;
export let epoch: i32 = 0;

/** Codes: rows of `codeStride` bytes; kind 0: there are none. */
export let codeKind: i32 = 0;
export let codeRows: usize = 0;
export let codeStride: usize = 0;
export let codeChunks: i32 = 0;
/** The query's codes; 0 while walks look at rows. */
export let codeQuery: usize = 0;
/** What the query's distances are made with, see codes.ts. */
export let alpha: f32 = 0;
export let beta: f32 = 0;
export let gamma: f32 = 0;

export let entry: u32 = NONE;
export let entryLevel: i32 = -1;

export function setup(
  code: i32, rows_: usize, stride_: usize, chunks_: i32, query_: usize,
  ids_: usize, distances_: usize, pool_: usize, results_: usize, efMax_: i32,
  outIds_: usize, outDistances_: usize, scratch_: usize,
): void {
  metric = code & 7; element = code >> 3; rows = rows_; stride = stride_; chunks = chunks_;
  query = query_; ids = ids_; distances = distances_; pool = pool_;
  results = results_; efMax = efMax_; outIds = outIds_;
  outDistances = outDistances_; scratch = scratch_;
}

export function setupGraph(
  count_: i32, m_: i32, level0_: usize, upper_: usize, upperAt_: usize,
  duplicates_: usize, visited_: usize,
): void {
  count = count_; m = m_; m0 = 2 * m_; level0 = level0_; upper = upper_;
  upperAt = upperAt_; duplicates = duplicates_; visited = visited_; epoch = 0;
}

export function setupCodes(
  kind: i32, codeRows_: usize, codeStride_: usize, codeChunks_: i32,
): void {
  codeKind = kind; codeRows = codeRows_; codeStride = codeStride_;
  codeChunks = codeChunks_; codeQuery = 0;
}

export function setCodeQuery(codeQuery_: usize, alpha_: f32, beta_: f32, gamma_: f32): void {
  codeQuery = codeQuery_; alpha = alpha_; beta = beta_; gamma = gamma_;
}

export function setEntry(entry_: u32, level: i32): void {
  entry = entry_; entryLevel = level;
}
export function getEntry(): u32 { return entry; }
export function getEntryLevel(): i32 { return entryLevel; }

/** Begins a search: nothing is visited. Epoch 0 marks what never was. */
export function nextEpoch(): i32 {
  if (++epoch == 256) {
    memory.fill(visited, 0, <usize>count);
    epoch = 1;
  }
  return epoch;
}

@inline
export function row(id: u32): usize { return rows + <usize>id * stride; }

@inline
export function listAt(id: u32, level: i32): usize {
  if (level == 0) return level0 + (<usize>id * <usize>m0 << 2);
  const at = <usize>load<u32>(upperAt + (<usize>id << 2));
  return upper + ((at + <usize>(level - 1) * <usize>m) << 2);
}
