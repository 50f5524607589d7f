/**
 * Made-up vectors of every element, from dense ones.
 *
 * @module
 */
import {
  type AnyVector,
  ELEMENTS,
  type Metric,
  metricsOf,
  type VectorElement,
} from "../../vector/distance/metric.ts";
import { BitVector } from "../../vector/types/bit_vector.ts";
import { FLOAT16_MAX } from "../../vector/types/float16.ts";
import { toHalfvec } from "../../vector/types/halfvec.ts";
import { SparseVector } from "../../vector/types/sparse_vector.ts";

/** Every element with each of its metrics. */
export const KINDS_OF_VECTORS: readonly {
  readonly element: VectorElement;
  readonly metric: Metric;
}[] = ELEMENTS.flatMap((element) =>
  metricsOf(element).map((metric) => ({ element, metric }))
);

/** Bits made of one component. */
const BITS = 4;

/** Dimensions that {@linkcode asElement} gives vectors of `dims`. */
export function dimsAs(element: VectorElement, dims: number): number {
  return element === "bit" ? BITS * dims : dims;
}

/**
 * A vector as one of an element: halves are rounded, sparse ones lose what is
 * small, bits say between which bounds the components are.
 */
export function asElement(
  element: VectorElement,
  vector: Float32Array,
): AnyVector {
  switch (element) {
    case "float32":
      return vector;
    case "float16":
      return toHalfvec(
        vector.map((x) => Math.max(-FLOAT16_MAX, Math.min(FLOAT16_MAX, x))),
      );
    case "sparse": {
      const most = vector.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      return SparseVector.ofDense(
        vector.map((x) => Math.abs(x) < 0.3 * most ? 0 : x),
      );
    }
    case "bit": {
      let bits = "";
      for (const x of vector) {
        for (const bound of [-0.5, 0, 0.25, 0.5]) bits += x > bound ? "1" : "0";
      }
      return BitVector.parse(bits);
    }
  }
}
