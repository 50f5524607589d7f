/**
 * Boxes: what is in them, where they meet segments, what of them is nearest.
 *
 * @module
 */
import { isAtLeast, isAtMost, isBelow, minus, over, plus } from "./fuzzy.ts";
import {
  type Line,
  meetLine,
  meetSegments,
  type Nearest,
  nearestOfSegment,
  nearestOfSegments,
} from "./segments.ts";
import { type Box, boxBetween, type Point, type Segment } from "./shapes.ts";

/** Whether two boxes share a point. */
export function boxesOverlap(a: Box, b: Box): boolean {
  return isAtMost(a.low.x, b.high.x) && isAtMost(b.low.x, a.high.x) &&
    isAtMost(a.low.y, b.high.y) && isAtMost(b.low.y, a.high.y);
}

/** Whether a box has another in it. */
export function boxContains(a: Box, b: Box): boolean {
  return isAtLeast(a.high.x, b.high.x) && isAtMost(a.low.x, b.low.x) &&
    isAtLeast(a.high.y, b.high.y) && isAtMost(a.low.y, b.low.y);
}

/** Whether a point is in a box. */
export function isInBox({ high, low }: Box, { x, y }: Point): boolean {
  return high.x >= x && low.x <= x && high.y >= y && low.y <= y;
}

/** The middle of two points. */
export function middle(a: Point, b: Point): Point {
  return { x: over(plus(a.x, b.x), 2), y: over(plus(a.y, b.y), 2) };
}

/** How wide, and how high. */
export function boxSize({ high, low }: Box): Point {
  return { x: minus(high.x, low.x), y: minus(high.y, low.y) };
}

/** The four sides. */
export function sidesOf({ high, low }: Box): Segment[] {
  const upperLeft = { x: low.x, y: high.y };
  const lowerRight = { x: high.x, y: low.y };
  return [
    [low, upperLeft],
    [high, upperLeft],
    [low, lowerRight],
    [high, lowerRight],
  ];
}

/** Whether a segment and a box share a point. */
export function meetsBox(box: Box, segment: Segment): boolean {
  if (!boxesOverlap(boxBetween(...segment), box)) return false;
  return segment.some((end) => isInBox(box, end)) ||
    sidesOf(box).some((side) => meetSegments(side, segment) !== undefined);
}

/** Whether a line crosses a side of a box. */
export function lineMeetsBox(line: Line, box: Box): boolean {
  return sidesOf(box).some((side) => meetLine(side, line) !== undefined);
}

function best(found: readonly Nearest[]): Nearest {
  return found.reduce((a, b) => isBelow(b.distance, a.distance) ? b : a);
}

/** The point of a box that is nearest to a point. */
export function nearestOfBox(box: Box, point: Point): Nearest {
  if (isInBox(box, point)) return { point, distance: 0 };
  return best(sidesOf(box).map((side) => nearestOfSegment(side, point)));
}

/** The point of a box that is nearest to a segment. */
export function nearestToSegment(box: Box, segment: Segment): Nearest {
  if (meetsBox(box, segment)) {
    const centre = middle(box.high, box.low);
    return { point: nearestOfSegment(segment, centre).point, distance: 0 };
  }
  return best(sidesOf(box).map((side) => nearestOfSegments(side, segment)));
}
