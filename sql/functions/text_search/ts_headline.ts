/**
 * `ts_headline`: the part of a document that answers a query best, the words of
 * the query marked. How it chooses is PostgreSQL's way.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { QueryNode } from "../../types/text_search/ts_query.ts";
import {
  type Cover,
  Covers,
  type HeadlineWord,
  headlineWords,
  isBadEnd,
  isMeant,
  isNoWord,
  isWhole,
} from "./headline_words.ts";

/** How a headline looks. */
interface HeadlineOptions {
  startSel: string;
  stopSel: string;
  fragmentDelimiter: string;
  minWords: number;
  maxWords: number;
  shortWord: number;
  maxFragments: number;
  highlightAll: boolean;
}

const NUMBERS: Readonly<
  Record<string, "minWords" | "maxWords" | "shortWord" | "maxFragments">
> = {
  minwords: "minWords",
  maxwords: "maxWords",
  shortword: "shortWord",
  maxfragments: "maxFragments",
};

const TEXTS: Readonly<
  Record<string, "startSel" | "stopSel" | "fragmentDelimiter">
> = {
  startsel: "startSel",
  stopsel: "stopSel",
  fragmentdelimiter: "fragmentDelimiter",
};

const OPTION = /\s*(\w+)\s*=\s*(?:"((?:[^"]|"")*)"|([^,"\s]+))\s*(?:,|$)/y;

function invalid(message: string): SqlError {
  return new SqlError("22023", message);
}

/** Reads `StartSel = <b>, MaxWords = 20`. */
function readOptions(text: string): HeadlineOptions {
  const options: HeadlineOptions = {
    startSel: "<b>",
    stopSel: "</b>",
    fragmentDelimiter: " ... ",
    minWords: 15,
    maxWords: 35,
    shortWord: 3,
    maxFragments: 0,
    highlightAll: false,
  };
  let at = 0;
  while (text.slice(at).trim() !== "") {
    OPTION.lastIndex = at;
    const match = OPTION.exec(text);
    if (match === null) {
      throw new SqlError(
        "42601",
        `invalid parameter list format: "${text}"`,
      );
    }
    at = OPTION.lastIndex;
    const value = match[2]?.replaceAll('""', '"') ?? match[3]!;
    setOption(options, match[1]!, value);
  }
  checkOptions(options);
  return options;
}

function setOption(
  options: HeadlineOptions,
  name: string,
  value: string,
): void {
  const word = name.toLowerCase();
  const number = NUMBERS[word];
  const text = TEXTS[word];
  if (number !== undefined) {
    if (!/^[+-]?\d+$/.test(value)) {
      throw new SqlError(
        "22P02",
        `invalid input syntax for type integer: "${value}"`,
      );
    }
    options[number] = Number(value);
  } else if (text !== undefined) options[text] = value;
  else if (word === "highlightall") {
    options.highlightAll = ["1", "on", "true", "t", "y", "yes"]
      .includes(value.toLowerCase());
  } else throw invalid(`unrecognized headline parameter: "${name}"`);
}

function checkOptions(options: HeadlineOptions): void {
  if (options.highlightAll) return;
  const { minWords, maxWords, shortWord, maxFragments } = options;
  if (minWords >= maxWords) {
    throw invalid("MinWords must be less than MaxWords");
  }
  if (minWords <= 0) throw invalid("MinWords must be positive");
  if (shortWord < 0) throw invalid("ShortWord must be >= 0");
  if (maxFragments < 0) throw invalid("MaxFragments must be >= 0");
}

/** The headline of a document. */
export function headline(
  configuration: string,
  text: string,
  query: QueryNode | undefined,
  optionText: string,
): string {
  const options = readOptions(optionText);
  const words = headlineWords(configuration, text, query);
  const finder = new HeadlineFinder(words, query, options);
  return write(words, finder.find(), options);
}

class HeadlineFinder {
  readonly #words: readonly HeadlineWord[];
  readonly #query: QueryNode | undefined;
  readonly #options: HeadlineOptions;

  constructor(
    words: readonly HeadlineWord[],
    query: QueryNode | undefined,
    options: HeadlineOptions,
  ) {
    this.#words = words;
    this.#query = query;
    this.#options = options;
  }

  /** The parts of the document that are shown, from left to right. */
  find(): Cover[] {
    const end = this.#words.length - 1;
    if (this.#options.highlightAll) return [{ begin: 0, end }];
    if (this.#options.maxFragments > 0) return this.#fragments();
    return [this.#best() ?? this.#start()];
  }

  #isBadEnd(at: number): boolean {
    const word = this.#words[at];
    return word === undefined || isBadEnd(word, this.#options.shortWord);
  }

  /** 1 where a word counts. */
  #counts(at: number): number {
    return isNoWord(this.#words[at]!) ? 0 : 1;
  }

  #meant(at: number): number {
    return isMeant(this.#words[at]!) ? 1 : 0;
  }

  /** The first words, where nothing answers. */
  #start(): Cover {
    let length = 0;
    let end = 0;
    for (
      let i = 0;
      i < this.#words.length && length < this.#options.minWords;
      i++
    ) {
      length += this.#counts(i);
      end = i;
    }
    return { begin: 0, end };
  }

  /** The best single part. */
  #best(): Cover | undefined {
    if (this.#query === undefined) return undefined;
    const covers = new Covers(this.#words, this.#query);
    let best: (Cover & { meant: number; whole: boolean }) | undefined;
    for (let next = covers.next(); next; next = covers.next()) {
      const found = this.#around(next);
      const whole = found.begin <= next.begin && found.end >= next.end;
      const isBetter = best === undefined ||
        (whole !== best.whole
          ? whole
          : found.meant !== best.meant
          ? found.meant > best.meant
          : !this.#isBadEnd(found.end) && this.#isBadEnd(best.end));
      if (isBetter) best = { ...found, whole };
    }
    return best;
  }

  /** A part around a cover: as long as asked for, with good ends. */
  #around({ begin, end }: Cover): Cover & { readonly meant: number } {
    const { minWords, maxWords } = this.#options;
    let length = 0;
    let meant = 0;
    let first = begin;
    let last = begin;
    let i = begin;
    for (; i <= end && length < maxWords; i++) {
      length += this.#counts(i);
      meant += this.#meant(i);
      last = i;
    }
    if (length >= maxWords) {
      for (i = Math.min(i, end); length > minWords; i--) {
        if (!this.#isBadEnd(i)) break;
        length -= this.#counts(i);
        meant -= this.#meant(i);
        last = i - 1;
      }
      return { begin: first, end: last, meant };
    }
    for (i--; i < this.#words.length && length < maxWords; i++) {
      if (i > end) {
        length += this.#counts(i);
        meant += this.#meant(i);
      }
      last = i;
      if (!this.#isBadEnd(i) && length >= minWords) break;
    }
    if (length < minWords) {
      for (i = begin - 1; i >= 0; i--) {
        length += this.#counts(i);
        meant += this.#meant(i);
        if (length >= maxWords) break;
        if (!this.#isBadEnd(i) && length >= minWords) break;
      }
      first = Math.max(i, 0);
    }
    return { begin: first, end: last, meant };
  }

  /** Several parts: those with most words of the query. */
  #fragments(): Cover[] {
    const open = this.#pieces();
    const chosen: Cover[] = [];
    while (chosen.length < this.#options.maxFragments) {
      let best = -1;
      open.forEach(({ meant, length }, i) => {
        const other = open[best];
        if (
          meant > (other?.meant ?? 0) ||
          (meant === (other?.meant ?? 0) &&
            length < (other?.length ?? Infinity))
        ) best = i;
      });
      if (best < 0) break;
      const { begin, end } = this.#stretch(open[best]!, chosen);
      chosen.push({ begin, end });
      open.splice(best, 1);
      for (let i = open.length - 1; i >= 0; i--) {
        if (open[i]!.begin <= end && open[i]!.end >= begin) open.splice(i, 1);
      }
    }
    if (chosen.length === 0) return [this.#start()];
    return chosen.sort((a, b) => a.begin - b.begin);
  }

  /** The covers, in pieces that are not too long. */
  #pieces(): Piece[] {
    if (this.#query === undefined) return [];
    const covers = new Covers(this.#words, this.#query);
    const pieces: Piece[] = [];
    for (let next = covers.next(); next; next = covers.next()) {
      let begin = next.begin;
      while (begin <= next.end) {
        const piece = this.#piece(begin, next.end);
        pieces.push(piece);
        begin = piece.end + 1;
      }
    }
    return pieces;
  }

  /** A piece from a word of the query to another. */
  #piece(from: number, to: number): Piece {
    let begin = from;
    while (begin < to && this.#meant(begin) === 0) begin++;
    let length = 0;
    let meant = 0;
    let i = begin;
    for (; i <= to && length < this.#options.maxWords; i++) {
      length += this.#counts(i);
      meant += this.#meant(i);
    }
    let end = to;
    if (end > i) {
      for (end = i; end > begin && this.#meant(end) === 0; end--) {
        length -= this.#counts(end);
      }
    }
    return { begin, end, length, meant };
  }

  /** Makes a piece longer on both sides, up to those that are there. */
  #stretch(piece: Piece, chosen: readonly Cover[]): Cover {
    const { maxWords } = this.#options;
    const isTaken = (at: number): boolean =>
      chosen.some(({ begin, end }) => at >= begin && at <= end);
    let { begin, end, length } = piece;
    if (length >= maxWords) return { begin, end };
    const room = Math.trunc((maxWords - length) / 2);
    let stretched = 0;
    let mark = begin;
    for (let i = begin - 1; i >= 0 && stretched < room && !isTaken(i); i--) {
      length += this.#counts(i);
      stretched += this.#counts(i);
      mark = i;
    }
    while (mark < begin && this.#isBadEnd(mark)) length -= this.#counts(mark++);
    begin = mark;
    mark = end;
    for (
      let i = end + 1;
      i < this.#words.length && length < maxWords && !isTaken(i);
      i++
    ) {
      length += this.#counts(i);
      mark = i;
    }
    while (mark > end && this.#isBadEnd(mark)) mark--;
    end = mark;
    return { begin, end };
  }
}

/** A piece of a cover. */
interface Piece extends Cover {
  readonly length: number;
  readonly meant: number;
}

function write(
  words: readonly HeadlineWord[],
  parts: readonly Cover[],
  options: HeadlineOptions,
): string {
  const { startSel, stopSel, fragmentDelimiter, highlightAll } = options;
  return parts.map(({ begin, end }) => {
    let text = "";
    for (let i = begin; i <= end && i < words.length; i++) {
      const word = words[i]!;
      if (isWhole(word.kind)) continue;
      if (word.kind === "tag" && !highlightAll) text += " ";
      else if (isMeant(word)) text += startSel + word.text + stopSel;
      else text += word.text;
    }
    return text;
  }).join(fragmentDelimiter);
}
