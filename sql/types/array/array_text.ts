/**
 * The text form of arrays: `{a,"b c",NULL}`, `{{1,2},{3,4}}`, `[0:1]={5,6}`.
 *
 * Reading goes token by token, as PostgreSQL's `array_in` does, so that a text
 * with several faults is told the same one: an element is read before what
 * stands behind it, and the shape is judged as it comes.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { SqlValue } from "../data_type.ts";
import { SPACES } from "../numeric.ts";
import {
  DIMENSIONS_MAX,
  elementCountOf,
  ELEMENTS_MAX,
  SqlArray,
  tooManyElements,
} from "./array_value.ts";

const INT4_MAX = 2147483647;

/** Reads the text of an element. */
export type ReadElement = (text: string) => SqlValue;

/**
 * Reads an array; `read` makes the elements of their texts.
 *
 * @throws {SqlError} `22P02` when it is none, `54000` and `2202E` for bounds
 * out of range; what `read` throws.
 */
export function parseArray(
  text: string,
  read: ReadElement,
  delimiter = ",",
): SqlArray {
  return new ArrayParser(text, read, delimiter).parse();
}

/** An element's text as it was read, or what else a token can be. */
type Token =
  | { readonly kind: "open" }
  | { readonly kind: "close" }
  | { readonly kind: "delimiter" }
  | { readonly kind: "null" }
  | { readonly kind: "element"; readonly text: string };

const OPEN: Token = { kind: "open" };
const CLOSE: Token = { kind: "close" };
const DELIMITER: Token = { kind: "delimiter" };
const NULL: Token = { kind: "null" };

class ArrayParser {
  readonly #text: string;
  readonly #read: ReadElement;
  readonly #delimiter: string;
  #at = 0;
  readonly #dims: number[] = [];
  readonly #bounds: number[] = [];

  constructor(text: string, read: ReadElement, delimiter: string) {
    this.#text = text;
    this.#read = read;
    this.#delimiter = delimiter;
  }

  parse(): SqlArray {
    this.#dimensions();
    if (this.#dims.length > 0) {
      if (this.#text[this.#at] !== "=") {
        throw this.#malformed('Missing "=" after array dimensions.');
      }
      this.#at++;
      this.#skip();
      if (this.#text[this.#at] !== "{") {
        throw this.#malformed('Array contents must start with "{".');
      }
    } else if (this.#text[this.#at] !== "{") {
      throw this.#malformed(
        'Array value must start with "{" or dimension information.',
      );
    }
    const elements = this.#contents();
    this.#skip();
    if (this.#at < this.#text.length) {
      throw this.#malformed("Junk after closing right brace.");
    }
    if (elements.length === 0) return SqlArray.EMPTY;
    elementCountOf(this.#dims);
    return SqlArray.shaped(elements, this.#dims, this.#bounds);
  }

  #malformed(detail: string): SqlError {
    return new SqlError("22P02", `malformed array literal: "${this.#text}"`, {
      detail,
    });
  }

  #skip(): void {
    while (
      this.#at < this.#text.length && SPACES.includes(this.#text[this.#at]!)
    ) this.#at++;
  }

  /** `[m:n][n]…` */
  #dimensions(): void {
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] !== "[") return;
      this.#at++;
      if (this.#dims.length >= DIMENSIONS_MAX) throw tooManyDimensions();
      let upper = this.#bound(
        '"[" must introduce explicitly-specified array dimensions.',
      );
      let lower = 1;
      if (this.#text[this.#at] === ":") {
        this.#at++;
        lower = upper;
        upper = this.#bound("Missing array dimension value.");
      }
      if (this.#text[this.#at] !== "]") {
        throw this.#malformed('Missing "]" after array dimensions.');
      }
      this.#at++;
      if (upper < lower) {
        throw new SqlError(
          "2202E",
          "upper bound cannot be less than lower bound",
        );
      }
      if (upper === INT4_MAX) {
        throw new SqlError(
          "54000",
          `array upper bound is too large: ${upper}`,
        );
      }
      if (upper - lower >= INT4_MAX) throw tooManyElements();
      this.#bounds.push(lower);
      this.#dims.push(upper - lower + 1);
    }
  }

  #bound(missing: string): number {
    const pattern = /[+-]?\d+/y;
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match === null) throw this.#malformed(missing);
    this.#at = pattern.lastIndex;
    const value = Number(match[0]);
    if (value > INT4_MAX || value < -INT4_MAX - 1) {
      throw new SqlError("54000", "array bound is out of integer range");
    }
    return value;
  }

  /** From the first brace to the one that closes it. */
  #contents(): (SqlValue | null)[] {
    const dims = this.#dims;
    const given = dims.length > 0;
    const elements: (SqlValue | null)[] = [];
    const counts: number[] = [];
    let frozen = given;
    let levels = dims.length;
    let depth = 0;
    let wantsDelimiter = false;
    do {
      const token = this.#token();
      switch (token.kind) {
        case "open":
          if (wantsDelimiter) throw this.#unexpected("{");
          if (depth >= DIMENSIONS_MAX) throw tooManyDimensions();
          counts[depth++] = 0;
          if (depth > levels) {
            if (frozen) throw this.#mismatch(given);
            levels = depth;
          }
          break;
        case "close":
          if (counts[depth - 1]! > 0 && !wantsDelimiter) {
            throw this.#unexpected("}");
          }
          depth--;
          if (depth > 0) counts[depth - 1]!++;
          if (dims[depth] === undefined) dims[depth] = counts[depth]!;
          else if (dims[depth] !== counts[depth]) throw this.#mismatch(given);
          wantsDelimiter = true;
          break;
        case "delimiter":
          if (!wantsDelimiter) throw this.#unexpected(this.#delimiter);
          wantsDelimiter = false;
          break;
        default:
          if (wantsDelimiter) {
            throw this.#malformed("Unexpected array element.");
          }
          if (elements.length >= ELEMENTS_MAX) throw tooManyElements();
          elements.push(token.kind === "null" ? null : this.#read(token.text));
          frozen = true;
          if (depth !== levels) throw this.#mismatch(given);
          counts[depth - 1]!++;
          wantsDelimiter = true;
      }
    } while (depth > 0);
    while (this.#bounds.length < levels) this.#bounds.push(1);
    return elements;
  }

  #unexpected(character: string): SqlError {
    return this.#malformed(`Unexpected "${character}" character.`);
  }

  #mismatch(given: boolean): SqlError {
    return this.#malformed(
      given
        ? "Specified array dimensions do not match array contents."
        : "Multidimensional arrays must have sub-arrays with matching dimensions.",
    );
  }

  #ended(): SqlError {
    return this.#malformed("Unexpected end of input.");
  }

  #token(): Token {
    this.#skip();
    switch (this.#text[this.#at]) {
      case undefined:
        throw this.#ended();
      case "{":
        this.#at++;
        return OPEN;
      case "}":
        this.#at++;
        return CLOSE;
      case this.#delimiter:
        this.#at++;
        return DELIMITER;
      case '"':
        this.#at++;
        return this.#quoted();
      default:
        return this.#plain();
    }
  }

  #quoted(): Token {
    const source = this.#text;
    let value = "";
    for (let at = this.#at; at < source.length; at++) {
      if (source[at] === '"') {
        this.#at = at + 1;
        this.#skip();
        if (this.#at >= source.length) throw this.#ended();
        if (!",}{".includes(source[this.#at]!)) {
          throw this.#malformed("Incorrectly quoted array element.");
        }
        return { kind: "element", text: value };
      }
      if (source[at] === "\\") at++;
      value += source[at] ?? "";
    }
    throw this.#ended();
  }

  #plain(): Token {
    const source = this.#text;
    let value = "";
    let kept = 0;
    let escaped = false;
    for (let at = this.#at; at < source.length; at++) {
      const character = source[at]!;
      switch (character) {
        case "{":
          throw this.#unexpected("{");
        case '"':
          throw this.#malformed("Incorrectly quoted array element.");
        case "\\":
          if (++at >= source.length) throw this.#ended();
          value += source[at]!;
          kept = value.length;
          escaped = true;
          break;
        case this.#delimiter:
        case "}": {
          this.#at = at;
          const text = value.slice(0, kept);
          return !escaped && /^null$/i.test(text)
            ? NULL
            : { kind: "element", text };
        }
        default:
          value += character;
          if (!SPACES.includes(character)) kept = value.length;
      }
    }
    throw this.#ended();
  }
}

function tooManyDimensions(): SqlError {
  return new SqlError(
    "54000",
    `number of array dimensions exceeds the maximum allowed (${DIMENSIONS_MAX})`,
  );
}

/** The text form of an array; `write` makes the texts of its elements. */
export function formatArray(
  array: SqlArray,
  write: (element: SqlValue) => string,
  delimiter = ",",
): string {
  const { dims, lowerBounds, elements } = array;
  if (elements.length === 0) return "{}";
  const texts = elements.map((element) =>
    element === null ? "NULL" : quoteElement(write(element), delimiter)
  );
  let parts = texts;
  for (let i = dims.length - 1; i >= 0; i--) {
    parts = groups(parts, dims[i]!, delimiter);
  }
  if (array.isPlain) return parts[0]!;
  const bounds = dims.map((length, i) =>
    `[${lowerBounds[i]!}:${lowerBounds[i]! + length - 1}]`
  );
  return `${bounds.join("")}=${parts[0]!}`;
}

/** The texts in braces, `size` of them in each. */
function groups(
  texts: readonly string[],
  size: number,
  delimiter: string,
): string[] {
  const result: string[] = [];
  for (let i = 0; i < texts.length; i += size) {
    result.push(`{${texts.slice(i, i + size).join(delimiter)}}`);
  }
  return result;
}

/** The text of an element, in quotes where it needs them. */
export function quoteElement(text: string, delimiter = ","): string {
  const isPlain = text !== "" && !/[{}"\\ \t\n\v\f\r]/.test(text) &&
    !text.includes(delimiter) &&
    !/^null$/i.test(text);
  return isPlain ? text : `"${text.replace(/["\\]/g, "\\$&")}"`;
}
