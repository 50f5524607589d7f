/**
 * A document as `ts_headline` sees it: its tokens, which of them the query
 * means, and the spans that answer the query.
 *
 * @module
 */
import {
  type QueryNode,
  type QueryWord,
  wordsOf,
} from "../../types/text_search/ts_query.ts";
import { POSITION_MAX } from "../../types/text_search/ts_vector.ts";
import { wordOfToken } from "./search_configuration.ts";
import { textTokens, type TokenKind } from "./text_tokens.ts";
import { type Matches, matchesOf, queryHolds } from "./ts_match.ts";

/** A token of the document. */
export interface HeadlineWord {
  readonly kind: TokenKind;
  readonly text: string;
  readonly position: number;
  /** The words of the query that it is. */
  readonly meant: readonly QueryWord[];
}

/** The whole of a compound: its parts stand behind it. */
const WHOLES: ReadonlySet<TokenKind> = new Set([
  "url",
  "numhword",
  "asciihword",
  "hword",
]);

/** What no headline ends with. */
const NO_END: ReadonlySet<TokenKind> = new Set([
  "protocol",
  "entity",
  "sfloat",
  "version",
  "float",
  "int",
  "uint",
]);

/** Whether a token is left out, its parts standing for it. */
export function isWhole(kind: TokenKind): boolean {
  return WHOLES.has(kind);
}

/** Whether a token does not count as a word. */
export function isNoWord({ kind }: HeadlineWord): boolean {
  return kind === "blank" || kind === "tag" || WHOLES.has(kind);
}

/** Whether the query means the token. */
export function isMeant({ meant }: HeadlineWord): boolean {
  return meant.length > 0;
}

/** Whether a headline should not end here. */
export function isBadEnd(word: HeadlineWord, shortWord: number): boolean {
  if (isMeant(word)) return false;
  return isNoWord(word) || NO_END.has(word.kind) ||
    new TextEncoder().encode(word.text).length <= shortWord;
}

/** The tokens of a document. */
export function headlineWords(
  configuration: string,
  text: string,
  query: QueryNode | undefined,
): HeadlineWord[] {
  const wanted = wordsOf(query);
  const words: HeadlineWord[] = [];
  let position = 0;
  for (const token of textTokens(text)) {
    const word = wordOfToken(configuration, token.kind, token.text);
    if (word !== null) position++;
    words.push({
      kind: token.kind,
      text: token.text,
      position: Math.min(position, POSITION_MAX),
      meant: word === null || word === undefined
        ? []
        : wanted.filter((each) =>
          each.prefix ? word.startsWith(each.word) : word === each.word
        ),
    });
  }
  return words;
}

/** A span of tokens, both ends in it. */
export interface Cover {
  readonly begin: number;
  readonly end: number;
}

/** The spans that answer the query, from left to right. */
export class Covers {
  readonly #words: readonly HeadlineWord[];
  readonly #query: QueryNode;
  readonly #locations: readonly Matches[];
  #next = 0;

  constructor(words: readonly HeadlineWord[], query: QueryNode) {
    this.#words = words;
    this.#query = query;
    this.#locations = locationsOf(query, this.#finder(words)) ?? [];
  }

  /** Finds the words of the query in a span. */
  #finder(
    words: readonly HeadlineWord[],
  ): (word: QueryWord) => readonly number[] | undefined {
    return (wanted) => {
      const positions = words.filter(({ meant }) => meant.includes(wanted))
        .map(({ position }) => position);
      return positions.length === 0 ? undefined : positions;
    };
  }

  /** The next span. */
  next(): Cover | undefined {
    let from = this.#next;
    for (;;) {
      const range = this.#range(from);
      if (range === undefined) return undefined;
      const [first, last] = range;
      const cover = first <= last ? this.#cover(first, last) : undefined;
      if (cover !== undefined) {
        this.#next = first + 1;
        return cover;
      }
      from = first + 1;
    }
  }

  /** The shortest range of positions from `from` on that has all terms. */
  #range(from: number): [first: number, last: number] | undefined {
    let last = -1;
    for (const { positions } of this.#locations) {
      const found = positions.find((position) => position >= from);
      if (found === undefined) return undefined;
      last = Math.max(last, found);
    }
    if (last < 0) return undefined;
    let first = Infinity;
    for (const { positions, width } of this.#locations) {
      const found = positions.findLast((position) => position - width <= last);
      first = Math.min(first, found === undefined ? -1 : found - width);
    }
    return [Math.max(first, from), last];
  }

  #cover(first: number, last: number): Cover | undefined {
    let begin = -1;
    let end = -1;
    for (let i = 0; i < this.#words.length; i++) {
      const word = this.#words[i]!;
      if (!isMeant(word)) continue;
      if (begin < 0 && word.position >= first) begin = i;
      if (word.position > last) break;
      end = i;
    }
    if (begin < 0 || end < begin) return undefined;
    const span = this.#words.slice(begin, end + 1);
    return queryHolds(this.#query, this.#finder(span))
      ? { begin, end }
      : undefined;
  }
}

/** Where the terms that must all be there stand; `undefined`: not all are. */
function locationsOf(
  node: QueryNode,
  find: (word: QueryWord) => readonly number[] | undefined,
): Matches[] | undefined {
  switch (node.kind) {
    case "word": {
      const positions = find(node);
      return positions && [{ positions, negated: false, width: 0 }];
    }
    case "not":
      return locationsOf(node.operand, find) === undefined ? [] : undefined;
    case "and": {
      const left = locationsOf(node.left, find);
      const right = left && locationsOf(node.right, find);
      return right && [...left!, ...right];
    }
    case "or": {
      const left = locationsOf(node.left, find);
      const right = locationsOf(node.right, find);
      if (left === undefined || left.length === 0) return right ?? left;
      if (right === undefined || right.length === 0) return left;
      return left.flatMap((a) => right.map((b) => eitherOf(a, b)));
    }
    case "phrase": {
      const matches = matchesOf(node, find);
      if (matches === undefined) return undefined;
      if (matches.negated) return [];
      return matches.positions.length === 0 ? undefined : [matches];
    }
  }
}

function eitherOf(a: Matches, b: Matches): Matches {
  const positions = [...new Set([...a.positions, ...b.positions])]
    .sort((x, y) => x - y);
  return { positions, negated: false, width: Math.max(a.width, b.width) };
}
