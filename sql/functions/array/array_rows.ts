/**
 * Arrays as rows: `unnest`, and `generate_subscripts`.
 *
 * @module
 */
import type { SqlArray } from "../../types/array/array_value.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { anyArray, anyElement } from "../../types/pseudo_types.ts";
import type { FunctionDefinition } from "../registry.ts";
import { setFunction } from "../sets/set_define.ts";

/** The subscripts of a dimension, from the first or from the last. */
function* subscripts(
  { dims, lowerBounds }: SqlArray,
  dimension: number,
  isReversed: boolean,
): Iterable<Nullable> {
  const length = dims[dimension - 1] ?? 0;
  for (let i = 0; i < length; i++) {
    yield lowerBounds[dimension - 1]! + (isReversed ? length - 1 - i : i);
  }
}

function subscriptFunction(
  declared: readonly DataType[],
): FunctionDefinition {
  const of = (types: readonly DataType[]): FunctionDefinition =>
    setFunction(
      "generate_subscripts",
      types,
      int4,
      ([array, dimension, isReversed]) =>
        subscripts(array as SqlArray, dimension as number, isReversed === true),
    );
  return { ...of(declared), specialize: of };
}

function unnest(type: DataType): FunctionDefinition {
  return setFunction(
    "unnest",
    [type],
    type.element ?? anyElement,
    ([array]) => (array as SqlArray).elements,
  );
}

/** Functions that give rows of arrays. */
export const arrayRowFunctions: readonly FunctionDefinition[] = [
  { ...unnest(anyArray), specialize: ([type]) => unnest(type!) },
  subscriptFunction([anyArray, int4]),
  subscriptFunction([anyArray, int4, bool]),
];
