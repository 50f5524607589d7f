/**
 * Values of `hstore`: texts under keys, as PostgreSQL writes and orders them.
 *
 * The value that moves between operators is the text that PostgreSQL prints:
 * `"a"=>"1", "bb"=>NULL`, keys by their length in bytes and then by their
 * bytes, none twice.
 *
 * @module
 */
import { utf8Encode } from "../../../base/bytes.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { compareText } from "../text_order.ts";

/** The pairs of a value, in order. */
export type HstorePairs = ReadonlyMap<string, string | null>;

/** Reads the text form: pairs that may be in any order and have no quotes. */
class PairReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  #skipBlanks(): void {
    while (isBlank(this.#text[this.#at])) this.#at++;
  }

  #unexpected(): SqlError {
    const character = this.#text.codePointAt(this.#at);
    if (character === undefined) {
      return new SqlError(
        "42601",
        "syntax error in hstore: unexpected end of string",
      );
    }
    const position = utf8Encode(this.#text.slice(0, this.#at)).length;
    return new SqlError(
      "42601",
      `syntax error in hstore, near "${
        String.fromCodePoint(character)
      }" at position ${position}`,
    );
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw this.#unexpected();
    this.#at++;
  }

  /** A word in quotes, which begins here. */
  #quoted(): string {
    let word = "";
    for (;;) {
      const character = this.#text[++this.#at];
      if (character === undefined) throw this.#unexpected();
      if (character === '"') break;
      word += character === "\\" ? this.#escaped() : character;
    }
    this.#at++;
    return word;
  }

  #escaped(): string {
    const next = this.#text[++this.#at];
    if (next === undefined) throw this.#unexpected();
    return next;
  }

  /** A word without quotes, up to `end` or a blank. */
  #plain(end: string): string {
    let word = "";
    for (;;) {
      const character = this.#text[this.#at];
      if (
        character === undefined || character === end || isBlank(character)
      ) return word;
      word += character === "\\" ? this.#escaped() : character;
      this.#at++;
    }
  }

  /** All pairs; of several of a key the first. */
  read(): Map<string, string | null> {
    const pairs = new Map<string, string | null>();
    for (;;) {
      this.#skipBlanks();
      const first = this.#text[this.#at];
      if (first === undefined) return pairs;
      if (first === "=") throw this.#unexpected();
      const key = first === '"' ? this.#quoted() : this.#plain("=");
      this.#skipBlanks();
      this.#expect("=");
      this.#expect(">");
      const value = this.#value();
      if (!pairs.has(key)) pairs.set(key, value);
      this.#skipBlanks();
      if (this.#at === this.#text.length) return pairs;
      this.#expect(",");
    }
  }

  #value(): string | null {
    this.#skipBlanks();
    const first = this.#text[this.#at];
    if (first === undefined) throw this.#unexpected();
    if (first === '"') return this.#quoted();
    const word = this.#plain(",");
    return word.toLowerCase() === "null" ? null : word;
  }
}

function isBlank(character: string | undefined): boolean {
  return character !== undefined && " \t\n\r\v\f".includes(character);
}

/** Reads the text form. @throws {SqlError} `42601`. */
export function readHstore(text: string): string {
  return formatHstore(new PairReader(text).read());
}

function compareKeys(a: string, b: string): number {
  if (a.length === b.length && a.length < 16 && isAscii(a) && isAscii(b)) {
    return a < b ? -1 : a > b ? 1 : 0;
  }
  return utf8Encode(a).length - utf8Encode(b).length || compareText(a, b);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 127) return false;
  }
  return true;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** The value of these pairs. */
export function formatHstore(pairs: HstorePairs): string {
  return [...pairs]
    .sort(([a], [b]) => compareKeys(a, b))
    .map(([key, value]) =>
      `${quoted(key)}=>${value === null ? "NULL" : quoted(value)}`
    )
    .join(", ");
}

let lastText = "";
let lastPairs: HstorePairs = new Map();

/** The pairs of a value. The last one that was asked for is kept. */
export function pairsOf(value: string): HstorePairs {
  if (value === lastText) return lastPairs;
  lastPairs = readPairs(value);
  lastText = value;
  return lastPairs;
}

/** What stands in quotes, or NULL, in a text that `formatHstore` made. */
const PART = /"((?:[^"\\]|\\["\\])*)"|NULL/gy;

function readPairs(value: string): HstorePairs {
  const pairs = new Map<string, string | null>();
  const next = (): string | null => {
    const [, inside] = PART.exec(value)!;
    return inside === undefined ? null : inside.replace(/\\(.)/gs, "$1");
  };
  PART.lastIndex = 0;
  while (PART.lastIndex < value.length) {
    const key = next()!;
    PART.lastIndex += 2;
    pairs.set(key, next());
    const end = PART.lastIndex + 2;
    if (end >= value.length) break;
    PART.lastIndex = end;
  }
  return pairs;
}

/** The order of btree indexes and `#<#`: PostgreSQL's, by its bytes. */
export function compareHstores(a: string, b: string): number {
  if (a === b) return 0;
  const first = pairsOf(a);
  const second = pairsOf(b);
  if (first.size === 0 || second.size === 0) return first.size - second.size;
  const joined = (pairs: HstorePairs): string =>
    [...pairs].map(([key, value]) => key + (value ?? "")).join("");
  return compareText(joined(first), joined(second)) ||
    first.size - second.size || compareEnds(first, second);
}

/** Pairs whose texts, one behind the other, are the same. */
function compareEnds(a: HstorePairs, b: HstorePairs): number {
  const others = [...b];
  let i = 0;
  for (const [key, value] of a) {
    const [otherKey, otherValue] = others[i++]!;
    const order = utf8Encode(key).length - utf8Encode(otherKey).length ||
      utf8Encode(value ?? "").length - utf8Encode(otherValue ?? "").length ||
      Number(value === null) - Number(otherValue === null);
    if (order !== 0) return order;
  }
  return 0;
}
