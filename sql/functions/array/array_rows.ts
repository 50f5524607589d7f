/**
 * Arrays as rows: `unnest`, and `generate_subscripts`.
 *
 * @module
 */
import type { SqlArray } from "../../types/array/array_value.ts";
import { bool } from "../../types/bool_type.ts";
import type { SqlRow } from "../../types/row/row_value.ts";
import type { DataType, Nullable, RowField } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { anyArray, anyElement } from "../../types/pseudo_types.ts";
import type { FunctionDefinition } from "../registry.ts";
import { rowsSource } from "../sets/set_source.ts";
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
  const definition = setFunction(
    "unnest",
    [type],
    type.element ?? anyElement,
    ([array]) => (array as SqlArray).elements,
  );
  const fields = type.element?.fields;
  return fields === undefined
    ? definition
    : { ...definition, inFrom: fieldsInFrom(definition, fields) };
}

/** In FROM, rows are what their fields are. */
function fieldsInFrom(
  definition: FunctionDefinition,
  fields: readonly RowField[],
): FunctionDefinition {
  return {
    ...definition,
    columns: fields.map(({ name, type }) => ({ name, type })),
    set: ([array]) =>
      rowsSource(
        (array as SqlArray).elements.map((row) =>
          row === null ? [] : (row as SqlRow).values
        ),
      ),
  };
}

/** Functions that give rows of arrays. */
export const arrayRowFunctions: readonly FunctionDefinition[] = [
  { ...unnest(anyArray), specialize: ([type]) => unnest(type!) },
  subscriptFunction([anyArray, int4]),
  subscriptFunction([anyArray, int4, bool]),
];
