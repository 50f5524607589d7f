/**
 * PGlite as the oracle of every type's text form: curated edges, and thousands
 * of texts made from a seed, each as `'text'::type` there and through `input`
 * and `output` here, errors included.
 *
 * Of texts put together at random for dates and times, only those that we read
 * are compared: PostgreSQL makes sense of more rubbish than we do.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fc } from "fast-check";
import {
  differences,
  outcomeOf,
  quoteLiteral,
  seedOr,
  SqlOracle,
} from "../../tests/support/sql_oracle.ts";
import { arbitraryOf } from "../../tests/support/sql_values.ts";
import { SHAPE_CORPORA } from "../../tests/support/shape_values.ts";
import { PLACE_CORPORA } from "../../tests/support/place_texts.ts";
import { castValue } from "./cast.ts";
import type { DataType } from "./data_type.ts";
import { bool } from "./bool_type.ts";
import { bytea } from "./bytea_type.ts";
import { float4, float8 } from "./float_types.ts";
import { int2, int4, int8, oid } from "./int_types.ts";
import { interval } from "./interval_type.ts";
import { json, jsonb } from "./json_types.ts";
import { numeric } from "./numeric_type.ts";
import { date, timestamp, timestamptz } from "./temporal_types.ts";
import { bpchar, name, text, unknown, varchar } from "./text_types.ts";
import { textArray } from "./text_array_type.ts";
import { time } from "./time_type.ts";
import { BUILTIN_TYPES, schemaOf } from "./type_registry.ts";
import { uuid } from "./uuid_type.ts";

const SEED = seedOr(20240607);

/** Texts that are hard for the type, and pieces to make more of. */
interface Corpus {
  readonly type: DataType;
  readonly texts: readonly string[];
  readonly pieces: readonly string[];
  /** Whether PostgreSQL may read texts of pieces that we do not. */
  readonly lenient?: boolean;
}

const INTEGER_TEXTS = [
  ..."0|-0|+0|1|-1|007| 12 |\t7\n|1 2|12x|--1|+-1|-|+||0x1F|0X1f|-0x80".split(
    "|",
  ),
  ..."0b101|0b2|0o17|0o8|0x|0b|1_000|1__0|_1|1_|0x_ff|0xf_f|-1_0|1e3|1.0"
    .split("|"),
  ..."32767|32768|-32768|-32769|2147483647|2147483648|-2147483648".split("|"),
  ..."-2147483649|9223372036854775807|9223372036854775808|4294967295".split(
    "|",
  ),
  ..."-9223372036854775808|-9223372036854775809|4294967296|99999999999999999999"
    .split("|"),
  ..."99999999999999999999x|0x8000000000000000|-0x8000000000000000".split("|"),
  ..."\u00a01|1\u00a0|١|0x7fffffff_|0xZ|NaN|null".split("|"),
];

const INTEGER_PIECES = "0 1 9 - + _ x b o f 0x 0b 0o . e 12 32768 999999999 "
  .split(" ").concat([" ", "2147483648", "9223372036854775807"]);

const FLOAT_TEXTS = [
  ..."0|-0|1|1.5|.5|5.|.|1e5|1e+5|1E-5|1e|1e400|1e-400|-1e400|1e308|1.8e308"
    .split("|"),
  ..."1e-320|5e-324|2e-324|4.9e-324|1e-45|1e-46|7e-46|1e38|3.4028235e38|3.5e38"
    .split("|"),
  ..."3.4028236e38|NaN|nan|+nan|-NaN|Infinity|-Infinity|inf|+inf|-inf|infinit"
    .split("|"),
  ..."infx|nanx| 1.5 |1.5 x|1_0|0x10|0x1p3|0x1.8p1|0x|0x.8|1e23|1e22|1e21|1e16"
    .split("|"),
  ..."1e15|123456789012345678|999999999999999|1e14|100000|1000000|123456|1234567"
    .split("|"),
  ..."0.0001|0.00001|0.000123456|16777217|16777216|8388608.5|33554432|0.1|0.3"
    .split("|"),
  ..."9007199254740993|1.17549435e-38|2.2250738585072011e-308|1e-7|12345678.9"
    .split("|"),
  ..."9.8607613e-32|1.0000001|0.30000001192092896|8.5e-45|5.684341886080802e-14"
    .split("|"),
];

const FLOAT_PIECES =
  "0 1 5 9 . e - + e- e1 00 123 inf nan Infinity 0x p _ 1e3 17 e30 e-40 e300"
    .split(" ").concat([" "]);

const NUMERIC_TEXTS = [
  ...FLOAT_TEXTS,
  ..."1.10|0.000|-0.00|000.100|1e10|1.5e3|1.5e1|1.25e1|1e-10|12e-3|1e131071"
    .split("|"),
  ..."1e131072|1e-16383|1e-16384|1e99999999999|1e-99999999999|0e131072|0x1F"
    .split("|"),
  ..."0b11|0o17|-0xff|0x|0x_f|1_000.5_5|1._5|1_.5|1e1_0|.5_5|_1.5|1.5_|0x1.8"
    .split("|"),
  ..."123456789012345678901234567890.123456789|-Infinity | +Infinity".split(
    "|",
  ),
];

const TIMES = [
  ..."2024-01-02|2024-01-02 03:04|2024-01-02 03:04:05|2024-01-02T03:04:05Z"
    .split("|"),
  ..."2024-01-02 03:04:05.678|2024-01-02 03:04:05.123456789|2024-1-2 3:4:5"
    .split("|"),
  ..."2024-01-02 03:04:05+00|2024-01-02 03:04:05 +05:30|2024-01-02 03:04:05-0800"
    .split("|"),
  ..."2024-01-02 03:04:05-08:00:30|2024-01-02 03:04:05 PST|20240102T030405Z"
    .split("|"),
  ..."20240102 030405|20240102|240102|2024/01/02|1/2/2024|13/2/2024|1-2-2024"
    .split("|"),
  ..."Jan 2, 2024|January 2 2024|2 Jan 2024|2-Jan-2024|02-jan-2024 3:04 pm"
    .split("|"),
  ..."2024-Jan-02|Tue Jan 2 2024|Jan 2 2024 12:00 AM|12:00 PM Jan 2 2024".split(
    "|",
  ),
  ..."2024-02-29|2023-02-29|1900-02-29|2000-02-29|2024-13-01|2024-00-01".split(
    "|",
  ),
  ..."2024-01-32|2024-01-00|2024-04-31|0000-01-01|0001-01-01|0001-01-01 BC"
    .split("|"),
  ..."4714-11-24 BC|4714-11-23 BC|4713-01-01 BC|294276-12-31 23:59:59.999999"
    .split("|"),
  ..."294277-01-01|5874897-12-31|5874898-01-01|99999-01-01|10000-01-01".split(
    "|",
  ),
  ..."2024-01-02 24:00:00|2024-01-02 24:00:01|2024-01-02 23:59:60|2024-01-02 25:00"
    .split("|"),
  ..."2024-01-02 03:60|2024-01-02 03:04:61|2024-01-02 23:59:60.5".split("|"),
  ..."epoch|infinity|-infinity|+infinity|Infinity|allballs|".split("|"),
  ..."2024-01-02 03:04:05 Europe/Berlin|2024-07-02 03:04:05 Europe/Berlin"
    .split(
      "|",
    ),
  ..."2024-03-31 02:30 Europe/Berlin|2024-10-27 02:30 Europe/Berlin".split("|"),
  ..."2024-03-10 02:30 America/New_York|2024-11-03 01:30 America/New_York"
    .split("|"),
  ..."2024-01-02 03:04:05 Nowhere/City|2024-01-02 03:04:05 XYZ".split("|"),
  ..."2024-01-02 03:04:05+16|2024-01-02 03:04:05+15:59|2024-01-02 03:04:05+24"
    .split("|"),
  ..."hello|2024|2024-01|12:34|2024-01-02x|2024-01-02 x|2024-01-02 03:04:05:06"
    .split("|"),
  ..."2024-01-02 03|2024-01-02T03|2024-01-02T0304|2024-01-02 030405.5".split(
    "|",
  ),
  ..." 2024-01-02 |2024-01-02  03:04:05|2024-01-02,03:04:05|99-01-02|1/2/24|1/2/70"
    .split("|"),
  ..."1/2/69|69-01-02|2024-01-02 BC|0044-03-15 BC|2024.01.02|2024-01-02 AD"
    .split(
      "|",
    ),
  ..."1999-12-31 23:59:59.9999999|1999-12-31 23:59:59.9999994|2024-01-02 1:2:3.5"
    .split("|"),
  ..."2024-01-02 03:04:05 UTC|2024-01-02 03:04:05 GMT|2024-01-02 03:04:05 z"
    .split("|"),
  ..."2024-01-02 PST|2024-01-02 UTC|2024-01-02Z|04:05 1/2/2024|4:05 Jan 2 2024"
    .split("|"),
  ..."epoch 2024|now x|infinity 1|2024-01-02 2024-01-03|03:04 2024-01-02".split(
    "|",
  ),
];

const TIME_PIECES =
  "2024 01 02 12 31 - / : T Z + . 03:04 03:04:05 2024-01-02 Jan PM BC UTC +05 5"
    .split(" ").concat([" ", " ", "-08:00", ".25"]);

const TIME_OF_DAY_TEXTS =
  ("04:05|04:05:06|04:05:06.789|040506|0405|040506.5|4:05 PM|12:00 AM|24:00:00|" +
    "24:00:01|25:00|04:60|04:05:60|04:05:61|allballs|04:05 PST|04:05:06+02|" +
    "2024-01-02 04:05:06|2024-01-02|noon|4|04:05:06 x||23:59:59.9999999|1:2:3|" +
    "2024-01-02T04:05:06Z|04:05:06 BC|13:00 PM|00:00:60").split("|");

const INTERVAL_TEXTS = [
  ..."1 day|1 days 2 hours|1.5 days|-1.5 days|1.5 months|1.25 years|2 weeks|1.5 weeks"
    .split("|"),
  ..."1 year 2 mons 3 days 04:05:06.789|@ 1 year 2 days ago|-1 days +02:03:04"
    .split("|"),
  ..."1-2|-1-2|1-12|3 4:05:06|3 -4:05:06|-3 4:05|04:05|04:05:06.7|12:34.5"
    .split(
      "|",
    ),
  ..."1|1.5|-7|5 minutes|90 minutes|36 hours|1e3|1 fortnight|day|1 day 1 day|"
    .split("|"),
  ..."1 hour ago|ago|1 day ago ago|1 century 2 decades|1 millennium|3 quarters"
    .split("|"),
  ..."P1Y2M3DT4H5M6S|P1W|PT1.5H|P1.5M|P0001-02-03T04:05:06|P|PT|P1S|-P1D|P-1D"
    .split("|"),
  ..."1 us|1500 ms|0.5 us|0.4 seconds|1.0000005 seconds|61 seconds|100:00:00"
    .split("|"),
  ..."00:60|00:00:60|00:00:61|infinity|-infinity|+infinity| 1 day |1day|1 DAY"
    .split("|"),
  ..."178000000 years|200000000 years|3000000000 days|2147483647 days|x|1 x|+1 day"
    .split("|"),
  ..."1 mon -1 day|-1 mon 1 day|1 year -1 mon|0|0 days|1,2 days|1 day, 2 hours"
    .split("|"),
];

const INTERVAL_PIECES =
  "1 2 3.5 -1 day hours mon years 04:05 06:07:08 ago weeks sec 0.5 @ -2 1-2"
    .split(" ").concat([" ", " ", " "]);

const JSON_TEXTS = [
  '{"a":1}|{"b":1,"a":2}|{"bb":1,"a":2,"b":3}|{"a":1,"a":2}|[1,2,3]|[]|{}',
  '"x"|1|-1|1.0|1.50|1e5|1E-5|1e400|-0|-0.0|01|1.|.5|+1|--1|1e|1e+|-|nul',
  'null|true|false|tru|truex|null x|{"a":}|{"a"}|{a:1}|{"a":1,}|[1,]|[1 2]|[',
  '{|}|]|,|:|"|"abc|"a\\nb"|"a\\xb"|"\\u00e9"|"\\ud83d\\ude00"|"\\ud83d"',
  '"\\ud83dx"|"\\ude00"|"\\ud83d\\ud83d"|"\\u12"|"\\u12g4"|"\\u0000"|"a\tb"',
  '"\\""|"\\\\"|"\\/"|"é"|"\\u0001"|"\u007f"| [ 1 , 2 ] |{"a":{"b":[null]}}',
  '{"é":1,"zz":2,"z":3}|{"":1}|{"a":1}}|[1]]|1 2|{"a":1 "b":2}|{"a" 1}|{1:2}',
  '{"a":1:2}|[:]|{,}|[,]|{"a",1}|"a" "b"|12abc|1a|1_0|é|@|\'a\'|{"a":tru}|',
  '[1, 2|{"a": 1|["a", "b|123456789012345678901234567890|1e-10|0.10e1',
  '[1e2,1.20E+2,-12.5e-1]|{"k":"v\\u001fx"}|  |[[[[]]]]|[{}]|{"a":[]}',
].flatMap((line) => line.split("|"));

const JSON_PIECES =
  '{ } [ ] : , " \\ 1 -2 1.5e3 "a" "b" null true false \\u00e9 \\ud83d x é 0'
    .split(" ").concat([" ", '"a":', '"b": 1', "\n"]);

const CORPORA: readonly Corpus[] = [
  ...[int2, int4, int8].map((type) => ({
    type,
    texts: INTEGER_TEXTS,
    pieces: INTEGER_PIECES,
  })),
  {
    type: oid,
    // The oracle's long has 32 bits: no number beyond those here.
    texts: "0|1| 12 |007|0x1F|-1|4294967295|-2147483648|1x|-|x|1_0|0b1|1.0|"
      .split("|"),
    pieces: "1 7 - + 0 _ e 12".split(" ").concat([" "]),
  },
  ...[float4, float8].map((type) => ({
    type,
    texts: FLOAT_TEXTS,
    pieces: FLOAT_PIECES,
  })),
  { type: numeric, texts: NUMERIC_TEXTS, pieces: FLOAT_PIECES },
  {
    type: bool,
    texts: "t|f|true|false|TRUE|tr|fal|yes|ye|y|n|no|on|of|off|o|1|0|10|2| on |"
      .split("|"),
    pieces: "t r u e f a l s y n o 1 0".split(" ").concat([" "]),
  },
  {
    type: uuid,
    texts: [
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
      "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
      "a0eebc999c0b4ef8bb6d6bb9bd380a11",
      "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
      "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a111",
      "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g",
      " a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "a0e-ebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
      "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11-",
      "",
    ],
    pieces: "a0ee bc99 9c0b - { } 4ef8 bb6d6bb9bd380a11 G 1".split(" "),
  },
  {
    type: bytea,
    texts: [
      ..."\\x|\\x00ff|\\xFF|\\x0 1|\\x01 02|\\x0|\\x0g|\\x0é|abc|a\\\\b".split(
        "|",
      ),
      ..."\\001|\\377|\\400|\\1|\\|é|\\\\x00|a\\b|\\x 0102|\\X00|".split("|"),
    ],
    pieces: "\\ \\x 0 00 ff g 1 377 a é \\\\".split(" ").concat([" "]),
  },
  ...[date, timestamp, timestamptz].map((type) => ({
    type,
    texts: TIMES,
    pieces: TIME_PIECES,
    lenient: true,
  })),
  {
    type: time,
    texts: TIME_OF_DAY_TEXTS,
    pieces: TIME_PIECES,
    lenient: true,
  },
  {
    type: interval,
    texts: INTERVAL_TEXTS,
    pieces: INTERVAL_PIECES,
    lenient: true,
  },
  {
    type: textArray,
    texts: [
      '{}| {a,b} |{a, b ,c d}|{NULL,null,nul}|{"a b","c\\"d"}|{a\\,b}|{""}',
      '{,}|{a,}|{a|a|{a}}|{a} x|{"a|{"a"b}|{a"b"}|{ }|{a}{b}||{"NULL"}|{é}',
    ].flatMap((line) => line.split("|")),
    pieces: '{ } , a b "x y" NULL " \\ "" é'.split(" ").concat([" ", "{a,b}"]),
    lenient: true,
  },
  ...PLACE_CORPORA,
  ...SHAPE_CORPORA,
  ...[json, jsonb].map((type) => ({
    type,
    texts: JSON_TEXTS,
    pieces: JSON_PIECES,
  })),
  ...[text, varchar, bpchar, name].map((type) => ({
    type,
    texts: ["", "a", "a  ", "é", "\u{1f600}", "x".repeat(70), "é".repeat(40)],
    pieces: ["a", " ", "é", "\u{1f600}"],
  })),
];

/** Texts of random pieces. */
function generated(corpus: Corpus, count: number): string[] {
  const arbitrary = fc.array(fc.constantFrom(...corpus.pieces), {
    minLength: 1,
    maxLength: 7,
  }).map((parts) => parts.join(""));
  return fc.sample(arbitrary, { seed: SEED, numRuns: count });
}

/** The text forms of random values. */
function printed(type: DataType, count: number): string[] {
  return fc.sample(arbitraryOf(type), { seed: SEED, numRuns: count })
    .map((value) => type.output(value));
}

const oracle = await SqlOracle.create();

function asText(type: DataType, input: string): string | null {
  const value = castValue(input, unknown, { type, typmod: -1 }, "explicit");
  const target = { type: text, typmod: -1 };
  return castValue(value!, type, target, "explicit") as string | null;
}

for (const corpus of CORPORA) {
  const { type } = corpus;
  Deno.test({
    name: `${type.name} reads and prints as PostgreSQL does, errors included`,
    // PGlite keeps its module and timers for the life of the process.
    sanitizeResources: false,
    sanitizeOps: false,
    async fn(): Promise<void> {
      const texts = [
        ...new Set([
          ...corpus.texts,
          ...generated(corpus, 400),
          ...printed(type, 200),
        ]),
      ];
      const theirs = await oracle.evaluate(
        texts.map((input) => `${quoteLiteral(input)}::${type.name}`),
      );
      const ours = texts.map((input) => outcomeOf(() => asText(type, input)));
      const curated = new Set(corpus.texts);
      const compared = texts.map((input, i) =>
        corpus.lenient !== true || curated.has(input) || "value" in ours[i]!
      );
      const pick = <T>(items: readonly T[]): T[] =>
        items.filter((_, i) => compared[i]);
      const names = texts.map((input) => JSON.stringify(input));
      assertEquals(differences(pick(names), pick(ours), pick(theirs)), []);
      assert(pick(ours).filter((outcome) => "value" in outcome).length > 10);
    },
  });
}

Deno.test({
  name: "types have PostgreSQL's OIDs, names, categories and sizes",
  // PGlite keeps its module and timers for the life of the process.
  sanitizeResources: false,
  sanitizeOps: false,
  async fn(): Promise<void> {
    const rows = await oracle.query<Record<string, unknown>>(
      `SELECT oid::int, typname, typcategory, typispreferred, typlen,
         format_type(oid, NULL) f FROM pg_type`,
    );
    const theirs = new Map(rows.map((row) => [row.typname, row]));
    for (const type of BUILTIN_TYPES) {
      if ((type.element ?? type).extension !== undefined) continue;
      const row = theirs.get(type.name);
      assert(row !== undefined, type.name);
      assertEquals(
        [type.name, type.category, type.preferred, type.displayName],
        [row.typname, row.typcategory, row.typispreferred, row.f],
      );
      if (schemaOf(type) === "public") continue;
      assertEquals([type.name, type.oid], [row.typname, row.oid]);
      assertEquals([type.name, type.length], [row.typname, row.typlen]);
    }
  },
});
