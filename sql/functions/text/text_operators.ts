/**
 * Operators of text: `||`, LIKE and ILIKE (`~~`, `~~*`), regular expressions
 * (`~`, `~*`), `^@`.
 *
 * A pattern is compiled when it differs from the row's before, so that a
 * constant one is compiled once.
 *
 * @module
 */
import type { Column } from "../../chunk/chunk.ts";
import { bool } from "../../types/bool_type.ts";
import { bytea } from "../../types/bytea_type.ts";
import { compileCast } from "../../types/cast.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { anyNonArray } from "../../types/pseudo_types.ts";
import { bpchar, name, text } from "../../types/text_types.ts";
import { binary, define, infix } from "../define.ts";
import {
  compileLike,
  compileLikeIgnoringCase,
  type Matcher,
} from "./like_pattern.ts";
import { compileRegex } from "./regex_pattern.ts";
import type {
  ColumnForm,
  FunctionDefinition,
  OperatorDefinition,
} from "../registry.ts";

type Compile = (pattern: string) => Matcher;

function matchKernel(compile: Compile, wanted: boolean): ColumnForm {
  return (args, rowCount, rows, validity): Column => {
    const texts = args[0]!.values as (SqlValue | null)[] as string[];
    const patterns = args[1]!.values as (SqlValue | null)[] as string[];
    const values = new Uint8Array(rowCount);
    let pattern: string | undefined;
    let matches: Matcher = () => false;
    const count = rows === undefined ? rowCount : rows.length;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      if (
        validity !== undefined &&
        ((validity[row >>> 5]! >>> (row & 31)) & 1) === 0
      ) continue;
      if (patterns[row] !== pattern) {
        pattern = patterns[row]!;
        matches = compile(pattern);
      }
      values[row] = matches(texts[row]!) === wanted ? 1 : 0;
    }
    return { type: bool, values, validity };
  };
}

/** What says whether a text matches a pattern, or does not (`wanted` false). */
export function matchFunction(
  symbol: string,
  types: readonly [DataType, DataType],
  compile: Compile,
  wanted: boolean,
): FunctionDefinition {
  let lastPattern: string | undefined;
  let lastMatcher: Matcher = () => false;
  return binary<string, string>(
    symbol,
    types,
    bool,
    (value, pattern) => {
      if (pattern !== lastPattern) {
        lastMatcher = compile(pattern);
        lastPattern = pattern;
      }
      return lastMatcher(value) === wanted;
    },
    { column: matchKernel(compile, wanted) },
  );
}

const compileTilde: Compile = (pattern) => {
  const regex = compileRegex(pattern);
  return (value) => regex.test(value);
};

const compileTildeStar: Compile = (pattern) => {
  const regex = compileRegex(pattern, "i");
  return (value) => regex.test(value);
};

/** A symbol, its negation, and how its pattern is compiled. */
const MATCHES: readonly (readonly [string, string, Compile])[] = [
  ["~~", "!~~", compileLike],
  ["~~*", "!~~*", compileLikeIgnoringCase],
  ["~", "!~", compileTilde],
  ["~*", "!~*", compileTildeStar],
];

function matchOperators(left: DataType): OperatorDefinition[] {
  return MATCHES.flatMap(([symbol, negation, compile]) => [
    infix(matchFunction(symbol, [left, text], compile, true), {
      negator: negation,
    }),
    infix(matchFunction(negation, [left, text], compile, false), {
      negator: symbol,
    }),
  ]);
}

/** `text || any` and `any || text`: the other operand as text. */
function concatenation(textFirst: boolean): FunctionDefinition {
  const place = textFirst ? 1 : 0;
  const declared = textFirst ? [text, anyNonArray] : [anyNonArray, text];
  const generic = define("||", declared, text, () => null, {
    volatility: "stable",
  });
  return {
    ...generic,
    specialize(types: readonly DataType[]): FunctionDefinition {
      const convert = compileCast(
        types[place]!,
        { type: text, typmod: -1 },
        "explicit",
      );
      if (convert === undefined) {
        return binary<string, string>(
          "||",
          [text, text],
          text,
          (a, b) => a + b,
        );
      }
      return define("||", types, text, ([a, b], context) => {
        const converting = {
          now: () => context.transactionTimestamp,
          datetime: context.datetime,
        };
        return textFirst
          ? (a as string) + (convert(b!, converting) as string)
          : (convert(a!, converting) as string) + (b as string);
      }, { volatility: "stable" });
    },
  };
}

function concatBytes(a: Uint8Array, b: Uint8Array): Uint8Array {
  const result = new Uint8Array(a.length + b.length);
  result.set(a);
  result.set(b, a.length);
  return result;
}

/** Comparison in the order of code points, whatever the collation. */
function patternOperators(type: DataType): OperatorDefinition[] {
  const forms: readonly (readonly [
    symbol: string,
    commutator: string,
    negator: string,
    holds: (order: number) => boolean,
  ])[] = [
    ["~<~", "~>~", "~>=~", (order) => order < 0],
    ["~<=~", "~>=~", "~>~", (order) => order <= 0],
    ["~>=~", "~<=~", "~<~", (order) => order >= 0],
    ["~>~", "~<~", "~<=~", (order) => order > 0],
  ];
  return forms.map(([symbol, commutator, negator, holds]) =>
    infix(
      binary<string, string>(
        symbol,
        [type, type],
        bool,
        (a, b) => holds(type.compare(a, b)),
      ),
      { commutator, negator },
    )
  );
}

/** The operators of text. */
export const textOperators: readonly OperatorDefinition[] = [
  infix(binary<string, string>("||", [text, text], text, (a, b) => a + b)),
  infix(concatenation(true)),
  infix(concatenation(false)),
  infix(
    binary<Uint8Array, Uint8Array>("||", [bytea, bytea], bytea, concatBytes),
  ),
  infix(
    binary<string, string>("^@", [text, text], bool, (a, b) => a.startsWith(b)),
  ),
  ...patternOperators(text),
  ...patternOperators(bpchar),
  ...matchOperators(text),
  ...matchOperators(bpchar),
  ...matchOperators(name),
];
