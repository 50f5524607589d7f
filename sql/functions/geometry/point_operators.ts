/**
 * Operators and functions of `point`, `line` and `lseg`.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import { float8 } from "../../types/float_types.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { middle } from "../../types/geometry/boxes.ts";
import {
  hypotenuse,
  isLess,
  isMore,
  isSame,
  isZero,
  minus,
  over,
  times,
} from "../../types/geometry/fuzzy.ts";
import {
  line,
  lineIn,
  lseg,
  point,
  shapeOfLine,
} from "../../types/geometry/geometric_types.ts";
import {
  distance,
  inverseSlope,
  isOnLine,
  isOnSegment,
  type Line,
  lineOf,
  lineSlope,
  meetLine,
  meetLines,
  meetSegments,
  type Nearest,
  nearestOfLine,
  nearestOfSegment,
  nearestOfSegments,
  nearestToLine,
  segmentSlope,
  slope,
} from "../../types/geometry/segments.ts";
import {
  isSamePoint,
  type Point,
  pointIn,
  segmentIn,
  type Shape,
  shapeOfPoint,
  shapeOfSegment,
} from "../../types/geometry/shapes.ts";
import { binary, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";
import {
  arithmetic,
  before,
  between,
  distances,
  pointOrNull,
  test,
} from "./geometric_define.ts";
import { orderings } from "./shape_order.ts";

type PointTest = (a: Point, b: Point) => boolean;

const isAbove: PointTest = (a, b) => isMore(a.y, b.y);
const isUnder: PointTest = (a, b) => isLess(a.y, b.y);
const isLevel: PointTest = (a, b) => isSame(a.y, b.y);
const isUpright: PointTest = (a, b) => isSame(a.x, b.x);

function pointTest(
  name: string,
  form: PointTest,
  options = {},
): OperatorDefinition {
  return test(
    name,
    point,
    point,
    (a, b) => form(pointIn(a), pointIn(b)),
    options,
  );
}

const pointOperators: readonly OperatorDefinition[] = [
  pointTest("<<", (a, b) => isLess(a.x, b.x)),
  pointTest(">>", (a, b) => isMore(a.x, b.x)),
  pointTest("|>>", isAbove),
  pointTest(">^", isAbove),
  pointTest("<<|", isUnder),
  pointTest("<^", isUnder),
  pointTest("?-", isLevel, { commutator: "?-" }),
  pointTest("?|", isUpright, { commutator: "?|" }),
  pointTest("~=", isSamePoint, { commutator: "~=", negator: "<>" }),
  pointTest("<>", (a, b) => !isSamePoint(a, b), {
    commutator: "<>",
    negator: "~=",
  }),
  ...arithmetic(
    point,
    (shape, each) => shapeOfPoint(each(pointIn(shape))),
  ),
  ...distances(point, point, (a, b) => distance(pointIn(a), pointIn(b))),
];

/** Whether two lines are one: their numbers are in proportion. */
function isSameLine(l: Line, m: Line): boolean {
  const all = [l.a, l.b, l.c, m.a, m.b, m.c];
  if (all.some(Number.isNaN)) {
    return Object.is(l.a + 0, m.a + 0) && Object.is(l.b + 0, m.b + 0) &&
      Object.is(l.c + 0, m.c + 0);
  }
  const ratio = !isZero(m.a)
    ? over(l.a, m.a)
    : !isZero(m.b)
    ? over(l.b, m.b)
    : !isZero(m.c)
    ? over(l.c, m.c)
    : 1;
  return isSame(l.a, times(ratio, m.a)) && isSame(l.b, times(ratio, m.b)) &&
    isSame(l.c, times(ratio, m.c));
}

function isAcross(l: Line, m: Line): boolean {
  if (isZero(l.a)) return isZero(m.b);
  if (isZero(m.a)) return isZero(l.b);
  if (isZero(l.b)) return isZero(m.a);
  if (isZero(m.b)) return isZero(l.a);
  return isSame(over(times(l.a, m.a), times(l.b, m.b)), -1);
}

function lineDistance(l: Line, m: Line): number {
  if (meetLines(l, m) !== undefined) return 0;
  const isGood = (a: number): boolean => !Number.isNaN(a) && !isZero(a);
  const ratio = isGood(l.a) && isGood(m.a)
    ? over(l.a, m.a)
    : isGood(l.b) && isGood(m.b)
    ? over(l.b, m.b)
    : 1;
  return over(
    Math.abs(minus(l.c, times(ratio, m.c))),
    hypotenuse(l.a, l.b),
  );
}

const isParallelLine = (l: Shape, m: Shape): boolean =>
  meetLines(lineIn(l), lineIn(m)) === undefined;
const isAcrossLine = (l: Shape, m: Shape): boolean =>
  isAcross(lineIn(l), lineIn(m));
const isUprightLine = (l: Shape): boolean => isZero(l[1]!);
const isLevelLine = (l: Shape): boolean => isZero(l[0]!);

const both = (name: string): { readonly commutator: string } => ({
  commutator: name,
});

const lineOperators: readonly OperatorDefinition[] = [
  test("=", line, line, (l, m) => isSameLine(lineIn(l), lineIn(m)), both("=")),
  test("?#", line, line, (l, m) => !isParallelLine(l, m), both("?#")),
  test("?||", line, line, isParallelLine, both("?||")),
  test("?-|", line, line, isAcrossLine, both("?-|")),
  before("?|", line, bool, isUprightLine),
  before("?-", line, bool, isLevelLine),
  between(
    "#",
    line,
    line,
    point,
    (l, m) => pointOrNull(meetLines(lineIn(l), lineIn(m))),
    both("#"),
  ),
  ...distances(line, line, (l, m) => lineDistance(lineIn(l), lineIn(m))),
  ...distances(
    point,
    line,
    (p, l) => nearestOfLine(lineIn(l), pointIn(p)).distance,
  ),
  test("<@", point, line, (p, l) => isOnLine(lineIn(l), pointIn(p))),
  between(
    "##",
    point,
    line,
    point,
    (p, l) => nearestPoint(nearestOfLine(lineIn(l), pointIn(p))),
  ),
];

/** The nearest point; NULL where there is no telling. */
function nearestPoint({ point: found, distance: far }: Nearest): Nullable {
  return Number.isNaN(far) ? null : shapeOfPoint(found);
}

const isParallelSegment = (a: Shape, b: Shape): boolean =>
  isSame(segmentSlope(segmentIn(a)), segmentSlope(segmentIn(b)));
const isAcrossSegment = (a: Shape, b: Shape): boolean =>
  isSame(segmentSlope(segmentIn(a)), inverseSlope(...segmentIn(b)));
const isUprightSegment = (a: Shape): boolean => isUpright(...segmentIn(a));
const isLevelSegment = (a: Shape): boolean => isLevel(...segmentIn(a));
const lengthOf = (a: Shape): number => distance(...segmentIn(a));

function isSameSegment(a: Shape, b: Shape): boolean {
  return isSamePoint(pointIn(a), pointIn(b)) &&
    isSamePoint(pointIn(a, 2), pointIn(b, 2));
}

const segmentOperators: readonly OperatorDefinition[] = [
  test("=", lseg, lseg, isSameSegment, { commutator: "=", negator: "<>" }),
  test("<>", lseg, lseg, (a, b) => !isSameSegment(a, b), {
    commutator: "<>",
    negator: "=",
  }),
  ...orderings(lseg, lengthOf),
  test("?||", lseg, lseg, isParallelSegment, both("?||")),
  test("?-|", lseg, lseg, isAcrossSegment, both("?-|")),
  before("?|", lseg, bool, isUprightSegment),
  before("?-", lseg, bool, isLevelSegment),
  test(
    "?#",
    lseg,
    lseg,
    (a, b) => meetSegments(segmentIn(a), segmentIn(b)) !== undefined,
    both("?#"),
  ),
  test(
    "?#",
    lseg,
    line,
    (a, l) => meetLine(segmentIn(a), lineIn(l)) !== undefined,
  ),
  between(
    "#",
    lseg,
    lseg,
    point,
    (a, b) => pointOrNull(meetSegments(segmentIn(a), segmentIn(b))),
    both("#"),
  ),
  before("@-@", lseg, float8, lengthOf),
  before("@@", lseg, point, (a) => shapeOfPoint(middle(...segmentIn(a)))),
  ...distances(
    lseg,
    lseg,
    (a, b) => nearestOfSegments(segmentIn(a), segmentIn(b)).distance,
  ),
  ...distances(
    point,
    lseg,
    (p, a) => nearestOfSegment(segmentIn(a), pointIn(p)).distance,
  ),
  ...distances(
    lseg,
    line,
    (a, l) => nearestToLine(segmentIn(a), lineIn(l)).distance,
  ),
  test("<@", point, lseg, (p, a) => isOnSegment(segmentIn(a), pointIn(p))),
  test(
    "<@",
    lseg,
    line,
    (a, l) => segmentIn(a).every((end) => isOnLine(lineIn(l), end)),
  ),
  between(
    "##",
    point,
    lseg,
    point,
    (p, a) => nearestPoint(nearestOfSegment(segmentIn(a), pointIn(p))),
  ),
  between(
    "##",
    lseg,
    lseg,
    point,
    (a, b) =>
      segmentSlope(segmentIn(a)) === segmentSlope(segmentIn(b))
        ? null
        : nearestPoint(nearestOfSegments(segmentIn(b), segmentIn(a))),
  ),
  between(
    "##",
    line,
    lseg,
    point,
    (l, a) =>
      segmentSlope(segmentIn(a)) === lineSlope(lineIn(l))
        ? null
        : nearestPoint(nearestToLine(segmentIn(a), lineIn(l))),
  ),
];

/** Operators of points, lines and segments. */
export const linearOperators: readonly OperatorDefinition[] = [
  ...pointOperators,
  ...lineOperators,
  ...segmentOperators,
];

function lineThroughPoints(a: Point, b: Point): Shape {
  if (!isSamePoint(a, b)) return shapeOfLine(lineOf(a, slope(a, b)));
  throw new SqlError(
    "22023",
    "invalid line specification: must be two distinct points",
  );
}

function ofPoints(
  name: string,
  returnType: DataType,
  form: (a: Point, b: Point) => Nullable,
): FunctionDefinition {
  return binary<Shape, Shape>(
    name,
    [point, point],
    returnType,
    (a, b) => form(pointIn(a), pointIn(b)),
  );
}

function asked(
  name: string,
  type: DataType,
  form: (a: Shape) => boolean,
): FunctionDefinition {
  return unary<Shape>(name, type, bool, form);
}

function askedOfTwo(
  name: string,
  type: DataType,
  form: (a: Shape, b: Shape) => boolean,
): FunctionDefinition {
  return binary<Shape, Shape>(name, [type, type], bool, form);
}

/** Functions of points, lines and segments. */
export const linearFunctions: readonly FunctionDefinition[] = [
  binary<number, number>(
    "point",
    [float8, float8],
    point,
    (x, y) => Float64Array.of(x, y),
  ),
  ofPoints("slope", float8, slope),
  ofPoints("line", line, lineThroughPoints),
  ofPoints("lseg", lseg, (a, b) => shapeOfSegment([a, b])),
  ofPoints("ishorizontal", bool, isLevel),
  ofPoints("isvertical", bool, isUpright),
  asked("ishorizontal", lseg, isLevelSegment),
  asked("ishorizontal", line, isLevelLine),
  asked("isvertical", lseg, isUprightSegment),
  asked("isvertical", line, isUprightLine),
  askedOfTwo("isparallel", lseg, isParallelSegment),
  askedOfTwo("isparallel", line, isParallelLine),
  askedOfTwo("isperp", lseg, isAcrossSegment),
  askedOfTwo("isperp", line, isAcrossLine),
  unary<Shape>("length", lseg, float8, lengthOf),
];
