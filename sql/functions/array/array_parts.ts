/**
 * Elements and slices of arrays, read and replaced: `a[2]`, `a[2:3]`,
 * `UPDATE … SET a[2] = …` (PostgreSQL's `array_get_element` and its kin).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  checkBound,
  elementCountOf,
  SqlArray,
} from "../../types/array/array_value.ts";
import type { Nullable } from "../../types/data_type.ts";

/** The bounds of one dimension of a slice; absent: those of the array. */
export interface SliceBounds {
  readonly lower: number | undefined;
  readonly upper: number | undefined;
}

/** The element at these subscripts; NULL where there is none. */
export function elementAt(
  array: SqlArray,
  subscripts: readonly number[],
): Nullable {
  const place = placeOf(array, subscripts);
  return place < 0 ? null : array.elements[place]!;
}

/** Where the element is; -1 where there is none. */
function placeOf(array: SqlArray, subscripts: readonly number[]): number {
  const { dims, lowerBounds } = array;
  if (dims.length !== subscripts.length) return -1;
  let place = 0;
  for (let i = 0; i < dims.length; i++) {
    const index = subscripts[i]! - lowerBounds[i]!;
    if (index < 0 || index >= dims[i]!) return -1;
    place = place * dims[i]! + index;
  }
  return place;
}

/** The part between the bounds; its subscripts begin with 1. */
export function sliceOf(
  array: SqlArray,
  bounds: readonly SliceBounds[],
): SqlArray {
  const { dims, lowerBounds } = array;
  if (dims.length < bounds.length || dims.length === 0) return SqlArray.EMPTY;
  const ranges = dims.map((length, i): readonly [number, number] => {
    const first = lowerBounds[i]!;
    const last = first + length - 1;
    const lower = Math.max(bounds[i]?.lower ?? first, first);
    const upper = Math.min(bounds[i]?.upper ?? last, last);
    return [lower - first, upper - lower + 1];
  });
  if (ranges.some(([, length]) => length <= 0)) return SqlArray.EMPTY;
  const elements: Nullable[] = [];
  forEachPlace(dims, ranges, (place) => elements.push(array.elements[place]!));
  return SqlArray.shaped(
    elements,
    ranges.map(([, length]) => length),
    ranges.map(() => 1),
  );
}

/** Calls `visit` with each place in the ranges (first index, length). */
function forEachPlace(
  dims: readonly number[],
  ranges: readonly (readonly [number, number])[],
  visit: (place: number) => void,
): void {
  const walk = (dimension: number, base: number): void => {
    const [first, length] = ranges[dimension]!;
    for (let i = first; i < first + length; i++) {
      const place = base * dims[dimension]! + i;
      if (dimension === dims.length - 1) visit(place);
      else walk(dimension + 1, place);
    }
  };
  walk(0, 0);
}

/**
 * The array with another element. An array of one dimension grows to hold it,
 * with NULLs between; an empty one becomes one of it alone.
 *
 * @throws {SqlError} `2202E` when it has no such place.
 */
export function withElement(
  array: SqlArray,
  subscripts: readonly number[],
  value: Nullable,
): SqlArray {
  const { dims } = array;
  if (dims.length === 0) {
    for (const subscript of subscripts) checkBound(subscript, 1);
    return SqlArray.shaped([value], subscripts.map(() => 1), subscripts);
  }
  if (dims.length !== subscripts.length) throw wrongSubscripts();
  if (dims.length === 1) {
    const [subscript] = subscripts;
    const grown = grow(array, subscript!, subscript!);
    const elements = [...grown.elements];
    elements[subscript! - grown.lowerBounds[0]!] = value;
    return SqlArray.shaped(elements, grown.dims, grown.lowerBounds);
  }
  const place = placeOf(array, subscripts);
  if (place < 0) throw outOfRange();
  return SqlArray.shaped(
    array.elements.with(place, value),
    dims,
    array.lowerBounds,
  );
}

/** An array of one dimension that has the subscripts from `lower` to `upper`. */
function grow(array: SqlArray, lower: number, upper: number): SqlArray {
  const first = array.lowerBounds[0]!;
  const last = first + array.dims[0]! - 1;
  const before = Math.max(0, first - lower);
  const after = Math.max(0, upper - last);
  if (before === 0 && after === 0) return array;
  const length = array.dims[0]! + before + after;
  elementCountOf([length]);
  checkBound(first - before, length);
  return SqlArray.of(
    [
      ...new Array<Nullable>(before).fill(null),
      ...array.elements,
      ...new Array<Nullable>(after).fill(null),
    ],
    first - before,
  );
}

/**
 * The array with the elements of `source`, in their order, between the bounds.
 *
 * @throws {SqlError} `2202E` when the places or the elements do not suffice.
 */
export function withSlice(
  array: SqlArray,
  bounds: readonly SliceBounds[],
  source: SqlArray,
): SqlArray {
  if (array.dims.length === 0) return newSlice(bounds, source);
  if (array.dims.length < bounds.length) throw wrongSubscripts();
  const known = array.dims.map((length, i) => {
    const first = array.lowerBounds[i]!;
    const lower = bounds[i]?.lower ?? first;
    const upper = bounds[i]?.upper ?? first + length - 1;
    if (lower > upper) {
      throw new SqlError(
        "2202E",
        "upper bound cannot be less than lower bound",
      );
    }
    const outside = lower < first || upper >= first + length;
    if (outside && array.dims.length > 1) throw outOfRange();
    return [lower, upper] as const;
  });
  const whole = array.dims.length === 1
    ? grow(array, known[0]![0], known[0]![1])
    : array;
  const ranges = known.map(([lower, upper], i) =>
    [lower - whole.lowerBounds[i]!, upper - lower + 1] as const
  );
  if (elementCountOf(ranges.map(([, length]) => length)) > countOf(source)) {
    throw sourceTooSmall();
  }
  const elements = [...whole.elements];
  let next = 0;
  forEachPlace(whole.dims, ranges, (place) => {
    elements[place] = source.elements[next++]!;
  });
  return SqlArray.shaped(elements, whole.dims, whole.lowerBounds);
}

function countOf({ elements }: SqlArray): number {
  return elements.length;
}

/** A slice of an empty array is all of the new one. */
function newSlice(
  bounds: readonly SliceBounds[],
  source: SqlArray,
): SqlArray {
  const dims = bounds.map(({ lower, upper }) => {
    if (lower === undefined || upper === undefined) {
      throw new SqlError(
        "2202E",
        "array slice subscript must provide both boundaries",
        {
          detail:
            "When assigning to a slice of an empty array value, slice boundaries must be fully specified.",
        },
      );
    }
    return Math.max(0, upper - lower + 1);
  });
  const count = elementCountOf(dims);
  if (count > source.elements.length) throw sourceTooSmall();
  return SqlArray.shaped(
    source.elements.slice(0, count),
    dims,
    bounds.map(({ lower }) => lower!),
  );
}

function wrongSubscripts(): SqlError {
  return new SqlError("2202E", "wrong number of array subscripts");
}

function outOfRange(): SqlError {
  return new SqlError("2202E", "array subscript out of range");
}

function sourceTooSmall(): SqlError {
  return new SqlError("2202E", "source array too small");
}
