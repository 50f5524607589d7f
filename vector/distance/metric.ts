/**
 * The metrics that an index can order by, and what vectors may be made of:
 * names, numbers and the function that defines each.
 *
 * | element | vectors | metrics |
 * | --- | --- | --- |
 * | `float32` | `vector` | `l2` `cosine` `inner_product` `l1` |
 * | `float16` | `halfvec` | the same |
 * | `sparse` | `sparsevec` | the same |
 * | `bit` | bit strings | `hamming` `jaccard` |
 *
 * @module
 */
import type { BitVector } from "../types/bit_vector.ts";
import type { SparseVector } from "../types/sparse_vector.ts";
import { hammingOfBits, jaccardOfBits } from "./bit_reference.ts";
import { cosine, l1, l2, negativeInnerProduct } from "./reference.ts";
import {
  sparseCosine,
  sparseL1,
  sparseL2,
  sparseNegativeInnerProduct,
} from "./sparse_reference.ts";

/** A metric by name. `inner_product` orders by the negative inner product. */
export type Metric =
  | "l2"
  | "cosine"
  | "inner_product"
  | "l1"
  | "hamming"
  | "jaccard";

/** What vectors are made of. */
export type VectorElement = "float32" | "float16" | "bit" | "sparse";

/** A vector of any element; one of `float16` is a `Float32Array` too. */
export type AnyVector = Float32Array | BitVector | SparseVector;

/** A distance: less is nearer. */
export type DistanceFunction = (a: AnyVector, b: AnyVector) => number;

/** Every metric, in the order of {@linkcode metricCode}. */
export const METRICS: readonly Metric[] = [
  "l2",
  "cosine",
  "inner_product",
  "l1",
  "hamming",
  "jaccard",
];

/** Every element, in the order of its number. */
export const ELEMENTS: readonly VectorElement[] = [
  "float32",
  "float16",
  "bit",
  "sparse",
];

/** The metrics that there are for an element. */
export function metricsOf(element: VectorElement): readonly Metric[] {
  return element === "bit" ? METRICS.slice(4) : METRICS.slice(0, 4);
}

/**
 * The number that stands for a metric of vectors in bytes and for kernels: the
 * metric in the low three bits, the element above.
 */
export function metricCode(
  metric: Metric,
  element: VectorElement = "float32",
): number {
  return METRICS.indexOf(metric) + 8 * ELEMENTS.indexOf(element);
}

/** What a number of {@linkcode metricCode} stands for, if for anything. */
export function metricOfCode(
  code: number,
): { readonly metric: Metric; readonly element: VectorElement } | undefined {
  const metric = METRICS[code & 7];
  const element = ELEMENTS[code >> 3];
  return metric !== undefined && element !== undefined &&
      metricsOf(element).includes(metric)
    ? { metric, element }
    : undefined;
}

const DENSE = {
  l2,
  cosine,
  inner_product: negativeInnerProduct,
  l1,
} as const;

const SPARSE = {
  l2: sparseL2,
  cosine: sparseCosine,
  inner_product: sparseNegativeInnerProduct,
  l1: sparseL1,
} as const;

const BITS = { hamming: hammingOfBits, jaccard: jaccardOfBits } as const;

/**
 * The function that defines `metric` for vectors of an element.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { distanceOf } from "./metric.ts";
 *
 * const distance = distanceOf("inner_product");
 * assertEquals(distance(new Float32Array([1, 2]), new Float32Array([3, 4])), -11);
 * ```
 */
export function distanceOf(
  metric: Metric,
  element: VectorElement = "float32",
): DistanceFunction {
  const of: Readonly<Record<string, unknown>> = element === "bit"
    ? BITS
    : element === "sparse"
    ? SPARSE
    : DENSE;
  return of[metric] as DistanceFunction;
}
