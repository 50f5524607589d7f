/**
 * `tsvector`: the words of a document, sorted, each with the places where it
 * stands. A value is kept as the text that PostgreSQL prints:
 * `'cat':3A,12 'mat':7`.
 *
 * A place is a position, 1 to 16383, and a weight, D unless said otherwise. Both
 * are one number: the position, and 2^14 times 0 (D), 1 (C), 2 (B) or 3 (A).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { utf8Encode } from "../../../base/bytes.ts";
import { compareText } from "../text_order.ts";

/** The greatest position. */
export const POSITION_MAX = 16_383;
/** The most places of one word. */
const PLACES_MAX = 255;
/** The most bytes of a word. */
export const WORD_BYTES_MAX = 2046;

/** A word and its places. */
export interface Lexeme {
  readonly word: string;
  /** In order of positions; empty: not known. */
  readonly places: readonly number[];
}

/** The position in a place. */
export function positionOf(place: number): number {
  return place & POSITION_MAX;
}

/** The weight in a place: 0 (D) to 3 (A). */
export function weightOf(place: number): number {
  return place >> 14;
}

/** The place of a position with a weight. */
export function placeOf(position: number, weight: number): number {
  return Math.min(position, POSITION_MAX) | weight << 14;
}

/** The words in order, those that are equal joined. */
export function sortLexemes(lexemes: readonly Lexeme[]): Lexeme[] {
  const places = new Map<string, number[]>();
  for (const { word, places: own } of lexemes) {
    const known = places.get(word);
    if (known === undefined) places.set(word, [...own]);
    else for (const place of own) known.push(place);
  }
  return [...places.entries()]
    .sort(([a], [b]) => compareText(a, b))
    .map(([word, all]) => ({ word, places: sortPlaces(all) }));
}

/** Places by position, each position once, with the greatest of its weights. */
function sortPlaces(places: number[]): number[] {
  if (places.length < 2) return places;
  places.sort((a, b) => positionOf(a) - positionOf(b));
  const kept: number[] = [];
  for (const place of places) {
    const last = kept.at(-1);
    if (last === undefined || positionOf(last) !== positionOf(place)) {
      if (kept.length >= PLACES_MAX || positionOf(last ?? 0) === POSITION_MAX) {
        break;
      }
      kept.push(place);
    } else if (place > last) kept[kept.length - 1] = place;
  }
  return kept;
}

/** A word between quotes. */
export function quoteWord(word: string): string {
  return `'${word.replace(/['\\]/g, (mark) => mark + mark)}'`;
}

const WEIGHT_LETTERS = ["", "C", "B", "A"];

/** The text of sorted lexemes. */
export function formatTsVector(lexemes: readonly Lexeme[]): string {
  return lexemes.map(({ word, places }) => {
    if (places.length === 0) return quoteWord(word);
    const shown = places.map((place) =>
      positionOf(place) + WEIGHT_LETTERS[weightOf(place)]!
    );
    return `${quoteWord(word)}:${shown.join(",")}`;
  }).join(" ");
}

/** What reads words as the text form of `tsvector` and `tsquery` has them. */
export class WordReader {
  readonly #text: string;
  readonly #mode: "vector" | "query" | "web";
  at: number;

  /** A reader from `at` on; in a query operators end a word. */
  constructor(text: string, at: number, mode: "vector" | "query" | "web") {
    this.#text = text;
    this.at = at;
    this.#mode = mode;
  }

  #fail(): SqlError {
    const what = this.#mode === "vector" ? "tsvector" : "tsquery";
    return new SqlError("42601", `syntax error in ${what}: "${this.#text}"`);
  }

  /** The next word; `undefined` at the end. */
  word(): string | undefined {
    const text = this.#text;
    while (isSpace(text[this.at])) this.at++;
    if (this.at >= text.length) return undefined;
    const isWeb = this.#mode === "web";
    if (text[this.at] === "'" && !isWeb) return this.#quoted();
    if (this.#mode !== "vector" && isOperator(text[this.at]!)) {
      throw this.#fail();
    }
    let word = "";
    while (this.at < text.length) {
      const mark = text[this.at]!;
      if (mark === "\\" && !isWeb) {
        word += this.#escaped();
        continue;
      }
      const ends = isSpace(mark) || (mark === ":" && word !== "") ||
        (this.#mode !== "vector" && isOperator(mark)) ||
        (isWeb && mark === '"');
      if (ends) break;
      word += mark;
      this.at++;
    }
    if (word === "") throw this.#fail();
    return word;
  }

  #escaped(): string {
    const next = this.#text[this.at + 1];
    if (next === undefined) {
      throw new SqlError(
        "42601",
        `there is no escaped character: "${this.#text}"`,
      );
    }
    this.at += 2;
    return next;
  }

  #quoted(): string {
    const text = this.#text;
    let word = "";
    this.at++;
    for (;;) {
      const mark = text[this.at];
      if (mark === undefined) throw this.#fail();
      if (mark === "\\") {
        word += this.#escaped();
      } else if (mark !== "'") {
        word += mark;
        this.at++;
      } else if (text[this.at + 1] === "'") {
        word += "'";
        this.at += 2;
      } else {
        this.at++;
        if (word === "") throw this.#fail();
        return word;
      }
    }
  }

  /** The places behind a word, if a colon follows it. */
  places(): number[] {
    const text = this.#text;
    if (text[this.at] !== ":") return [];
    const places: number[] = [];
    do {
      this.at++;
      const digits = /^\d+/.exec(text.slice(this.at, this.at + 20))?.[0];
      if (digits === undefined) throw this.#fail();
      const position = Math.min(Number(digits), POSITION_MAX);
      if (position === 0) {
        throw new SqlError(
          "42601",
          `wrong position info in tsvector: "${text}"`,
        );
      }
      this.at += digits.length;
      places.push(placeOf(position, this.#weight()));
    } while (text[this.at] === ",");
    const next = text[this.at];
    if (next !== undefined && !isSpace(next)) throw this.#fail();
    return places;
  }

  #weight(): number {
    const weight = "dcba".indexOf(
      (this.#text[this.at] ?? " ").toLowerCase().replace("*", "a"),
    );
    if (weight < 0) return 0;
    this.at++;
    return weight;
  }
}

/** Whether the character is a blank. */
export function isSpace(mark: string | undefined): boolean {
  return mark !== undefined && /\s/.test(mark);
}

/** Whether the character is an operator of queries. */
export function isOperator(mark: string): boolean {
  return "!&|()<".includes(mark);
}

/** Refuses a word that is too long. */
export function checkWord(word: string): void {
  if (word.length * 3 <= WORD_BYTES_MAX) return;
  const { length } = utf8Encode(word);
  if (length > WORD_BYTES_MAX) {
    throw new SqlError(
      "54000",
      `word is too long (${length} bytes, max ${WORD_BYTES_MAX} bytes)`,
    );
  }
}

/** Reads the text form. */
export function readTsVector(text: string): Lexeme[] {
  const reader = new WordReader(text, 0, "vector");
  const lexemes: Lexeme[] = [];
  for (;;) {
    const word = reader.word();
    if (word === undefined) return sortLexemes(lexemes);
    checkWord(word);
    lexemes.push({ word, places: reader.places() });
  }
}

const CACHED_MAX = 64;
const cache = new Map<string, readonly Lexeme[]>();

/** The lexemes of a value, in order. Those asked for last are kept. */
export function lexemesOf(value: string): readonly Lexeme[] {
  let lexemes = cache.get(value);
  if (lexemes === undefined) {
    lexemes = readTsVector(value);
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(value, lexemes);
  }
  return lexemes;
}

/** How much room PostgreSQL gives the words: part of the order of vectors. */
function roomOf(lexemes: readonly Lexeme[]): number {
  let room = 0;
  for (const { word, places } of lexemes) {
    room += utf8Encode(word).length;
    if (places.length > 0) {
      room += room % 2;
      room += 2 + 2 * places.length;
    }
  }
  return room;
}

/** PostgreSQL's order: by number of words, by size, then word by word. */
export function compareTsVectors(left: string, right: string): number {
  if (left === right) return 0;
  const a = lexemesOf(left);
  const b = lexemesOf(right);
  const bySize = a.length - b.length || roomOf(a) - roomOf(b);
  if (bySize !== 0) return bySize;
  for (let i = 0; i < a.length; i++) {
    const [one, other] = [a[i]!, b[i]!];
    const order = Number(one.places.length === 0) -
        Number(other.places.length === 0) ||
      compareText(one.word, other.word) ||
      other.places.length - one.places.length ||
      comparePlaces(one.places, other.places);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = positionOf(b[i]!) - positionOf(a[i]!) ||
      weightOf(b[i]!) - weightOf(a[i]!);
    if (order !== 0) return order;
  }
  return 0;
}
