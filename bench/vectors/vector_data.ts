/**
 * What a data set of the vector benchmarks is: rows to search, others to ask,
 * and which are the nearest.
 *
 * @module
 */
/** How many of the nearest are asked for, everywhere. */
export const NEAREST = 10;

/** A data set. */
export interface VectorData {
  /** Its name. */
  readonly name: string;
  /** How vectors are compared. */
  readonly metric: "l2" | "cosine";
  /** Numbers of a vector. */
  readonly dimensions: number;
  /** Rows to search. */
  readonly count: number;
  /** Rows to ask for. */
  readonly queryCount: number;
  /** Row `i` of the searched. */
  vector(i: number): Float32Array;
  /** Row `i` of the questions. */
  query(i: number): Float32Array;
  /** The share of the nearest of query `i` that are among `ids`. */
  recall(i: number, ids: readonly number[]): number;
}
