/**
 * What ranges and multiranges do with one another. Both are taken as lists of
 * ranges that are in order and do not touch: a range is a list of one, or of
 * none where it is empty.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { SqlValue } from "../../types/data_type.ts";
import {
  type Bound,
  compareBounds,
  compareBoundValues,
  type RangeKind,
  SqlMultirange,
  SqlRange,
  touches,
} from "../../types/range/range_value.ts";

/** Ranges in order that do not touch. */
export type Ranges = readonly SqlRange[];

/** A range or a multirange as a list. */
export function rangesOf(value: SqlValue): Ranges {
  if (value instanceof SqlMultirange) return value.ranges;
  const range = value as SqlRange;
  return range.isEmpty ? [] : [range];
}

/** A value as both bounds of the range that holds it alone. */
function pointOf(value: SqlValue): { lower: Bound; upper: Bound } {
  return {
    lower: { value, inclusive: true, isLower: true },
    upper: { value, inclusive: true, isLower: false },
  };
}

/** Whether one of the ranges holds the value. */
export function holdsValue(
  { subtype }: RangeKind,
  ranges: Ranges,
  value: SqlValue,
): boolean {
  const { lower, upper } = pointOf(value);
  return ranges.some((range) =>
    compareBounds(subtype, range.lower, lower) <= 0 &&
    compareBounds(subtype, range.upper, upper) >= 0
  );
}

/** Whether all of `part` is in `whole`. */
export function holds(
  { subtype }: RangeKind,
  whole: Ranges,
  part: Ranges,
): boolean {
  return part.every((inner) =>
    whole.some((outer) =>
      compareBounds(subtype, outer.lower, inner.lower) <= 0 &&
      compareBounds(subtype, outer.upper, inner.upper) >= 0
    )
  );
}

function meet({ subtype }: RangeKind, a: SqlRange, b: SqlRange): boolean {
  return compareBounds(subtype, a.lower, b.upper) <= 0 &&
    compareBounds(subtype, b.lower, a.upper) <= 0;
}

/** Whether they have something in common. */
export function overlap(kind: RangeKind, a: Ranges, b: Ranges): boolean {
  return a.some((x) => b.some((y) => meet(kind, x, y)));
}

/** Whether all of `a` is before all of `b`. */
export function isBefore(
  { subtype }: RangeKind,
  a: Ranges,
  b: Ranges,
): boolean {
  return a.length > 0 && b.length > 0 &&
    compareBounds(subtype, a.at(-1)!.upper, b[0]!.lower) < 0;
}

/** Whether `a` does not extend to the right of `b`. */
export function endsWithin(
  { subtype }: RangeKind,
  a: Ranges,
  b: Ranges,
): boolean {
  return a.length > 0 && b.length > 0 &&
    compareBounds(subtype, a.at(-1)!.upper, b.at(-1)!.upper) <= 0;
}

/** Whether `a` does not extend to the left of `b`. */
export function beginsWithin(
  { subtype }: RangeKind,
  a: Ranges,
  b: Ranges,
): boolean {
  return a.length > 0 && b.length > 0 &&
    compareBounds(subtype, a[0]!.lower, b[0]!.lower) >= 0;
}

/** Whether one begins where the other ends. */
export function areAdjacent(kind: RangeKind, a: Ranges, b: Ranges): boolean {
  return a.length > 0 && b.length > 0 &&
    (touches(kind, a.at(-1)!.upper, b[0]!.lower) ||
      touches(kind, b.at(-1)!.upper, a[0]!.lower));
}

function lesser({ subtype }: RangeKind, a: Bound, b: Bound): Bound {
  return compareBounds(subtype, a, b) <= 0 ? a : b;
}

function greater({ subtype }: RangeKind, a: Bound, b: Bound): Bound {
  return compareBounds(subtype, a, b) >= 0 ? a : b;
}

/** The smallest range that holds both, whatever is between them. */
export function span(kind: RangeKind, a: SqlRange, b: SqlRange): SqlRange {
  if (a.isEmpty) return b;
  if (b.isEmpty) return a;
  return SqlRange.between(
    kind,
    lesser(kind, a.lower, b.lower),
    greater(kind, a.upper, b.upper),
  );
}

/**
 * All of both.
 *
 * @throws {SqlError} `22000` when there is something between them.
 */
export function union(kind: RangeKind, a: SqlRange, b: SqlRange): SqlRange {
  const apart = !a.isEmpty && !b.isEmpty && !meet(kind, a, b) &&
    !areAdjacent(kind, [a], [b]);
  if (apart) {
    throw new SqlError(
      "22000",
      "result of range union would not be contiguous",
    );
  }
  return span(kind, a, b);
}

/** What both have. */
export function intersection(
  kind: RangeKind,
  a: SqlRange,
  b: SqlRange,
): SqlRange {
  if (a.isEmpty || b.isEmpty || !meet(kind, a, b)) return SqlRange.EMPTY;
  return SqlRange.between(
    kind,
    greater(kind, a.lower, b.lower),
    lesser(kind, a.upper, b.upper),
  );
}

/** What `a` has and `b` has not: none, one or two ranges. */
export function remainder(
  kind: RangeKind,
  a: SqlRange,
  b: SqlRange,
): SqlRange[] {
  if (a.isEmpty || b.isEmpty || !meet(kind, a, b)) return [a];
  const parts: SqlRange[] = [];
  if (compareBounds(kind.subtype, a.lower, b.lower) < 0) {
    parts.push(SqlRange.between(kind, a.lower, complement(b.lower)));
  }
  if (compareBounds(kind.subtype, a.upper, b.upper) > 0) {
    parts.push(SqlRange.between(kind, complement(b.upper), a.upper));
  }
  return parts.filter((part) => !part.isEmpty);
}

/** The bound of what is on the other side. */
function complement({ value, inclusive, isLower }: Bound): Bound {
  return { value, inclusive: !inclusive, isLower: !isLower };
}

/**
 * What `a` has and `b` has not, as one range.
 *
 * @throws {SqlError} `22000` when it would be two.
 */
export function difference(
  kind: RangeKind,
  a: SqlRange,
  b: SqlRange,
): SqlRange {
  const parts = remainder(kind, a, b);
  if (parts.length > 1) {
    throw new SqlError(
      "22000",
      "result of range difference would not be contiguous",
    );
  }
  return parts[0] ?? SqlRange.EMPTY;
}

/** What `a` has and none of `b` has. */
export function remainders(kind: RangeKind, a: Ranges, b: Ranges): SqlRange[] {
  let rest = [...a];
  for (const range of b) {
    rest = rest.flatMap((part) => remainder(kind, part, range));
  }
  return rest;
}

/** What any of `a` has in common with any of `b`. */
export function intersections(
  kind: RangeKind,
  a: Ranges,
  b: Ranges,
): SqlRange[] {
  const parts: SqlRange[] = [];
  let next = 0;
  for (const x of a) {
    while (
      next < b.length &&
      compareBoundValues(kind.subtype, b[next]!.upper, x.lower) < 0
    ) next++;
    for (let i = next; i < b.length; i++) {
      if (compareBoundValues(kind.subtype, b[i]!.lower, x.upper) > 0) break;
      parts.push(intersection(kind, x, b[i]!));
    }
  }
  return parts;
}
