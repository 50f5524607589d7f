/**
 * Functions and operators that make `tsquery`, ask with it, rank and show what
 * it finds.
 *
 * @module
 */
import { arrayTypeOf } from "../../types/array/array_type.ts";
import type { SqlArray } from "../../types/array/array_value.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { float4 } from "../../types/float_types.ts";
import { int4 } from "../../types/int_types.ts";
import {
  checkDistance,
  formatTsQuery,
  type MakeOperand,
  nodeCount,
  type OpenNode,
  parseTsQuery,
  type QueryNode,
  readQuery,
  readWebQuery,
  withoutStops,
  wordsOf,
} from "../../types/text_search/ts_query.ts";
import {
  regconfig,
  tsquery,
  tsvector,
} from "../../types/text_search/ts_types.ts";
import { lexemesOf } from "../../types/text_search/ts_vector.ts";
import { text } from "../../types/text_types.ts";
import { binary, define, infix, prefix, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";
import { defaultConfiguration, wordsOfText } from "./search_configuration.ts";
import { headline } from "./ts_headline.ts";
import { findIn, queryHolds } from "./ts_match.ts";
import { checkWeights, DEFAULT_WEIGHTS, rank, rankByCover } from "./ts_rank.ts";
import { vectorOfText } from "./ts_vector_functions.ts";

/** The words of an operand's text, joined; stop words stay open places. */
function operandMaker(
  configuration: string,
  join: "and" | "phrase",
): MakeOperand {
  return (operand, weights, isPrefix) => {
    let made: OpenNode | undefined;
    const append = (node: OpenNode): void => {
      made = made === undefined
        ? node
        : { kind: join, left: made, right: node, distance: 1 };
    };
    let last = 0;
    for (const { word, position } of wordsOfText(configuration, operand)) {
      if (word === undefined) continue;
      // Stop words before the first word hold nothing open.
      for (let i = last + 1; last > 0 && i < position; i++) {
        append({ kind: "stop" });
      }
      append({ kind: "word", word, weights, prefix: isPrefix });
      last = position;
    }
    return made ?? { kind: "stop" };
  };
}

type MakeQuery = (
  configuration: string,
  given: string,
) => OpenNode | undefined;

function makers(name: string, make: MakeQuery): FunctionDefinition[] {
  const query = (configuration: string, given: Nullable): string => {
    const node = make(configuration, given as string);
    return formatTsQuery(node && withoutStops(node));
  };
  return [
    define(
      name,
      [text],
      tsquery,
      ([given], context) => query(defaultConfiguration(context), given!),
      { volatility: "stable" },
    ),
    define(
      name,
      [regconfig, text],
      tsquery,
      ([configuration, given]) => query(configuration as string, given!),
    ),
  ];
}

const plain: MakeQuery = (configuration, given) =>
  operandMaker(configuration, "and")(given, 0, false);

function matches(vector: Nullable, query: Nullable): boolean {
  return queryHolds(
    parseTsQuery(query as string),
    findIn(lexemesOf(vector as string)),
  );
}

/** Two queries joined; an empty one leaves the other. */
function joined(
  kind: "and" | "or" | "phrase",
  left: string,
  right: string,
  distance = 0,
): string {
  const [a, b] = [parseTsQuery(left), parseTsQuery(right)];
  if (a === undefined || b === undefined) return a === undefined ? right : left;
  return formatTsQuery({ kind, left: a, right: b, distance });
}

function negated(query: string): string {
  const operand = parseTsQuery(query);
  return operand === undefined ? "" : formatTsQuery({ kind: "not", operand });
}

function phrase(left: string, right: string, distance: number): string {
  checkDistance(distance);
  return joined("phrase", left, right, distance);
}

/** Whether all words of one query are in the other. */
function contains(whole: string, part: string): boolean {
  const words = new Set(wordsOf(parseTsQuery(whole)).map(({ word }) => word));
  return wordsOf(parseTsQuery(part)).every(({ word }) => words.has(word));
}

/** The part of a query that an index can answer; `T`: it answers nothing. */
function queryTree(query: string): string {
  const node = parseTsQuery(query);
  if (node === undefined) return "";
  const kept = positivePart(node);
  return kept === undefined ? "T" : formatTsQuery(kept);
}

function positivePart(node: QueryNode): QueryNode | undefined {
  if (node.kind === "word") return node;
  if (node.kind === "not") return undefined;
  const left = positivePart(node.left);
  const right = positivePart(node.right);
  if (left !== undefined && right !== undefined) {
    return { ...node, left, right };
  }
  return node.kind === "or" ? undefined : left ?? right;
}

type Rank = typeof rank;

/** `ts_rank` or `ts_rank_cd`, with weights and a method or without. */
function ranks(name: string, form: Rank): FunctionDefinition[] {
  const weightsType = arrayTypeOf(float4)!;
  return [false, true].flatMap((hasWeights) =>
    [false, true].map((hasMethod) => {
      const types: DataType[] = [tsvector, tsquery];
      if (hasWeights) types.unshift(weightsType);
      if (hasMethod) types.push(int4);
      return define(name, types, float4, (args) => {
        const weights = hasWeights
          ? checkWeights(args[0] as SqlArray)
          : DEFAULT_WEIGHTS;
        const [vector, query, method = 0] = hasWeights ? args.slice(1) : args;
        return form(
          weights,
          lexemesOf(vector as string),
          parseTsQuery(query as string),
          method as number,
        );
      });
    })
  );
}

function headlines(): FunctionDefinition[] {
  return [false, true].flatMap((hasConfiguration) =>
    [false, true].map((hasOptions) => {
      const types: DataType[] = [text, tsquery];
      if (hasConfiguration) types.unshift(regconfig);
      if (hasOptions) types.push(text);
      return define("ts_headline", types, text, (args, context) => {
        const configuration = hasConfiguration
          ? args[0] as string
          : defaultConfiguration(context);
        const [document, query, options = ""] = hasConfiguration
          ? args.slice(1)
          : args;
        return headline(
          configuration,
          document as string,
          parseTsQuery(query as string),
          options as string,
        );
      }, { volatility: hasConfiguration ? "immutable" : "stable" });
    })
  );
}

/** Functions of queries. */
export const tsQueryFunctions: readonly FunctionDefinition[] = [
  ...makers(
    "to_tsquery",
    (configuration, given) =>
      readQuery(given, operandMaker(configuration, "phrase")),
  ),
  ...makers("plainto_tsquery", plain),
  ...makers(
    "phraseto_tsquery",
    (configuration, given) =>
      operandMaker(configuration, "phrase")(given, 0, false),
  ),
  ...makers(
    "websearch_to_tsquery",
    (configuration, given) =>
      readWebQuery(given, operandMaker(configuration, "phrase")),
  ),
  binary<string, string>(
    "tsquery_phrase",
    [tsquery, tsquery],
    tsquery,
    (left, right) => phrase(left, right, 1),
  ),
  define(
    "tsquery_phrase",
    [tsquery, tsquery, int4],
    tsquery,
    ([left, right, distance]) =>
      phrase(left as string, right as string, distance as number),
  ),
  unary<string>("numnode", tsquery, int4, (q) => nodeCount(parseTsQuery(q))),
  unary<string>("querytree", tsquery, text, queryTree),
  ...ranks("ts_rank", rank),
  ...ranks("ts_rank_cd", rankByCover),
  ...headlines(),
];

/** Operators of queries. */
export const tsQueryOperators: readonly OperatorDefinition[] = [
  infix(
    binary<string, string>("@@", [tsvector, tsquery], bool, matches),
    { commutator: "@@" },
  ),
  infix(
    binary<string, string>(
      "@@",
      [tsquery, tsvector],
      bool,
      (query, vector) => matches(vector, query),
    ),
    { commutator: "@@" },
  ),
  infix(
    define("@@", [text, tsquery], bool, ([given, query], context) =>
      queryHolds(
        parseTsQuery(query as string),
        findIn(vectorOfText(defaultConfiguration(context), given as string)),
      ), { volatility: "stable" }),
  ),
  infix(
    define("@@", [text, text], bool, ([given, wanted], context) => {
      const configuration = defaultConfiguration(context);
      const node = plain(configuration, wanted as string);
      return queryHolds(
        node && withoutStops(node),
        findIn(vectorOfText(configuration, given as string)),
      );
    }, { volatility: "stable" }),
  ),
  infix(
    binary<string, string>(
      "&&",
      [tsquery, tsquery],
      tsquery,
      (left, right) => joined("and", left, right),
    ),
  ),
  infix(
    binary<string, string>(
      "||",
      [tsquery, tsquery],
      tsquery,
      (left, right) => joined("or", left, right),
    ),
  ),
  infix(
    binary<string, string>(
      "<->",
      [tsquery, tsquery],
      tsquery,
      (left, right) => phrase(left, right, 1),
    ),
  ),
  prefix(unary<string>("!!", tsquery, tsquery, negated)),
  infix(binary<string, string>("@>", [tsquery, tsquery], bool, contains), {
    commutator: "<@",
  }),
  infix(
    binary<string, string>(
      "<@",
      [tsquery, tsquery],
      bool,
      (part, whole) => contains(whole, part),
    ),
    { commutator: "@>" },
  ),
];
