/**
 * Arbitrary SQL values of every type, for property tests.
 *
 * They lean to the edges: extremes of ranges, powers of two, empty values,
 * NaN, infinities, characters beyond the basic plane.
 *
 * @module
 */
import { fc } from "fast-check";
import { arrayTypeOf } from "../../sql/types/array/array_type.ts";
import { SqlArray } from "../../sql/types/array/array_value.ts";
import { bit, varbit } from "../../sql/types/bit_types.ts";
import { bool } from "../../sql/types/bool_type.ts";
import { bytea } from "../../sql/types/bytea_type.ts";
import type { DataType, SqlValue } from "../../sql/types/data_type.ts";
import { float4, float8 } from "../../sql/types/float_types.ts";
import {
  int2,
  int4,
  int8,
  normalizeInt8,
  oid,
} from "../../sql/types/int_types.ts";
import { Interval } from "../../sql/types/interval.ts";
import { interval } from "../../sql/types/interval_type.ts";
import { json, jsonb } from "../../sql/types/json_types.ts";
import { Numeric } from "../../sql/types/numeric.ts";
import { numeric } from "../../sql/types/numeric_type.ts";
import {
  date,
  timestamp,
  timestamptz,
} from "../../sql/types/temporal_types.ts";
import {
  MULTIRANGE_TYPES,
  RANGE_TYPES,
} from "../../sql/types/range/range_type.ts";
import { rangeOf } from "../../sql/types/range/range_text.ts";
import {
  SqlMultirange,
  type SqlRange,
} from "../../sql/types/range/range_value.ts";
import { bpchar, name, text, varchar } from "../../sql/types/text_types.ts";
import { textArray } from "../../sql/types/text_array_type.ts";
import { time } from "../../sql/types/time_type.ts";
import {
  formatTsQuery,
  type QueryNode,
} from "../../sql/types/text_search/ts_query.ts";
import {
  regconfig,
  tsquery,
  tsvector,
} from "../../sql/types/text_search/ts_types.ts";
import {
  formatTsVector,
  placeOf,
  sortLexemes,
} from "../../sql/types/text_search/ts_vector.ts";
import { timetz, timetzOf } from "../../sql/types/timetz_type.ts";
import { uuid } from "../../sql/types/uuid_type.ts";
import { halfvec, sparsevec, vector } from "../../sql/types/vector_type.ts";
import { shapeArbitraries } from "./shape_values.ts";
import { placeArbitraries } from "./place_values.ts";
import { toHalfvec } from "../../vector/types/halfvec.ts";
import { SparseVector } from "../../vector/types/sparse_vector.ts";

/** Integers of `bits` bits, near powers of two more often than not. */
function integers(bits: number): fc.Arbitrary<bigint> {
  const max = 2n ** BigInt(bits - 1) - 1n;
  const near = fc.tuple(
    fc.integer({ min: 0, max: bits - 1 }),
    fc.integer({ min: -2, max: 2 }),
    fc.boolean(),
  ).map(([power, delta, negative]) => {
    const value = 2n ** BigInt(power) + BigInt(delta);
    return negative ? -value : value;
  }).filter((value) => value >= -max - 1n && value <= max);
  return fc.oneof(near, fc.bigInt(-max - 1n, max), fc.bigInt(-9n, 9n));
}

const small = (bits: number): fc.Arbitrary<SqlValue> =>
  integers(bits).map(Number);

const large = integers(64).map(normalizeInt8);

const timestamps = fc.oneof(
  fc.bigInt(-211_813_488_000_000_000n, 9_223_371_331_199_999_999n)
    .map(normalizeInt8),
  fc.integer({ min: -1e9, max: 1e9 }),
  fc.constantFrom(Infinity, -Infinity),
);

const floats = fc.oneof(
  fc.double(),
  fc.integer().map((value) => value / 8),
  fc.constantFrom(0, -0, NaN, Infinity, -Infinity, 1, -1),
);

const texts = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.constantFrom("", "a", "ab", "é", "\u{10000}", "\uffff", "\ue000"),
).map((value) => value.replaceAll("\0", "").toWellFormed());

const numerics = fc.oneof(
  fc.tuple(
    fc.bigInt(-(10n ** 40n), 10n ** 40n),
    fc.integer({ min: 0, max: 30 }),
  )
    .map(([unscaled, scale]) => Numeric.of(unscaled, scale)),
  fc.tuple(fc.integer({ min: -20, max: 20 }), fc.integer({ min: 0, max: 3 }))
    .map(([unscaled, scale]) => Numeric.of(BigInt(unscaled), scale)),
  fc.constantFrom(
    Numeric.NAN,
    Numeric.INFINITY,
    Numeric.NEGATIVE_INFINITY,
    Numeric.parse("1e300"),
    Numeric.parse("1e-300"),
    Numeric.parse("-1e300"),
  ),
);

const intervals = fc.oneof(
  fc.record({
    months: fc.integer({ min: -40, max: 40 }),
    days: fc.integer({ min: -40, max: 40 }),
    micros: fc.integer({ min: -100_000_000_000, max: 100_000_000_000 }),
  }),
  fc.record({
    months: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    days: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    micros: fc.integer({ min: -3, max: 3 }).map((hours) => hours * 3.6e9),
  }),
).map((parts) => Interval.of(parts));

const textArrays = fc.array(
  fc.option(fc.oneof(
    fc.string({ maxLength: 5 }),
    fc.constantFrom("", "a", "b", "null", "NULL", '"', "\\", "{}", " x "),
  )),
  { maxLength: 4 },
).map((items) =>
  SqlArray.of(items.map((item) => item?.replaceAll("\0", "") ?? null))
);

/** Arrays of `element`, of one or two dimensions, some with other bounds. */
function arraysOf(element: fc.Arbitrary<SqlValue>): fc.Arbitrary<SqlValue> {
  const item = fc.option(element, { nil: null, freq: 4 });
  return fc.oneof(
    fc.array(item, { maxLength: 4 }).map((items) => SqlArray.of(items)),
    fc.tuple(
      fc.array(item, { minLength: 4, maxLength: 4 }),
      fc.integer({ min: -3, max: 3 }),
    ).map(([items, bound]) => SqlArray.shaped(items, [2, 2], [1, bound])),
  );
}

/** Ranges of a type, with bounds near zero. */
function rangesOf({ range }: DataType): fc.Arbitrary<SqlValue> {
  const bound = fc.option(fc.integer({ min: -5, max: 9 }), {
    nil: null,
    freq: 6,
  });
  const valueOf = (value: number | null): SqlValue | null =>
    value === null || range!.subtype !== numeric
      ? value
      : Numeric.of(BigInt(value), 0);
  return fc.tuple(
    bound,
    fc.option(fc.integer({ min: 0, max: 6 }), { nil: null, freq: 6 }),
    fc.constantFrom("[)", "[]", "()", "(]"),
  ).map(([lower, length, bounds]) =>
    rangeOf(
      range!,
      valueOf(lower),
      valueOf(length === null ? null : (lower ?? 0) + length),
      bounds,
    )
  );
}

/** Multiranges of up to three of them. */
function multirangesOf(type: DataType): fc.Arbitrary<SqlValue> {
  return fc.array(rangesOf(type.multirangeOf!), { maxLength: 3 })
    .map((ranges) =>
      SqlMultirange.of(type.multirangeOf!.range!, ranges as SqlRange[])
    );
}

const bitStrings = fc.array(fc.constantFrom("0", "1"), { maxLength: 12 })
  .map((digits) => digits.join(""));

const jsons = fc.jsonValue().map((value) =>
  jsonb.fromJs(JSON.stringify(value))
);

const vectors = fc.array(
  fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -3, max: 3 }),
  ),
  { minLength: 1, maxLength: 8 },
).map((values) => Float32Array.from(values));

const halves = vectors.map((values) =>
  toHalfvec(values.map((value) => Math.abs(value) < 65_520 ? value : 1))
);

const sparse = fc.tuple(
  fc.dictionary(
    fc.integer({ min: 0, max: 8 }).map(String),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    { maxKeys: 5 },
  ),
  fc.integer({ min: 9, max: 10 }),
).map(([elements, dims]) =>
  SparseVector.of(
    dims,
    Object.entries(elements).map(([index, value]) => ({
      index: Number(index),
      value,
    })),
  )
);

const searchWords = fc.constantFrom(
  "a",
  "b",
  "cat",
  "cats",
  "rat",
  "it's",
  "ü",
);

const searchVectors: fc.Arbitrary<string> = fc.array(
  fc.record({
    word: searchWords,
    places: fc.array(
      fc.tuple(fc.integer({ min: 1, max: 12 }), fc.nat({ max: 3 }))
        .map(([position, weight]) => placeOf(position, weight)),
      { maxLength: 3 },
    ),
  }),
  { maxLength: 6 },
).map((lexemes) => formatTsVector(sortLexemes(lexemes)));

const searchNodes = fc.letrec<{ node: QueryNode; pair: QueryNode }>((tie) => ({
  pair: fc.record({
    kind: fc.constantFrom("and", "or", "phrase"),
    left: tie("node"),
    right: tie("node"),
    distance: fc.nat({ max: 3 }),
  }).map((pair) => pair.kind === "phrase" ? pair : { ...pair, distance: 0 }),
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({
      kind: fc.constant("word" as const),
      word: searchWords,
      prefix: fc.boolean(),
      weights: fc.constantFrom(0, 0, 0, 8, 9),
    }),
    tie("node").map((operand) => ({ kind: "not" as const, operand })),
    tie("pair"),
  ),
}));

const searchQueries: fc.Arbitrary<string> = fc.option(searchNodes.node, {
  nil: undefined,
  freq: 12,
}).map(formatTsQuery);

const arbitraries: ReadonlyMap<DataType, fc.Arbitrary<SqlValue>> = new Map<
  DataType,
  fc.Arbitrary<SqlValue>
>([
  [bool, fc.boolean()],
  [int2, small(16)],
  [int4, small(32)],
  [int8, large],
  [oid, fc.nat({ max: 0xffff_ffff })],
  [float4, floats.map(Math.fround)],
  [float8, floats],
  [numeric, numerics],
  [text, texts],
  [varchar, texts],
  [
    bpchar,
    fc.tuple(texts, fc.nat({ max: 3 })).map(([value, blanks]) =>
      value + " ".repeat(blanks)
    ),
  ],
  [
    name,
    fc.string({ maxLength: 20 }).map((value) =>
      value.replaceAll("\0", "").toWellFormed()
    ),
  ],
  [uuid, fc.uuid()],
  [tsvector, searchVectors],
  [tsquery, searchQueries],
  [regconfig, fc.constantFrom("simple", "english")],
  [bytea, fc.uint8Array({ maxLength: 40 })],
  [
    date,
    fc.oneof(
      fc.integer({ min: -2_451_545, max: 2_145_031_948 }),
      fc.integer({ min: -10_000, max: 10_000 }),
      fc.constantFrom(2_147_483_647, -2_147_483_648),
    ),
  ],
  [
    time,
    fc.oneof(
      fc.integer({ min: 0, max: 86_400 }).map((seconds) => seconds * 1_000_000),
      fc.integer({ min: 0, max: 86_399_999_999 }),
    ),
  ],
  [
    timetz,
    fc.tuple(
      fc.integer({ min: 0, max: 86_399_999_999 }),
      fc.integer({ min: -900, max: 900 }).map((minutes) => minutes * 60),
    ).map(([micros, offsetSeconds]) => timetzOf({ micros, offsetSeconds })),
  ],
  [timestamp, timestamps],
  [timestamptz, timestamps],
  [interval, intervals],
  [jsonb, jsons],
  [json, jsons],
  [textArray, textArrays],
  [arrayTypeOf(int4)!, arraysOf(small(32))],
  [arrayTypeOf(numeric)!, arraysOf(numerics)],
  [arrayTypeOf(bool)!, arraysOf(fc.boolean())],
  [arrayTypeOf(bytea)!, arraysOf(fc.uint8Array({ maxLength: 4 }))],
  [vector, vectors],
  [halfvec, halves],
  [sparsevec, sparse],
  [bit, bitStrings.filter((bits) => bits !== "")],
  [varbit, bitStrings],
  ...RANGE_TYPES.map((type) => [type, rangesOf(type)] as const),
  ...MULTIRANGE_TYPES.map((type) => [type, multirangesOf(type)] as const),
  ...placeArbitraries,
  ...shapeArbitraries,
]);

/**
 * The types that {@linkcode arbitraryOf} knows: all that a column can have, but
 * for most of the ranges, which are alike.
 */
export const COLUMN_TYPES: readonly DataType[] = [...arbitraries.keys()]
  // A configuration of text search is a name of the catalog, as regclass is.
  .filter((type) => type !== regconfig)
  .filter((type) => type.category !== "R" || /^(int4|num)/.test(type.name));

/** Arbitrary values of `type`, NULL not among them. */
export function arbitraryOf(type: DataType): fc.Arbitrary<SqlValue> {
  const known = arbitraries.get(type);
  if (known !== undefined || type.element === undefined) return known!;
  return arraysOf(arbitraryOf(type.element));
}

/** Arbitrary values of `type`, NULL one time in five. */
export function nullableOf(type: DataType): fc.Arbitrary<SqlValue | null> {
  return fc.option(arbitraryOf(type), { nil: null, freq: 4 });
}
