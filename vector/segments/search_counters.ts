/**
 * What a search did, for EXPLAIN ANALYZE.
 *
 * Kernels count nothing: a walk marks the nodes that it looks at, and whoever
 * wants to know clears the marks before it and counts them after it. A search
 * that nobody counts costs what it did.
 *
 * @module
 */

/** Sums over all parts of a search. */
export interface SearchCounters {
  /** Nodes of graphs that walks looked at. */
  nodes: number;
  /** Clusters that were read. */
  clusters: number;
  /** Distances that were computed, those by codes too. */
  distances: number;
  /** Reads of vectors that are not in memory: ranges of objects … */
  requests: number;
  /** … and their bytes. */
  bytes: number;
}

/** Nothing was done yet. */
export function newCounters(): SearchCounters {
  return { nodes: 0, clusters: 0, distances: 0, requests: 0, bytes: 0 };
}
