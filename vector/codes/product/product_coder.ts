/**
 * Codes of vectors by cluster: what a vector is more than its cluster's centroid
 * c, as a {@linkcode ProductCodebook} has it.
 *
 * | bytes of a code | field |
 * | --- | --- |
 * | 4 | the frame: a checksum of the codebook's name and the centroid |
 * | 4 | t, float32 |
 * | ⌈parts / 2⌉ | the residual's parts |
 *
 * An empty one is of a vector that is looked at as it is.
 *
 * | metric | residual r of x | t | distance, r' being what the code stands for |
 * | --- | --- | --- | --- |
 * | `l2` | x - c | r'² + 2 (c - o) r' | (q - c)² + t - 2 (q - o) r' |
 * | `cosine`, of length one | x - t c | x c | 1 - t (q c) - q r' |
 * | `inner_product`, c of length one | x - t c | x c | -t (q c) - q r' |
 *
 * q r' is a sum over parts that does not depend on the cluster: one table a
 * query. The codebook's o is the mean of centroids, which keeps numbers small
 * where vectors are far from zero. A code is of use under its own frame only: where a centroid moves, or
 * the codebook is another, whoever meets the code sees it.
 *
 * @module
 */
import { crc32c } from "../../../base/checksum.ts";
import type { Metric } from "../../distance/metric.ts";
import { SQUARES_MAX } from "../code_form.ts";
import { codeBytesOf, type ProductCodebook } from "./product_codebook.ts";

/** Bytes of a code before its parts. */
export const CODE_HEAD_BYTES = 8;

/** A code of a vector that is looked at as it is. */
export const NO_CODE: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** Metrics of vectors that can have codes. */
export type ProductMetric = Extract<
  Metric,
  "l2" | "cosine" | "inner_product"
>;

/** A centroid, as codes are relative to it. */
export interface Frame {
  /** Its checksum, with the codebook's name: never 0. */
  readonly name: number;
  /** Of length one, but under `l2`; NaN where it has no direction. */
  readonly centroid: Float32Array<ArrayBuffer>;
}

/** Makes codes. */
export class ProductCoder {
  /** Where means are. */
  readonly codebook: ProductCodebook;
  readonly #metric: ProductMetric;
  readonly #residual: Float64Array;

  /** A coder of vectors that are compared by a metric. */
  constructor(codebook: ProductCodebook, metric: ProductMetric) {
    this.codebook = codebook;
    this.#metric = metric;
    this.#residual = new Float64Array(codebook.dims);
  }

  /** Bytes of a code. */
  get codeBytes(): number {
    return CODE_HEAD_BYTES + codeBytesOf(this.codebook.parts);
  }

  /** The frame of a cluster's centroid. */
  frameOf(vector: Float32Array): Frame {
    const centroid = originOf(vector, this.#metric);
    const sum = crc32c(new Uint8Array(centroid.buffer));
    const pair = new DataView(new ArrayBuffer(8));
    pair.setUint32(0, this.codebook.name, true);
    pair.setUint32(4, sum, true);
    const name = crc32c(new Uint8Array(pair.buffer));
    return { name: name === 0 ? 1 : name, centroid };
  }

  /** The name of a code's frame; 0 of an empty one. */
  frameNameOf(code: Uint8Array): number {
    if (code.length !== this.codeBytes) return 0;
    return (code[0]! | code[1]! << 8 | code[2]! << 16 | code[3]! << 24) >>> 0;
  }

  /** The code of a vector; {@linkcode NO_CODE} where it cannot have one. */
  code(
    vector: Float32Array,
    { name, centroid }: Frame,
  ): Uint8Array<ArrayBuffer> {
    const residual = this.#residual;
    const { origin } = this.codebook;
    const along = residualOf(vector, centroid, this.#metric, residual);
    if (along === undefined) return NO_CODE;
    const bytes = new Uint8Array(this.codeBytes);
    this.codebook.code(residual, bytes, CODE_HEAD_BYTES);
    let tail = along;
    if (this.#metric === "l2") {
      tail = 0;
      for (let i = 0; i < residual.length; i++) {
        tail += residual[i]! * (residual[i]! + 2 * (centroid[i]! - origin[i]!));
      }
    }
    const view = new DataView(bytes.buffer);
    view.setUint32(0, name, true);
    view.setFloat32(4, tail, true);
    return bytes;
  }
}

/** Where residuals of a centroid begin: there, or in its direction. */
export function originOf(
  centroid: Float32Array,
  metric: ProductMetric,
): Float32Array<ArrayBuffer> {
  if (metric === "l2") return centroid.slice();
  let squares = 0;
  for (const x of centroid) squares += x * x;
  const scale = 1 / Math.sqrt(squares);
  return Float32Array.from(centroid, (x) => x * scale);
}

/**
 * What a vector is more than a centroid, and how far it goes along it; nothing
 * for a vector without direction, or too large.
 */
export function residualOf(
  vector: Float32Array,
  centroid: Float32Array,
  metric: ProductMetric,
  out: Float64Array,
): number | undefined {
  let squares = 0;
  for (let i = 0; i < out.length; i++) squares += vector[i]! * vector[i]!;
  if (!(squares < SQUARES_MAX)) return undefined;
  if (metric === "l2") {
    let left = 0;
    for (let i = 0; i < out.length; i++) {
      const r = vector[i]! - centroid[i]!;
      out[i] = r;
      left += r * r;
    }
    return left < SQUARES_MAX ? 0 : undefined;
  }
  if (metric === "cosine" && squares === 0) return undefined;
  const scale = metric === "cosine" ? 1 / Math.sqrt(squares) : 1;
  // A centroid without direction is none.
  const isNowhere = Number.isNaN(centroid[0]!);
  let along = 0;
  for (let i = 0; i < out.length; i++) {
    out[i] = vector[i]! * scale;
    if (!isNowhere) along += out[i]! * centroid[i]!;
  }
  along = Math.fround(along);
  if (!isNowhere) {
    for (let i = 0; i < out.length; i++) out[i]! -= along * centroid[i]!;
  }
  return along;
}
