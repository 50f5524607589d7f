/**
 * The words of a PL/pgSQL text, read from the front, and the texts of SQL between
 * them.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { type SourceToken, sourceTokens } from "../source_tokens.ts";

/** Reads words. */
export class PlpgsqlTokens {
  readonly text: string;
  readonly #tokens: readonly SourceToken[];
  #at = 0;

  /** The words of `text`. */
  constructor(text: string) {
    this.text = text;
    this.#tokens = [...sourceTokens(text)];
  }

  /** The word that is next, or one after it; `undefined` at the end. */
  peek(ahead = 0): SourceToken | undefined {
    return this.#tokens[this.#at + ahead];
  }

  /** Whether the next words are these. */
  is(...words: readonly string[]): boolean {
    return words.every((word, i) => {
      const token = this.peek(i);
      return token !== undefined && token.kind !== "quoted" &&
        token.kind !== "text" && token.text.toUpperCase() === word;
    });
  }

  /** Takes the next words if they are these. */
  take(...words: readonly string[]): boolean {
    if (!this.is(...words)) return false;
    this.#at += words.length;
    return true;
  }

  /** Takes the next word, which has to be this one. */
  expect(word: string): void {
    if (!this.take(word)) throw this.error();
  }

  /** Takes the next word, whatever it is. */
  next(): SourceToken {
    const token = this.peek();
    if (token === undefined) throw this.error();
    this.#at++;
    return token;
  }

  /** Where the reader is, to come back to. */
  get mark(): number {
    return this.#at;
  }

  /** Goes back. */
  returnTo(mark: number): void {
    this.#at = mark;
  }

  /** A name. */
  name(): string {
    const token = this.next();
    if (token.kind === "quoted") {
      return token.text.slice(1, -1).replaceAll('""', '"');
    }
    if (token.kind === "word") return token.text.toLowerCase();
    // `$1`
    if (token.text === "$") return `$${this.next().text}`;
    this.#at--;
    throw this.error();
  }

  /** The value of a text in quotes. */
  string(): string {
    const { kind, text } = this.next();
    if (kind !== "text") {
      this.#at--;
      throw this.error();
    }
    const dollar = /^\$[^$]*\$/.exec(text)?.[0];
    if (dollar !== undefined) {
      return text.slice(dollar.length, -dollar.length);
    }
    const body = text.slice(text.indexOf("'") + 1, -1).replaceAll("''", "'");
    return /^e/i.test(text) ? unescaped(body) : body;
  }

  /**
   * The text up to one of some words (or `;`) outside of parentheses, which is
   * not taken.
   *
   * @throws {SqlError} `42601` when there is none.
   */
  until(...ends: readonly string[]): string {
    const start = this.peek();
    if (start === undefined) throw this.error();
    const { depth } = start;
    for (;; this.#at++) {
      const token = this.peek();
      if (token === undefined) throw this.error();
      const isClosing = token.text === ")" || token.text === "]";
      if (token.depth !== (isClosing ? depth - 1 : depth)) continue;
      if (ends.some((end) => this.is(...end.split(" ")))) break;
      if (token.text === ";" && !ends.includes(";")) {
        throw missing(ends[0]!, start);
      }
    }
    const end = this.peek()!;
    if (end === start) {
      throw new SqlError(
        "42601",
        `missing expression at or near "${end.text}"`,
      );
    }
    return this.text.slice(start.start, end.start).trim();
  }

  /** The error that the next word is not what may stand there. */
  error(): SqlError {
    const token = this.peek();
    return token === undefined
      ? new SqlError("42601", "syntax error at end of input")
      : new SqlError("42601", `syntax error at or near "${token.text}"`);
  }
}

function missing(end: string, { text }: SourceToken): SqlError {
  return end === "THEN" || end === "LOOP"
    ? new SqlError("42601", `missing "${end}" at end of SQL expression`)
    : new SqlError("42601", `syntax error at or near "${text}"`);
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
};

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, (_, letter) => ESCAPES[letter] ?? letter);
}
