/**
 * Values of range and multirange types, and what their bounds mean.
 *
 * Invariants:
 * 1. A bound without a value is infinite, and never inclusive.
 * 2. A range that holds nothing is {@linkcode SqlRange.EMPTY}; ranges of
 *    discrete types include their lower bound and exclude the upper one.
 * 3. The ranges of a multirange are ordered, not empty, and neither overlap nor
 *    touch.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type {
  DataType,
  MultirangeValue,
  RangeBound,
  RangeKind,
  RangeValue,
} from "../data_type.ts";

/** One end of a range. */
export type Bound = RangeBound;

export type { RangeKind };

/** A range. */
export class SqlRange implements RangeValue {
  /** The lower bound. */
  readonly lower: Bound;
  /** The upper bound. */
  readonly upper: Bound;

  private constructor(lower: Bound, upper: Bound) {
    this.lower = lower;
    this.upper = upper;
  }

  /** The range that holds nothing. */
  static readonly EMPTY: SqlRange = new SqlRange(
    { value: null, inclusive: false, isLower: true },
    { value: null, inclusive: false, isLower: false },
  );

  /** Whether it holds nothing. */
  get isEmpty(): boolean {
    return this === SqlRange.EMPTY;
  }

  /**
   * The range between two bounds, in its normal form.
   *
   * @throws {SqlError} `22000` when the lower one is above the upper one.
   */
  static between(kind: RangeKind, lower: Bound, upper: Bound): SqlRange {
    const order = compareBoundValues(kind.subtype, lower, upper);
    if (order > 0) {
      throw new SqlError(
        "22000",
        "range lower bound must be less than or equal to range upper bound",
      );
    }
    if (order === 0 && !(lower.inclusive && upper.inclusive)) {
      return SqlRange.EMPTY;
    }
    const first = normalBound(kind, lower);
    const last = normalBound(kind, upper);
    const isEmpty = first.value !== null && last.value !== null &&
      kind.next !== undefined &&
      kind.subtype.compare(first.value, last.value) >= 0;
    return isEmpty ? SqlRange.EMPTY : new SqlRange(first, last);
  }
}

/** Discrete ranges include the lower bound and exclude the upper one. */
function normalBound({ next }: RangeKind, bound: Bound): Bound {
  const { value, inclusive, isLower } = bound;
  if (value === null) return { value, inclusive: false, isLower };
  if (next === undefined || inclusive === isLower) return bound;
  const moved = next(value);
  return {
    value: moved,
    inclusive: moved === value ? inclusive : isLower,
    isLower,
  };
}

/** The order of two bounds' values; infinite ones are below or above all. */
export function compareBoundValues(
  type: DataType,
  a: Bound,
  b: Bound,
): number {
  if (a.value === null && b.value === null) {
    return a.isLower === b.isLower ? 0 : a.isLower ? -1 : 1;
  }
  if (a.value === null) return a.isLower ? -1 : 1;
  if (b.value === null) return b.isLower ? 1 : -1;
  return type.compare(a.value, b.value);
}

/** The order of two bounds: where the range begins or ends. */
export function compareBounds(type: DataType, a: Bound, b: Bound): number {
  const order = compareBoundValues(type, a, b);
  if (order !== 0 || a.value === null || b.value === null) return order;
  return sideOf(a) - sideOf(b);
}

/** Just below its value, at it, or just above it. */
function sideOf({ inclusive, isLower }: Bound): number {
  return inclusive ? 0 : isLower ? 1 : -1;
}

/** The order of ranges: the empty one first, then by lower and upper bound. */
export function compareRanges(
  type: DataType,
  a: SqlRange,
  b: SqlRange,
): number {
  if (a.isEmpty || b.isEmpty) {
    return a.isEmpty === b.isEmpty ? 0 : a.isEmpty ? -1 : 1;
  }
  return compareBounds(type, a.lower, b.lower) ||
    compareBounds(type, a.upper, b.upper);
}

/** The key of a range in a hash table. */
export function hashKeyOfRange(type: DataType, range: SqlRange): string {
  if (range.isEmpty) return "empty";
  const keys = [range.lower, range.upper].map(({ value, inclusive }) => {
    if (value === null) return "-";
    const key = String(type.hashKey(value));
    return `${inclusive ? "i" : "e"}${key.length}:${key}`;
  });
  return keys.join(",");
}

/** Whether a range that ends at `upper` touches one that begins at `lower`. */
export function touches(kind: RangeKind, upper: Bound, lower: Bound): boolean {
  const order = compareBoundValues(kind.subtype, upper, lower);
  if (order === 0) return upper.inclusive !== lower.inclusive;
  if (order > 0 || kind.next === undefined) return false;
  return SqlRange.between(
    kind,
    { ...upper, inclusive: !upper.inclusive, isLower: true },
    { ...lower, inclusive: !lower.inclusive, isLower: false },
  ).isEmpty;
}

/** Ranges that are one value. */
export class SqlMultirange implements MultirangeValue {
  /** The ranges, in order. */
  readonly ranges: readonly SqlRange[];

  private constructor(ranges: readonly SqlRange[]) {
    this.ranges = ranges;
  }

  /** The multirange of all that any of the ranges holds. */
  static of(kind: RangeKind, ranges: readonly SqlRange[]): SqlMultirange {
    const sorted = ranges.filter((range) => !range.isEmpty)
      .sort((a, b) => compareRanges(kind.subtype, a, b));
    const merged: SqlRange[] = [];
    for (const range of sorted) {
      const last = merged.at(-1);
      if (
        last !== undefined &&
        (compareBounds(kind.subtype, last.upper, range.lower) >= 0 ||
          touches(kind, last.upper, range.lower))
      ) {
        const isLonger =
          compareBounds(kind.subtype, range.upper, last.upper) > 0;
        if (isLonger) {
          merged[merged.length - 1] = SqlRange.between(
            kind,
            last.lower,
            range.upper,
          );
        }
      } else {
        merged.push(range);
      }
    }
    return new SqlMultirange(merged);
  }
}
