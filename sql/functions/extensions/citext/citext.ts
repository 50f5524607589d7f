/**
 * The extension `citext`: functions and operators of texts whose case does not
 * count; the type is in `sql/types/extensions/`.
 *
 * @module
 */
import type { SqlArray } from "../../../types/array/array_value.ts";
import { bool } from "../../../types/bool_type.ts";
import type { DataType, Nullable, SqlValue } from "../../../types/data_type.ts";
import { citext, foldCase } from "../../../types/extensions/citext_type.ts";
import { inet, networkText } from "../../../types/network/network_types.ts";
import { int4 } from "../../../types/int_types.ts";
import { compareText } from "../../../types/text_order.ts";
import { bpchar, text, trimBlanks } from "../../../types/text_types.ts";
import { aggregate } from "../../aggregates/aggregate_define.ts";
import { FoldState } from "../../aggregates/value_aggregates.ts";
import { comparisonOperatorsOf } from "../../comparison/comparison_operators.ts";
import { binary, define, infix, unary } from "../../define.ts";
import type {
  AggregateDefinition,
  FunctionDefinition,
  OperatorDefinition,
} from "../../definition.ts";
import { compileLikeIgnoringCase } from "../../text/like_pattern.ts";
import { regexFunctions } from "../../text/regex_functions.ts";
import { compileRegex } from "../../text/regex_pattern.ts";
import { regexSetFunctions } from "../../text/regex_sets.ts";
import { textFunctions } from "../../text/text_functions.ts";
import { matchFunction } from "../../text/text_operators.ts";
import type { ExtensionParts } from "../extension.ts";

/** The function of texts that one of `citext` is made of. */
function ofTexts(name: string, count: number): FunctionDefinition {
  return [...textFunctions, ...regexFunctions, ...regexSetFunctions].find(
    (each) =>
      each.name === name && each.argumentTypes.length === count &&
      each.argumentTypes.slice(0, 2).every((type) => type === text),
  )!;
}

/** A pattern's options without those that ask for case. */
function ignoringCase(flags: string): string {
  return flags.includes("c") ? flags : `${flags}i`;
}

/** Functions of regular expressions whose last argument may be flags. */
function regexFunction(name: string, count: number): FunctionDefinition[] {
  const form = ofTexts(name, count);
  const { scalar, set } = form;
  const withFlags = (args: readonly Nullable[]): Nullable[] => [
    ...args.slice(0, count - 1),
    ignoringCase((args[count - 1] ?? "") as string),
  ];
  const types = (given: number): DataType[] =>
    form.argumentTypes.slice(0, given)
      .map((type, i) => i < 2 ? citext : type);
  return [count - 1, count].map((given): FunctionDefinition => ({
    ...form,
    argumentTypes: types(given),
    ...scalar && {
      scalar: (args, context) => scalar(withFlags(args), context),
    },
    ...set && {
      set: (args, context, columns) => set(withFlags(args), context, columns),
    },
  }));
}

const regexpReplace = ofTexts("regexp_replace", 4).scalar!;
const regexpSplit = ofTexts("regexp_split_to_array", 3).scalar!;
const translateText = ofTexts("translate", 3).scalar!;
const position = ofTexts("strpos", 2).scalar!;

/** A text as a pattern that matches it alone. */
function literalPattern(value: string): string {
  return value.replace(/[^a-zA-Z_0-9]/gu, "\\$&");
}

const PAIR = [citext, citext] as const;

/** The functions that look for one text in another. */
const SEARCHES: readonly FunctionDefinition[] = [
  define(
    "replace",
    [citext, citext, citext],
    text,
    ([value, from, to], context) =>
      regexpReplace(
        [value!, literalPattern(from as string), to!, "gi"],
        context,
      ),
  ),
  define(
    "split_part",
    [citext, citext, int4],
    text,
    ([value, by, n], context) => {
      const parts = regexpSplit(
        [value!, literalPattern(by as string), "i"],
        context,
      ) as SqlArray;
      return parts.elements[n as number - 1] ?? null;
    },
  ),
  define(
    "strpos",
    PAIR,
    int4,
    ([value, part], context) =>
      position([foldCase(value as string), foldCase(part as string)], context),
  ),
  define(
    "translate",
    [citext, citext, text],
    text,
    ([value, from, to], context) => {
      const once = [value!, foldCase(from as string), to!];
      const lowered = translateText(once, context);
      return translateText(
        [lowered, (from as string).toUpperCase(), to!],
        context,
      );
    },
  ),
];

/** The order of texts that are folded before. */
function compareFolded(a: string, b: string): number {
  return compareText(foldCase(a), foldCase(b));
}

/** Functions that compare, `name` saying which order it is. */
function comparing(name: string): FunctionDefinition {
  return binary<string, string>(
    name,
    PAIR,
    int4,
    (a, b) => Math.sign(compareFolded(a, b)),
  );
}

const FUNCTIONS: readonly FunctionDefinition[] = [
  unary<string>("citext", bpchar, citext, trimBlanks),
  unary<boolean>("citext", bool, citext, (value) => value ? "true" : "false"),
  unary<Uint8Array>("citext", inet, citext, networkText),
  comparing("citext_cmp"),
  comparing("citext_pattern_cmp"),
  binary<string, string>(
    "citext_smaller",
    PAIR,
    citext,
    (a, b) => compareFolded(a, b) < 0 ? a : b,
  ),
  binary<string, string>(
    "citext_larger",
    PAIR,
    citext,
    (a, b) => compareFolded(a, b) > 0 ? a : b,
  ),
  ...regexFunction("regexp_match", 3),
  ...regexFunction("regexp_matches", 3),
  ...regexFunction("regexp_split_to_array", 3),
  ...regexFunction("regexp_split_to_table", 3),
  ...regexFunction("regexp_replace", 4),
  ...SEARCHES,
];

type Compile = Parameters<typeof matchFunction>[2];

const matchesRegex: Compile = (pattern) => {
  const regex = compileRegex(pattern, "i");
  return (value) => regex.test(value);
};

/** A symbol, its negation, how a pattern is compiled, names of functions. */
const MATCHES: readonly (readonly [string, string, Compile, string, string])[] =
  [
    ["~~", "!~~", compileLikeIgnoringCase, "texticlike", "texticnlike"],
    ["~~*", "!~~*", compileLikeIgnoringCase, "texticlike", "texticnlike"],
    ["~", "!~", matchesRegex, "texticregexeq", "texticregexne"],
    ["~*", "!~*", matchesRegex, "texticregexeq", "texticregexne"],
  ];

const matchOperators: readonly OperatorDefinition[] = MATCHES.flatMap((
  [symbol, negation, compile, holds, fails],
) =>
  [citext, text].flatMap((pattern) => [
    infix(
      matchFunction(holds, [citext, pattern], compile, true),
      { negator: negation },
      symbol,
    ),
    infix(
      matchFunction(fails, [citext, pattern], compile, false),
      { negator: symbol },
      negation,
    ),
  ])
);

/** Order by bytes of the texts in lower case, by another symbol. */
function patternOperator(
  symbol: string,
  name: string,
  options: { readonly commutator: string; readonly negator: string },
  test: (order: number) => boolean,
): OperatorDefinition {
  const form = binary<string, string>(
    `citext_pattern_${name}`,
    PAIR,
    bool,
    (a, b) => test(compareFolded(a, b)),
  );
  return infix(form, options, symbol);
}

const patternOperators: readonly OperatorDefinition[] = [
  patternOperator(
    "~<~",
    "lt",
    { commutator: "~>~", negator: "~>=~" },
    (order) => order < 0,
  ),
  patternOperator(
    "~<=~",
    "le",
    { commutator: "~>=~", negator: "~>~" },
    (order) => order <= 0,
  ),
  patternOperator(
    "~>~",
    "gt",
    { commutator: "~<~", negator: "~<=~" },
    (order) => order > 0,
  ),
  patternOperator(
    "~>=~",
    "ge",
    { commutator: "~<=~", negator: "~<~" },
    (order) => order >= 0,
  ),
];

/** `min` or `max`: of equal texts the last one. */
function extreme(name: string, sign: number): AggregateDefinition {
  const better = (a: SqlValue, b: SqlValue): SqlValue =>
    citext.compare(a, b) * sign > 0 ? a : b;
  return aggregate(name, citext, citext, () => new FoldState(better));
}

const COMPARISON_NAMES: Readonly<Record<string, string>> = {
  "=": "citext_eq",
  "<>": "citext_ne",
  "<": "citext_lt",
  "<=": "citext_le",
  ">": "citext_gt",
  ">=": "citext_ge",
};

const comparisons = comparisonOperatorsOf(citext);

/** What `citext` adds. */
export const citextExtension: ExtensionParts = {
  functions: [
    ...FUNCTIONS,
    ...comparisons.map(({ name, function: form }) => ({
      ...form,
      name: COMPARISON_NAMES[name]!,
    })),
    ...[...matchOperators.slice(0, 4), ...matchOperators.slice(8, 12)].map(
      (each) => each.function,
    ),
    ...patternOperators.map((each) => each.function),
  ],
  operators: [...comparisons, ...matchOperators, ...patternOperators],
  aggregates: [extreme("min", -1), extreme("max", 1)],
};
