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
import { float16OfBits } from "../types/float16.ts";
import { plainSingle } from "./plain_single.ts";
import { ELEMENT, METRIC, type PlainState } from "./plain_state.ts";

const fround = Math.fround;

/** The eight sums: lane i & 7 takes component i. Storing rounds to 32 bits. */
const sums = new Float32Array(8);

/** The distance of the rows that begin at floats `q` and `x`. */
function distance(state: PlainState, q: number, x: number): number {
  switch (state.element) {
    case ELEMENT.bit:
    case ELEMENT.sparse:
      return plainSingle(state, q, x);
    case ELEMENT.float16:
      return ofHalves(state, q, x);
    default:
      return ofFloats(state, q, x);
  }
}

function ofFloats(state: PlainState, q: number, x: number): number {
  const { floats } = state;
  const from = floats.subarray(q, q + 4 * state.chunks);
  const to = floats.subarray(x, x + 4 * state.chunks);
  const sum = sumOf(state.metric, from, to);
  if (state.metric === METRIC.l2 || state.metric === METRIC.l1) return sum;
  return fround((state.metric === METRIC.cosine ? 1 : 0) - sum);
}

function ofHalves(state: PlainState, q: number, x: number): number {
  const { floats, chunks } = state;
  const sum = sumOf(state.metric, halvesAt(state, q), halvesAt(state, x));
  if (state.metric === METRIC.l2 || state.metric === METRIC.l1) return sum;
  if (state.metric === METRIC.innerProduct) return fround(0 - sum);
  const inverse = 4 * chunks;
  const share = fround(sum * floats[q + inverse]!);
  return fround(1 - fround(share * floats[x + inverse]!));
}

/** The halves of the row at float `at`, as 32-bit floats. */
function halvesAt(state: PlainState, at: number): Float32Array {
  const buffer = state.bytes.buffer;
  return Float32Array.from(
    new Uint16Array(buffer, 4 * at, 8 * state.chunks),
    float16OfBits,
  );
}

/** The sum that a metric is made of, in eight lanes. */
function sumOf(metric: number, a: Float32Array, b: Float32Array): number {
  sums.fill(0);
  for (let i = 0; i < a.length; i++) {
    const difference = fround(a[i]! - b[i]!);
    sums[i & 7]! += metric === METRIC.l2
      ? fround(difference * difference)
      : metric === METRIC.l1
      ? Math.abs(difference)
      : fround(a[i]! * b[i]!);
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

/** Whether a node's vector has no direction. */
export function isNowhere(state: PlainState, id: number): boolean {
  if (state.metric !== METRIC.cosine) return false;
  const mark = state.element === ELEMENT.float16
    ? 4 * state.chunks
    : state.element === ELEMENT.sparse
    ? 1
    : 0;
  return Number.isNaN(state.floats[state.rowAt(id) + mark]!);
}
