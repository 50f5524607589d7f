/**
 * `ts_stat`: the words of the vectors that a query gives, in how many of them
 * each is, and how often.
 *
 * @module
 */
import { then } from "../../../base/maybe_promise.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import { record } from "../../types/row/row_type.ts";
import { compareText } from "../../types/text_order.ts";
import { tsvector } from "../../types/text_search/ts_types.ts";
import { lexemesOf, weightOf } from "../../types/text_search/ts_vector.ts";
import { text } from "../../types/text_types.ts";
import type { FunctionDefinition, QueryRows } from "../definition.ts";
import { rowsSource, type SetColumn } from "../sets/set_source.ts";

/** How often a word is there. */
interface Count {
  documents: number;
  entries: number;
}

/** The weights that letters name. @throws {SqlError} `22023`. */
function weightsOf(letters: string): ReadonlySet<number> {
  const weights = new Set<number>();
  for (const letter of letters.toLowerCase()) {
    const weight = "dcba".indexOf(letter);
    if (weight >= 0) weights.add(weight);
  }
  return weights;
}

function countWords(
  { fields, rows }: QueryRows,
  weights: ReadonlySet<number> | undefined,
): Map<string, Count> {
  if (fields.length !== 1 || fields[0]!.type.type !== tsvector) {
    throw new SqlError(
      "22023",
      "ts_stat query must return one tsvector column",
    );
  }
  const counts = new Map<string, Count>();
  for (const [vector] of rows) {
    if (vector === null) continue;
    for (const { word, places } of lexemesOf(vector as string)) {
      const entries = weights === undefined
        ? Math.max(places.length, 1)
        : places.filter((place) => weights.has(weightOf(place))).length;
      if (entries === 0) continue;
      const known = counts.get(word);
      if (known === undefined) counts.set(word, { documents: 1, entries });
      else {
        known.documents++;
        known.entries += entries;
      }
    }
  }
  return counts;
}

function tsStat(argumentTypes: readonly DataType[]): FunctionDefinition {
  const column = (name: string, type: DataType): SetColumn => ({
    name,
    type: { type, typmod: -1 },
  });
  return {
    name: "ts_stat",
    argumentTypes,
    returnType: record,
    strict: true,
    volatility: "volatile",
    columns: [
      column("word", text),
      column("ndoc", int4),
      column("nentry", int4),
    ],
    set: ([query, letters], { routines }) => {
      if (routines === undefined) {
        throw new SqlError("0A000", "ts_stat cannot run a query here");
      }
      const weights = letters === undefined
        ? undefined
        : weightsOf(letters as string);
      return then(routines.query(query as string), (found) =>
        rowsSource(
          [...countWords(found, weights)]
            .sort(([a], [b]) => compareText(a, b))
            .map(([word, { documents, entries }]): Nullable[] => [
              word,
              documents,
              entries,
            ]),
        ));
    },
  };
}

/** `ts_stat`, with and without weights. */
export const tsStatFunctions: readonly FunctionDefinition[] = [
  tsStat([text]),
  tsStat([text, text]),
];
