/**
 * The values of geometric types: floats.
 *
 * | type | floats |
 * | --- | --- |
 * | `point` | x, y |
 * | `lseg` | both ends |
 * | `line` | A, B, C of Ax + By + C = 0 |
 * | `box` | the upper right corner, the lower left one |
 * | `circle` | the centre, the radius |
 * | `path` | 1 if it is closed, else 0; its points |
 * | `polygon` | its points |
 *
 * @module
 */
import { isBelow, isSame } from "./fuzzy.ts";

/** A value of any geometric type. */
export type Shape = Float64Array;

/** A point. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A segment: its ends. */
export type Segment = readonly [Point, Point];

/** A box: its corners. */
export interface Box {
  readonly high: Point;
  readonly low: Point;
}

/** The point whose x is at `at`. */
export function pointIn(shape: Shape, at = 0): Point {
  return { x: shape[at]!, y: shape[at + 1]! };
}

/** The value of a point. */
export function shapeOfPoint({ x, y }: Point): Shape {
  return Float64Array.of(x, y);
}

/** The segment in a value of `lseg`. */
export function segmentIn(shape: Shape): Segment {
  return [pointIn(shape), pointIn(shape, 2)];
}

/** The value of a segment. */
export function shapeOfSegment([a, b]: Segment): Shape {
  return Float64Array.of(a.x, a.y, b.x, b.y);
}

/** The box in a value. */
export function boxIn(shape: Shape): Box {
  return { high: pointIn(shape), low: pointIn(shape, 2) };
}

/** The value of a box. */
export function shapeOfBox({ high, low }: Box): Shape {
  return Float64Array.of(high.x, high.y, low.x, low.y);
}

/** The box between two corners. */
export function boxBetween(a: Point, b: Point): Box {
  const [highX, lowX] = isBelow(b.x, a.x) ? [a.x, b.x] : [b.x, a.x];
  const [highY, lowY] = isBelow(b.y, a.y) ? [a.y, b.y] : [b.y, a.y];
  return { high: { x: highX, y: highY }, low: { x: lowX, y: lowY } };
}

function pointsFrom(shape: Shape, first: number): Point[] {
  const points: Point[] = [];
  for (let at = first; at < shape.length; at += 2) {
    points.push(pointIn(shape, at));
  }
  return points;
}

/** The points of a polygon. */
export function polygonPoints(shape: Shape): Point[] {
  return pointsFrom(shape, 0);
}

/** The points of a path. */
export function pathPoints(shape: Shape): Point[] {
  return pointsFrom(shape, 1);
}

/** Whether a path is closed. */
export function isClosed(shape: Shape): boolean {
  return shape[0] === 1;
}

/** The value of a polygon. */
export function shapeOfPolygon(points: readonly Point[]): Shape {
  return Float64Array.from(points.flatMap(({ x, y }) => [x, y]));
}

/** The value of a path. */
export function shapeOfPath(points: readonly Point[], closed: boolean): Shape {
  return Float64Array.from([
    closed ? 1 : 0,
    ...points.flatMap(({ x, y }) => [x, y]),
  ]);
}

/** Whether two points are one. */
export function isSamePoint(a: Point, b: Point): boolean {
  if ([a.x, a.y, b.x, b.y].some(Number.isNaN)) {
    return Object.is(a.x + 0, b.x + 0) && Object.is(a.y + 0, b.y + 0);
  }
  return isSame(a.x, b.x) && isSame(a.y, b.y);
}

/** The smallest box around points. */
export function boundsOf(points: readonly Point[]): Box {
  const [first, ...rest] = points as [Point, ...Point[]];
  let { x: lowX, y: lowY } = first;
  let { x: highX, y: highY } = first;
  for (const { x, y } of rest) {
    if (isBelow(x, lowX)) lowX = x;
    if (isBelow(highX, x)) highX = x;
    if (isBelow(y, lowY)) lowY = y;
    if (isBelow(highY, y)) highY = y;
  }
  return { high: { x: highX, y: highY }, low: { x: lowX, y: lowY } };
}
