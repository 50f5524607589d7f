/**
 * What a configuration makes of a text: words with positions.
 *
 * | configuration | words of letters | the rest |
 * | --- | --- | --- |
 * | `simple` | lower case | lower case |
 * | `english` | stop words left out, then the stem | lower case, numbers as they are |
 *
 * A stop word counts as a position; blanks, tags, entities and protocols do not.
 *
 * @module
 */
import { utf8Encode } from "../../../base/bytes.ts";
import {
  type Lexeme,
  placeOf,
  sortLexemes,
  WORD_BYTES_MAX,
} from "../../types/text_search/ts_vector.ts";
import type { FunctionContext } from "../registry.ts";
import { configurationOf } from "../../types/text_search/ts_types.ts";
import { ENGLISH_STOP_WORDS } from "./stop_words.ts";
import { englishStem } from "./english_stemmer.ts";
import { textTokens, type TokenKind } from "./text_tokens.ts";

/** Kinds of tokens that no dictionary looks at. */
const SILENT: ReadonlySet<TokenKind> = new Set([
  "blank",
  "tag",
  "protocol",
  "entity",
]);

/** Kinds of tokens that are words of a language. */
const SPOKEN: ReadonlySet<TokenKind> = new Set([
  "asciiword",
  "word",
  "hword_part",
  "hword_asciipart",
  "asciihword",
  "hword",
]);

/** A word of a text at its position; `undefined`: a stop word. */
export interface FoundWord {
  readonly word: string | undefined;
  readonly position: number;
}

/**
 * What a dictionary makes of a token: a word, nothing for a stop word, `null`
 * where it is not looked at.
 */
export function wordOfToken(
  configuration: string,
  kind: TokenKind,
  text: string,
): string | undefined | null {
  if (SILENT.has(kind)) return null;
  const folded = text.toLowerCase();
  if (configuration !== "english" || !SPOKEN.has(kind)) return folded;
  return ENGLISH_STOP_WORDS.has(folded) ? undefined : englishStem(folded);
}

/** The words of a text, their positions beginning behind `before`. */
export function* wordsOfText(
  configuration: string,
  text: string,
  before = 0,
): Generator<FoundWord> {
  let position = before;
  for (const token of textTokens(text)) {
    if (token.text.length > WORD_BYTES_MAX / 4 && isTooLong(token.text)) {
      continue;
    }
    const word = wordOfToken(configuration, token.kind, token.text);
    if (word === null) continue;
    position++;
    yield { word, position };
  }
}

function isTooLong(text: string): boolean {
  return utf8Encode(text).length > WORD_BYTES_MAX;
}

/** Collects the words of several texts, one behind the other. */
export class VectorBuilder {
  readonly #configuration: string;
  readonly #lexemes: Lexeme[] = [];
  #position = 0;

  constructor(configuration: string) {
    this.#configuration = configuration;
  }

  /** Adds a text. */
  add(text: string): void {
    const words = wordsOfText(this.#configuration, text, this.#position);
    for (const { word, position } of words) {
      this.#position = position;
      if (word === undefined) continue;
      this.#lexemes.push({ word, places: [placeOf(position, 0)] });
    }
  }

  /** Adds a text so that no phrase spans it and the next one. */
  addApart(text: string): void {
    const before = this.#lexemes.length;
    this.add(text);
    if (this.#lexemes.length > before) this.#position++;
  }

  /** The words in order. */
  finish(): Lexeme[] {
    return sortLexemes(this.#lexemes);
  }
}

/** The configuration that is meant where none is named. */
export function defaultConfiguration(context: FunctionContext): string {
  return configurationOf(
    context.setting("default_text_search_config") ?? "english",
  );
}
