/**
 * Arbitrary geometric values and texts of them, for property tests.
 *
 * @module
 */
import { fc } from "fast-check";
import type { DataType, SqlValue } from "../../sql/types/data_type.ts";
import {
  box,
  circle,
  line,
  lseg,
  path,
  point,
  polygon,
} from "../../sql/types/geometry/geometric_types.ts";
import {
  boxBetween,
  pointIn,
  shapeOfBox,
} from "../../sql/types/geometry/shapes.ts";

/** Quarters, so that shapes meet, and sums of them are exact. */
const coordinate = fc.oneof(
  fc.integer({ min: -8, max: 8 }),
  fc.integer({ min: -40, max: 40 }).map((value) => value / 4),
).map((value) => value + 0);

function floats(min: number, max = min): fc.Arbitrary<Float64Array> {
  return fc.array(coordinate, { minLength: min, maxLength: max })
    .map((values) => Float64Array.from(values));
}

function points(max: number): fc.Arbitrary<number[]> {
  return fc.array(fc.tuple(coordinate, coordinate), {
    minLength: 1,
    maxLength: max,
  }).map((pairs) => pairs.flat());
}

/** Arbitrary values by type. */
export const shapeArbitraries: readonly (readonly [
  DataType,
  fc.Arbitrary<SqlValue>,
])[] = [
  [point, floats(2)],
  [lseg, floats(4)],
  [line, floats(3).filter(([a, b]) => a !== 0 || b !== 0)],
  [
    box,
    floats(4).map((value) =>
      shapeOfBox(boxBetween(pointIn(value), pointIn(value, 2)))
    ),
  ],
  [circle, floats(3).map(([x, y, r]) => Float64Array.of(x!, y!, Math.abs(r!)))],
  [
    path,
    fc.tuple(fc.nat({ max: 1 }), points(4))
      .map(([closed, list]) => Float64Array.from([closed, ...list])),
  ],
  [polygon, points(6).map((list) => Float64Array.from(list))],
];

const NUMBERS = "1 2.5 -3 1e3 NaN inf ( ) , [ ] (1,2) ((1,2),(3,4))";

const PIECES: readonly string[] = [...NUMBERS.split(" "), " "];

const POINTS =
  "(1,2)|1,2| ( 1 , 2 ) |(1,2|1,2)|(1,2),|(1 2)|(1,2)x|(NaN,Infinity)|(1e400,1)|(,1)|()||asdf|(1,2,3)|(-0,1e-300)|(1,2) x";

const PAIRS =
  "[(1,2),(3,4)]|((1,2),(3,4))|(1,2),(3,4)|1,2,3,4|[1,2,3,4]|(1,2,3,4)|[(1,2),(3,4)|(1,2),(3,4)]|[(1,2)]|[(1,2),(3,4),(5,6)]|((1,2),(3,4)|[ (1,2) , (3,4) ]|(1,2)(3,4)|(1,2),(1,2)||x";

const LISTS =
  "((1,2),(3,4),(5,6))|[(1,2),(3,4)]|(1,2),(3,4)|1,2,3,4|(1,2)|((1,2))|[(1,2)]|[]|()|(1,2,3)|((1,2),(3,4)|(1,2),(3,4))|[1,2,3,4]|(1,2,3,4)|( (1,2) , (3,4) )|((1,2)(3,4))||x|[(1,2),(3)]|(((1,2),(3,4)))";

const LINES =
  "{1,2,3}|{ 1 , 2 , 3 }|{0,0,1}|{1,2}|{1,2,3|[(1,2),(3,4)]|(1,2),(3,4)|(1,2),(1,2)|(0,0),(0,5)|(0,0),(5,0)|{1,2,3}x|{1,2,3,4}|{nan,1,1}||x";

const CIRCLES =
  "<(1,2),3>|((1,2),3)|(1,2),3|1,2,3|<1,2,3>|<(1,2),-3>|<(1,2),3|(1,2),3)|<(1,2)>|< ( 1 , 2 ) , 3 >|<(1,2),NaN>|<(1,2),0>|(<(1,2),3>)||x|(1,2,3)";

/** Texts by type, with pieces to make more of. */
export const SHAPE_CORPORA: readonly {
  readonly type: DataType;
  readonly texts: readonly string[];
  readonly pieces: readonly string[];
}[] = [
  { type: point, texts: POINTS.split("|"), pieces: PIECES },
  { type: lseg, texts: PAIRS.split("|"), pieces: PIECES },
  { type: box, texts: PAIRS.split("|"), pieces: PIECES },
  { type: path, texts: LISTS.split("|"), pieces: PIECES },
  { type: polygon, texts: LISTS.split("|"), pieces: PIECES },
  { type: line, texts: LINES.split("|"), pieces: [...PIECES, "{", "}"] },
  { type: circle, texts: CIRCLES.split("|"), pieces: [...PIECES, "<", ">"] },
];
