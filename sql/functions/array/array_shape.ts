/**
 * Functions about the shape of arrays: `array_length`, `array_dims`,
 * `cardinality`, `array_fill`, `trim_array` and their kin.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import {
  checkBound,
  checkDimensions,
  ELEMENTS_MAX,
  SqlArray,
  tooManyElements,
} from "../../types/array/array_value.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { anyArray, anyElement } from "../../types/pseudo_types.ts";
import { text } from "../../types/text_types.ts";
import { noArrayType } from "../polymorphism.ts";
import type { FunctionDefinition } from "../registry.ts";
import { polymorphic, polymorphicTo } from "./array_define.ts";
import { sliceOf } from "./array_parts.ts";

const int4Array = arrayTypeOf(int4)!;

/** A function of an array and the number of a dimension. */
function ofDimension(
  name: string,
  form: (array: SqlArray, dimension: number) => number,
): FunctionDefinition {
  return polymorphicTo(
    name,
    [anyArray, int4],
    int4,
    () => ([value, dimension]) => {
      const array = value as SqlArray;
      const index = (dimension as number) - 1;
      return index < 0 || index >= array.dims.length
        ? null
        : form(array, index);
    },
  );
}

function ofArray(
  name: string,
  returns: DataType,
  form: (array: SqlArray) => Nullable,
): FunctionDefinition {
  return polymorphicTo(
    name,
    [anyArray],
    returns,
    () => ([value]) => form(value as SqlArray),
  );
}

function upperBound({ dims, lowerBounds }: SqlArray, i: number): number {
  return lowerBounds[i]! + dims[i]! - 1;
}

function dimsText(array: SqlArray): Nullable {
  if (array.dims.length === 0) return null;
  return array.dims.map((_, i) =>
    `[${array.lowerBounds[i]!}:${upperBound(array, i)}]`
  ).join("");
}

/** The numbers of an array that says dimensions or bounds. */
function numbersOf(value: Nullable): readonly number[] {
  if (value === null) {
    throw new SqlError(
      "22004",
      "dimension array or low bound array cannot be null",
    );
  }
  const array = value as SqlArray;
  if (array.dims.length > 1) {
    throw new SqlError("2202E", "wrong number of array subscripts", {
      detail: "Dimension array must be one dimensional.",
    });
  }
  if (array.elements.includes(null)) {
    throw new SqlError("22004", "dimension values cannot be null");
  }
  return array.elements as readonly number[];
}

/** An array of `dims` that has `value` everywhere. */
function fill(
  value: Nullable,
  dims: readonly number[],
  bounds: readonly number[] | undefined,
): SqlArray {
  checkDimensions(dims.length);
  if (bounds !== undefined && bounds.length !== dims.length) {
    throw new SqlError("2202E", "wrong number of array subscripts", {
      detail: "Low bound array has different size than dimensions array.",
    });
  }
  let count = dims.length === 0 ? 0 : 1;
  for (const length of dims) {
    if (length < 0) throw tooManyElements();
    count *= length;
    if (count > ELEMENTS_MAX) throw tooManyElements();
  }
  if (count === 0) return SqlArray.EMPTY;
  const lowerBounds = bounds ?? dims.map(() => 1);
  for (let i = 0; i < dims.length; i++) checkBound(lowerBounds[i]!, dims[i]!);
  return SqlArray.shaped(
    new Array<Nullable>(count).fill(value),
    dims,
    lowerBounds,
  );
}

function fillFunction(hasBounds: boolean): FunctionDefinition {
  return polymorphic(
    "array_fill",
    hasBounds ? [anyElement, int4Array, int4Array] : [anyElement, int4Array],
    anyArray,
    ([element]) => {
      const returns = arrayTypeOf(element!);
      if (returns === undefined) throw noArrayType(element!);
      return {
        returns,
        scalar: ([value, dims, bounds]) =>
          fill(
            value!,
            numbersOf(dims!),
            hasBounds ? numbersOf(bounds!) : undefined,
          ),
      };
    },
    { strict: false },
  );
}

function trim(array: SqlArray, count: number): SqlArray {
  const length = array.dims[0] ?? 0;
  if (count < 0 || count > length) {
    throw new SqlError(
      "2202E",
      `number of elements to trim must be between 0 and ${length}`,
    );
  }
  if (length === 0) return array;
  const upper = upperBound(array, 0) - count;
  return sliceOf(array, [{ lower: undefined, upper }]);
}

/** Functions about the shape of arrays. */
export const arrayShapeFunctions: readonly FunctionDefinition[] = [
  ofDimension("array_length", (array, i) => array.dims[i]!),
  ofDimension("array_lower", (array, i) => array.lowerBounds[i]!),
  ofDimension("array_upper", upperBound),
  ofArray("array_ndims", int4, ({ dims }) => dims.length || null),
  ofArray("array_dims", text, dimsText),
  ofArray("cardinality", int4, ({ elements }) => elements.length),
  fillFunction(false),
  fillFunction(true),
  polymorphic("trim_array", [anyArray, int4], anyArray, ([type]) => ({
    returns: type!,
    scalar: ([array, count]) => trim(array as SqlArray, count as number),
  })),
];
