/**
 * Polygons, and paths as closed ones: what is in them, whether they overlap, how
 * far they are (PostgreSQL's `geo_ops.c`).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { boxContains, boxesOverlap, middle } from "./boxes.ts";
import {
  isAtLeast,
  isAtMost,
  isBelow,
  isLess,
  isMore,
  isZero,
  minus,
  over,
  plus,
  times,
} from "./fuzzy.ts";
import {
  distance,
  isOnSegment,
  meetSegments,
  nearestOfSegment,
  nearestOfSegments,
} from "./segments.ts";
import { boundsOf, isSamePoint, type Point, type Segment } from "./shapes.ts";

/** The sides, that from the last point to the first one first. */
export function edgesOf(points: readonly Point[], closed = true): Segment[] {
  const edges: Segment[] = [];
  points.forEach((point, i) => {
    if (i > 0) edges.push([points[i - 1]!, point]);
    else if (closed) edges.push([points.at(-1)!, point]);
  });
  return edges;
}

/** A point lies on the side. */
const ON_EDGE = Infinity;

/**
 * How a side, moved so that the point in question is the origin, crosses the
 * positive x axis: by halves, with a sign.
 */
function crossing(to: Point, from: Point): number {
  if (isZero(to.y)) return crossingAtAxis(to, from);
  const sign = isMore(to.y, 0) ? 1 : -1;
  if (isZero(from.y)) return isLess(from.x, 0) ? 0 : sign;
  if (sign < 0 ? isLess(from.y, 0) : isMore(from.y, 0)) return 0;
  if (isAtLeast(to.x, 0) && isMore(from.x, 0)) return 2 * sign;
  if (isLess(to.x, 0) && isAtMost(from.x, 0)) return 0;
  const turn = minus(
    times(minus(to.x, from.x), to.y),
    times(minus(to.y, from.y), to.x),
  );
  if (isZero(turn)) return ON_EDGE;
  if (sign < 0 ? isLess(turn, 0) : isMore(turn, 0)) return 0;
  return 2 * sign;
}

function crossingAtAxis(to: Point, from: Point): number {
  if (isZero(to.x)) return ON_EDGE;
  if (isMore(to.x, 0)) {
    if (isZero(from.y)) return isMore(from.x, 0) ? 0 : ON_EDGE;
    return isLess(from.y, 0) ? 1 : -1;
  }
  if (isZero(from.y)) return isLess(from.x, 0) ? 0 : ON_EDGE;
  return 0;
}

/** Whether a point is in a polygon, its sides included. */
export function isInside(point: Point, points: readonly Point[]): boolean {
  const moved = points.map(({ x, y }): Point => ({
    x: minus(x, point.x),
    y: minus(y, point.y),
  }));
  let total = 0;
  for (let i = 1; i <= moved.length; i++) {
    const cross = crossing(moved[i % moved.length]!, moved[i - 1]!);
    if (cross === ON_EDGE) return true;
    total += cross;
  }
  return total !== 0;
}

/** Whether polygons share a point. */
export function polygonsOverlap(
  a: readonly Point[],
  b: readonly Point[],
): boolean {
  if (!boxesOverlap(boundsOf(a), boundsOf(b))) return false;
  const edges = edgesOf(b);
  return edgesOf(a).some((edge) =>
    edges.some((other) => meetSegments(edge, other) !== undefined)
  ) || isInside(a[0]!, b) || isInside(b[0]!, a);
}

/** How often a segment may be cut. */
const DEPTH_MAX = 1000;

/** A segment with one end on a side of a polygon. */
function touchedIsInside(
  on: Point,
  off: Point,
  [s, t]: Segment,
  points: readonly Point[],
  start: number,
  depth: number,
): boolean {
  const segment: Segment = [on, off];
  const go = (end: Point): boolean =>
    segmentIsInside(off, end, points, start, depth);
  if (isSamePoint(on, s)) return isOnSegment(segment, t) ? go(t) : true;
  if (isSamePoint(on, t)) return isOnSegment(segment, s) ? go(s) : true;
  if (isOnSegment(segment, s)) return go(s);
  return isOnSegment(segment, t) ? go(t) : true;
}

/** Whether a segment is in a polygon; the sides before `start` were tried. */
function segmentIsInside(
  a: Point,
  b: Point,
  points: readonly Point[],
  start: number,
  depth: number,
): boolean {
  if (depth > DEPTH_MAX) {
    throw new SqlError("54001", "stack depth limit exceeded");
  }
  const segment: Segment = [a, b];
  let crossed = false;
  let from = points[(start === 0 ? points.length : start) - 1]!;
  for (let i = start; i < points.length; i++) {
    const side: Segment = [from, points[i]!];
    let isIn = true;
    if (isOnSegment(side, a)) {
      if (isOnSegment(side, b)) return true;
      isIn = touchedIsInside(a, b, side, points, i + 1, depth + 1);
    } else if (isOnSegment(side, b)) {
      isIn = touchedIsInside(b, a, side, points, i + 1, depth + 1);
    } else {
      const met = meetSegments(segment, side);
      if (met !== undefined) {
        crossed = true;
        isIn = segmentIsInside(a, met, points, i + 1, depth + 1) &&
          segmentIsInside(b, met, points, i + 1, depth + 1);
      }
    }
    if (!isIn) return false;
    from = side[1];
  }
  return crossed || isInside(middle(a, b), points);
}

/** Whether a polygon has another in it. */
export function polygonContains(
  a: readonly Point[],
  b: readonly Point[],
): boolean {
  return boxContains(boundsOf(a), boundsOf(b)) &&
    edgesOf(b).every(([s, t]) => segmentIsInside(s, t, a, 0, 0));
}

/** Whether two lists have the same points, from any one on, either way round. */
export function isSamePolygon(
  a: readonly Point[],
  b: readonly Point[],
): boolean {
  const count = a.length;
  if (count !== b.length) return false;
  return b.some((point, first) =>
    isSamePoint(point, a[0]!) &&
    [1, -1].some((step) =>
      a.every((other, i) =>
        isSamePoint(b[(first + step * i + count * 2) % count]!, other)
      )
    )
  );
}

/** The distance of a polygon from a point. */
export function distanceToPolygon(
  point: Point,
  points: readonly Point[],
): number {
  return isInside(point, points) ? 0 : distanceToEdges(point, edgesOf(points));
}

/** The distance of the nearest of several segments; of none: 0. */
export function distanceToEdges(
  point: Point,
  edges: readonly Segment[],
): number {
  if (edges.length === 0) return 0;
  return edges.map((edge) => nearestOfSegment(edge, point).distance)
    .reduce((a, b) => isBelow(b, a) ? b : a);
}

/** The least distance between segments of two lists; none: `undefined`. */
export function distanceOfEdges(
  a: readonly Segment[],
  b: readonly Segment[],
): number | undefined {
  let least: number | undefined;
  for (const edge of a) {
    for (const other of b) {
      const found = nearestOfSegments(edge, other).distance;
      if (least === undefined || isBelow(found, least)) least = found;
    }
  }
  return least;
}

/** The circle around the mean of points, with their mean distance. */
export function circleAround(
  points: readonly Point[],
): { readonly centre: Point; readonly radius: number } {
  const sum = points.reduce((a, b) => ({
    x: plus(a.x, b.x),
    y: plus(a.y, b.y),
  }), { x: 0, y: 0 });
  const count = points.length;
  const centre = { x: over(sum.x, count), y: over(sum.y, count) };
  const distances = points.reduce(
    (total, point) => plus(total, distance(point, centre)),
    0,
  );
  return { centre, radius: over(distances, count) };
}
