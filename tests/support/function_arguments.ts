/**
 * Arguments to try functions with: random ones of the right type, and for
 * functions that those would say nothing about, ones that reach their cases.
 *
 * @module
 */
import { SparseVector } from "../../vector/types/sparse_vector.ts";
import { fc } from "fast-check";
import type { FunctionDefinition } from "../../sql/functions/registry.ts";
import type { DataType, SqlValue } from "../../sql/types/data_type.ts";
import { SqlArray } from "../../sql/types/array/array_value.ts";
import { numeric } from "../../sql/types/numeric_type.ts";
import { textArray } from "../../sql/types/text_array_type.ts";
import { arbitraryOf } from "./sql_values.ts";

type Values = fc.Arbitrary<SqlValue>;

function among(...values: readonly string[]): Values {
  return fc.constantFrom(...values);
}

function integers(min: number, max: number): Values {
  return fc.integer({ min, max });
}

function decimals(min: bigint, max: bigint, scaleMax: number): Values {
  return fc.tuple(fc.bigInt(min, max), fc.integer({ min: 0, max: scaleMax }))
    .map(([unscaled, scale]) => numeric.input(`${unscaled}e-${scale}`, -1));
}

const words: Values = fc.array(
  fc.constantFrom("a", "b", "ab", "A", "é", " ", "x", "\u{1f600}", "%", "_"),
  { maxLength: 8 },
).map((parts) => parts.join(""));

const counts = integers(-6, 12);
const small = integers(0, 5);

const units = among(
  ..."microseconds milliseconds second minute hour day week month quarter year"
    .split(" "),
  ..."decade century millennium epoch dow isodow doy isoyear julian timezone"
    .split(" "),
  ..."timezone_hour YEAR mons secs nonsense".split(" "),
);

const patterns: Values = fc.array(
  fc.constantFrom("a", "b", ".", "a*", "b+", "[ab]", "(a|b)", "x?", "é", "(b)"),
  { minLength: 1, maxLength: 4 },
).map((parts) => parts.join(""));

const flags = among("", "i", "g", "gi", "c", "n", "z");

const zones = among(
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "PST",
  "+05:30",
  "Nowhere",
);

/** Templates of dates: patterns, each with or without what may be around it. */
const templates: Values = fc.array(
  fc.tuple(
    fc.constantFrom("", "", "", "FM", "TM"),
    fc.constantFrom(
      ..."YYYY YYY YY Y Y,YYY IYYY IYY IY I MM MON Mon mon MONTH Month month"
        .split(" "),
      ..."DD DDD D IDDD ID DAY Day day DY Dy dy WW IW W CC J Q RM rm HH HH12"
        .split(" "),
      ..."HH24 MI SS SSSS SSSSS MS US FF1 FF2 FF3 FF4 FF5 FF6 AM pm A.M. p.m."
        .split(" "),
      ..."BC ad B.C. a.d. TZ tz TZH TZM OF".split(" "),
    ),
    fc.constantFrom("", "", "", "TH", "th"),
    fc.constantFrom(" ", "-", "/", "", ":", '"x"', "z", "\\"),
  ).map((parts) => parts.join("")),
  { minLength: 1, maxLength: 5 },
).map((parts) => parts.join(""));

const numberTemplates: Values = fc.array(
  fc.constantFrom(
    ..."9 9 9 9 0 0 . , D G S MI PL SG PR L V TH th FM EEEE RN x".split(" "),
    " ",
    '"a"',
  ),
  { minLength: 1, maxLength: 8 },
).map((parts) => parts.join(""));

const numberTexts = fc.array(
  fc.constantFrom(..."1 2 3 9 0 . , - + < > $ x".split(" "), " "),
  { minLength: 1, maxLength: 8 },
).map((parts) => parts.join("")) as Values;

const dateTexts = among(
  "2024-03-05",
  "2024-03-05 14:07:09.123",
  "5 March 2024",
  "20240305",
  " 2024 / 3 / 5",
  "05Mar24",
  "Tue 05 Mar",
  "12 PM",
  "-44 BC",
  "1234567890",
  "III 12",
  "+05:30",
  "",
);

const zoneSpans = among("5 hours", "-03:30", "00:00:30", "1 day", "-1 month");

const moments: Values = fc.integer({ min: -3_000_000_000, max: 3_000_000_000 })
  .map((seconds) => seconds * 1_000_000 + 123_456);

const paths = among("{}", "{a}", "{b}", "{a,b}", "{0}", "{a,0}", "{-1}", "{5}");

const documents = among(
  '{"a": {"b": 1, "c": [1, 2]}, "b": null}',
  '[1, [2, 3], {"a": null}]',
  '"x"',
  "1.50",
  "null",
  "{}",
  "[]",
  '{"0": "zero", "a": [], "b": {}}',
);

const jsonPaths: Values = fc.tuple(
  fc.constantFrom("", "strict "),
  fc.constantFrom("$", "$.a", "$[*]", "$.*", "$.a.b", "$[0]", "$.**", "$.a.c"),
  fc.constantFrom(
    ...["", "", "[*]", "[last]", "[0 to 1]", ".type()", ".size()", ".double()"],
    ...[".keyvalue()", ".string()", ".integer()", ".abs()", ".boolean()"],
    ...[" ? (@ > 1)", " ? (@.b == 1)", " ? (exists(@.b))", " ? (@ != null)"],
    ...[" ? ((@ > 1) is unknown)", ' ? (@ starts with "z")', " ? (@ == $x)"],
    ...[' ? (@ like_regex "^x")', ".**{1}", ".**{last}", "[5]", ".b"],
  ),
  fc.constantFrom("", "", " + 1", " > 1", " == null", " * 2", " % 2", " == $x"),
).map((parts) => parts.join(""));
const pathArguments = [
  documents,
  jsonPaths,
  among('{"x": 1}', '{"x": [2]}', "{}", "[1]"),
];

const reals: Values = fc.oneof(
  fc.double({ min: -1000, max: 1000, noNaN: true }),
  fc.integer({ min: -20, max: 20 }).map((value) => value / 2),
  fc.constantFrom(0, 1, -1, 1e-300, 1e300, NaN, Infinity, -Infinity),
);

const vectors: Values = fc.array(fc.integer({ min: -9, max: 9 }), {
  minLength: 2,
  maxLength: 3,
}).map((values) => Float32Array.from(values));

const sparseVectors: Values = vectors.map((values) =>
  SparseVector.ofDense(values as Float32Array)
);

const threeBits = fc.integer({ min: 8, max: 15 })
  .map((bits) => bits.toString(2)) as Values;

const anyArrays = among(
  ..."{} {1} {1,2,3,2} {NULL,1,NULL} {{1,2},{2,3}} [0:2]={1,2,3} {{1},{NULL}}"
    .split(" "),
);

/** What a type's arguments are, unless said otherwise. */
const BY_TYPE: Readonly<Record<string, Values>> = {
  text: words,
  int4: fc.oneof(integers(-100, 100), fc.integer()),
  float8: reals,
  numeric: fc.oneof(
    decimals(-(10n ** 20n), 10n ** 20n, 25),
    decimals(-1000n, 1000n, 3),
    among("NaN", "Infinity", "-Infinity", "0").map((value) =>
      numeric.input(value as string, -1)
    ),
  ),
  json: documents,
  jsonb: documents,
  _text: paths.map((path) => textArray.input(path as string, -1)),
  _int4: fc.array(fc.option(integers(-2, 3), { freq: 5 }), { maxLength: 4 })
    .map((items) => SqlArray.of(items)),
  vector: vectors,
  halfvec: vectors,
  sparsevec: sparseVectors,
};

const digits = among("", "1", "01", "1011", "110010", "00000001");

const exponents = decimals(-300n, 300n, 2);
const bases = decimals(-5000n, 5000n, 3);
const bytes = fc.uint8Array({ maxLength: 12 }) as Values;
const calendar = [
  integers(-3000, 3000),
  integers(0, 13),
  integers(0, 32),
  integers(-1, 24),
  integers(0, 60),
  integers(0, 61),
  zones,
];

/** Arguments by name, or by name and types where these matter. */
const BY_NAME: Readonly<Record<string, readonly (Values | undefined)[]>> = {
  "chr": [integers(-5, 0x110010)],
  "extract": [units],
  "date_part": [units],
  "date_trunc": [units],
  "date_trunc(text,timestamptz,text)": [units, moments, zones],
  "timezone(text,timestamptz)": [zones, moments],
  "timezone(text,timestamp)": [zones, moments],
  "timezone(interval,timestamptz)": [zoneSpans, moments],
  "timezone(interval,timestamp)": [zoneSpans, moments],
  "factorial": [integers(-2, 60)],
  "exp(numeric)": [exponents],
  "ln(numeric)": [fc.oneof(bases, decimals(1n, 10n ** 30n, 20))],
  "log(numeric,numeric)": [bases, bases],
  "power(numeric,numeric)": [bases, exponents],
  "pow(numeric,numeric)": [bases, exponents],
  "round(numeric,int4)": [decimals(-(10n ** 12n), 10n ** 12n, 8), counts],
  "trunc(numeric,int4)": [decimals(-(10n ** 12n), 10n ** 12n, 8), counts],
  "lpad": [words, counts, words],
  "rpad": [words, counts, words],
  "left": [words, counts],
  "right": [words, counts],
  "repeat": [words, counts],
  "split_part": [words, words, counts],
  "overlay": [words, words, counts, counts],
  "substr": [words, counts, counts],
  "substr(bytea,int4)": [bytes, counts],
  "substr(bytea,int4,int4)": [bytes, counts, counts],
  "substring": [words, counts, counts],
  "substring(text,text)": [words, patterns],
  "substring(text,text,text)": [
    words,
    among('a#"%#"b', '%#"b_#"%', "a%", '#"%#"', '%#"[ab]+', 'a#"b#"c#"d'),
    among("#", "", "ab"),
  ],
  "substring(bytea,int4)": [bytes, counts],
  "substring(bytea,int4,int4)": [bytes, counts, counts],
  "substring(bit,int4)": [digits, counts],
  "substring(bit,int4,int4)": [digits, counts, counts],
  "overlay(bit,bit,int4)": [digits, digits, counts],
  "overlay(bit,bit,int4,int4)": [digits, digits, counts, counts],
  "get_bit": [bytes, counts],
  "set_bit": [bytes, counts, integers(-1, 2)],
  "get_bit(bit,int4)": [digits, small],
  "set_bit(bit,int4,int4)": [digits, small, integers(-1, 2)],
  "like_escape": [words, among("", "\\", "x", "a", "ab")],
  "similar_to_escape": [words, among("", "\\", "x", "ab")],
  "regexp_like": [words, patterns, flags],
  "regexp_count": [words, patterns, small, flags],
  "regexp_substr": [words, patterns, small, small, flags, small],
  "regexp_instr": [
    words,
    patterns,
    small,
    small,
    integers(0, 2),
    flags,
    small,
  ],
  "regexp_replace": [
    words,
    patterns,
    among("<\\1>", "[\\&]", "", "\\\\"),
    small,
  ],
  "regexp_replace(text,text,text,text)": [
    words,
    patterns,
    among("<\\1>", "[\\&]", "", "\\\\"),
    flags,
  ],
  "regexp_replace(text,text,text,int4,int4,text)": [
    words,
    patterns,
    among("<\\1>", "[\\&]", ""),
    small,
    small,
    flags,
  ],
  "regexp_match": [words, patterns, flags],
  "regexp_split_to_array": [words, patterns, flags],
  "normalize": [words, among("NFC", "nfd", "NFKC", "NFKD", "X")],
  "is_normalized": [words, among("NFC", "NFD", "NFKC", "NFKD")],
  "unistr": [
    among(
      "a\\0041b",
      "\\\\",
      "\\u00e9\\+01F600",
      "\\zz",
      "\\d83d",
      "\\d83d\\de00",
    ),
  ],
  "parse_ident": [
    among(
      "a.b",
      '"A b".C',
      " x . y ",
      "a.",
      ".a",
      '"a',
      '""',
      "1",
      "a b",
      "é.ß",
    ),
  ],
  "gamma": [integers(-40, 340).map((value) => (value as number) / 2)],
  "lgamma": [integers(-40, 4000).map((value) => (value as number) / 4)],
  "erf": [integers(-600, 600).map((value) => (value as number) / 100)],
  "erfc": [integers(-600, 2600).map((value) => (value as number) / 100)],
  "sind": [integers(-800, 800)],
  "cosd": [integers(-800, 800)],
  "tand": [integers(-800, 800)],
  "cotd": [integers(-800, 800)],
  "acosd": [integers(-9, 9).map((value) => (value as number) / 8)],
  "pg_size_pretty(int8)": [
    fc.oneof(integers(-20000, 20000), fc.maxSafeInteger()),
  ],
  "pg_size_pretty(numeric)": [decimals(-(10n ** 18n), 10n ** 18n, 3)],
  "pg_size_bytes": [
    among("1", "1.5 kB", "2GB", " 3 tb ", "-1 MB", "x", "1 xb", "1e3", "9 PB"),
  ],
  "jsonb_path_exists": pathArguments,
  "jsonb_path_match": pathArguments,
  "jsonb_path_query_first": pathArguments,
  "jsonb_path_query_array": pathArguments,
  "jsonb_path_exists_tz": pathArguments,
  "jsonb_path_match_tz": pathArguments,
  "jsonb_path_query_first_tz": pathArguments,
  "jsonb_path_query_array_tz": pathArguments,
  "encode": [bytes, among("hex", "base64", "escape", "x")],
  "decode": [
    among("", "00ff", "0", "zz", "AQI=", "AQ", "A=Q=", "a\\001", "\\9", "é"),
    among("hex", "base64", "escape", "x"),
  ],
  "setweight": [undefined, among("A", "b", "D", "x"), undefined],
  "ts_filter": [
    undefined,
    fc.array(among("A", "b", "C", "D")).map((letters) => SqlArray.of(letters)),
  ],
  "get_byte": [bytes, small],
  "set_byte": [bytes, small, integers(-300, 300)],
  "convert_to": [words, among("UTF8", "utf-8")],
  "convert_from": [
    words.map((value) => new TextEncoder().encode(value as string)),
    among("UTF8", "utf-8"),
  ],
  "make_date": calendar,
  "make_timestamp": calendar,
  "make_timestamptz": calendar,
  "make_time": [
    integers(-1, 25),
    integers(-1, 60),
    fc.integer({ min: -8, max: 488 }).map((value) => value / 8),
  ],
  "to_char": [undefined, templates],
  "to_char(numeric,text)": [
    fc.oneof(decimals(-99999n, 99999n, 3), decimals(-9n, 9n, 5)),
    numberTemplates,
  ],
  "to_char(int4,text)": [integers(-20000, 20000), numberTemplates],
  "to_char(int8,text)": [integers(-20000, 20000), numberTemplates],
  "to_char(float4,text)": [
    integers(-200000, 200000).map((value) => (value as number) / 8),
    numberTemplates,
  ],
  "to_char(float8,text)": [
    integers(-200000, 200000).map((value) => (value as number) / 8),
    numberTemplates,
  ],
  "to_number": [numberTexts, numberTemplates],
  "to_date": [dateTexts, templates],
  "to_timestamp(text,text)": [dateTexts, templates],
  "to_timestamp": [
    fc.integer({ min: -1e11, max: 1e11 }).map((value) => value / 8),
  ],
  "width_bucket": [
    fc.integer({ min: -10, max: 20 }).map((value) => value / 2),
    integers(-5, 5),
    integers(-5, 5),
    integers(-1, 6),
  ],
  "quote_ident": [among("a", "A", "select", "a b", 'a"b', "1a", "_x", "é", "")],
  "quote_literal": [among("a", "it's", "a\\b", "", "é")],
  "array_fill": [
    small,
    among("{2}", "{2,3}", "{0}", "{}"),
    among("{0}", "{1,-1}"),
  ],
  "array_length": [anyArrays, counts],
  "array_lower": [anyArrays, counts],
  "array_upper": [anyArrays, counts],
  "array_position": [anyArrays, small, counts],
  "array_positions": [anyArrays, small],
  "array_remove": [anyArrays, small],
  "array_replace": [anyArrays, small, small],
  "array_to_string": [anyArrays, among(",", "", "--"), among("*", "")],
  "string_to_array": [words, among("a", "b", "", " "), among("", "a", "x")],
  "trim_array": [anyArrays, integers(-1, 5)],
  "width_bucket(numeric,numeric,numeric,int4)": [
    decimals(-100n, 200n, 2),
    decimals(-50n, 50n, 1),
    decimals(-50n, 50n, 1),
    integers(-1, 6),
  ],
  "width_bucket(int4,_int4)": [
    small,
    among("{}", "{0,2,4}", "{1}", "{1,NULL}"),
  ],
  "subvector": [vectors, counts, counts],
  "hamming_distance": [threeBits, threeBits],
  "jaccard_distance": [threeBits, threeBits],
  "date_bin": [
    among("15 minutes", "1 day", "1 month", "0", "-1 hour", "7 days"),
  ],
  "make_interval": [
    integers(-20, 20),
    integers(-20, 20),
    integers(-20, 20),
    integers(-20, 20),
    integers(-20, 20),
    integers(-20, 20),
    fc.integer({ min: -1000, max: 1000 }).map((value) => value / 8),
  ],
};

/** Arguments for a function whose types are all concrete. */
export function argumentsFor(
  definition: FunctionDefinition,
): fc.Arbitrary<SqlValue[]> {
  const { name, argumentTypes } = definition;
  const key = `${name}(${argumentTypes.map((type) => type.name).join(",")})`;
  const special = BY_NAME[key] ?? BY_NAME[name] ?? [];
  return fc.tuple(
    ...argumentTypes.map((type, place) => argumentOf(type, special[place])),
  );
}

function argumentOf(type: DataType, special: Values | undefined): Values {
  if (special === undefined) return BY_TYPE[type.name] ?? arbitraryOf(type);
  return special.map((value) =>
    typeof value === "string" && type.category !== "S" &&
      type.name !== "jsonb"
      ? type.input(value, -1)
      : value
  );
}
