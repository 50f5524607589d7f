/**
 * `ARRAY[…]`: elements put together, or arrays of one shape as one of one
 * dimension more.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  checkDimensions,
  elementCountOf,
  SqlArray,
} from "../../types/array/array_value.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

/**
 * The function that makes a value of the array type `type` of `count` items:
 * elements, or arrays where `nested`.
 */
export function arrayConstructor(
  type: DataType,
  count: number,
  nested: boolean,
): FunctionDefinition {
  const item = nested ? type : type.element!;
  return {
    ...define(
      "array",
      new Array<DataType>(count).fill(item),
      type,
      nested ? (args) => stackArrays(args) : (args) => SqlArray.of([...args]),
      { strict: false },
    ),
    deparse: (args) => `ARRAY[${args.join(", ")}]`,
  };
}

/**
 * Arrays of one shape, one behind the other. Where all are empty or NULL, so is
 * the result.
 *
 * @throws {SqlError} `2202E` when the shapes differ, `54000` when there would be
 * too many dimensions.
 */
export function stackArrays(items: readonly Nullable[]): SqlArray {
  const arrays = items.map((item) => item as SqlArray | null);
  const first = arrays.find((array) => array !== null && array.dims.length > 0);
  if (first === undefined || first === null) return SqlArray.EMPTY;
  checkDimensions(first.dims.length + 1);
  const elements: Nullable[] = [];
  for (const array of arrays) {
    if (array === null || !sameShape(array, first)) throw shapesDiffer();
    for (const element of array.elements) elements.push(element);
  }
  const dims = [arrays.length, ...first.dims];
  elementCountOf(dims);
  return SqlArray.shaped(elements, dims, [1, ...first.lowerBounds]);
}

/** Whether two arrays have the same dimensions and bounds. */
export function sameShape(a: SqlArray, b: SqlArray): boolean {
  return a.dims.length === b.dims.length &&
    a.dims.every((length, i) => length === b.dims[i]) &&
    a.lowerBounds.every((bound, i) => bound === b.lowerBounds[i]);
}

function shapesDiffer(): SqlError {
  return new SqlError(
    "2202E",
    "multidimensional arrays must have array expressions with matching dimensions",
  );
}
