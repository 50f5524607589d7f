/**
 * A value of an array type: elements in row-major order, the length of every
 * dimension, and where its subscripts begin.
 *
 * Invariants:
 * 1. An array without elements has no dimensions.
 * 2. There are as many elements as the product of the lengths.
 * 3. Nobody changes an array after it was made.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { ArrayValue, Nullable } from "../data_type.ts";

/** The most dimensions that an array can have. */
export const DIMENSIONS_MAX = 6;

/** The most elements that an array can have. */
export const ELEMENTS_MAX = 134217727;

/** The highest subscript; the upper bound of a dimension is below it. */
const SUBSCRIPT_MAX = 2147483647;

/** An array. */
export class SqlArray implements ArrayValue {
  /** The elements, the last subscript running fastest. */
  readonly elements: readonly Nullable[];
  /** How long each dimension is; empty for an array without elements. */
  readonly dims: readonly number[];
  /** The first subscript of each dimension. */
  readonly lowerBounds: readonly number[];

  private constructor(
    elements: readonly Nullable[],
    dims: readonly number[],
    lowerBounds: readonly number[],
  ) {
    this.elements = elements;
    this.dims = dims;
    this.lowerBounds = lowerBounds;
  }

  /** The array without elements. */
  static readonly EMPTY: SqlArray = new SqlArray([], [], []);

  /** An array of one dimension; `lowerBound` is 1 unless given. */
  static of(elements: readonly Nullable[], lowerBound = 1): SqlArray {
    return SqlArray.shaped(elements, [elements.length], [lowerBound]);
  }

  /**
   * An array of any shape; without elements it is {@linkcode SqlArray.EMPTY}.
   *
   * @throws {SqlError} `54000`, `2202E` when it would be too large.
   */
  static shaped(
    elements: readonly Nullable[],
    dims: readonly number[],
    lowerBounds: readonly number[],
  ): SqlArray {
    if (elements.length === 0) return SqlArray.EMPTY;
    checkDimensions(dims.length);
    for (let i = 0; i < dims.length; i++) {
      checkBound(lowerBounds[i]!, dims[i]!);
    }
    return new SqlArray(elements, dims, lowerBounds);
  }

  /** The same shape with other elements. */
  map(change: (element: Nullable) => Nullable): SqlArray {
    return new SqlArray(
      this.elements.map(change),
      this.dims,
      this.lowerBounds,
    );
  }

  /** Whether all subscripts begin with 1. */
  get isPlain(): boolean {
    return this.lowerBounds.every((bound) => bound === 1);
  }
}

/** Refuses more dimensions than there can be. */
export function checkDimensions(count: number): void {
  if (count <= DIMENSIONS_MAX) return;
  throw new SqlError(
    "54000",
    `number of array dimensions (${count}) exceeds the maximum allowed (${DIMENSIONS_MAX})`,
  );
}

/** Refuses a dimension whose last subscript would not be an integer. */
export function checkBound(lowerBound: number, length: number): void {
  if (lowerBound + length > SUBSCRIPT_MAX) {
    throw new SqlError(
      "54000",
      `array lower bound is too large: ${lowerBound}`,
    );
  }
}

/**
 * How many elements an array of these dimensions has.
 *
 * @throws {SqlError} `54000` when there are too many.
 */
export function elementCountOf(dims: readonly number[]): number {
  const count = dims.reduce((product, length) => product * length, 1);
  if (dims.length > 0 && count > ELEMENTS_MAX) throw tooManyElements();
  return dims.length === 0 ? 0 : count;
}

/** `54000`: more elements than there can be. */
export function tooManyElements(): SqlError {
  return new SqlError(
    "54000",
    `array size exceeds the maximum allowed (${ELEMENTS_MAX})`,
  );
}
