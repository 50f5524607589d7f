/**
 * Operators and functions of `vector`, as pgvector's.
 *
 * | operator | distance | function |
 * | --- | --- | --- |
 * | `<->` | Euclidean | `l2_distance` |
 * | `<#>` | negative inner product | `inner_product` is its opposite |
 * | `<=>` | cosine | `cosine_distance` |
 * | `<+>` | taxicab | `l1_distance` |
 *
 * The column forms compute the same by the same loops; what they save is the
 * call for each row.
 *
 * @module
 */
import {
  cosine,
  innerProduct,
  l1,
  l2,
  negativeInnerProduct,
  norm,
} from "../../../vector/distance/reference.ts";
import {
  checkSameDims,
  VECTOR_DIMS_MAX,
} from "../../../vector/types/vector.ts";
import type { Column } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { SqlValue } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int4 } from "../../types/int_types.ts";
import { vector } from "../../types/vector_type.ts";
import { binary, infix, unary } from "../define.ts";
import type {
  ColumnForm,
  FunctionDefinition,
  OperatorDefinition,
} from "../registry.ts";

type Distance = (a: Float32Array, b: Float32Array) => number;

function distanceKernel(distance: Distance): ColumnForm {
  return (args, rowCount, rows, validity): Column => {
    const a = args[0]!.values as (SqlValue | null)[] as Float32Array[];
    const b = args[1]!.values as (SqlValue | null)[] as Float32Array[];
    const values = new Float64Array(rowCount);
    const count = rows === undefined ? rowCount : rows.length;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      if (
        validity !== undefined &&
        ((validity[row >>> 5]! >>> (row & 31)) & 1) === 0
      ) continue;
      const left = a[row]!;
      const right = b[row]!;
      if (left.length !== right.length) checkSameDims(left, right);
      values[row] = distance(left, right);
    }
    return { type: float8, values, validity };
  };
}

function distanceFunction(
  name: string,
  distance: Distance,
): FunctionDefinition {
  return binary<Float32Array, Float32Array>(
    name,
    [vector, vector],
    float8,
    (a, b) => {
      checkSameDims(a, b);
      return distance(a, b);
    },
    { column: distanceKernel(distance) },
  );
}

/** Element by element; a result that is no finite float fails. */
function elementwise(
  name: string,
  form: (a: number, b: number) => number,
): FunctionDefinition {
  return binary<Float32Array, Float32Array>(
    name,
    [vector, vector],
    vector,
    (a, b) => {
      checkSameDims(a, b);
      const result = new Float32Array(a.length);
      for (let i = 0; i < a.length; i++) {
        result[i] = form(a[i]!, b[i]!);
        checkElement(result[i]!, name === "*" && a[i] !== 0 && b[i] !== 0);
      }
      return result;
    },
  );
}

function checkElement(value: number, canUnderflow: boolean): void {
  if (!Number.isFinite(value)) {
    throw new SqlError("22003", "value out of range: overflow");
  }
  if (canUnderflow && value === 0) {
    throw new SqlError("22003", "value out of range: underflow");
  }
}

function concatenate(a: Float32Array, b: Float32Array): Float32Array {
  const dims = a.length + b.length;
  if (dims > VECTOR_DIMS_MAX) {
    throw new SqlError(
      "54000",
      `vector cannot have more than ${VECTOR_DIMS_MAX} dimensions`,
    );
  }
  const result = new Float32Array(dims);
  result.set(a);
  result.set(b, a.length);
  return result;
}

/** The vector of length 1 in the same direction; zero stays zero. */
function normalize(a: Float32Array): Float32Array {
  const length = norm(a);
  const result = new Float32Array(a.length);
  if (length === 0) return result;
  for (let i = 0; i < a.length; i++) {
    result[i] = a[i]! / length;
    checkElement(result[i]!, false);
  }
  return result;
}

/** Half of an inner product's arc cosine over pi, for `spherical_distance`. */
function spherical(a: Float32Array, b: Float32Array): number {
  const product = Math.max(-1, Math.min(1, innerProduct(a, b)));
  return Math.acos(product) / Math.PI;
}

/** The functions of vectors. */
export const vectorFunctions: readonly FunctionDefinition[] = [
  distanceFunction("l2_distance", l2),
  distanceFunction("inner_product", innerProduct),
  distanceFunction("vector_negative_inner_product", negativeInnerProduct),
  distanceFunction("cosine_distance", cosine),
  distanceFunction("l1_distance", l1),
  distanceFunction("vector_spherical_distance", spherical),
  unary<Float32Array>("vector_dims", vector, int4, (a) => a.length),
  unary<Float32Array>("vector_norm", vector, float8, norm),
  unary<Float32Array>("l2_normalize", vector, vector, normalize),
  subvector(),
];

function subvector(): FunctionDefinition {
  return {
    name: "subvector",
    argumentTypes: [vector, int4, int4],
    returnType: vector,
    strict: true,
    volatility: "immutable",
    scalar: (args) => {
      const [a, start, count] = args as [Float32Array, number, number];
      if (count < 1) {
        throw new SqlError("22000", "vector must have at least 1 dimension");
      }
      const end = Math.min(start + count, a.length + 1);
      const first = Math.max(start, 1);
      if (first >= end) {
        throw new SqlError("22000", "vector must have at least 1 dimension");
      }
      return a.slice(first - 1, end - 1);
    },
  };
}

/** The operators of vectors, comparison aside. */
export const vectorOperators: readonly OperatorDefinition[] = [
  infix(distanceFunction("<->", l2), { commutator: "<->" }),
  infix(distanceFunction("<#>", negativeInnerProduct), { commutator: "<#>" }),
  infix(distanceFunction("<=>", cosine), { commutator: "<=>" }),
  infix(distanceFunction("<+>", l1), { commutator: "<+>" }),
  infix(elementwise("+", (a, b) => a + b), { commutator: "+" }),
  infix(elementwise("-", (a, b) => a - b)),
  infix(elementwise("*", (a, b) => a * b), { commutator: "*" }),
  infix(
    binary<Float32Array, Float32Array>(
      "||",
      [vector, vector],
      vector,
      concatenate,
    ),
  ),
];
