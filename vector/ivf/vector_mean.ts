/**
 * The mean of vectors: where a cluster's centroid lies.
 *
 * Of dense vectors each component's mean, of bits what most have. Under `cosine`
 * rows are directions, and the direction of their mean counts (spherical
 * k-means: Dhillon & Modha 2001).
 *
 * @module
 */
import type { AnyVector, VectorElement } from "../distance/metric.ts";
import { BitVector } from "../types/bit_vector.ts";

/** Adds vectors up. */
export interface VectorMean {
  /** How many were added. */
  readonly count: number;
  /** Adds one. */
  add(vector: AnyVector): void;
  /** Their mean. REQUIRES: `count` > 0. */
  mean(): AnyVector;
}

/** A mean of vectors of an element. REQUIRES: they are not sparse. */
export function newMean(element: VectorElement, dims: number): VectorMean {
  return element === "bit" ? new BitMean(dims) : new DenseMean(dims);
}

class DenseMean implements VectorMean {
  count = 0;
  readonly #sums: Float64Array;

  constructor(dims: number) {
    this.#sums = new Float64Array(dims);
  }

  add(vector: AnyVector): void {
    const components = vector as Float32Array;
    const sums = this.#sums;
    for (let i = 0; i < sums.length; i++) sums[i]! += components[i]!;
    this.count++;
  }

  mean(): AnyVector {
    return Float32Array.from(this.#sums, (sum) => sum / this.count);
  }
}

class BitMean implements VectorMean {
  count = 0;
  readonly #ones: Uint32Array;

  constructor(dims: number) {
    this.#ones = new Uint32Array(dims);
  }

  add(vector: AnyVector): void {
    const { bytes } = vector as BitVector;
    const ones = this.#ones;
    for (let i = 0; i < ones.length; i++) {
      ones[i]! += (bytes[i >> 3]! >> (7 - (i & 7))) & 1;
    }
    this.count++;
  }

  mean(): AnyVector {
    const dims = this.#ones.length;
    const bytes = new Uint8Array(Math.ceil(dims / 8));
    for (let i = 0; i < dims; i++) {
      if (2 * this.#ones[i]! > this.count) bytes[i >> 3]! |= 128 >> (i & 7);
    }
    return new BitVector(dims, bytes);
  }
}
