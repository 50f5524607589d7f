/**
 * Distances of vectors as functions and operators, as pgvector's.
 *
 * | operator | distance | function | types |
 * | --- | --- | --- | --- |
 * | `<->` | Euclidean | `l2_distance` | `vector` `halfvec` `sparsevec` |
 * | `<#>` | negative inner product | `inner_product` is its opposite | the same |
 * | `<=>` | cosine | `cosine_distance` | the same |
 * | `<+>` | taxicab | `l1_distance` | the same |
 * | `<~>` | Hamming | `hamming_distance` | `bit` |
 * | `<%>` | Jaccard | `jaccard_distance` | `bit` |
 *
 * The column forms compute the same by the same loops; what they save is the
 * call for each row.
 *
 * @module
 */
import { hamming, jaccard } from "../../../vector/distance/bit_reference.ts";
import {
  cosine,
  innerProduct,
  l1,
  l2,
  negativeInnerProduct,
  squaredL2,
} from "../../../vector/distance/reference.ts";
import {
  sparseCosine,
  sparseInnerProduct,
  sparseL1,
  sparseL2,
  sparseNegativeInnerProduct,
  sparseSquaredL2,
} from "../../../vector/distance/sparse_reference.ts";
import { checkBitLengths } from "../../../vector/types/bit_vector.ts";
import type { SparseVector } from "../../../vector/types/sparse_vector.ts";
import { checkSparseDims } from "../../../vector/types/sparse_vector.ts";
import { checkEqualDims } from "../../../vector/types/vector_errors.ts";
import type { Column } from "../../chunk/chunk.ts";
import { bit } from "../../types/bit_types.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { halfvec, sparsevec, vector } from "../../types/vector_type.ts";
import { binary, infix } from "../define.ts";
import type {
  ColumnForm,
  FunctionDefinition,
  OperatorDefinition,
} from "../registry.ts";

/** A type and the check that two of its values can be compared. */
interface DistanceType<T extends SqlValue> {
  readonly type: DataType;
  readonly check: (a: T, b: T) => void;
}

const DENSE: readonly DistanceType<Float32Array>[] = [
  {
    type: vector,
    check: (a, b) => checkEqualDims("vector", a.length, b.length),
  },
  {
    type: halfvec,
    check: (a, b) => checkEqualDims("halfvec", a.length, b.length),
  },
];

const SPARSE: DistanceType<SparseVector> = {
  type: sparsevec,
  check: checkSparseDims,
};

const BITS: DistanceType<string> = {
  type: bit,
  check: (a, b) => checkBitLengths(a.length, b.length),
};

function columnForm<T extends SqlValue>(
  { check }: DistanceType<T>,
  distance: (a: T, b: T) => number,
): ColumnForm {
  return (args, rowCount, rows, validity): Column => {
    const a = args[0]!.values as (SqlValue | null)[] as T[];
    const b = args[1]!.values as (SqlValue | null)[] as T[];
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
      check(left, right);
      values[row] = distance(left, right);
    }
    return { type: float8, values, validity };
  };
}

function distanceFunction<T extends SqlValue>(
  name: string,
  of: DistanceType<T>,
  distance: (a: T, b: T) => number,
): FunctionDefinition {
  return binary<T, T>(
    name,
    [of.type, of.type],
    float8,
    (a, b) => {
      of.check(a, b);
      return distance(a, b);
    },
    { column: columnForm(of, distance) },
  );
}

/** The arc cosine of an inner product over pi. */
function spherical(a: Float32Array, b: Float32Array): number {
  const product = Math.max(-1, Math.min(1, innerProduct(a, b)));
  return Math.acos(product) / Math.PI;
}

function denseFunctions(of: DistanceType<Float32Array>): FunctionDefinition[] {
  const { name } = of.type;
  return [
    distanceFunction("l2_distance", of, l2),
    distanceFunction("inner_product", of, innerProduct),
    distanceFunction("cosine_distance", of, cosine),
    distanceFunction("l1_distance", of, l1),
    distanceFunction(`${name}_l2_squared_distance`, of, squaredL2),
    distanceFunction(
      `${name}_negative_inner_product`,
      of,
      negativeInnerProduct,
    ),
    distanceFunction(`${name}_spherical_distance`, of, spherical),
  ];
}

/** The distances as functions. */
export const distanceFunctions: readonly FunctionDefinition[] = [
  ...DENSE.flatMap(denseFunctions),
  distanceFunction("l2_distance", SPARSE, sparseL2),
  distanceFunction("inner_product", SPARSE, sparseInnerProduct),
  distanceFunction("cosine_distance", SPARSE, sparseCosine),
  distanceFunction("l1_distance", SPARSE, sparseL1),
  distanceFunction("sparsevec_l2_squared_distance", SPARSE, sparseSquaredL2),
  distanceFunction(
    "sparsevec_negative_inner_product",
    SPARSE,
    sparseNegativeInnerProduct,
  ),
  distanceFunction("hamming_distance", BITS, hamming),
  distanceFunction("jaccard_distance", BITS, jaccard),
];

function distanceOperator<T extends SqlValue>(
  name: string,
  of: DistanceType<T>,
  distance: (a: T, b: T) => number,
): OperatorDefinition {
  return infix(distanceFunction(name, of, distance), { commutator: name });
}

/** The distances as operators. */
export const distanceOperators: readonly OperatorDefinition[] = [
  ...DENSE.flatMap((of) => [
    distanceOperator("<->", of, l2),
    distanceOperator("<#>", of, negativeInnerProduct),
    distanceOperator("<=>", of, cosine),
    distanceOperator("<+>", of, l1),
  ]),
  distanceOperator("<->", SPARSE, sparseL2),
  distanceOperator("<#>", SPARSE, sparseNegativeInnerProduct),
  distanceOperator("<=>", SPARSE, sparseCosine),
  distanceOperator("<+>", SPARSE, sparseL1),
  distanceOperator("<~>", BITS, hamming),
  distanceOperator("<%>", BITS, jaccard),
];
