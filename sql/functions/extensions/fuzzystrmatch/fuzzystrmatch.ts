/**
 * The extension `fuzzystrmatch`: how alike texts are as they are written
 * (Levenshtein) and as they sound (Soundex, Metaphone).
 *
 * @module
 */
import { SqlError } from "../../../errors/sql_error.ts";
import { int4 } from "../../../types/int_types.ts";
import { text } from "../../../types/text_types.ts";
import type { DataType, Nullable } from "../../../types/data_type.ts";
import { binary, define, unary } from "../../define.ts";
import type { FunctionDefinition } from "../../definition.ts";
import type { ExtensionParts } from "../extension.ts";
import { type ChangeCosts, levenshtein } from "./levenshtein.ts";
import { metaphone } from "./metaphone.ts";
import { difference, soundex } from "./soundex.ts";

/** The most letters that `metaphone` takes and gives. */
const METAPHONE_MAX = 255;

const ONE: ChangeCosts = { insertion: 1, deletion: 1, substitution: 1 };

function costsOf(costs: readonly Nullable[]): ChangeCosts {
  const [insertion, deletion, substitution] = costs as number[];
  return costs.length < 3 ? ONE : {
    insertion: insertion!,
    deletion: deletion!,
    substitution: substitution!,
  };
}

const COSTS: readonly DataType[] = [int4, int4, int4];

function levenshteinFunctions(
  costs: readonly DataType[],
): FunctionDefinition[] {
  return [
    define(
      "levenshtein",
      [text, text, ...costs],
      int4,
      ([a, b, ...given]) =>
        levenshtein(a as string, b as string, costsOf(given)),
    ),
    define(
      "levenshtein_less_equal",
      [text, text, ...costs, int4],
      int4,
      ([a, b, ...given]) => {
        const most = given.at(-1) as number;
        return levenshtein(
          a as string,
          b as string,
          costsOf(given.slice(0, -1)),
          most,
        );
      },
    ),
  ];
}

function checkedMetaphone(word: string, most: number): string {
  if (word.length === 0) return "";
  if (word.length > METAPHONE_MAX) {
    throw new SqlError(
      "22023",
      `argument exceeds the maximum length of ${METAPHONE_MAX} bytes`,
    );
  }
  if (most > METAPHONE_MAX) {
    throw new SqlError(
      "22023",
      `output exceeds the maximum length of ${METAPHONE_MAX} bytes`,
    );
  }
  if (most <= 0) {
    throw new SqlError("2200F", "output cannot be empty string");
  }
  return metaphone(word, most);
}

/** What `fuzzystrmatch` adds. */
export const fuzzystrmatch: ExtensionParts = {
  functions: [
    ...levenshteinFunctions([]),
    ...levenshteinFunctions(COSTS),
    unary<string>("soundex", text, text, soundex),
    unary<string>("text_soundex", text, text, soundex),
    binary<string, string>("difference", [text, text], int4, difference),
    binary<string, number>("metaphone", [text, int4], text, checkedMetaphone),
  ],
};
