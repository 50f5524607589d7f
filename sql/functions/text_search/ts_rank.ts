/**
 * How well a document answers a query: `ts_rank` by how often its words stand
 * in it and how near to each other, `ts_rank_cd` by the spans of the document
 * that answer it (cover density). The formulas are PostgreSQL's, in its
 * precision.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  type QueryNode,
  type QueryWord,
  wordsOf,
} from "../../types/text_search/ts_query.ts";
import type { ArrayValue } from "../../types/data_type.ts";
import {
  type Lexeme,
  POSITION_MAX,
  positionOf,
  weightOf,
} from "../../types/text_search/ts_vector.ts";
import { compareText } from "../../types/text_order.ts";
import { findLexemes, queryHolds } from "./ts_match.ts";

/** What D, C, B and A count. */
export const DEFAULT_WEIGHTS: readonly number[] = [0.1, 0.2, 0.4, 1.0].map(
  Math.fround,
);

/** Bits of how a rank is set against the document's length. */
const NORMALIZE = {
  logLength: 1,
  length: 2,
  extentDistance: 4,
  unique: 8,
  logUnique: 16,
  plusOne: 32,
} as const;

const { fround } = Math;

/** The weights of an array `{D, C, B, A}`; a negative one: the default. */
export function checkWeights({ dims, elements }: ArrayValue): number[] {
  if (dims.length !== 1) {
    throw new SqlError("2202E", "array of weight must be one-dimensional");
  }
  if (elements.length < 4) {
    throw new SqlError("2202E", "array of weight is too short");
  }
  if (elements.includes(null)) {
    throw new SqlError("22004", "array of weight must not contain nulls");
  }
  return (elements as readonly number[]).slice(0, 4).map((weight, i) => {
    if (weight > 1) throw new SqlError("22023", "weight out of range");
    return weight >= 0 ? weight : DEFAULT_WEIGHTS[i]!;
  });
}

/** How many words the document has. */
function lengthOf(lexemes: readonly Lexeme[]): number {
  return lexemes.reduce((sum, { places }) => sum + (places.length || 1), 0);
}

/** Each word of the query once, in order. */
function distinctWords(query: QueryNode): QueryWord[] {
  const seen = new Map<string, QueryWord>();
  for (const word of wordsOf(query)) {
    if (!seen.has(word.word)) seen.set(word.word, word);
  }
  return [...seen.values()].sort((a, b) => compareText(a.word, b.word));
}

/** `ts_rank` */
export function rank(
  weights: readonly number[],
  lexemes: readonly Lexeme[],
  query: QueryNode | undefined,
  method: number,
): number {
  if (lexemes.length === 0 || query === undefined) return 0;
  const words = distinctWords(query);
  const together = query.kind === "and" || query.kind === "phrase";
  let result = together && words.length > 1
    ? rankTogether(weights, lexemes, words)
    : rankApart(weights, lexemes, words);
  if (result < 0) result = fround(1e-20);
  const { logLength, length, unique, logUnique, plusOne } = NORMALIZE;
  const count = lengthOf(lexemes);
  const size = lexemes.length;
  if ((method & logLength) !== 0) {
    result = fround(result / (Math.log(count + 1) / Math.LN2));
  }
  if ((method & length) !== 0) result = fround(result / fround(count));
  if ((method & unique) !== 0) result = fround(result / fround(size));
  if ((method & logUnique) !== 0) {
    result = fround(result / (Math.log(size + 1) / Math.LN2));
  }
  if ((method & plusOne) !== 0) result = fround(result / fround(result + 1));
  return result;
}

function rankApart(
  weights: readonly number[],
  lexemes: readonly Lexeme[],
  words: readonly QueryWord[],
): number {
  let result = 0;
  for (const word of words) {
    for (const { places } of findLexemes(lexemes, word)) {
      const known = places.length === 0 ? [0] : places;
      let sum = 0;
      let best = -1;
      let bestAt = 0;
      known.forEach((place, j) => {
        const weight = weights[weightOf(place)]!;
        sum = fround(sum + fround(weight / ((j + 1) * (j + 1))));
        if (weight > best) {
          best = weight;
          bestAt = j;
        }
      });
      const part = fround(
        fround(best + sum) - fround(best / ((bestAt + 1) * (bestAt + 1))),
      );
      result = fround(result + part / 1.64493406685);
    }
  }
  return words.length > 0 ? fround(result / words.length) : result;
}

const ANYWHERE: readonly number[] = [POSITION_MAX - 1];

/** What the distance of two words counts. */
function nearness(distance: number): number {
  if (distance > 100) return fround(1e-30);
  return fround(1 / (1.005 + 0.05 * Math.exp(fround(distance) / 1.5 - 2)));
}

function rankTogether(
  weights: readonly number[],
  lexemes: readonly Lexeme[],
  words: readonly QueryWord[],
): number {
  let result = -1;
  const known: (readonly number[] | undefined)[] = words.map(() => undefined);
  words.forEach((word, i) => {
    for (const { places } of findLexemes(lexemes, word)) {
      const own = places.length === 0 ? ANYWHERE : places;
      known[i] = own;
      for (let k = 0; k < i; k++) {
        const other = known[k];
        if (other === undefined) continue;
        const open = own === ANYWHERE || other === ANYWHERE;
        for (const a of own) {
          for (const b of other) {
            let distance = Math.abs(positionOf(a) - positionOf(b));
            if (distance === 0 && !open) continue;
            if (distance === 0) distance = POSITION_MAX + 1;
            const pair = fround(
              Math.sqrt(
                fround(
                  fround(weights[weightOf(a)]! * weights[weightOf(b)]!) *
                    nearness(distance),
                ),
              ),
            );
            result = result < 0 ? pair : fround(1 - (1 - result) * (1 - pair));
          }
        }
      }
    }
  });
  return result;
}

/** A position of the document, and the words of the query that stand there. */
interface Spot {
  readonly place: number;
  readonly words: Set<QueryWord>;
}

/** The positions of the document at which words of the query stand. */
function spotsOf(lexemes: readonly Lexeme[], query: QueryNode): Spot[] {
  const spots = new Map<number, Spot>();
  const words = wordsOf(query);
  for (const word of words) {
    for (const { places } of findLexemes(lexemes, word)) {
      for (const place of places) {
        if (word.weights !== 0 && (word.weights & 1 << weightOf(place)) === 0) {
          continue;
        }
        const spot = spots.get(positionOf(place)) ??
          { place, words: new Set<QueryWord>() };
        spot.words.add(word);
        spots.set(positionOf(place), spot);
      }
    }
  }
  return [...spots.values()].sort((a, b) =>
    positionOf(a.place) - positionOf(b.place)
  );
}

/** A span of spots, both ends in it. */
interface Span {
  readonly begin: number;
  readonly end: number;
  /** Where the search for the next one goes on. */
  readonly next: number;
}

/** What of the query was seen on the way through the spots. */
class Seen {
  readonly #positions = new Map<QueryWord, number[]>();
  readonly #query: QueryNode;
  readonly #backwards: boolean;

  constructor(query: QueryNode, backwards: boolean) {
    this.#query = query;
    this.#backwards = backwards;
  }

  /** Adds a spot; whether the query holds now. */
  add({ place, words }: Spot): boolean {
    for (const word of words) {
      const positions = this.#positions.get(word) ?? [];
      positions.push(positionOf(place));
      this.#positions.set(word, positions);
    }
    return queryHolds(this.#query, (word) => {
      const positions = this.#positions.get(word);
      return this.#backwards ? positions?.toReversed() : positions;
    });
  }
}

/** The next span that answers the query, from spot `from` on. */
function cover(
  spots: readonly Spot[],
  query: QueryNode,
  from: number,
): Span | undefined {
  for (let start = from; start <= spots.length; start++) {
    const ahead = new Seen(query, false);
    let end = start;
    while (end < spots.length && !ahead.add(spots[end]!)) end++;
    if (end >= spots.length) return undefined;
    const back = new Seen(query, true);
    let begin = end;
    while (begin >= start && !back.add(spots[begin]!)) begin--;
    if (begin >= start) return { begin, end, next: begin + 1 };
  }
  return undefined;
}

/** `ts_rank_cd` */
export function rankByCover(
  weights: readonly number[],
  lexemes: readonly Lexeme[],
  query: QueryNode | undefined,
  method: number,
): number {
  if (query === undefined) return 0;
  const spots = spotsOf(lexemes, query);
  if (spots.length === 0) return 0;
  const inverse = weights.map((weight) => 1 / weight);
  let result = 0;
  let extents = 0;
  let distances = 0;
  let before = 0;
  let span = cover(spots, query, 0);
  while (span !== undefined) {
    const { begin, end, next } = span;
    let sum = 0;
    for (let i = begin; i <= end; i++) {
      sum += inverse[weightOf(spots[i]!.place)]!;
    }
    const first = positionOf(spots[begin]!.place);
    const last = positionOf(spots[end]!.place);
    let noise = last - first - (end - begin);
    if (noise < 0) noise = Math.trunc((end - begin) / 2);
    result += (end - begin + 1) / sum / (1 + noise);
    const middle = (first + last) / 2;
    if (extents > 0 && middle > before) distances += 1 / (middle - before);
    before = middle;
    extents++;
    span = cover(spots, query, next);
  }
  return normalizeCover(result, lexemes, method, extents, distances);
}

function normalizeCover(
  given: number,
  lexemes: readonly Lexeme[],
  method: number,
  extents: number,
  distances: number,
): number {
  const { logLength, length, extentDistance, unique, logUnique, plusOne } =
    NORMALIZE;
  const count = lengthOf(lexemes);
  const size = lexemes.length;
  let result = given;
  if ((method & logLength) !== 0) result /= Math.log(count + 1);
  if ((method & length) !== 0) result /= count;
  if ((method & extentDistance) !== 0 && extents > 0 && distances > 0) {
    result /= extents / distances;
  }
  if ((method & unique) !== 0) result /= size;
  if ((method & logUnique) !== 0) result /= Math.log(size + 1) / Math.LN2;
  if ((method & plusOne) !== 0) result /= result + 1;
  return fround(result);
}
