/**
 * The geometric types: `point`, `lseg`, `line`, `box`, `circle`, `path`,
 * `polygon`.
 *
 * None has an order or an equality that indexes, ORDER BY and GROUP BY could
 * use: `=` and `<` compare areas, lengths, numbers of points. In JavaScript
 * they are their text; a `point` may be given as `{ x, y }`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { formatFloat8 } from "../float_text.ts";
import type { DataType } from "../data_type.ts";
import { textOfJs } from "../js_value.ts";
import { compareText } from "../text_order.ts";
import { isZero } from "./fuzzy.ts";
import {
  countPoints,
  pairText,
  pointsText,
  ShapeReader,
} from "./geometric_text.ts";
import { type Line, lineOf, segmentSlope } from "./segments.ts";
import {
  boxBetween,
  isClosed,
  isSamePoint,
  pathPoints,
  type Point,
  pointIn,
  polygonPoints,
  type Segment,
  type Shape,
  shapeOfBox,
  shapeOfPath,
  shapeOfPoint,
  shapeOfPolygon,
  shapeOfSegment,
} from "./shapes.ts";

interface GeometricOptions {
  readonly oid: number;
  readonly name: string;
  readonly length: number;
  readonly read: (text: string) => Shape;
  readonly write: (value: Shape) => string;
  readonly delimiter?: string;
}

function geometricType(
  { read, write, name, ...rest }: GeometricOptions,
): DataType {
  const textOf = (value: unknown): string => write(value as Shape);
  return {
    ...rest,
    name,
    displayName: name,
    category: "G",
    preferred: false,
    storage: "reference",
    comparable: false,
    input: read,
    output: textOf,
    compare: (a, b) => compareText(textOf(a), textOf(b)),
    hashKey: textOf,
    fromJs: (value) => read(isPoint(value) ? pairText(value) : textOfJs(value)),
    toJs: textOf,
  };
}

/** Whether a JavaScript value has the form of a point. */
function isPoint(value: unknown): value is Point {
  if (typeof value !== "object" || value === null) return false;
  const { x, y } = value as { readonly x?: unknown; readonly y?: unknown };
  return typeof x === "number" && typeof y === "number";
}

/** `point`. */
export const point: DataType = geometricType({
  oid: 600,
  name: "point",
  length: 16,
  read: (text) => {
    const reader = new ShapeReader(text, "point");
    const pair = reader.pair();
    reader.end();
    return shapeOfPoint(pair);
  },
  write: (value) => `(${pairText(pointIn(value))})`,
});

/** Exactly two points, in brackets or not. */
function readSegment(text: string, type: string, mayOpen: boolean): Segment {
  const reader = new ShapeReader(text, type);
  const { points } = reader.points(2, mayOpen);
  reader.end();
  return points as unknown as Segment;
}

/** `lseg`: a segment. */
export const lseg: DataType = geometricType({
  oid: 601,
  name: "lseg",
  length: 32,
  read: (text) => shapeOfSegment(readSegment(text, "lseg", true)),
  write: (value) => `[${pointsText(polygonPoints(value))}]`,
});

/** `box`. */
export const box: DataType = geometricType({
  oid: 603,
  name: "box",
  length: 32,
  delimiter: ";",
  read: (text) => shapeOfBox(boxBetween(...readSegment(text, "box", false))),
  write: (value) => pointsText(polygonPoints(value)),
});

/** The value of a line. */
export function shapeOfLine({ a, b, c }: Line): Shape {
  return Float64Array.of(a, b, c);
}

/** The line in a value. */
export function lineIn(shape: Shape): Line {
  return { a: shape[0]!, b: shape[1]!, c: shape[2]! };
}

function readLine(text: string): Shape {
  const reader = new ShapeReader(text, "line");
  reader.skip();
  if (!reader.take("{")) {
    const segment = readSegment(text, "line", true);
    if (!isSamePoint(...segment)) {
      return shapeOfLine(lineOf(segment[0], segmentSlope(segment)));
    }
    throw new SqlError(
      "22P02",
      "invalid line specification: must be two distinct points",
    );
  }
  const a = reader.number();
  reader.expect(",");
  const b = reader.number();
  reader.expect(",");
  const c = reader.number();
  reader.expect("}");
  reader.skip();
  reader.end();
  if (!isZero(a) || !isZero(b)) return shapeOfLine({ a, b, c });
  throw new SqlError(
    "22P02",
    "invalid line specification: A and B cannot both be zero",
  );
}

/** `line`. */
export const line: DataType = geometricType({
  oid: 628,
  name: "line",
  length: 24,
  read: readLine,
  write: (value) => `{${[...value].map(formatFloat8).join(",")}}`,
});

function readCircle(text: string): Shape {
  const reader = new ShapeReader(text, "circle");
  reader.skip();
  let depth = 0;
  if (reader.take("<") || reader.doubled(reader.next)) depth++;
  const centre = reader.pair();
  reader.take(",");
  const radius = reader.number();
  if (radius < 0) throw reader.fail();
  if (depth > 0) {
    if (!reader.take(")")) reader.expect(">");
    reader.skip();
  }
  reader.end();
  return Float64Array.of(centre.x, centre.y, radius);
}

/** `circle`. */
export const circle: DataType = geometricType({
  oid: 718,
  name: "circle",
  length: 24,
  read: readCircle,
  write: (value) =>
    `<(${pairText(pointIn(value))}),${formatFloat8(value[2]!)}>`,
});

function readPath(text: string): Shape {
  const reader = new ShapeReader(text, "path");
  const count = countPoints(text);
  if (count <= 0) throw reader.fail();
  reader.skip();
  const isBracketed = reader.next === "(" &&
    reader.rest.lastIndexOf("(") === 0 && reader.take("(");
  const { points, isOpen } = reader.points(count, true);
  if (isBracketed) {
    reader.expect(")");
    reader.skip();
  }
  reader.end();
  return shapeOfPath(points, !isOpen);
}

/** `path`. */
export const path: DataType = geometricType({
  oid: 602,
  name: "path",
  length: -1,
  read: readPath,
  write: (value) => {
    const text = pointsText(pathPoints(value));
    return isClosed(value) ? `(${text})` : `[${text}]`;
  },
});

function readPolygon(text: string): Shape {
  const reader = new ShapeReader(text, "polygon");
  const count = countPoints(text);
  if (count <= 0) throw reader.fail();
  const { points } = reader.points(count, false);
  reader.end();
  return shapeOfPolygon(points);
}

/** `polygon`. */
export const polygon: DataType = geometricType({
  oid: 604,
  name: "polygon",
  length: -1,
  read: readPolygon,
  write: (value) => `(${pointsText(polygonPoints(value))})`,
});

/** All of them. */
export const GEOMETRIC_TYPES: readonly DataType[] = [
  point,
  lseg,
  line,
  box,
  circle,
  path,
  polygon,
];
