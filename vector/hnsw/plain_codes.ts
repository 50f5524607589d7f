/**
 * Distances by codes in plain TypeScript: the twin of
 * `kernels/assembly/codes.ts`, and equal to it bit for bit.
 *
 * @module
 */
import type { PlainState } from "./plain_state.ts";

const fround = Math.fround;

/** Distances of the query's codes to those of the nodes `list`, into `out`. */
export function codeDistancesTo(
  state: PlainState,
  list: ArrayLike<number>,
  count: number,
  out: Float32Array,
): void {
  const { floats, codeRows, codeStride, codeChunks } = state;
  const { alpha, beta, gamma } = state;
  for (let i = 0; i < count; i++) {
    const at = codeRows + list[i]! * codeStride;
    const sum = state.codeKind === 1
      ? productOfBytes(state, at)
      : productOfBits(state, at);
    const tail = (at + 16 * codeChunks) / 4;
    const scaled = fround(fround(fround(sum) * beta) + gamma);
    const moved = fround(floats[tail + 1]! * alpha);
    const turned = fround(floats[tail]! * scaled);
    out[i] = fround(floats[tail + 2]! + fround(moved + turned));
  }
}

/** The query's signed bytes times the row's. */
function productOfBytes(
  { bytes, codeQuery, codeChunks }: PlainState,
  at: number,
): number {
  let sum = 0;
  for (let i = 0; i < 16 * codeChunks; i++) {
    sum += (bytes[codeQuery + i]! << 24 >> 24) * bytes[at + i]!;
  }
  return sum;
}

/** The query's numbers, four planes of bits, times the row's bits. */
function productOfBits(
  { bytes, codeQuery, codeChunks }: PlainState,
  at: number,
): number {
  let sum = 0;
  for (let i = 0; i < 16 * codeChunks; i++) {
    for (let p = 0; p < 4; p++) {
      const plane = bytes[codeQuery + 16 * codeChunks * p + i]!;
      for (let rest = plane & bytes[at + i]!; rest !== 0; rest &= rest - 1) {
        sum += 1 << p;
      }
    }
  }
  return sum;
}
