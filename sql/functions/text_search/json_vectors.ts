/**
 * `json_to_tsvector` and `jsonb_to_tsvector`: the words of those parts of a
 * document that a filter names; `ts_headline` of the strings in one.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { parseJson } from "../../types/json_text.ts";
import {
  formatJson,
  isArray,
  type JsonNode,
  JsonNumber,
  JsonObject,
} from "../../types/json_tree.ts";
import { json, jsonb } from "../../types/json_types.ts";
import { parseTsQuery } from "../../types/text_search/ts_query.ts";
import {
  regconfig,
  tsquery,
  tsvector,
} from "../../types/text_search/ts_types.ts";
import { formatTsVector } from "../../types/text_search/ts_vector.ts";
import { text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { defaultConfiguration, VectorBuilder } from "./search_configuration.ts";
import { headline } from "./ts_headline.ts";

/** The parts of a document that a filter can name. */
const PARTS = ["string", "numeric", "boolean", "key"];

const HINT =
  'Possible values are: "string", "numeric", "boolean", "key", and "all".';

/** What a filter names. @throws {SqlError} `22023`. */
function partsOf(filter: string): ReadonlySet<string> {
  const node = parseJson(filter);
  if (node instanceof JsonObject) {
    throw new SqlError(
      "22023",
      "wrong flag type, only arrays and scalars are allowed",
    );
  }
  const parts = new Set<string>();
  for (const flag of isArray(node) ? node : [node]) {
    if (typeof flag !== "string") {
      throw new SqlError("22023", "flag array element is not a string", {
        hint: HINT,
      });
    }
    const word = flag.toLowerCase();
    if (word === "all") PARTS.forEach((each) => parts.add(each));
    else if (PARTS.includes(word)) parts.add(word);
    else {
      throw new SqlError("22023", `wrong flag in flag array: "${flag}"`, {
        hint: HINT,
      });
    }
  }
  return parts;
}

function vectorOf(
  configuration: string,
  document: string,
  filter: string,
): string {
  const builder = new VectorBuilder(configuration);
  const parts = partsOf(filter);
  const add = (part: string, words: string): void => {
    if (parts.has(part)) builder.addApart(words);
  };
  const visit = (node: JsonNode): void => {
    if (typeof node === "string") add("string", node);
    else if (typeof node === "boolean") add("boolean", String(node));
    else if (node instanceof JsonNumber) add("numeric", node.text);
    else if (node instanceof JsonObject) {
      node.keys.forEach((key, i) => {
        add("key", key);
        visit(node.values[i]!);
      });
    } else if (node !== null) node.forEach(visit);
  };
  visit(parseJson(document));
  return formatTsVector(builder.finish());
}

function vectorsOf(type: DataType): FunctionDefinition[] {
  const name = `${type.name}_to_tsvector`;
  return [
    define(
      name,
      [type, jsonb],
      tsvector,
      ([document, filter], context) =>
        vectorOf(
          defaultConfiguration(context),
          document as string,
          filter as string,
        ),
      { volatility: "stable" },
    ),
    define(
      name,
      [regconfig, type, jsonb],
      tsvector,
      (args) => vectorOf(...args as [string, string, string]),
    ),
  ];
}

/** A document with the headlines of its strings in their places. */
function headlines(
  configuration: string,
  [document, query, options = ""]: readonly Nullable[],
): string {
  const wanted = parseTsQuery(query as string);
  // What is wrong with the options is said of documents without strings, too.
  headline(configuration, "", wanted, options as string);
  const of = (node: JsonNode): JsonNode => {
    if (typeof node === "string") {
      return headline(configuration, node, wanted, options as string);
    }
    if (node instanceof JsonObject) {
      return new JsonObject(node.keys, node.values.map(of));
    }
    return node !== null && isArray(node) ? node.map(of) : node;
  };
  return formatJson(of(parseJson(document as string)));
}

const headlineFunctions: readonly FunctionDefinition[] = [
  [jsonb, tsquery],
  [jsonb, tsquery, text],
].flatMap((types) => [
  define(
    "ts_headline",
    types,
    jsonb,
    (args, context: FunctionContext) =>
      headlines(defaultConfiguration(context), args),
    { volatility: "stable" },
  ),
  define(
    "ts_headline",
    [regconfig, ...types],
    jsonb,
    ([name, ...args]) => headlines(name as string, args),
  ),
]);

/** Functions of documents. */
export const jsonVectorFunctions: readonly FunctionDefinition[] = [
  ...vectorsOf(json),
  ...vectorsOf(jsonb),
  ...headlineFunctions,
];
