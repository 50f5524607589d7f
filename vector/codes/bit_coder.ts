/**
 * Codes of a bit a component: RaBitQ (Gao & Long 2024), and the same without
 * the rotation (`binary`).
 *
 * A row r, less the mean and rotated, is kept as its signs. That r q is about
 * |r|^2 / sum(|r|) times the sum of the query's components with the signs of r
 * is true in the mean over rotations, with an error below |r| |q| / sqrt(d)
 * for most; without a rotation it depends on the data. The query's components
 * are lo + s t with t in 0 to 15, so that the sum is made of counted bits.
 *
 * With u = |r|^2 / sum(|r|), v = u times the ones of r, w = |r|^2, the sum over
 * the signs is 2 (lo ones + s i) - sum(q), and the distance |q|^2 + |r|^2 -
 * 2 r q; of the inner product the query is not moved, and w is 0.
 *
 * @module
 */
import {
  type CodeMemory,
  type CodeMetric,
  type CodeQuery,
  type Coder,
  putTail,
  SQUARES_MAX,
} from "./code_form.ts";
import { Rotation } from "./rotation.ts";

/** Bits of a chunk. */
const CHUNK_BITS = 128;

/** The greatest code of a query's component. */
const CODE_MAX = 15;

/** See the module. */
export class BitCoder implements Coder {
  readonly kind = 2;
  readonly chunks: number;
  readonly queryChunks: number;
  readonly #mean: Float64Array;
  readonly #metric: CodeMetric;
  readonly #rotation: Rotation | undefined;
  /** A row that is coded, with room for all components there are then. */
  readonly #row: Float64Array;

  /** Makes codes of rows with this mean, rotated or as they are. */
  constructor(
    mean: Float64Array,
    metric: CodeMetric,
    options: { readonly rotated: boolean },
  ) {
    this.#mean = mean;
    this.#metric = metric;
    let width = CHUNK_BITS;
    while (width < mean.length) width *= 2;
    this.#rotation = options.rotated ? new Rotation(width) : undefined;
    this.#row = new Float64Array(options.rotated ? width : mean.length);
    this.chunks = Math.ceil(this.#row.length / CHUNK_BITS);
    this.queryChunks = 4 * this.chunks;
  }

  /** Moves and turns a row into `#row`; gives the sum of its squares. */
  #turned(row: Float64Array, isMoved: boolean): number {
    const turned = this.#row.fill(0);
    let squares = 0;
    for (let i = 0; i < row.length; i++) {
      const x = isMoved ? row[i]! - this.#mean[i]! : row[i]!;
      turned[i] = x;
      squares += x * x;
    }
    if (squares < SQUARES_MAX) this.#rotation?.turn(turned);
    return squares;
  }

  encode(row: Float64Array, memory: CodeMemory, at: number): boolean {
    const squares = this.#turned(row, true);
    if (!(squares < SQUARES_MAX)) return false;
    const turned = this.#row;
    const { bytes } = memory;
    const tail = at + 16 * this.chunks;
    bytes.fill(0, at, tail);
    let sum = 0;
    let ones = 0;
    for (let i = 0; i < turned.length; i++) {
      const x = turned[i]!;
      if (x > 0) {
        bytes[at + (i >> 3)]! |= 1 << (i & 7);
        ones++;
        sum += x;
      } else sum -= x;
    }
    const share = sum > 0 ? squares / sum : 0;
    const w = this.#metric === "l2" ? squares : 0;
    putTail(memory, tail, [share, share * ones, w]);
    return true;
  }

  encodeQuery(
    query: Float64Array,
    { bytes }: CodeMemory,
    at: number,
  ): CodeQuery | undefined {
    const isL2 = this.#metric === "l2";
    const squares = this.#turned(query, isL2);
    if (!(squares < SQUARES_MAX)) return undefined;
    const turned = this.#row;
    let low = Infinity;
    let high = -Infinity;
    let sum = 0;
    for (let i = 0; i < turned.length; i++) {
      const x = turned[i]!;
      sum += x;
      if (x < low) low = x;
      if (x > high) high = x;
    }
    const step = (high - low) / CODE_MAX;
    const plane = 16 * this.chunks;
    bytes.fill(0, at, at + 4 * plane);
    for (let i = 0; i < turned.length; i++) {
      const code = step > 0 ? Math.round((turned[i]! - low) / step) : 0;
      const byte = at + (i >> 3);
      for (let p = 0; p < 4; p++) {
        bytes[byte + p * plane]! |= (code >> p & 1) << (i & 7);
      }
    }
    const factor = isL2 ? -2 : -1;
    return {
      alpha: 2 * factor * low,
      beta: 2 * factor * step,
      gamma: -factor * sum,
    };
  }
}
