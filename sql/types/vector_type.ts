/**
 * `vector(n)`, also called `LsmVector(n)`: the SQL type over
 * `vector/types/vector.ts`. Its typmod is the number of dimensions.
 *
 * @module
 */
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

function typmodInput(modifiers: readonly number[]): number {
  const [dims] = modifiers;
  if (dims === undefined || modifiers.length > 1) {
    throw new SqlError("22023", "invalid type modifier");
  }
  if (dims < 1) {
    throw new SqlError(
      "22023",
      "dimensions for type vector must be at least 1",
    );
  }
  if (dims > VECTOR_DIMS_MAX) {
    throw new SqlError(
      "22023",
      `dimensions for type vector cannot exceed ${VECTOR_DIMS_MAX}`,
    );
  }
  return dims;
}

function fit(value: SqlValue, typmod: number): SqlValue {
  checkDims(value as Float32Array, typmod);
  return value;
}

/** Equal for equal vectors and only for them: -0 is written as 0. */
function hashKey(value: SqlValue): string {
  return formatVector((value as Float32Array).map((x) => x + 0));
}

/** `vector`. */
export const vector: DataType = {
  oid: 16385,
  name: "vector",
  displayName: "vector",
  aliases: ["lsmvector"],
  category: "U",
  preferred: false,
  length: -1,
  storage: "reference",
  input: (text, typmod) =>
    typmod < 0 ? parseVector(text) : parseVector(text, typmod),
  output: (value) => formatVector(value as Float32Array),
  compare: (a, b) => compareVectors(a as Float32Array, b as Float32Array),
  hashKey,
  fromJs: (value) =>
    value instanceof Float32Array || value instanceof Float64Array ||
      Array.isArray(value)
      ? toVector(value as VectorLike)
      : parseVector(textOfJs(value)),
  toJs: (value) => (value as Float32Array).slice(),
  typmodInput,
  typmodOutput: (typmod) => `(${typmod})`,
  applyTypmod: fit,
};
