/**
 * Casts between the geometric types.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { CastDefinition, CoercionContext } from "../cast_definition.ts";
import type { DataType } from "../data_type.ts";
import { middle } from "./boxes.ts";
import { isZero, minus, over, plus, times } from "./fuzzy.ts";
import { box, circle, lseg, path, point, polygon } from "./geometric_types.ts";
import { circleAround } from "./polygons.ts";
import { distance } from "./segments.ts";
import {
  boundsOf,
  boxBetween,
  boxIn,
  isClosed,
  pathPoints,
  type Point,
  pointIn,
  polygonPoints,
  type Shape,
  shapeOfBox,
  shapeOfPath,
  shapeOfPoint,
  shapeOfPolygon,
} from "./shapes.ts";

/** The value of a circle. */
export function shapeOfCircle(centre: Point, radius: number): Shape {
  return Float64Array.of(centre.x, centre.y, radius);
}

/** The middle of a segment or a box. */
export function centreOf(shape: Shape): Shape {
  return shapeOfPoint(middle(pointIn(shape), pointIn(shape, 2)));
}

/** The circle through the corners of a box. */
export function circleOfBox(shape: Shape): Shape {
  const { high, low } = boxIn(shape);
  const centre = middle(high, low);
  return shapeOfCircle(centre, distance(centre, high));
}

/** The largest box within a circle. */
export function boxOfCircle(shape: Shape): Shape {
  const { x, y } = pointIn(shape);
  const delta = over(shape[2]!, Math.SQRT2);
  return shapeOfBox({
    high: { x: plus(x, delta), y: plus(y, delta) },
    low: { x: minus(x, delta), y: minus(y, delta) },
  });
}

/** The polygon of so many points on a circle. */
export function polygonOfCircle(shape: Shape, count: number): Shape {
  const radius = shape[2]!;
  if (isZero(radius)) {
    throw new SqlError(
      "0A000",
      "cannot convert circle with radius zero to polygon",
    );
  }
  if (count < 2) {
    throw new SqlError("22023", "must request at least 2 points");
  }
  if (count > POINTS_MAX) {
    throw new SqlError("54000", "too many points requested");
  }
  const { x, y } = pointIn(shape);
  const step = over(2 * Math.PI, count);
  return shapeOfPolygon(Array.from({ length: count }, (_, i) => {
    const angle = times(step, i);
    return {
      x: minus(x, times(radius, Math.cos(angle))),
      y: plus(y, times(radius, Math.sin(angle))),
    };
  }));
}

/** How many points a circle may be made of. */
const POINTS_MAX = 1_000_000;

/** The circle around the points of a polygon. */
export function circleOfPolygon(shape: Shape): Shape {
  const { centre, radius } = circleAround(polygonPoints(shape));
  return shapeOfCircle(centre, radius);
}

function polygonOfPath(shape: Shape): Shape {
  if (isClosed(shape)) return shapeOfPolygon(pathPoints(shape));
  throw new SqlError("22023", "open path cannot be converted to polygon");
}

function polygonOfBox(shape: Shape): Shape {
  const { high, low } = boxIn(shape);
  return shapeOfPolygon([
    low,
    { x: low.x, y: high.y },
    high,
    { x: high.x, y: low.y },
  ]);
}

function cast(
  source: DataType,
  target: DataType,
  context: CoercionContext,
  convert: (shape: Shape) => Shape,
): CastDefinition {
  return {
    source,
    target,
    context,
    convert: (value) => convert(value as Shape),
  };
}

/** Casts between the geometric types. */
export const geometricCasts: readonly CastDefinition[] = [
  cast(
    point,
    box,
    "assignment",
    (shape) => shapeOfBox(boxBetween(pointIn(shape), pointIn(shape))),
  ),
  cast(lseg, point, "explicit", centreOf),
  cast(path, polygon, "assignment", polygonOfPath),
  cast(box, point, "explicit", centreOf),
  cast(box, lseg, "explicit", (shape) => shape),
  cast(box, polygon, "assignment", polygonOfBox),
  cast(box, circle, "explicit", circleOfBox),
  cast(
    polygon,
    point,
    "explicit",
    (shape) => circleOfPolygon(shape).slice(0, 2),
  ),
  cast(
    polygon,
    path,
    "assignment",
    (shape) => shapeOfPath(polygonPoints(shape), true),
  ),
  cast(
    polygon,
    box,
    "explicit",
    (shape) => shapeOfBox(boundsOf(polygonPoints(shape))),
  ),
  cast(polygon, circle, "explicit", circleOfPolygon),
  cast(circle, point, "explicit", (shape) => shape.slice(0, 2)),
  cast(circle, box, "explicit", boxOfCircle),
  cast(circle, polygon, "explicit", (shape) => polygonOfCircle(shape, 12)),
];
