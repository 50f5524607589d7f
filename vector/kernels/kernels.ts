/**
 * The functions that work on a segment's memory, whoever provides them:
 * WebAssembly with relaxed SIMD, with plain SIMD, or plain TypeScript
 * (`../hnsw/plain_kernels.ts`). All read and write the same layout, which
 * `../hnsw/segment_memory.ts` draws; the two without fused multiplication give
 * the same bits, the relaxed one differs in rounding only.
 *
 * Distances here are internal: squared Euclidean, one minus the dot product of
 * unit rows, minus the dot product, or the metric itself, in 32 bits; NaN where a row or the query
 * has no direction. Ties are settled by the lower node number. All functions
 * are synchronous, and none allocates.
 *
 * @module
 */

/** Who computes. */
export type KernelVariant = "relaxed-simd" | "simd" | "plain";

/** Bytes that can grow; `buffer` may be another one after each `grow`. */
export interface LinearMemory {
  /** The bytes as they are now. */
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB, filled with zeros. Throws if there is no memory. */
  grow(pages: number): unknown;
}

/** A size that no page count may pass: 4 GiB of 64 KiB pages. */
export const PAGES_MAX = 65_536;

/** Bytes of a page. */
export const PAGE_BYTES = 65_536;

/** No node: ends a neighbour list, or a chain of duplicates. */
export const NONE = 0xffff_ffff;

/** Most node numbers that `distanceBatch` and `distanceRange` take at once. */
export const BATCH_MAX = 1024;

/** The highest layer a node may be on. */
export const LEVEL_MAX = 31;

/** What every variant offers. Pointers are byte offsets in its memory. */
export interface KernelFunctions {
  /**
   * Places everything but the graph; `code` by `metricCode`, `chunks` of 16
   * bytes of components in a row.
   */
  setup(
    code: number,
    rows: number,
    stride: number,
    chunks: number,
    query: number,
    ids: number,
    distances: number,
    pool: number,
    results: number,
    efMax: number,
    outIds: number,
    outDistances: number,
    scratch: number,
  ): void;
  /** Places the graph of `count` nodes. */
  setupGraph(
    count: number,
    m: number,
    level0: number,
    upper: number,
    upperAt: number,
    duplicates: number,
    visited: number,
  ): void;
  /** Places the codes, `chunks` of 16 bytes in a row; kind 0 for none. */
  setupCodes(kind: number, rows: number, stride: number, chunks: number): void;
  /**
   * Says where the query's codes are, and what distances by them are made
   * with (`assembly/codes.ts`); 0 lets walks look at rows.
   */
  setCodeQuery(query: number, alpha: number, beta: number, gamma: number): void;
  /** Sets the entry point and its layer; `NONE` and -1 for an empty graph. */
  setEntry(entry: number, level: number): void;
  /** The entry point, as a signed 32-bit number: -1 is `NONE`. */
  getEntry(): number;
  /** The entry point's layer, -1 if there is none. */
  getEntryLevel(): number;
  /** Distances of the query to the nodes at `ids`, to `distances`. */
  distanceBatch(count: number): void;
  /** Distances of the query to rows `from` on, to `distances`. */
  distanceRange(from: number, count: number): void;
  /** The `k` nearest of rows 0 to `count`, to the outputs; how many. */
  scan(k: number, count: number): number;
  /** The `k` nearest rows set in `words` 64-bit words at `bits`; how many. */
  scanBits(k: number, bits: number, words: number): number;
  /** The same by codes. REQUIRES: the query has codes. */
  scanCodes(k: number, bits: number, words: number): number;
  /**
   * For each row of `blocks` of product codes, the sum of what the tables say of
   * its `pairs` of parts, to `out` (`assembly/nibbles.ts`).
   */
  sumNibbles(
    tables: number,
    codes: number,
    pairs: number,
    blocks: number,
    out: number,
  ): void;
  /**
   * The `ef` nearest nodes that the graph leads to, duplicates with them; where
   * walks look at codes the nearest `window` of these, by their rows; all of
   * them by their codes if `window` is 0.
   */
  search(ef: number, window: number): number;
  /**
   * The `ef` nearest rows of the bitmap that the graph leads to; -1 once more
   * than `budget` distances were computed. The window is as in `search`.
   */
  searchFiltered(
    ef: number,
    bits: number,
    budget: number,
    window: number,
  ): number;
  /**
   * Empties a node's lists and links it; 0 if it is a duplicate or has no
   * direction, else 1. Every node has to be inserted before a search.
   */
  insert(id: number, level: number, efConstruction: number): number;
}

/** One variant over one memory. */
export interface Kernels extends KernelFunctions {
  /** Who computes. */
  readonly variant: KernelVariant;
  /** What it works on. */
  readonly memory: LinearMemory;
  /** The module for other threads' instances, if they can share the memory. */
  readonly shared?: WebAssembly.Module | undefined;
}
