/**
 * The codes of a segment's rows: where they lie in its memory, how they are
 * made of the rows, and the codes of a query.
 *
 * | part | bytes |
 * | --- | --- |
 * | query | 16 a chunk of a query |
 * | rows | stride × (rows) |
 *
 * Under `cosine` rows are taken at length one, where the nearest by distance
 * are the nearest by angle; rows without direction are in no graph, and have
 * no codes.
 *
 * @module
 */
import type { Metric } from "../distance/metric.ts";
import { BitCoder } from "./bit_coder.ts";
import {
  type CodeMemory,
  type CodeQuery,
  type Coder,
  codeStride,
} from "./code_form.ts";
import type { Quantization } from "./quantization.ts";
import { ScalarCoder } from "./scalar_coder.ts";

/** Rows that the mean is taken of, at most: evenly spread. */
const TRAINED_MAX = 16_384;

/** Rows encoded between two looks at the clock. */
const ENCODE_SLICE = 256;

/** Rows that have codes. */
export interface CodedRows {
  /** How many. */
  readonly count: number;
  /** Numbers of a row. */
  readonly dims: number;
  /** How they are compared. */
  readonly metric: Metric;
  /** Copies row `index` to `out`; false for one without direction. */
  read(index: number, out: Float64Array): boolean;
}

/** What kind of codes, and how large, before there are any. */
export function codeBytes(
  quantization: Quantization,
  dims: number,
): { readonly query: number; readonly stride: number } {
  if (quantization === "none") return { query: 0, stride: 0 };
  const coder = coderOf(quantization, new Float64Array(dims), "l2");
  const stride = codeStride(coder.chunks);
  return { query: 16 * coder.queryChunks, stride };
}

function coderOf(
  quantization: Exclude<Quantization, "none">,
  mean: Float64Array,
  metric: Metric,
): Coder {
  const by = metric === "inner_product" ? "inner_product" : "l2";
  return quantization === "sq8"
    ? new ScalarCoder(mean, by)
    : new BitCoder(mean, by, { rotated: quantization === "rabitq" });
}

/** Codes of rows, in a memory: see the module. */
export class RowCodes {
  /** What kind they are. */
  readonly quantization: Exclude<Quantization, "none">;
  /** The mean of all rows: with it, codes of the same rows are the same. */
  readonly mean: Float64Array;
  readonly #coder: Coder;
  readonly #row: Float64Array;

  private constructor(
    quantization: Exclude<Quantization, "none">,
    mean: Float64Array,
    metric: Metric,
  ) {
    this.quantization = quantization;
    this.mean = mean;
    this.#coder = coderOf(quantization, mean, metric);
    this.#row = new Float64Array(mean.length);
  }

  /** Codes that were made with this mean. */
  static of(
    quantization: Exclude<Quantization, "none">,
    mean: Float64Array,
    metric: Metric,
  ): RowCodes {
    return new RowCodes(quantization, mean, metric);
  }

  /** Learns what codes need of the rows. */
  static train(
    quantization: Exclude<Quantization, "none">,
    rows: CodedRows,
  ): RowCodes {
    return new RowCodes(quantization, meanOf(rows), rows.metric);
  }

  /** What kernels call the kind. */
  get kind(): number {
    return this.#coder.kind;
  }

  /** 16-byte chunks of a row's codes. */
  get chunks(): number {
    return this.#coder.chunks;
  }

  /** Bytes of a row. */
  get stride(): number {
    return codeStride(this.#coder.chunks);
  }

  /**
   * Writes the codes of all rows from byte `at` on; gives false if there is a
   * row that cannot have any. Yields now and then.
   */
  *encode(
    rows: CodedRows,
    memory: CodeMemory,
    at: number,
  ): Generator<void, boolean> {
    const { stride } = this;
    for (let i = 0; i < rows.count; i++) {
      if (i % ENCODE_SLICE === 0) yield;
      if (!rows.read(i, this.#row)) continue;
      if (!this.#coder.encode(this.#row, memory, at + i * stride)) return false;
    }
    return true;
  }

  /** Writes a query's codes; `undefined` for one that cannot have any. */
  encodeQuery(
    read: (out: Float64Array) => boolean,
    memory: CodeMemory,
    at: number,
  ): CodeQuery | undefined {
    if (!read(this.#row)) return undefined;
    return this.#coder.encodeQuery(this.#row, memory, at);
  }
}

function meanOf(rows: CodedRows): Float64Array {
  const mean = new Float64Array(rows.dims);
  const row = new Float64Array(rows.dims);
  const step = Math.max(1, Math.floor(rows.count / TRAINED_MAX));
  let taken = 0;
  for (let i = 0; i < rows.count; i += step) {
    if (!rows.read(i, row)) continue;
    taken++;
    for (let j = 0; j < row.length; j++) mean[j]! += row[j]!;
  }
  if (taken > 0) { for (let j = 0; j < mean.length; j++) mean[j]! /= taken; }
  return mean;
}
