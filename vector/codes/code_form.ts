/**
 * How codes lie in memory, and what makes them: one interface for all kinds.
 *
 * | part of a row of codes | bytes |
 * | --- | --- |
 * | codes | 16 `chunks` |
 * | u, v, w | float32 each |
 * | zeros | 4 |
 *
 * | kind | codes of a row | of the query |
 * | --- | --- | --- |
 * | `sq8` | a byte a component, 0 to 127 | a byte a component, -127 to 127 |
 * | `binary`, `rabitq` | a bit a component, from the lowest | four planes of bits: 0 to 15 a component |
 *
 * With i the sum of the products of codes, a row's distance is, but for what
 * is the same for all rows, w + (v alpha + u (beta i + gamma)): alpha, beta
 * and gamma are the query's.
 *
 * Codes are made of the rows and of nothing else, in 64-bit floats and without
 * a function that machines may round differently: they are not stored, but
 * made again when a segment is loaded, the same ones.
 *
 * @module
 */

/** What a query's distances are made with. */
export interface CodeQuery {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
}

/** Makes codes. */
export interface Coder {
  /** What kernels call the kind: 1 for bytes, 2 for bits. */
  readonly kind: 1 | 2;
  /** 16-byte chunks of a row's codes. */
  readonly chunks: number;
  /** 16-byte chunks of a query's codes. */
  readonly queryChunks: number;
  /**
   * Writes the codes of a row, `stride` bytes at byte `at`. The row is changed.
   * Gives false, with nothing of use written, for a row whose distances
   * would leave 32 bits.
   */
  encode(row: Float64Array, memory: CodeMemory, at: number): boolean;
  /**
   * Writes the codes of a query at byte `at`; `undefined` for one whose
   * distances would leave 32 bits. The query is changed.
   */
  encodeQuery(
    query: Float64Array,
    memory: CodeMemory,
    at: number,
  ): CodeQuery | undefined;
}

/** The memory of codes. */
export interface CodeMemory {
  /** As bytes. */
  readonly bytes: Uint8Array;
  /** As 32-bit floats. */
  readonly floats: Float32Array;
}

/** Bytes of u, v and w. */
const TAIL_BYTES = 16;

/** Bytes of a row of codes. */
export function codeStride(chunks: number): number {
  return 16 * chunks + TAIL_BYTES;
}

/** No sum of squares may be larger, so that 32 bits hold every distance. */
export const SQUARES_MAX = 1e34;

/** Whether what walks compare is the inner product, not the distance. */
export type CodeMetric = "l2" | "inner_product";

/** Writes the numbers of a row behind its codes. */
export function putTail(
  { floats }: CodeMemory,
  at: number,
  [u, v, w]: readonly [number, number, number],
): void {
  floats[at / 4] = u;
  floats[at / 4 + 1] = v;
  floats[at / 4 + 2] = w;
  floats[at / 4 + 3] = 0;
}
