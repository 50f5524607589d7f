/**
 * Casts between the types of vectors, and between them and arrays of numbers,
 * as pgvector has them.
 *
 * @module
 */
import { toHalfvec } from "../../vector/types/halfvec.ts";
import {
  type SparseElement,
  SparseVector,
} from "../../vector/types/sparse_vector.ts";
import { checkExpectedDims } from "../../vector/types/vector_errors.ts";
import { toVector } from "../../vector/types/vector.ts";
import { SqlError } from "../errors/sql_error.ts";
import { arrayTypeOf } from "./array/array_type.ts";
import { SqlArray } from "./array/array_value.ts";
import type { CastDefinition, CoercionContext } from "./cast_definition.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { float4, float8 } from "./float_types.ts";
import { int4 } from "./int_types.ts";
import { numberCasts } from "./number_casts.ts";
import { numeric } from "./numeric_type.ts";
import { halfvec, sparsevec, vector } from "./vector_type.ts";

const numericToFloat4 = numberCasts.find(({ source, target }) =>
  source === numeric && target === float4
)!.convert!;

const asNumber = (value: SqlValue): number => value as number;

/** The types whose arrays can become vectors. */
const ELEMENTS: readonly [DataType, (value: SqlValue) => number][] = [
  [int4, asNumber],
  [float4, asNumber],
  [float8, asNumber],
  [numeric, (value) => numericToFloat4(value) as number],
];

/** From arrays to a type of vectors. */
function fromArrays(
  target: DataType,
  make: (values: readonly number[]) => SqlValue,
): CastDefinition[] {
  return ELEMENTS.map(([element, toNumber]) => ({
    source: arrayTypeOf(element)!,
    target,
    context: "assignment",
    convert: (value) => {
      const { dims, elements } = value as SqlArray;
      if (dims.length > 1) throw new SqlError("22000", "array must be 1-D");
      if (elements.includes(null)) {
        throw new SqlError("22004", "array must not contain nulls");
      }
      return make(elements.map((item) => toNumber(item!)));
    },
  }));
}

/** The elements of an array that are not zero; most of them may be. */
function sparseOf(values: readonly number[]): SparseVector {
  const elements: SparseElement[] = [];
  for (const [index, double] of values.entries()) {
    const value = Math.fround(double);
    if (value !== 0) elements.push({ index, value });
  }
  return SparseVector.of(values.length, elements);
}

function toArray(
  source: DataType,
  context: CoercionContext,
): CastDefinition {
  return {
    source,
    target: arrayTypeOf(float4)!,
    context,
    convert: (value) => SqlArray.of(Array.from(value as Float32Array)),
  };
}

/** To `halfvec`: dimensions that were asked for are looked at first. */
function toHalves(
  source: DataType,
  context: CoercionContext,
  dense: (value: SqlValue) => Float32Array,
): CastDefinition {
  return {
    source,
    target: halfvec,
    context,
    convert: (value) => toHalfvec(dense(value)),
    convertTo: (typmod) => (value) => {
      const components = dense(value);
      if (typmod >= 0) checkExpectedDims(components.length, typmod);
      return toHalfvec(components);
    },
  };
}

/** Casts between vectors, and between vectors and arrays. */
export const vectorCasts: readonly CastDefinition[] = [
  ...fromArrays(vector, toVector),
  ...fromArrays(halfvec, toHalfvec),
  ...fromArrays(sparsevec, sparseOf),
  toArray(vector, "implicit"),
  toArray(halfvec, "assignment"),
  { source: halfvec, target: vector, context: "assignment" },
  toHalves(vector, "implicit", (value) => value as Float32Array),
  {
    source: sparsevec,
    target: vector,
    context: "assignment",
    convert: (value) => (value as SparseVector).toDense(),
  },
  toHalves(
    sparsevec,
    "assignment",
    (value) => (value as SparseVector).toDense("halfvec"),
  ),
  ...[vector, halfvec].map((source): CastDefinition => ({
    source,
    target: sparsevec,
    context: "implicit",
    convert: (value) => SparseVector.ofDense(value as Float32Array),
  })),
];
