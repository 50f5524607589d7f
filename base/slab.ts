/**
 * Small typed arrays cut from a larger one.
 *
 * A typed array of its own is memory outside the heap, asked for and given back
 * one by one: 0.2 to 2 µs, more than most things that are done with ten bytes.
 * A view of a slab that is there takes 50 to 100 ns.
 *
 * A slab is never used again: it goes when the last of its cuts goes. So cuts
 * are for what lives shortly; one that is kept keeps a slab. The bytes around a
 * cut belong to others: who makes views of its buffer begins at `byteOffset`,
 * and never transfers it.
 *
 * Source: the slab allocation of Node.js's `Buffer.allocUnsafe`.
 *
 * @module
 */

const SLAB_BYTES = 32 * 1024;
/** What is longer gets memory of its own. */
const CUT_BYTES_MAX = 2048;
/** Cuts begin where any number may. */
const ALIGNMENT = 8;

let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

/** Takes `length` bytes of the slab; returns where they begin. */
function take(length: number): number {
  if (used + length > SLAB_BYTES) {
    slab = new ArrayBuffer(SLAB_BYTES);
    used = 0;
  }
  const start = used;
  used += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  return start;
}

/** `length` bytes, all zero. */
export function cutBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length > CUT_BYTES_MAX) return new Uint8Array(length);
  const start = take(length);
  return new Uint8Array(slab, start, length);
}

/** `length` 32-bit words, all zero. */
export function cutWords(length: number): Uint32Array<ArrayBuffer> {
  if (length * 4 > CUT_BYTES_MAX) return new Uint32Array(length);
  const start = take(length * 4);
  return new Uint32Array(slab, start, length);
}

/** `length` signed 32-bit integers, all zero. */
export function cutIntegers(length: number): Int32Array<ArrayBuffer> {
  if (length * 4 > CUT_BYTES_MAX) return new Int32Array(length);
  const start = take(length * 4);
  return new Int32Array(slab, start, length);
}

/** `length` doubles, all zero. */
export function cutDoubles(length: number): Float64Array<ArrayBuffer> {
  if (length * 8 > CUT_BYTES_MAX) return new Float64Array(length);
  const start = take(length * 8);
  return new Float64Array(slab, start, length);
}

/** A copy of `bytes`. */
export function cutCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = cutBytes(bytes.length);
  copy.set(bytes);
  return copy;
}
