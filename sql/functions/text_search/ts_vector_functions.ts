/**
 * Functions and operators that make and change `tsvector`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import { charType } from "../../types/char_type.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { int2, int4 } from "../../types/int_types.ts";
import { parseJson } from "../../types/json_text.ts";
import { isArray, type JsonNode, JsonObject } from "../../types/json_tree.ts";
import { json, jsonb } from "../../types/json_types.ts";
import { record } from "../../types/row/row_type.ts";
import { elementsOf, textArray } from "../../types/text_array_type.ts";
import { regconfig, tsvector } from "../../types/text_search/ts_types.ts";
import {
  formatTsVector,
  type Lexeme,
  lexemesOf,
  placeOf,
  POSITION_MAX,
  positionOf,
  sortLexemes,
  weightOf,
} from "../../types/text_search/ts_vector.ts";
import { text } from "../../types/text_types.ts";
import { binary, define, infix, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";
import { rowSetFunction } from "../sets/set_define.ts";
import { defaultConfiguration, VectorBuilder } from "./search_configuration.ts";

/** The vector of a text. */
export function vectorOfText(configuration: string, value: string): Lexeme[] {
  const builder = new VectorBuilder(configuration);
  builder.add(value);
  return builder.finish();
}

/** The vector of the strings in a document. */
function vectorOfJson(configuration: string, value: string): Lexeme[] {
  const builder = new VectorBuilder(configuration);
  const visit = (node: JsonNode): void => {
    if (typeof node === "string") builder.addApart(node);
    else if (node !== null && isArray(node)) node.forEach(visit);
    else if (node instanceof JsonObject) node.values.forEach(visit);
  };
  visit(parseJson(value));
  return builder.finish();
}

/** `to_tsvector` of a type, with and without a configuration. */
function makers(
  type: DataType,
  make: (configuration: string, value: string) => Lexeme[],
): FunctionDefinition[] {
  return [
    define(
      "to_tsvector",
      [type],
      tsvector,
      ([value], context) =>
        formatTsVector(make(defaultConfiguration(context), value as string)),
      { volatility: "stable" },
    ),
    define(
      "to_tsvector",
      [regconfig, type],
      tsvector,
      ([name, value]) => formatTsVector(make(name as string, value as string)),
    ),
  ];
}

/** The weight that a letter names. */
function weightOfLetter(letter: string): number {
  const weight = "dcba".indexOf((letter || " ").toLowerCase());
  if (weight >= 0) return weight;
  throw new SqlError(
    "22023",
    `unrecognized weight: "${letter || "\\000"}"`,
  );
}

function setWeight(
  vector: string,
  letter: string,
  words: readonly Nullable[] | undefined,
): string {
  const weight = weightOfLetter(letter);
  const wanted = words && new Set(words);
  return formatTsVector(
    lexemesOf(vector).map((lexeme) =>
      wanted !== undefined && !wanted.has(lexeme.word) ? lexeme : {
        word: lexeme.word,
        places: lexeme.places.map((place) =>
          placeOf(positionOf(place), weight)
        ),
      }
    ),
  );
}

/** Elements that are words: NULL is none. */
function requireWords(words: readonly Nullable[]): string[] {
  return words.map((word) => {
    if (word !== null) return word as string;
    throw new SqlError("22004", "lexeme array may not contain nulls");
  });
}

function fromArray(words: readonly Nullable[]): string {
  const known = requireWords(words);
  if (known.includes("")) {
    throw new SqlError(
      "2200F",
      "lexeme array may not contain empty strings",
    );
  }
  return formatTsVector(
    sortLexemes(known.map((word) => ({ word, places: [] }))),
  );
}

function without(vector: string, words: ReadonlySet<string>): string {
  return formatTsVector(
    lexemesOf(vector).filter(({ word }) => !words.has(word)),
  );
}

function filterWeights(vector: string, letters: readonly Nullable[]): string {
  const weights = letters.map((letter) => {
    if (letter === null) {
      throw new SqlError("22004", "weight array may not contain nulls");
    }
    return weightOfLetter(letter as string);
  });
  const kept = lexemesOf(vector).map(({ word, places }) => ({
    word,
    places: places.filter((place) => weights.includes(weightOf(place))),
  }));
  return formatTsVector(kept.filter(({ places }) => places.length > 0));
}

/** The second vector behind the first: its positions go on from there. */
function concatenate(left: string, right: string): string {
  const first = lexemesOf(left);
  const last = first.reduce(
    (most, { places }) => Math.max(most, positionOf(places.at(-1) ?? 0)),
    0,
  );
  // What stands at the greatest position already is left as it is.
  const full = new Set(
    first.filter(({ places }) =>
      positionOf(places.at(-1) ?? 0) === POSITION_MAX
    )
      .map(({ word }) => word),
  );
  const second = lexemesOf(right).map(({ word, places }) => ({
    word,
    places: full.has(word)
      ? []
      : places.map((place) =>
        placeOf(positionOf(place) + last, weightOf(place))
      ),
  }));
  return formatTsVector(sortLexemes([...first, ...second]));
}

function texts(values: readonly string[]): SqlValue {
  return SqlArray.of(values);
}

function elements(value: Nullable): readonly Nullable[] {
  return (value as SqlArray).elements;
}

/** The rows of `unnest`: words, positions, weights. */
function rowsOf(vector: string): Nullable[][] {
  return lexemesOf(vector).map(({ word, places }) => [
    word,
    places.length === 0 ? null : SqlArray.of(places.map(positionOf)),
    places.length === 0
      ? null
      : texts(places.map((place) => "DCBA"[weightOf(place)]!)),
  ]);
}

/** Functions of vectors. */
export const tsVectorFunctions: readonly FunctionDefinition[] = [
  ...makers(text, vectorOfText),
  ...makers(json, vectorOfJson),
  ...makers(jsonb, vectorOfJson),
  define(
    "get_current_ts_config",
    [],
    regconfig,
    (_, context) => defaultConfiguration(context),
    { volatility: "stable" },
  ),
  binary<string, string>(
    "setweight",
    [tsvector, charType],
    tsvector,
    (vector, letter) => setWeight(vector, letter, undefined),
  ),
  define(
    "setweight",
    [tsvector, charType, textArray],
    tsvector,
    ([vector, letter, words]) =>
      setWeight(vector as string, letter as string, elements(words!)),
  ),
  unary<string>(
    "strip",
    tsvector,
    tsvector,
    (vector) =>
      formatTsVector(
        lexemesOf(vector).map(({ word }) => ({ word, places: [] })),
      ),
  ),
  unary<string>(
    "length",
    tsvector,
    int4,
    (vector) => lexemesOf(vector).length,
  ),
  unary<string>(
    "tsvector_to_array",
    tsvector,
    textArray,
    (vector) => texts(lexemesOf(vector).map(({ word }) => word)),
  ),
  unary<SqlArray>(
    "array_to_tsvector",
    textArray,
    tsvector,
    (words) => fromArray(words.elements),
  ),
  binary<string, string>(
    "ts_delete",
    [tsvector, text],
    tsvector,
    (vector, word) => without(vector, new Set([word])),
  ),
  binary<string, SqlValue>(
    "ts_delete",
    [tsvector, textArray],
    tsvector,
    (vector, words) =>
      without(
        vector,
        new Set(elementsOf(words).filter((word) => word !== null)),
      ),
  ),
  binary<string, SqlArray>(
    "ts_filter",
    [tsvector, arrayTypeOf(charType)!],
    tsvector,
    (vector, letters) => filterWeights(vector, letters.elements),
  ),
  rowSetFunction(
    "unnest",
    [tsvector],
    record,
    [
      ["lexeme", text],
      ["positions", arrayTypeOf(int2)!],
      ["weights", textArray],
    ],
    ([vector]) => rowsOf(vector as string),
  ),
  binary<string, string>(
    "tsvector_concat",
    [tsvector, tsvector],
    tsvector,
    concatenate,
  ),
];

/** Operators of vectors. */
export const tsVectorOperators: readonly OperatorDefinition[] = [
  infix(
    binary<string, string>("||", [tsvector, tsvector], tsvector, concatenate),
  ),
];
