/**
 * Operators and functions of `path` and `polygon`.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import type { Nullable } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int4 } from "../../types/int_types.ts";
import { boxesOverlap } from "../../types/geometry/boxes.ts";
import { isSame, minus, plus, times } from "../../types/geometry/fuzzy.ts";
import {
  circle,
  path,
  point,
  polygon,
} from "../../types/geometry/geometric_types.ts";
import {
  circleAround,
  distanceOfEdges,
  distanceToEdges,
  distanceToPolygon,
  edgesOf,
  isInside,
  isSamePolygon,
  polygonContains,
  polygonsOverlap,
} from "../../types/geometry/polygons.ts";
import { distance, meetSegments } from "../../types/geometry/segments.ts";
import {
  boundsOf,
  type Box,
  isClosed,
  pathPoints,
  type Point,
  pointIn,
  polygonPoints,
  type Segment,
  type Shape,
  shapeOfPath,
  shapeOfPoint,
} from "../../types/geometry/shapes.ts";
import { unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";
import {
  arithmetic,
  before,
  between,
  distances,
  test,
} from "./geometric_define.ts";

function edgesOfPath(shape: Shape): Segment[] {
  return edgesOf(pathPoints(shape), isClosed(shape));
}

function pathCount(shape: Shape): number {
  return (shape.length - 1) / 2;
}

function pathLength(shape: Shape): number {
  return edgesOfPath(shape).reduce(
    (total, edge) => plus(total, distance(...edge)),
    0,
  );
}

/** The area within a closed path. */
function pathArea(shape: Shape): Nullable {
  if (!isClosed(shape)) return null;
  const points = pathPoints(shape);
  const doubled = points.reduce((total, a, i) => {
    const b = points[(i + 1) % points.length]!;
    return minus(plus(total, times(a.x, b.y)), times(a.y, b.x));
  }, 0);
  return Math.abs(doubled) / 2;
}

function isOnPath(p: Point, shape: Shape): boolean {
  const points = pathPoints(shape);
  if (isClosed(shape)) return isInside(p, points);
  return edgesOf(points, false).some(([a, b]) =>
    isSame(plus(distance(p, a), distance(p, b)), distance(a, b))
  );
}

function pathsMeet(a: Shape, b: Shape): boolean {
  if (!boxesOverlap(boundsOf(pathPoints(a)), boundsOf(pathPoints(b)))) {
    return false;
  }
  const others = edgesOfPath(b);
  return edgesOfPath(a).some((edge) =>
    others.some((other) => meetSegments(edge, other) !== undefined)
  );
}

function joined(a: Shape, b: Shape): Nullable {
  if (isClosed(a) || isClosed(b)) return null;
  return shapeOfPath([...pathPoints(a), ...pathPoints(b)], false);
}

/** Paths compare by how many points they have. */
const byCount = ([
  ["=", "=", (a, b) => a === b],
  ["<", ">", (a, b) => a < b],
  ["<=", ">=", (a, b) => a <= b],
  [">", "<", (a, b) => a > b],
  [">=", "<=", (a, b) => a >= b],
] as readonly (readonly [
  string,
  string,
  (a: number, b: number) => boolean,
])[]).map(([name, commutator, form]) =>
  test(name, path, path, (a, b) => form(pathCount(a), pathCount(b)), {
    commutator,
  })
);

const pathOperators: readonly OperatorDefinition[] = [
  ...byCount,
  before("#", path, int4, pathCount),
  before("@-@", path, float8, pathLength),
  test("?#", path, path, pathsMeet),
  between("+", path, path, path, joined, { commutator: "+" }),
  ...arithmetic(
    path,
    (shape, each) => shapeOfPath(pathPoints(shape).map(each), isClosed(shape)),
  ),
  ...distances(
    path,
    path,
    (a, b) => distanceOfEdges(edgesOfPath(a), edgesOfPath(b)) ?? null,
  ),
  ...distances(
    point,
    path,
    (p, shape) => distanceToEdges(pointIn(p), edgesOfPath(shape)),
  ),
  test("@>", path, point, (shape, p) => isOnPath(pointIn(p), shape), {
    commutator: "<@",
  }),
  test("<@", point, path, (p, shape) => isOnPath(pointIn(p), shape), {
    commutator: "@>",
  }),
];

function boxTest(
  name: string,
  form: (a: Box, b: Box) => boolean,
): OperatorDefinition {
  return test(
    name,
    polygon,
    polygon,
    (a, b) => form(boundsOf(polygonPoints(a)), boundsOf(polygonPoints(b))),
  );
}

function listTest(
  name: string,
  form: (a: Point[], b: Point[]) => boolean,
  commutator: string,
): OperatorDefinition {
  return test(
    name,
    polygon,
    polygon,
    (a, b) => form(polygonPoints(a), polygonPoints(b)),
    { commutator },
  );
}

function isInPolygon(p: Shape, shape: Shape): boolean {
  return isInside(pointIn(p), polygonPoints(shape));
}

function polygonDistance(a: Shape, b: Shape): Nullable {
  const [points, others] = [polygonPoints(a), polygonPoints(b)];
  if (polygonsOverlap(points, others)) return 0;
  return distanceOfEdges(edgesOf(points), edgesOf(others)) ?? null;
}

const polygonOperators: readonly OperatorDefinition[] = [
  boxTest("<<", (a, b) => a.high.x < b.low.x),
  boxTest("&<", (a, b) => a.high.x <= b.high.x),
  boxTest(">>", (a, b) => a.low.x > b.high.x),
  boxTest("&>", (a, b) => a.low.x >= b.low.x),
  boxTest("<<|", (a, b) => a.high.y < b.low.y),
  boxTest("&<|", (a, b) => a.high.y <= b.high.y),
  boxTest("|>>", (a, b) => a.low.y > b.high.y),
  boxTest("|&>", (a, b) => a.low.y >= b.low.y),
  listTest("~=", isSamePolygon, "~="),
  listTest("@>", polygonContains, "<@"),
  listTest("<@", (a, b) => polygonContains(b, a), "@>"),
  listTest("&&", polygonsOverlap, "&&"),
  test("@>", polygon, point, (shape, p) => isInPolygon(p, shape), {
    commutator: "<@",
  }),
  test("<@", point, polygon, isInPolygon, { commutator: "@>" }),
  before("#", polygon, int4, (shape) => shape.length / 2),
  before(
    "@@",
    polygon,
    point,
    (shape) => shapeOfPoint(circleAround(polygonPoints(shape)).centre),
  ),
  ...distances(polygon, polygon, polygonDistance),
  ...distances(
    point,
    polygon,
    (p, shape) => distanceToPolygon(pointIn(p), polygonPoints(shape)),
  ),
  ...distances(circle, polygon, (a, shape) =>
    Math.max(
      minus(distanceToPolygon(pointIn(a), polygonPoints(shape)), a[2]!),
      0,
    )),
];

/** Operators of paths and polygons. */
export const polygonalOperators: readonly OperatorDefinition[] = [
  ...pathOperators,
  ...polygonOperators,
];

/** Functions of paths and polygons. */
export const polygonalFunctions: readonly FunctionDefinition[] = [
  unary<Shape>("area", path, float8, pathArea),
  unary<Shape>("length", path, float8, pathLength),
  unary<Shape>("npoints", path, int4, pathCount),
  unary<Shape>("npoints", polygon, int4, (shape) => shape.length / 2),
  unary<Shape>("isclosed", path, bool, isClosed),
  unary<Shape>("isopen", path, bool, (shape) => !isClosed(shape)),
  unary<Shape>(
    "pclose",
    path,
    path,
    (shape) => shapeOfPath(pathPoints(shape), true),
  ),
  unary<Shape>(
    "popen",
    path,
    path,
    (shape) => shapeOfPath(pathPoints(shape), false),
  ),
];
