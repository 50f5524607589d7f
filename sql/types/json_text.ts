/**
 * Reads JSON text, with PostgreSQL's error messages.
 *
 * `json` keeps the text and only checks it; `jsonb` keeps the tree's canonical
 * text. Both use this reader, which differs from `JSON.parse` in keeping
 * numbers exact and in its errors.
 *
 * Nesting is limited to {@linkcode DEPTH_MAX} (SQLSTATE 54001 beyond): the
 * reader, like everything that walks the tree, is recursive.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { canonicalObject, type JsonNode, JsonNumber } from "./json_tree.ts";
import { Numeric } from "./numeric.ts";

/** How deep arrays and objects may be nested. */
export const DEPTH_MAX = 1500;

/** What is taken for a number, whether it is one or not. */
const NUMBER =
  /-?(?:0|[1-9]\d*)?(?:\.\d*)?(?:[eE][+-]?\d*)?[A-Za-z0-9_\u0080-\uffff]*/y;
const WELL_FORMED_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const WORD = /[A-Za-z0-9_\u0080-\uffff]/;
// deno-lint-ignore no-control-regex
const PLAIN_STRING = /[^"\\\x00-\x1f]*/y;

class JsonReader {
  readonly #text: string;
  readonly #binary: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, binary: boolean) {
    this.#text = text;
    this.#binary = binary;
  }

  read(): JsonNode {
    this.#skip();
    const node = this.#value();
    this.#skip();
    if (this.#at < this.#text.length) {
      throw this.#expected("Expected end of input, but found ");
    }
    return node;
  }

  #skip(): void {
    const text = this.#text;
    for (;;) {
      const code = text.charCodeAt(this.#at);
      if (code !== 32 && code !== 10 && code !== 9 && code !== 13) return;
      this.#at++;
    }
  }

  #fail(detail: string): SqlError {
    return new SqlError("22P02", "invalid input syntax for type json", {
      detail,
    });
  }

  /** The error at the next token, or what is wrong with the token itself. */
  #expected(what: string): SqlError {
    const text = this.#text;
    if (this.#at >= text.length) {
      return this.#fail("The input string ended unexpectedly.");
    }
    const first = text[this.#at]!;
    if ("{}[]:,".includes(first)) return this.#fail(`${what}"${first}".`);
    const start = this.#at;
    if (first === '"') this.#string();
    else if (/[-0-9]/.test(first)) this.#number();
    else {
      const word = this.#word();
      if (!/^(?:true|false|null)$/.test(word)) return this.#invalid(word);
    }
    return this.#fail(`${what}"${text.slice(start, this.#at)}".`);
  }

  #invalid(token: string): SqlError {
    return this.#fail(`Token "${token}" is invalid.`);
  }

  /** The letters and digits from here on, or one other character. */
  #word(): string {
    const start = this.#at;
    while (
      this.#at < this.#text.length && WORD.test(this.#text[this.#at]!)
    ) this.#at++;
    if (this.#at === start) this.#at++;
    return this.#text.slice(start, this.#at);
  }

  #value(): JsonNode {
    switch (this.#text[this.#at]) {
      case "{":
        return this.#nested(() => this.#object());
      case "[":
        return this.#nested(() => this.#array());
      case '"':
        return this.#string();
      case "-":
      case "0":
      case "1":
      case "2":
      case "3":
      case "4":
      case "5":
      case "6":
      case "7":
      case "8":
      case "9":
        return this.#number();
      case "}":
      case "]":
      case ":":
      case ",":
      case undefined:
        throw this.#expected("Expected JSON value, but found ");
    }
    const word = this.#word();
    if (word === "true") return true;
    if (word === "false") return false;
    if (word === "null") return null;
    throw this.#invalid(word);
  }

  #nested(read: () => JsonNode): JsonNode {
    if (++this.#depth > DEPTH_MAX) {
      throw new SqlError("54001", "stack depth limit exceeded");
    }
    this.#at++;
    this.#skip();
    const node = read();
    this.#depth--;
    return node;
  }

  #array(): JsonNode {
    const items: JsonNode[] = [];
    if (this.#text[this.#at] === "]") {
      this.#at++;
      return items;
    }
    for (;;) {
      items.push(
        this.#value(),
      );
      this.#skip();
      const next = this.#text[this.#at];
      if (next !== "," && next !== "]") {
        throw this.#expected('Expected "," or "]", but found ');
      }
      this.#at++;
      if (next === "]") return items;
      this.#skip();
    }
  }

  #object(): JsonNode {
    const keys: string[] = [];
    const values: JsonNode[] = [];
    if (this.#text[this.#at] === "}") {
      this.#at++;
      return canonicalObject(keys, values);
    }
    for (;;) {
      if (this.#text[this.#at] !== '"') {
        throw this.#expected(
          keys.length === 0
            ? 'Expected string or "}", but found '
            : "Expected string, but found ",
        );
      }
      keys.push(this.#string());
      this.#skip();
      if (this.#text[this.#at] !== ":") {
        throw this.#expected('Expected ":", but found ');
      }
      this.#at++;
      this.#skip();
      values.push(this.#value());
      this.#skip();
      const next = this.#text[this.#at];
      if (next !== "," && next !== "}") {
        throw this.#expected('Expected "," or "}", but found ');
      }
      this.#at++;
      if (next === "}") return canonicalObject(keys, values);
      this.#skip();
    }
  }

  #number(): JsonNumber {
    NUMBER.lastIndex = this.#at;
    const token = NUMBER.exec(this.#text)![0];
    if (!WELL_FORMED_NUMBER.test(token)) throw this.#invalid(token);
    this.#at += token.length;
    if (!this.#binary || /^(?:0|-?[1-9]\d*)$/.test(token)) {
      return new JsonNumber(token);
    }
    return new JsonNumber(Numeric.parse(token).toString());
  }

  #string(): string {
    const text = this.#text;
    const start = this.#at++;
    let value = "";
    for (;;) {
      PLAIN_STRING.lastIndex = this.#at;
      value += PLAIN_STRING.exec(text)![0];
      this.#at = PLAIN_STRING.lastIndex;
      const code = text.charCodeAt(this.#at);
      if (code === 34) break;
      if (Number.isNaN(code)) {
        throw this.#invalid(text.slice(start));
      }
      if (code !== 92) {
        throw this.#fail(
          `Character with value 0x${
            code.toString(16).padStart(2, "0")
          } must be escaped.`,
        );
      }
      value += this.#escape(start);
    }
    this.#at++;
    return value;
  }

  #escape(start: number): string {
    const text = this.#text;
    const mark = text[++this.#at];
    if (mark === undefined) throw this.#invalid(text.slice(start));
    this.#at++;
    switch (mark) {
      case '"':
      case "\\":
      case "/":
        return mark;
      case "b":
        return "\b";
      case "f":
        return "\f";
      case "n":
        return "\n";
      case "r":
        return "\r";
      case "t":
        return "\t";
      case "u":
        return this.#unicode(start);
    }
    const character = String.fromCodePoint(text.codePointAt(this.#at - 1)!);
    throw this.#fail(`Escape sequence "\\${character}" is invalid.`);
  }

  /** The unit of four hexadecimal digits. */
  #unit(): number {
    const digits = this.#text.slice(this.#at, this.#at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw this.#fail('"\\u" must be followed by four hexadecimal digits.');
    }
    this.#at += 4;
    return parseInt(digits, 16);
  }

  #unicode(start: number): string {
    const unit = this.#unit();
    if (unit === 0 && this.#binary) {
      throw new SqlError("22P05", "unsupported Unicode escape sequence", {
        detail: "\\u0000 cannot be converted to text.",
      });
    }
    if (!this.#binary) return "";
    if (unit >= 0xdc00 && unit < 0xe000) throw this.#lowSurrogate();
    if (unit < 0xd800 || unit >= 0xe000) return String.fromCharCode(unit);
    if (this.#at >= this.#text.length) {
      throw this.#invalid(this.#text.slice(start));
    }
    if (!this.#text.startsWith("\\u", this.#at)) throw this.#lowSurrogate();
    this.#at += 2;
    const low = this.#unit();
    if (low >= 0xd800 && low < 0xdc00) {
      throw this.#fail(
        "Unicode high surrogate must not follow a high surrogate.",
      );
    }
    if (low < 0xdc00 || low >= 0xe000) throw this.#lowSurrogate();
    return String.fromCharCode(unit, low);
  }

  #lowSurrogate(): SqlError {
    return this.#fail("Unicode low surrogate must follow a high surrogate.");
  }
}

/**
 * Reads JSON text as `jsonb` does.
 *
 * @throws {SqlError} `22P02`, `22P05` (`\u0000`), `22003`, `54001`.
 */
export function parseJson(text: string): JsonNode {
  return new JsonReader(text, true).read();
}

/** Checks JSON text as `json` does: `\u0000` and any number pass. */
export function checkJson(text: string): void {
  new JsonReader(text, false).read();
}
