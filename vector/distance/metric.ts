/**
 * The metrics that an index can order by: their names, operators and the
 * function that defines each.
 *
 * @module
 */
import { cosine, l2, negativeInnerProduct } from "./reference.ts";

/** A metric by name. `inner_product` orders by the negative inner product. */
export type Metric = "l2" | "cosine" | "inner_product";

/** A distance: less is nearer. */
export type DistanceFunction = (a: Float32Array, b: Float32Array) => number;

/** Every metric, in the order of {@linkcode metricCode}. */
export const METRICS: readonly Metric[] = ["l2", "cosine", "inner_product"];

/** The number that stands for a metric in bytes: 0, 1 or 2. */
export function metricCode(metric: Metric): number {
  return METRICS.indexOf(metric);
}

/**
 * The function that defines `metric`.
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
export function distanceOf(metric: Metric): DistanceFunction {
  switch (metric) {
    case "l2":
      return l2;
    case "cosine":
      return cosine;
    case "inner_product":
      return negativeInnerProduct;
  }
}
