/**
 * Arrays that grow: `array_append`, `array_prepend`, `array_cat`. A NULL array
 * counts as one without elements; NULL as an element is one.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { elementCountOf, SqlArray } from "../../types/array/array_value.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import type { FunctionDefinition } from "../registry.ts";
import { polymorphic } from "./array_define.ts";

/** An element behind the last. */
export function appendFunction(
  name: string,
  array: DataType,
  element: DataType,
): FunctionDefinition {
  return polymorphic(name, [array, element], array, ([type]) => ({
    returns: type!,
    scalar: ([whole, item]) => append(whole!, item!, false),
  }), { strict: false });
}

/** An element before the first. */
export function prependFunction(
  name: string,
  element: DataType,
  array: DataType,
): FunctionDefinition {
  return polymorphic(name, [element, array], array, ([, type]) => ({
    returns: type!,
    scalar: ([item, whole]) => append(whole!, item!, true),
  }), { strict: false });
}

/** Two arrays, one behind the other. */
export function concatenateFunction(
  name: string,
  array: DataType,
): FunctionDefinition {
  return polymorphic(name, [array, array], array, ([type]) => ({
    returns: type!,
    scalar: ([a, b]) => {
      if (a === null || b === null) return a ?? b!;
      return concatenate(a as SqlArray, b as SqlArray);
    },
  }), { strict: false });
}

function append(whole: Nullable, item: Nullable, first: boolean): SqlArray {
  const array = (whole ?? SqlArray.EMPTY) as SqlArray;
  if (array.dims.length > 1) {
    throw new SqlError(
      "22000",
      "argument must be empty or one-dimensional array",
    );
  }
  const { elements } = array;
  elementCountOf([elements.length + 1]);
  const lowerBound = array.lowerBounds[0] ?? 1;
  const next = first ? lowerBound - 1 : lowerBound + elements.length;
  if (next < -2147483648 || next > 2147483647) {
    throw new SqlError("22003", "integer out of range");
  }
  return SqlArray.of(
    first ? [item, ...elements] : [...elements, item],
    lowerBound,
  );
}

/**
 * Arrays of one number of dimensions one behind the other; one of one dimension
 * less becomes an item of the other.
 */
function concatenate(a: SqlArray, b: SqlArray): SqlArray {
  if (a.dims.length === 0) return b;
  if (b.dims.length === 0) return a;
  const difference = a.dims.length - b.dims.length;
  if (Math.abs(difference) > 1) {
    throw incompatible(
      `Arrays of ${a.dims.length} and ${b.dims.length} dimensions are not compatible for concatenation.`,
    );
  }
  const outer = difference < 0 ? b : a;
  const outerLength = difference === 0 ? a.dims[0]! + b.dims[0]! : undefined;
  const [inner, what] = difference === 0
    ? [itemShape(b), "element dimensions"]
    : [difference < 0 ? a : b, "dimensions"];
  const expected = itemShape(outer);
  const fits = inner.dims.every((length, i) =>
    length === expected.dims[i] &&
    inner.lowerBounds[i] === expected.lowerBounds[i]
  );
  if (!fits) {
    throw incompatible(
      `Arrays with differing ${what} are not compatible for concatenation.`,
    );
  }
  const dims = [outerLength ?? outer.dims[0]! + 1, ...expected.dims];
  elementCountOf(dims);
  return SqlArray.shaped(
    [...a.elements, ...b.elements],
    dims,
    outer.lowerBounds,
  );
}

/** The shape of what the first subscript gives. */
function itemShape(
  { dims, lowerBounds }: SqlArray,
): Pick<SqlArray, "dims" | "lowerBounds"> {
  return { dims: dims.slice(1), lowerBounds: lowerBounds.slice(1) };
}

function incompatible(detail: string): SqlError {
  return new SqlError("2202E", "cannot concatenate incompatible arrays", {
    detail,
  });
}
