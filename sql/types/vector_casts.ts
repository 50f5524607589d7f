/**
 * Casts between vectors and arrays of numbers, as pgvector has them.
 *
 * @module
 */
import { toVector } from "../../vector/types/vector.ts";
import { SqlError } from "../errors/sql_error.ts";
import { arrayTypeOf } from "./array/array_type.ts";
import { SqlArray } from "./array/array_value.ts";
import type { CastDefinition } from "./cast_definition.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { float4, float8 } from "./float_types.ts";
import { int4 } from "./int_types.ts";
import { numberCasts } from "./number_casts.ts";
import { numeric } from "./numeric_type.ts";
import { vector } from "./vector_type.ts";

function fromArray(
  element: DataType,
  toNumber: (value: SqlValue) => number,
): CastDefinition {
  return {
    source: arrayTypeOf(element)!,
    target: vector,
    context: "assignment",
    convert: (value) => {
      const { dims, elements } = value as SqlArray;
      if (dims.length > 1) throw new SqlError("22000", "array must be 1-D");
      if (elements.includes(null)) {
        throw new SqlError("22004", "array must not contain nulls");
      }
      return toVector(elements.map((item) => toNumber(item!)));
    },
  };
}

const numericToFloat4 = numberCasts.find(({ source, target }) =>
  source === numeric && target === float4
)!.convert!;

const asNumber = (value: SqlValue): number => value as number;

/** Casts between vectors and arrays. */
export const vectorCasts: readonly CastDefinition[] = [
  fromArray(int4, asNumber),
  fromArray(float4, asNumber),
  fromArray(float8, asNumber),
  fromArray(numeric, (value) => numericToFloat4(value) as number),
  {
    source: vector,
    target: arrayTypeOf(float4)!,
    context: "implicit",
    convert: (value) => SqlArray.of(Array.from(value as Float32Array)),
  },
];
