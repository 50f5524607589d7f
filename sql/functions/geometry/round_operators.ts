/**
 * Operators and functions of `box` and `circle`.
 *
 * @module
 */
import type { DataType } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int4 } from "../../types/int_types.ts";
import {
  boxContains,
  boxesOverlap,
  boxSize,
  isInBox,
  lineMeetsBox,
  meetsBox,
  nearestOfBox,
  nearestToSegment,
} from "../../types/geometry/boxes.ts";
import {
  hypotenuse,
  isAtLeast,
  isAtMost,
  isLess,
  isMore,
  isSame,
  minus,
  over,
  plus,
  times,
} from "../../types/geometry/fuzzy.ts";
import {
  centreOf,
  polygonOfCircle,
  shapeOfCircle,
} from "../../types/geometry/geometric_casts.ts";
import {
  box,
  circle,
  line,
  lineIn,
  lseg,
  point,
  polygon,
} from "../../types/geometry/geometric_types.ts";
import { distance } from "../../types/geometry/segments.ts";
import {
  type Box,
  boxBetween,
  boxIn,
  isSamePoint,
  pointIn,
  segmentIn,
  type Shape,
  shapeOfBox,
  shapeOfPoint,
} from "../../types/geometry/shapes.ts";
import { binary, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";
import {
  arithmetic,
  before,
  between,
  distances,
  test,
} from "./geometric_define.ts";
import { orderings } from "./shape_order.ts";

/** How far a shape reaches in one direction. */
interface Extent {
  readonly low: number;
  readonly high: number;
}

type ExtentOf = (shape: Shape) => Extent;

/** `<< &< >> &>` and their kin upwards, by what the shapes reach. */
function placeOperators(
  type: DataType,
  across: ExtentOf,
  upwards: ExtentOf,
): OperatorDefinition[] {
  const along = (
    names: readonly [string, string, string, string],
    extent: ExtentOf,
  ): OperatorDefinition[] => {
    const [left, overLeft, right, overRight] = names;
    return [
      test(left, type, type, (a, b) => isLess(extent(a).high, extent(b).low)),
      test(
        overLeft,
        type,
        type,
        (a, b) => isAtMost(extent(a).high, extent(b).high),
      ),
      test(right, type, type, (a, b) => isMore(extent(a).low, extent(b).high)),
      test(
        overRight,
        type,
        type,
        (a, b) => isAtLeast(extent(a).low, extent(b).low),
      ),
    ];
  };
  return [
    ...along(["<<", "&<", ">>", "&>"], across),
    ...along(["<<|", "&<|", "|>>", "|&>"], upwards),
  ];
}

const boxAcross: ExtentOf = (shape) => ({ high: shape[0]!, low: shape[2]! });
const boxUpwards: ExtentOf = (shape) => ({ high: shape[1]!, low: shape[3]! });

function boxArea(shape: Shape): number {
  const size = boxSize(boxIn(shape));
  return times(size.x, size.y);
}

function boxTest(
  form: (a: Box, b: Box) => boolean,
): (a: Shape, b: Shape) => boolean {
  return (a: Shape, b: Shape): boolean => form(boxIn(a), boxIn(b));
}

const isSameBox = (a: Box, b: Box): boolean =>
  isSamePoint(a.high, b.high) && isSamePoint(a.low, b.low);

function intersection(a: Shape, b: Shape): Shape | null {
  if (!boxesOverlap(boxIn(a), boxIn(b))) return null;
  return Float64Array.of(
    Math.min(a[0]!, b[0]!),
    Math.min(a[1]!, b[1]!),
    Math.max(a[2]!, b[2]!),
    Math.max(a[3]!, b[3]!),
  );
}

const boxOperators: readonly OperatorDefinition[] = [
  ...placeOperators(box, boxAcross, boxUpwards),
  test("~=", box, box, boxTest(isSameBox), { commutator: "~=" }),
  test("&&", box, box, boxTest(boxesOverlap), { commutator: "&&" }),
  test("?#", box, box, boxTest(boxesOverlap)),
  test("@>", box, box, boxTest(boxContains), { commutator: "<@" }),
  test("<@", box, box, boxTest((a, b) => boxContains(b, a)), {
    commutator: "@>",
  }),
  test("<^", box, box, boxTest((a, b) => isAtMost(a.high.y, b.low.y))),
  test(">^", box, box, boxTest((a, b) => isAtLeast(a.low.y, b.high.y))),
  test("=", box, box, (a, b) => isSame(boxArea(a), boxArea(b)), {
    commutator: "=",
  }),
  ...orderings(box, boxArea),
  test("@>", box, point, (a, p) => isInBox(boxIn(a), pointIn(p)), {
    commutator: "<@",
  }),
  test("<@", point, box, (p, a) => isInBox(boxIn(a), pointIn(p)), {
    commutator: "@>",
  }),
  test(
    "<@",
    lseg,
    box,
    (s, a) => segmentIn(s).every((end) => isInBox(boxIn(a), end)),
  ),
  test("?#", lseg, box, (s, a) => meetsBox(boxIn(a), segmentIn(s))),
  test("?#", line, box, (l, a) => lineMeetsBox(lineIn(l), boxIn(a))),
  between("#", box, box, box, intersection),
  before("@@", box, point, centreOf),
  between(
    "##",
    point,
    box,
    point,
    (p, a) => shapeOfPoint(nearestOfBox(boxIn(a), pointIn(p)).point),
  ),
  between(
    "##",
    lseg,
    box,
    point,
    (s, a) => shapeOfPoint(nearestToSegment(boxIn(a), segmentIn(s)).point),
  ),
  ...distances(
    box,
    box,
    (a, b) => distance(pointIn(centreOf(a)), pointIn(centreOf(b))),
  ),
  ...distances(
    point,
    box,
    (p, a) => nearestOfBox(boxIn(a), pointIn(p)).distance,
  ),
  ...distances(
    lseg,
    box,
    (s, a) => nearestToSegment(boxIn(a), segmentIn(s)).distance,
  ),
  ...arithmetic(box, (shape, each, name) => {
    const { high, low } = boxIn(shape);
    return name === "+" || name === "-"
      ? shapeOfBox({ high: each(high), low: each(low) })
      : shapeOfBox(boxBetween(each(high), each(low)));
  }),
];

const circleAcross: ExtentOf = ([x, , r]) => ({
  low: minus(x!, r!),
  high: plus(x!, r!),
});
const circleUpwards: ExtentOf = ([, y, r]) => ({
  low: minus(y!, r!),
  high: plus(y!, r!),
});

function circleArea(shape: Shape): number {
  return times(times(shape[2]!, shape[2]!), Math.PI);
}

function centreDistance(a: Shape, b: Shape): number {
  return distance(pointIn(a), pointIn(b));
}

function isSameCircle(a: Shape, b: Shape): boolean {
  const [r, s] = [a[2]!, b[2]!];
  const isSameRadius = Number.isNaN(r) && Number.isNaN(s) || isSame(r, s);
  return isSameRadius && isSamePoint(pointIn(a), pointIn(b));
}

function circleContains(a: Shape, b: Shape): boolean {
  return isAtMost(centreDistance(a, b), minus(a[2]!, b[2]!));
}

function isInCircle(p: Shape, a: Shape): boolean {
  return centreDistance(a, p) <= a[2]!;
}

const isSameArea = (a: Shape, b: Shape): boolean =>
  isSame(circleArea(a), circleArea(b));

const circleOperators: readonly OperatorDefinition[] = [
  ...placeOperators(circle, circleAcross, circleUpwards),
  test("~=", circle, circle, isSameCircle, { commutator: "~=" }),
  test(
    "&&",
    circle,
    circle,
    (a, b) => isAtMost(centreDistance(a, b), plus(a[2]!, b[2]!)),
    { commutator: "&&" },
  ),
  test("@>", circle, circle, circleContains, { commutator: "<@" }),
  test("<@", circle, circle, (a, b) => circleContains(b, a), {
    commutator: "@>",
  }),
  test("=", circle, circle, isSameArea, { commutator: "=", negator: "<>" }),
  test("<>", circle, circle, (a, b) => !isSameArea(a, b), {
    commutator: "<>",
    negator: "=",
  }),
  ...orderings(circle, circleArea),
  test("@>", circle, point, (a, p) => isInCircle(p, a), { commutator: "<@" }),
  test("<@", point, circle, isInCircle, { commutator: "@>" }),
  before("@@", circle, point, (shape) => shape.slice(0, 2)),
  ...distances(
    circle,
    circle,
    (a, b) => Math.max(minus(centreDistance(a, b), plus(a[2]!, b[2]!)), 0),
  ),
  ...distances(
    point,
    circle,
    (p, a) => Math.max(minus(centreDistance(p, a), a[2]!), 0),
  ),
  ...arithmetic(circle, (shape, each, name, { x, y }) => {
    const radius = shape[2]!;
    const scaled = name === "*"
      ? times(radius, hypotenuse(x, y))
      : name === "/"
      ? over(radius, hypotenuse(x, y))
      : radius;
    return shapeOfCircle(each(pointIn(shape)), scaled);
  }),
];

/** Operators of boxes and circles. */
export const roundOperators: readonly OperatorDefinition[] = [
  ...boxOperators,
  ...circleOperators,
];

/** Functions of boxes and circles. */
export const roundFunctions: readonly FunctionDefinition[] = [
  binary<Shape, Shape>(
    "box",
    [point, point],
    box,
    (a, b) => shapeOfBox(boxBetween(pointIn(a), pointIn(b))),
  ),
  binary<Shape, Shape>("bound_box", [box, box], box, (a, b) =>
    Float64Array.of(
      Math.max(a[0]!, b[0]!),
      Math.max(a[1]!, b[1]!),
      Math.min(a[2]!, b[2]!),
      Math.min(a[3]!, b[3]!),
    )),
  unary<Shape>("area", box, float8, boxArea),
  unary<Shape>("width", box, float8, (shape) => boxSize(boxIn(shape)).x),
  unary<Shape>("height", box, float8, (shape) => boxSize(boxIn(shape)).y),
  unary<Shape>("center", box, point, centreOf),
  unary<Shape>("diagonal", box, lseg, (shape) => shape),
  binary<Shape, number>(
    "circle",
    [point, float8],
    circle,
    (p, radius) => shapeOfCircle(pointIn(p), radius),
  ),
  unary<Shape>("area", circle, float8, circleArea),
  unary<Shape>("center", circle, point, (shape) => shape.slice(0, 2)),
  unary<Shape>("radius", circle, float8, (shape) => shape[2]!),
  unary<Shape>("diameter", circle, float8, (shape) => times(shape[2]!, 2)),
  binary<number, Shape>(
    "polygon",
    [int4, circle],
    polygon,
    (count, shape) => polygonOfCircle(shape, count),
  ),
];
