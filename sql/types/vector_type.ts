/**
 * `vector(n)`, also called `LsmVector(n)`, `halfvec(n)` and `sparsevec(n)`: the
 * SQL types over `vector/types/`. Their typmod is the number of dimensions.
 *
 * @module
 */
import { parseHalfvec, toHalfvec } from "../../vector/types/halfvec.ts";
import {
  compareSparse,
  SPARSE_DIMS_MAX,
  SparseVector,
} from "../../vector/types/sparse_vector.ts";
import { checkExpectedDims } from "../../vector/types/vector_errors.ts";
import {
  checkDims,
  compareVectors,
  formatVector,
  parseVector,
  toVector,
  VECTOR_DIMS_MAX,
  type VectorLike,
} from "../../vector/types/vector.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { textOfJs } from "./js_value.ts";

/** The dimensions of `name(dims)`. */
function typmodOf(
  name: string,
  modifiers: readonly number[],
  most: number,
): number {
  const [dims] = modifiers;
  if (dims === undefined || modifiers.length > 1) {
    throw new SqlError("22023", "invalid type modifier");
  }
  if (dims < 1) {
    throw new SqlError(
      "22023",
      `dimensions for type ${name} must be at least 1`,
    );
  }
  if (dims > most) {
    throw new SqlError(
      "22023",
      `dimensions for type ${name} cannot exceed ${most}`,
    );
  }
  return dims;
}

/** Equal for equal vectors and only for them: -0 is written as 0. */
function hashKey(value: SqlValue): string {
  return formatVector((value as Float32Array).map((x) => x + 0));
}

function isNumbers(value: unknown): value is VectorLike {
  return value instanceof Float32Array || value instanceof Float64Array ||
    Array.isArray(value);
}

/** What `vector` and `halfvec` do alike. */
const DENSE = {
  category: "U",
  preferred: false,
  length: -1,
  storage: "reference",
  output: (value: SqlValue): string => formatVector(value as Float32Array),
  compare: (a: SqlValue, b: SqlValue): number =>
    compareVectors(a as Float32Array, b as Float32Array),
  hashKey,
  toJs: (value: SqlValue): unknown => (value as Float32Array).slice(),
  typmodOutput: (typmod: number): string => `(${typmod})`,
  applyTypmod: (value: SqlValue, typmod: number): SqlValue => {
    checkDims(value as Float32Array, typmod);
    return value;
  },
} as const;

/** `vector`. */
export const vector: DataType = {
  ...DENSE,
  oid: 16385,
  name: "vector",
  displayName: "vector",
  aliases: ["lsmvector"],
  input: (text, typmod) =>
    typmod < 0 ? parseVector(text) : parseVector(text, typmod),
  fromJs: (value) =>
    isNumbers(value) ? toVector(value) : parseVector(textOfJs(value)),
  typmodInput: (modifiers) => typmodOf("vector", modifiers, VECTOR_DIMS_MAX),
};

/** `halfvec`. */
export const halfvec: DataType = {
  ...DENSE,
  oid: 16387,
  name: "halfvec",
  displayName: "halfvec",
  input: (text, typmod) =>
    typmod < 0 ? parseHalfvec(text) : parseHalfvec(text, typmod),
  fromJs: (value) =>
    isNumbers(value) ? toHalfvec(value) : parseHalfvec(textOfJs(value)),
  typmodInput: (modifiers) => typmodOf("halfvec", modifiers, VECTOR_DIMS_MAX),
};

/** `sparsevec`. */
export const sparsevec: DataType = {
  oid: 16389,
  name: "sparsevec",
  displayName: "sparsevec",
  category: "U",
  preferred: false,
  length: -1,
  storage: "reference",
  input: (text, typmod) =>
    typmod < 0 ? SparseVector.parse(text) : SparseVector.parse(text, typmod),
  output: (value) => String(value as SparseVector),
  compare: (a, b) => compareSparse(a as SparseVector, b as SparseVector),
  hashKey: (value) => String(value as SparseVector),
  fromJs: (value) => {
    if (value instanceof SparseVector) return value;
    return isNumbers(value)
      ? SparseVector.ofDense(toVector(value))
      : SparseVector.parse(textOfJs(value));
  },
  toJs: (value) => value,
  typmodInput: (modifiers) => typmodOf("sparsevec", modifiers, SPARSE_DIMS_MAX),
  typmodOutput: (typmod) => `(${typmod})`,
  applyTypmod: (value, typmod) => {
    checkExpectedDims((value as SparseVector).dims, typmod);
    return value;
  },
};
