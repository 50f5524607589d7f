/**
 * Sets of rows of one segment, as bitmaps: bit i & 7 of byte i >> 3.
 *
 * The length is a multiple of 8 bytes, as kernels read 64 bits at a time.
 *
 * @module
 */

/** Rows of a segment; read only to whoever did not make it. */
export interface RowSet {
  /** The bitmap; rows beyond its end are not in the set. */
  readonly bits: Uint8Array<ArrayBuffer>;
  /** How many rows are in the set. */
  readonly count: number;
  /**
   * Names these contents: sets with the same stamp have the same bits. A set
   * that changes gets another stamp.
   */
  readonly stamp: number;
}

/**
 * Of each segment, by its versions, the rows that a filter allows at a snapshot:
 * found once for all searches that have both in common.
 */
export type SharedRows = Map<object, RowSet>;

let lastStamp = 0;

/** A stamp that no set had before. */
export function nextStamp(): number {
  return ++lastStamp;
}

/** An empty bitmap for `rows` rows. */
export function makeBits(rows: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(8 * Math.ceil(rows / 64));
}

/** Whether a row is in a bitmap that reaches it. */
export function hasBit(bits: Uint8Array, row: number): boolean {
  return (bits[row >>> 3]! >> (row & 7) & 1) === 1;
}

/** Puts a row in. */
export function setBit(bits: Uint8Array, row: number): void {
  bits[row >>> 3]! |= 1 << (row & 7);
}

/** Takes a row out. */
export function clearBit(bits: Uint8Array, row: number): void {
  bits[row >>> 3]! &= ~(1 << (row & 7));
}
