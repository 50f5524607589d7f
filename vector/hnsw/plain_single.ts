/**
 * The distance of two rows of bits, or sparse ones, in plain TypeScript: the twin
 * of `kernels/assembly/distance_bits.ts` and `distance_sparse.ts`.
 *
 * @module
 */
import { ELEMENT, METRIC, type PlainState } from "./plain_state.ts";

const fround = Math.fround;

/** The distance of the rows that begin at floats `q` and `x`. */
export function plainSingle(state: PlainState, q: number, x: number): number {
  return state.element === ELEMENT.bit
    ? ofBits(state, q, x)
    : ofSparse(state, q, x);
}

function ofBits(state: PlainState, q: number, x: number): number {
  const { numbers, metric } = state;
  let differing = 0;
  let both = 0;
  let either = 0;
  for (let i = 0; i < 4 * state.chunks; i++) {
    const a = numbers[q + i]!;
    const b = numbers[x + i]!;
    differing += ones(a ^ b);
    both += ones(a & b);
    either += ones(a | b);
  }
  if (metric === METRIC.hamming) return differing;
  return both === 0 ? 1 : fround(1 - fround(both / either));
}

/** How many ones a number of 32 bits has. */
function ones(number: number): number {
  let count = 0;
  for (let rest = number; rest !== 0; rest &= rest - 1) count++;
  return count;
}

function ofSparse(state: PlainState, q: number, x: number): number {
  const { floats, metric } = state;
  const sum = merge(state, q, x);
  if (metric === METRIC.l2 || metric === METRIC.l1) return sum;
  if (metric === METRIC.innerProduct) return 0 - sum;
  return fround(fround(1 - sum) + fround(floats[q + 1]! + floats[x + 1]!));
}

/** The sum that a metric is made of, in the order of the indices. */
function merge(state: PlainState, q: number, x: number): number {
  const { floats, numbers, metric } = state;
  const isProduct = metric === METRIC.cosine || metric === METRIC.innerProduct;
  const qEnd = q + 4 + 2 * numbers[q]!;
  const xEnd = x + 4 + 2 * numbers[x]!;
  let i = q + 4;
  let j = x + 4;
  let sum = 0;
  while (i < qEnd || j < xEnd) {
    const a = i < qEnd ? numbers[i]! : Infinity;
    const b = j < xEnd ? numbers[j]! : Infinity;
    const u = a <= b ? floats[i + 1]! : 0;
    const v = b <= a ? floats[j + 1]! : 0;
    if (a <= b) i += 2;
    if (b <= a) j += 2;
    if (isProduct) {
      if (a === b) sum = fround(sum + fround(u * v));
      continue;
    }
    const difference = fround(u - v);
    const term = metric === METRIC.l2
      ? fround(difference * difference)
      : Math.abs(difference);
    sum = fround(sum + term);
  }
  return sum;
}
