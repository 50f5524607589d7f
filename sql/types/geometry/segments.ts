/**
 * Points, lines and segments: distances, slopes, where they meet and where they
 * are closest (PostgreSQL's `geo_ops.c`).
 *
 * @module
 */
import {
  hypotenuse,
  isBelow,
  isSame,
  isZero,
  minus,
  over,
  plus,
  times,
} from "./fuzzy.ts";
import { isSamePoint, type Point, type Segment } from "./shapes.ts";

/** A line: Ax + By + C = 0. */
export interface Line {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** A point and how far it is. */
export interface Nearest {
  readonly point: Point;
  readonly distance: number;
}

/** The distance of two points. */
export function distance(a: Point, b: Point): number {
  return hypotenuse(minus(a.x, b.x), minus(a.y, b.y));
}

/** The slope of the line through two points. */
export function slope(a: Point, b: Point): number {
  if (isSame(a.x, b.x)) return Infinity;
  if (isSame(a.y, b.y)) return 0;
  return over(minus(a.y, b.y), minus(a.x, b.x));
}

/** The slope of a line at right angles to that through two points. */
export function inverseSlope(a: Point, b: Point): number {
  if (isSame(a.x, b.x)) return 0;
  if (isSame(a.y, b.y)) return Infinity;
  return over(minus(a.x, b.x), minus(b.y, a.y));
}

/** The slope of a segment. */
export function segmentSlope([a, b]: Segment): number {
  return slope(a, b);
}

/** The slope of a line. */
export function lineSlope({ a, b }: Line): number {
  if (isZero(a)) return 0;
  if (isZero(b)) return Infinity;
  return over(a, -b);
}

function lineInverseSlope({ a, b }: Line): number {
  if (isZero(a)) return Infinity;
  if (isZero(b)) return 0;
  return over(b, a);
}

/** The line through a point with a slope. */
export function lineOf({ x, y }: Point, steepness: number): Line {
  if (Math.abs(steepness) === Infinity) return { a: -1, b: 0, c: x };
  if (steepness === 0) return { a: 0, b: -1, c: y };
  return { a: steepness, b: -1, c: minus(y, times(steepness, x)) + 0 };
}

/** The line that a segment lies on. */
export function lineThrough(segment: Segment): Line {
  return lineOf(segment[0], segmentSlope(segment));
}

/** Where two lines meet. */
export function meetLines(l: Line, m: Line): Point | undefined {
  let x: number;
  let y: number;
  if (!isZero(l.b)) {
    if (isSame(m.a, times(l.a, over(m.b, l.b)))) return undefined;
    x = over(
      minus(times(l.b, m.c), times(m.b, l.c)),
      minus(times(l.a, m.b), times(m.a, l.b)),
    );
    y = over(-plus(times(l.a, x), l.c), l.b);
  } else if (!isZero(m.b)) {
    if (isSame(l.a, times(m.a, over(l.b, m.b)))) return undefined;
    x = over(
      minus(times(m.b, l.c), times(l.b, m.c)),
      minus(times(m.a, l.b), times(l.a, m.b)),
    );
    y = over(-plus(times(m.a, x), m.c), m.b);
  } else {
    return undefined;
  }
  return { x: x + 0, y: y + 0 };
}

/** The point of a line that is nearest to a point. */
export function nearestOfLine(line: Line, point: Point): Nearest {
  const across = lineOf(point, lineInverseSlope(line));
  const found = meetLines(across, line);
  if (found === undefined) return { point, distance: NaN };
  return { point: found, distance: distance(found, point) };
}

/** Whether a point is on a line. */
export function isOnLine({ a, b, c }: Line, { x, y }: Point): boolean {
  return isZero(plus(plus(times(a, x), times(b, y)), c));
}

/** Whether a point is on a segment. */
export function isOnSegment([a, b]: Segment, point: Point): boolean {
  return isSame(plus(distance(point, a), distance(point, b)), distance(a, b));
}

/** Where a segment meets a line. */
export function meetLine(segment: Segment, line: Line): Point | undefined {
  const found = meetLines(lineThrough(segment), line);
  if (found === undefined || !isOnSegment(segment, found)) return undefined;
  // The ends as they are, without what rounding left.
  return segment.find((end) => isSamePoint(end, found)) ?? found;
}

/** Where two segments meet. */
export function meetSegments(l: Segment, m: Segment): Point | undefined {
  const found = meetLine(l, lineThrough(m));
  return found !== undefined && isOnSegment(m, found) ? found : undefined;
}

/** The point of a segment that is nearest to a line. */
export function nearestToLine(segment: Segment, line: Line): Nearest {
  const found = meetLine(segment, line);
  if (found !== undefined) return { point: found, distance: 0 };
  const [a, b] = segment;
  const toA = nearestOfLine(line, a).distance;
  const toB = nearestOfLine(line, b).distance;
  return toA < toB ? { point: a, distance: toA } : { point: b, distance: toB };
}

/** The point of a segment that is nearest to a point. */
export function nearestOfSegment(segment: Segment, point: Point): Nearest {
  const across = lineOf(point, inverseSlope(...segment));
  const nearest = nearestToLine(segment, across).point;
  return { point: nearest, distance: distance(nearest, point) };
}

/** The point of a segment that is nearest to another segment. */
export function nearestOfSegments(on: Segment, to: Segment): Nearest {
  const met = meetSegments(on, to);
  if (met !== undefined) return { point: met, distance: 0 };
  let best = nearestOfSegment(on, to[0]);
  const offer = (other: Nearest): void => {
    if (isBelow(other.distance, best.distance)) best = other;
  };
  offer(nearestOfSegment(on, to[1]));
  for (const end of on) {
    offer({ point: end, distance: nearestOfSegment(to, end).distance });
  }
  return best;
}
