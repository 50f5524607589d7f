/**
 * Texts of values of each type, as a user writes them: the usual, the empty, the
 * least and the greatest, what is infinite, what is not ASCII. Some are no value
 * of their type at all, for the errors of its input.
 *
 * @module
 */

/** Texts that stand at several spaces from each other. */
function words(texts: string): readonly string[] {
  return texts.trim().split(/\s+/);
}

const INT2 = words("0 1 -1 2 3 -7 12 100 32767 -32768");
const INT4 = [...INT2, ...words("5 46341 2147483647 -2147483648")];
const INT8 = [...INT4, ...words("9223372036854775807 -9223372036854775808")];
const FLOATS = words(
  "0 -0 1 -1 0.5 -2.5 3.14159 1e10 123456.789 NaN Infinity -Infinity",
);
const JSON_TEXTS = [
  ...words('{} [] null true "" "x" "é😀" 1 -1.50 1e5 0.00 [1,2,3] [[1],[2]]'),
  '{"a": 1}',
  '{"a": {"b": [1, null, "x"]}, "c": null}',
  '{"b": 1, "a": 2, "b": 3}',
  '[{"a": 1, "b": "x"}, {"a": 2}]',
  '{"é": "\\u00e9\\n", "": [], "n": {"o": {}}}',
  '[1, "1", true, null, 1.0, {"k": []}]',
];
const TEXTS = [
  ...words("a A abc ABC é 😀 naïve hello 0 42 -1.5 t % _ a%b x'y \\ \\x41"),
  ...words("2024-02-29 {1,2} $1 (a) [b]* a.b.c Müller UTF8 hex base64 year"),
  ...words("month day hour epoch 9,999.99 YYYY-MM-DD yes english 10:20"),
  "",
  " ",
  "  two  words ",
  "line\nbreak\ttab",
  "The quick brown fox",
  '"Quoted" name',
  "one,two,,three",
];
const DATES = [
  ...words("2000-01-01 1999-12-31 2024-02-29 1970-01-01 0001-01-01"),
  ...words("infinity -infinity 5874897-12-31 1582-10-15"),
  "0044-03-15 BC",
  "4714-11-24 BC",
];
const TIMES = words("00:00 23:59:59.999999 24:00 12:34:56.789 04:05 01:00:00");
const TIMESTAMPS = [
  ...DATES.filter((text) => !text.startsWith("587")),
  "2024-02-29 12:34:56.789",
  "2001-09-28 23:59:59.999999",
  "294276-12-31 23:59:59.999999",
  "1900-01-01 00:00:00",
  "2024-03-31 02:30:00",
];
const INTERVALS = [
  ...words("0 infinity -infinity 01:02:03.456 -00:00:01 P1Y2M3DT4H5M6S"),
  "1 day",
  "-1 month",
  "1 year 2 months 3 days 04:05:06.789",
  "-1 year +3 days -04:05:06",
  "33 days 25:61:00",
  "178000000 years",
  "90 minutes",
  "0.5 seconds",
];
const NUMERICS = words(
  "0 0.00 1 -1 1.50 -2.5 3.14159265358979 100 1e20 -1e-20 NaN Infinity " +
    "-Infinity 12345678901234567890.123456789 0.1 7 99.995 9223372036854775808",
);
const BYTES = ["", "\\x00", "\\xff", "abc", "\\x0102030405060708", "\\\\"];
const BITS = words("0 1 101 11110000 000000000000000000000000000000001");
const NETS = words(
  "192.168.1.5 192.168.1.5/24 10.0.0.0/8 ::1 2001:db8::/32 0.0.0.0/0 " +
    "::ffff:1.2.3.4/128 255.255.255.255/32",
);
const POINTS = words("(0,0) (1,2) (-1.5,3) (1e10,-1) (3,4) (Infinity,1)");
const SEGMENTS = words(
  "[(0,0),(1,1)] [(1,2),(1,5)] [(0,0),(0,0)] [(-1,-1),(4,3)]",
);
const VECTORS = words("[1,2,3] [0,0,0] [-1.5,0.25,4] [1,2] [1e20,1,1] [3]");
const SNAPSHOTS = words("10:20:10,14,15 10:10: 1:100:5 12:20:");

/** By the name of the type in `pg_type`. */
const TEXTS_OF: Readonly<Record<string, readonly string[]>> = {
  bool: ["t", "f"],
  int2: INT2,
  int4: INT4,
  int8: INT8,
  oid: words("0 1 23 25 1259 4294967295"),
  float4: FLOATS.concat("3e38", "1e-45"),
  float8: FLOATS.concat("1e308", "-1e-320", "1e15", "9007199254740993"),
  numeric: NUMERICS,
  money: words("0 1.50 -12.34 92233720368547758.07 $1,234.56"),
  text: TEXTS,
  varchar: TEXTS,
  bpchar: TEXTS,
  name: TEXTS,
  char: words("a é 0 \\377").concat(""),
  cstring: TEXTS,
  unknown: TEXTS,
  bytea: BYTES,
  json: JSON_TEXTS,
  jsonb: JSON_TEXTS,
  jsonpath: [
    ...words("$ $.a $[*] $.** strict$.a $.a.b[0] $.size() $.a.type() $[last]"),
    "$.* ? (@ > 1)",
    "$[*].a + 1",
    '$.a == "x"',
    "exists($.c)",
    "strict $.nope",
    '$ ? (@ like_regex "^x")',
  ],
  date: DATES,
  time: TIMES,
  timetz: TIMES.map((time, i) => time + ["+00", "+05:30", "-08"][i % 3]!),
  timestamp: TIMESTAMPS,
  timestamptz: TIMESTAMPS.concat("2024-06-01 12:00+05:30"),
  interval: INTERVALS,
  uuid: [
    "00000000-0000-0000-0000-000000000000",
    "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
    "0190a6c5-7b7c-7def-8abc-1234567890ab",
    "c232ab00-9414-11ec-b3c8-9f6bdeced846",
  ],
  bit: BITS,
  varbit: BITS.concat(""),
  inet: NETS,
  cidr: words("10.0.0.0/8 192.168.1.0/24 ::1/128 2001:db8::/32 1.2.3.4"),
  macaddr: words("08:00:2b:01:02:03 ff:ff:ff:ff:ff:ff 00:00:00:00:00:00"),
  macaddr8: words("08:00:2b:01:02:03:04:05 00:00:00:00:00:00:00:00"),
  point: POINTS,
  lseg: SEGMENTS,
  line: words("{1,-1,0} {0,1,2} {1,0,-3} {2,3,4}"),
  box: words("(1,1),(0,0) (3,4),(-1,2) (0,0),(0,0) (5,5),(2,2)"),
  path: words(
    "((0,0),(1,1),(2,0)) [(0,0),(1,1),(2,0)] [(1,2)] ((0,0),(4,0),(4,4),(0,4))",
  ),
  polygon: words("((0,0),(1,1),(2,0)) ((0,0),(4,0),(4,4),(0,4)) ((1,2))"),
  circle: words("<(0,0),1> <(1,2),0> <(-3,4),2.5> <(1,1),10>"),
  vector: VECTORS,
  halfvec: words("[1,2,3] [0,0,0] [-1.5,0.25,4] [1,2] [60000,1,1] [3]"),
  sparsevec: words("{1:1,2:2,3:3}/3 {}/3 {1:-1.5,3:4}/3 {1:1}/2 {3:60000}/3"),
  tsvector: [
    "",
    "'a':1A 'cat':2,5 'fat':3B",
    "'é' 'x y':4",
    "'rat':1,2,3D 'fat':4C 'a'",
    "'a':16383",
  ],
  tsquery: [
    ...words("a cat&rat a|b !a fat<->cat 'x_y':*A a<3>b (a|b)&!c"),
    "",
  ],
  regconfig: words("simple english pg_catalog.english"),
  regclass: words("pg_class pg_type 0 -"),
  regtype: words("int4 text integer[] 0"),
  ...Object.fromEntries([[
    "pg_lsn",
    words("0/0 16/B374D848 FFFFFFFF/FFFFFFFF"),
  ]]),
  xid: words("0 3 4294967295"),
  xid8: words("0 3 15 18446744073709551615"),
  cid: words("0 3"),
  tid: words("(0,0) (0,1) (4294967295,65535)"),
  ...Object.fromEntries(
    ["pg_snapshot", "txid_snapshot"].map((type) => [type, SNAPSHOTS]),
  ),
  int2vector: ["1 2 3", ""],
  oidvector: ["23 25", ""],
};

/** Texts of ranges, by their subtype. */
const RANGES: Readonly<Record<string, readonly string[]>> = {
  int4range: words("empty [1,5) [1,5] (,3] [7,) (,) (2,3) [-5,2147483646]"),
  int8range: words("empty [1,5) [1,5] (,3] [7,) (,) (2,3)"),
  numrange: words("empty [1.5,5) [1,1] (,3] [7,) (,) (0,Infinity] (2,2.5)"),
  daterange: words("empty [2024-01-01,2024-02-01) (,2000-01-01] (,)"),
  tsrange: words("empty [2024-01-01,2024-02-01) (,2000-01-01] (,)"),
  tstzrange: words("empty [2024-01-01,2024-02-01) (,2000-01-01] (,)"),
};

/**
 * Texts of a type, named as in `pg_type`; none if there are none to try. Arrays
 * are made of the texts of their elements.
 */
export function textsOf(
  type: string,
  random: () => number,
): readonly string[] {
  if (Object.hasOwn(TEXTS_OF, type)) return TEXTS_OF[type]!;
  if (Object.hasOwn(RANGES, type)) return RANGES[type]!;
  const ranges = RANGES[type.replace("multirange", "range")];
  if (ranges !== undefined) {
    return ranges.map((range) => range === "empty" ? "{}" : `{${range}}`);
  }
  if (!type.startsWith("_")) return [];
  const elements = textsOf(type.slice(1), random);
  if (elements.length === 0) return [];
  const element = (): string => {
    const text = elements[Math.floor(random() * elements.length)]!;
    if (random() < 0.15) return "NULL";
    return `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
  };
  const row = (): string => `{${element()},${element()},${element()}}`;
  return [
    "{}",
    row(),
    row(),
    `{${element()}}`,
    `{${row()},${row()}}`,
    `[0:2]=${row()}`,
  ];
}
