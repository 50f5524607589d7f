/**
 * Distances of one row to many in plain TypeScript: the twin of
 * `kernels/assembly/distance.ts`, and equal to it bit for bit where that does
 * not fuse multiplication and addition.
 *
 * So it keeps eight sums of 32 bits per row, four for the even chunks of four
 * components and four for the odd ones, and adds them up in the same order.
 *
 * @module
 */
import type { PlainState } from "./plain_state.ts";

const fround = Math.fround;

/** The eight sums: lane i & 7 takes component i. Storing rounds to 32 bits. */
const sums = new Float32Array(8);

/** The distance of the rows that begin at floats `q` and `x`. */
function distance(state: PlainState, q: number, x: number): number {
  if (state.metric === 0) return squaredL2(state, q, x);
  return fround((state.metric === 1 ? 1 : 0) - dot(state, q, x));
}

function dot(state: PlainState, q: number, x: number): number {
  const { floats, stride } = state;
  sums.fill(0);
  for (let i = 0; i < stride; i++) {
    sums[i & 7]! += fround(floats[q + i]! * floats[x + i]!);
  }
  return sumOfLanes();
}

function squaredL2(state: PlainState, q: number, x: number): number {
  const { floats, stride } = state;
  sums.fill(0);
  for (let i = 0; i < stride; i++) {
    const difference = fround(floats[q + i]! - floats[x + i]!);
    sums[i & 7]! += fround(difference * difference);
  }
  return sumOfLanes();
}

/** Even and odd chunks, then lanes (0 + 2) + (1 + 3). */
function sumOfLanes(): number {
  for (let i = 0; i < 4; i++) sums[i]! += sums[i + 4]!;
  return fround(fround(sums[0]! + sums[2]!) + fround(sums[1]! + sums[3]!));
}

/**
 * Distances of the row at float `q` to the nodes `list[from]` on, into `out`.
 */
export function distancesTo(
  state: PlainState,
  q: number,
  list: ArrayLike<number>,
  count: number,
  out: Float32Array,
): void {
  for (let i = 0; i < count; i++) {
    out[i] = distance(state, q, state.rowAt(list[i]!));
  }
}

/** Distances of the row at float `q` to rows `from` on, into `out`. */
export function distancesOfRange(
  state: PlainState,
  q: number,
  from: number,
  count: number,
  out: Float32Array,
): void {
  for (let i = 0; i < count; i++) {
    out[i] = distance(state, q, state.rowAt(from + i));
  }
}

/** Whether two nodes have the very same vector. */
export function sameRow(state: PlainState, a: number, b: number): boolean {
  const { numbers, stride } = state;
  const x = state.rowAt(a);
  const y = state.rowAt(b);
  for (let i = 0; i < stride; i++) {
    if (numbers[x + i] !== numbers[y + i]) return false;
  }
  return true;
}

/** Whether a node's vector has no direction: all its components are NaN. */
export function isNowhere(state: PlainState, id: number): boolean {
  return Number.isNaN(state.floats[state.rowAt(id)]!);
}
