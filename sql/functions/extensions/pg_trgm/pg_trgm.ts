/**
 * The extension `pg_trgm`: how similar texts are, by the trigrams they share.
 *
 * @module
 */
import { utf8Encode } from "../../../../base/bytes.ts";
import { arrayTypeOf } from "../../../types/array/array_type.ts";
import { SqlArray } from "../../../types/array/array_value.ts";
import { bool } from "../../../types/bool_type.ts";
import { float4 } from "../../../types/float_types.ts";
import { text } from "../../../types/text_types.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import { define, infix } from "../../define.ts";
import type {
  FunctionContext,
  FunctionDefinition,
  OperatorDefinition,
} from "../../definition.ts";
import type { ExtensionParts } from "../extension.ts";
import { legacyCrc32 } from "./legacy_crc.ts";
import { trigramsOf } from "./trigrams.ts";
import { ratio, wordSimilarity } from "./word_similarity.ts";

/** How similar two texts are. */
function similarity(a: string, b: string): number {
  const first = trigramsOf(a);
  const second = trigramsOf(b);
  let shared = 0;
  for (const trigram of first) if (second.has(trigram)) shared++;
  return ratio(shared, first.size, second.size);
}

/** A trigram as PostgreSQL keeps it: its letters, or three bytes of a hash. */
function keptTrigram(trigram: string): Int8Array {
  const bytes = utf8Encode(trigram);
  if (bytes.length === 3) return new Int8Array(bytes);
  const crc = legacyCrc32(bytes);
  return Int8Array.of(crc, crc >>> 8, crc >>> 16);
}

function shownTrigram(kept: Int8Array): string {
  return kept.every((byte) => byte >= 32)
    ? String.fromCharCode(...kept)
    : `0x${new Uint8Array(kept).toHex()}`;
}

/** `show_trgm`: in the order of their bytes, which have signs. */
function shownTrigrams(value: string): SqlArray {
  const kept = Array.from(trigramsOf(value), keptTrigram)
    .sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!);
  return SqlArray.of(kept.map(shownTrigram));
}

type Measure = (a: string, b: string) => number;

/** A kind of similarity, with the setting that says what is enough. */
interface Kind {
  readonly name: string;
  readonly measure: Measure;
  readonly setting: string;
  readonly enough: number;
  /** `%`: whether the left operand is similar to the right one. */
  readonly operator: string;
  readonly distance: string;
  /** The function behind the operator, and that behind its distance. */
  readonly test: string;
  readonly distanceName: string;
  /** The same with the operands exchanged; absent: it is the same. */
  readonly commuted?: {
    readonly operator: string;
    readonly distance: string;
    readonly test: string;
    readonly distanceName: string;
  };
}

const KINDS: readonly Kind[] = [
  {
    name: "similarity",
    measure: similarity,
    setting: "pg_trgm.similarity_threshold",
    enough: 0.3,
    operator: "%",
    distance: "<->",
    test: "similarity_op",
    distanceName: "similarity_dist",
  },
  {
    name: "word_similarity",
    measure: (a, b) => wordSimilarity(a, b, false),
    setting: "pg_trgm.word_similarity_threshold",
    enough: 0.6,
    operator: "<%",
    distance: "<<->",
    test: "word_similarity_op",
    distanceName: "word_similarity_dist_op",
    commuted: {
      operator: "%>",
      distance: "<->>",
      test: "word_similarity_commutator_op",
      distanceName: "word_similarity_dist_commutator_op",
    },
  },
  {
    name: "strict_word_similarity",
    // deno-lint-ignore no-boolean-literal-for-arguments
    measure: (a, b) => wordSimilarity(a, b, true),
    setting: "pg_trgm.strict_word_similarity_threshold",
    enough: 0.5,
    operator: "<<%",
    distance: "<<<->",
    test: "strict_word_similarity_op",
    distanceName: "strict_word_similarity_dist_op",
    commuted: {
      operator: "%>>",
      distance: "<->>>",
      test: "strict_word_similarity_commutator_op",
      distanceName: "strict_word_similarity_dist_commutator_op",
    },
  },
];

function enoughOf({ setting, enough }: Kind, context: FunctionContext): number {
  const value = context.setting(setting);
  return value === undefined || value === "" ? enough : Number(value);
}

const STABLE = { volatility: "stable" } as const;
const PAIR = [text, text] as const;

/** The functions of a kind, the operators' included. */
function functionsOf(kind: Kind): FunctionDefinition[] {
  const { name, measure, commuted } = kind;
  const swapped: Measure = (a, b) => measure(b, a);
  const test =
    (of: Measure) =>
    ([a, b]: readonly unknown[], context: FunctionContext): boolean =>
      of(a as string, b as string) >= enoughOf(kind, context);
  const distance = (of: Measure) => ([a, b]: readonly unknown[]): number =>
    Math.fround(1 - of(a as string, b as string));
  return [
    define(
      name,
      PAIR,
      float4,
      ([a, b]) => measure(a as string, b as string),
    ),
    define(kind.test, PAIR, bool, test(measure), STABLE),
    define(kind.distanceName, PAIR, float4, distance(measure)),
    ...commuted === undefined ? [] : [
      define(commuted.test, PAIR, bool, test(swapped), STABLE),
      define(commuted.distanceName, PAIR, float4, distance(swapped)),
    ],
  ];
}

const FUNCTIONS: readonly FunctionDefinition[] = KINDS.flatMap(functionsOf);

function operatorsOf({ commuted, ...kind }: Kind): OperatorDefinition[] {
  const named = (name: string): FunctionDefinition =>
    FUNCTIONS.find((each) => each.name === name)!;
  const test = commuted?.operator ?? kind.operator;
  const distance = commuted?.distance ?? kind.distance;
  return [
    infix(named(kind.test), { commutator: test }, kind.operator),
    infix(named(kind.distanceName), { commutator: distance }, kind.distance),
    ...commuted === undefined ? [] : [
      infix(
        named(commuted.test),
        { commutator: kind.operator },
        commuted.operator,
      ),
      infix(
        named(commuted.distanceName),
        { commutator: kind.distance },
        commuted.distance,
      ),
    ],
  ];
}

/** `set_limit`: what `%` takes for enough. */
function setLimit(limit: number, context: FunctionContext): number {
  if (!(limit >= 0 && limit <= 1)) {
    throw new SqlError(
      "22023",
      `${limit} is outside the valid range for parameter "pg_trgm.similarity_threshold" (0 .. 1)`,
    );
  }
  context.session?.("set_config", [
    "pg_trgm.similarity_threshold",
    String(Math.fround(limit)),
    false,
  ]);
  return limit;
}

/** What `pg_trgm` adds. */
export const pgTrgm: ExtensionParts = {
  functions: [
    ...FUNCTIONS,
    define(
      "show_trgm",
      [text],
      arrayTypeOf(text)!,
      ([value]) => shownTrigrams(value as string),
    ),
    define(
      "show_limit",
      [],
      float4,
      (_, context) => Math.fround(enoughOf(KINDS[0]!, context)),
      STABLE,
    ),
    define(
      "set_limit",
      [float4],
      float4,
      ([limit], context) => setLimit(limit as number, context),
      { volatility: "volatile" },
    ),
  ],
  operators: KINDS.flatMap(operatorsOf),
};
