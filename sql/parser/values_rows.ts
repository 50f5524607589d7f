/**
 * The fast path for long VALUES lists: the first row goes through the grammar,
 * the rows after it are tokenized here and cut out of the text.
 *
 * ```text
 * INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'), (3, NULL) RETURNING a
 * |------------ grammar -------------||--- cut out -------||- grammar -|
 * ```
 *
 * A row is `(` cells `)`; a cell is a number with at most one minus sign, a
 * string `'…'` or `E'…'` with an optional `::type`, NULL, TRUE, FALSE, DEFAULT
 * or `$n`. Whatever else turns up (a comment, an expression, a number in
 * another base, a string that goes on after a newline) makes us decline, and the
 * whole text goes to the grammar. So do rows of another length than the first,
 * and a cast that the first row's cell does not have: what the first row means
 * for its column must hold for all.
 *
 * Several statements in a row are cut as long as each is an INSERT of this form
 * that ends at its last row.
 *
 * Invariant: where we do not decline, and the grammar accepts what is left, the
 * grammar would accept the whole and give the same rows (fuzzed in the test).
 *
 * @module
 */
import type { Gap } from "./positions.ts";
import { nodeOf, type RawFields } from "./raw_node.ts";
import {
  CELL_DEFAULT,
  CELL_ESCAPED,
  CELL_FALSE,
  CELL_NEGATIVE,
  CELL_NULL,
  CELL_NUMBER,
  CELL_PARAMETER,
  CELL_QUOTED,
  CELL_STRING,
  CELL_TRUE,
  type TokenizedRows,
} from "./tokenized_rows.ts";

/** A text without the rows that were tokenized. */
export interface CutText {
  /** What the grammar has to parse. */
  readonly text: string;
  /** What is missing from it. */
  readonly gaps: readonly Gap[];
  /** By statement, the rows that are missing from it. */
  readonly rows: readonly (TokenizedRows | undefined)[];
}

const INSERT_START = /\s*insert\s+into\s/iy;
const VALUES_END = /\s*(?:;\s*|$)/y;

/** Cuts rows out of `text`; nothing where there is none to cut. */
export function cutValuesRows(text: string): CutText | undefined {
  const gaps: Gap[] = [];
  const rows: (TokenizedRows | undefined)[] = [];
  const pieces: string[] = [];
  let seen = 0; // length of the pieces
  let kept = 0; // where the piece being kept starts
  let at = 0;
  while (at < text.length) {
    INSERT_START.lastIndex = at;
    if (!INSERT_START.test(text)) break;
    const open = endOfHead(text, INSERT_START.lastIndex);
    if (open < 0) break;
    const scanner = new RowScanner(text);
    const first = scanner.firstRow(open);
    if (first < 0) break;
    const end = scanner.moreRows(first);
    if (end < 0) break;
    if (end > first) {
      pieces.push(text.slice(kept, first));
      seen += first - kept;
      gaps.push({ at: seen, length: end - first });
      kept = end;
    }
    rows.push(end > first ? scanner.finish() : undefined);
    VALUES_END.lastIndex = end;
    if (!VALUES_END.test(text)) break;
    at = VALUES_END.lastIndex;
  }
  if (gaps.length === 0) return undefined;
  pieces.push(text.slice(kept));
  return { text: pieces.join(""), gaps, rows };
}

/** Whether the statement in `raw` is one that rows can have been cut from. */
export function takesRows(raw: unknown): boolean {
  const { type, fields } = nodeOf(raw);
  if (type !== "InsertStmt" || fields["selectStmt"] === undefined) return false;
  const source = nodeOf(fields["selectStmt"]).fields as RawFields;
  const lists = source["valuesLists"] as readonly unknown[] | undefined;
  return lists?.length === 1;
}

const HEAD_TOKEN =
  /\s*(?:([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|"(?:[^"]|"")*"|[.,()])/y;

/** Where the rows after VALUES start; -1 where there is nothing we know. */
function endOfHead(text: string, from: number): number {
  HEAD_TOKEN.lastIndex = from;
  for (;;) {
    const token = HEAD_TOKEN.exec(text);
    if (token === null) return -1;
    if (token[1]?.toLowerCase() === "values") return HEAD_TOKEN.lastIndex;
  }
}

const SPACE = 1;
const DIGIT = 2;
const LETTER = 4;

/** What a character below 128 is; all beyond are letters to SQL. */
const CLASSES = new Uint8Array(128);
for (const code of [9, 10, 11, 12, 13, 32]) CLASSES[code] = SPACE;
for (let code = 48; code <= 57; code++) CLASSES[code] = DIGIT;
for (let code = 65; code <= 90; code++) {
  CLASSES[code] = LETTER;
  CLASSES[code + 32] = LETTER;
}
CLASSES[95] = LETTER; // _

const TAB = 9;
const QUOTE = 39;
const OPEN = 40;
const CLOSE = 41;
const COMMA = 44;
const MINUS = 45;
const DOT = 46;
const COLON = 58;
const DOLLAR = 36;
const BACKSLASH = 92;

const KEYWORDS: ReadonlyMap<string, number> = new Map([
  ["null", CELL_NULL],
  ["true", CELL_TRUE],
  ["false", CELL_FALSE],
  ["default", CELL_DEFAULT],
]);

const CAST = /\s*::\s*([A-Za-z_]\w*(?:\(\d{1,9}\))?)/y;

/** Tokenizes the rows of one statement. */
class RowScanner {
  readonly #text: string;
  /** By column, the cast that the first row has. */
  readonly #casts: (string | undefined)[] = [];
  #kinds = new Uint8Array(256);
  #starts = new Uint32Array(256);
  #ends = new Uint32Array(256);
  #count = 0;
  #width = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the first row ends; -1 if we do not know it. */
  firstRow(from: number): number {
    const end = this.#row(from);
    this.#width = this.#count;
    this.#count = 0;
    return end;
  }

  /** Where the last of the rows after `from` ends; -1 if we do not know one. */
  moreRows(from: number): number {
    let end = from;
    for (;;) {
      const comma = this.#skip(end);
      if (this.#text.charCodeAt(comma) !== COMMA) return end;
      const before = this.#count;
      end = this.#row(comma + 1);
      if (end < 0 || this.#count - before !== this.#width) return -1;
    }
  }

  /** The rows that `moreRows` read. */
  finish(): TokenizedRows {
    return {
      text: this.#text,
      rowCount: this.#count / this.#width,
      width: this.#width,
      kinds: this.#kinds.subarray(0, this.#count),
      starts: this.#starts.subarray(0, this.#count),
      ends: this.#ends.subarray(0, this.#count),
    };
  }

  /** Reads a row; where it ends, or -1. */
  #row(from: number): number {
    const text = this.#text;
    let at = this.#skip(from);
    if (text.charCodeAt(at) !== OPEN) return -1;
    for (let column = 0;; column++) {
      at = this.#cell(this.#skip(at + 1), column);
      if (at < 0) return -1;
      at = this.#skip(at);
      const code = text.charCodeAt(at);
      if (code === CLOSE) return at + 1;
      if (code !== COMMA) return -1;
    }
  }

  /** Reads the cell at `at`; where it ends, or -1. */
  #cell(at: number, column: number): number {
    const code = this.#text.charCodeAt(at);
    if (code === QUOTE) return this.#string(at + 1, column);
    if (code === MINUS) {
      const start = this.#skip(at + 1);
      return this.#number(start, CELL_NEGATIVE);
    }
    if (code === DOT || classOf(code) === DIGIT) {
      return this.#number(at, CELL_NUMBER);
    }
    if (code === DOLLAR) return this.#parameter(at + 1);
    if (classOf(code) !== LETTER) return -1;
    if (
      (code | 32) === 101 && this.#text.charCodeAt(at + 1) === QUOTE
    ) return this.#escapedString(at + 2, column);
    return this.#keyword(at);
  }

  /** The string whose body starts at `start`. */
  #string(start: number, column: number): number {
    const text = this.#text;
    let kind = CELL_STRING;
    let end = text.indexOf("'", start);
    while (end >= 0 && text.charCodeAt(end + 1) === QUOTE) {
      kind = CELL_QUOTED;
      end = text.indexOf("'", end + 2);
    }
    if (end < 0) return -1;
    this.#push(kind, start, end);
    return this.#cast(end + 1, column);
  }

  /** The `E''` string whose body starts at `start`. */
  #escapedString(start: number, column: number): number {
    const text = this.#text;
    let at = start;
    for (;; at++) {
      const code = text.charCodeAt(at);
      if (code !== code) return -1;
      if (code === BACKSLASH) {
        // Octal, hexadecimal and Unicode escapes are the grammar's.
        at++;
        if (/^[0-7xuU]?$/.test(text.charAt(at))) return -1;
      } else if (code === QUOTE) {
        if (text.charCodeAt(at + 1) !== QUOTE) break;
        at++;
      }
    }
    this.#push(CELL_ESCAPED, start, at);
    return this.#cast(at + 1, column);
  }

  /** The cast of a string, which must be the one of the first row. */
  #cast(at: number, column: number): number {
    const text = this.#text;
    const next = this.#skip(at);
    let end = at;
    let cast: string | undefined;
    if (text.charCodeAt(next) === COLON) {
      CAST.lastIndex = at;
      const match = CAST.exec(text);
      if (match === null) return -1;
      cast = match[1];
      end = CAST.lastIndex;
    }
    if (this.#width === 0) this.#casts[column] = cast;
    else if (this.#casts[column] !== cast) return -1;
    return end;
  }

  #number(start: number, kind: number): number {
    const text = this.#text;
    let at = this.#digits(start);
    let digits = at - start;
    if (text.charCodeAt(at) === DOT) {
      const fraction = at + 1;
      at = this.#digits(fraction);
      digits += at - fraction;
    }
    if (digits === 0) return -1;
    if ((text.charCodeAt(at) | 32) === 101) {
      let exponent = at + 1;
      const sign = text.charCodeAt(exponent);
      if (sign === 43 || sign === MINUS) exponent++;
      at = this.#digits(exponent);
      if (at === exponent) return -1;
    }
    const next = text.charCodeAt(at);
    if (classOf(next) === LETTER || next === DOT) return -1;
    this.#push(kind, start, at);
    return at;
  }

  #parameter(start: number): number {
    const end = this.#digits(start);
    if (end === start || end - start > 5) return -1;
    if (classOf(this.#text.charCodeAt(end)) === LETTER) return -1;
    this.#push(CELL_PARAMETER, start, end);
    return end;
  }

  #keyword(start: number): number {
    const text = this.#text;
    let end = start;
    while ((classOf(text.charCodeAt(end)) & (LETTER | DIGIT)) !== 0) end++;
    if (text.charCodeAt(end) === DOLLAR) return -1;
    const kind = KEYWORDS.get(text.slice(start, end).toLowerCase());
    if (kind === undefined) return -1;
    this.#push(kind, start, end);
    return end;
  }

  #digits(from: number): number {
    let at = from;
    while (classOf(this.#text.charCodeAt(at)) === DIGIT) at++;
    return at;
  }

  #skip(from: number): number {
    let at = from;
    let code = this.#text.charCodeAt(at);
    while (code === 32 || (code >= TAB && code <= 13)) {
      code = this.#text.charCodeAt(++at);
    }
    return at;
  }

  #push(kind: number, start: number, end: number): void {
    const cell = this.#count++;
    if (cell === this.#kinds.length) this.#grow();
    this.#kinds[cell] = kind;
    this.#starts[cell] = start;
    this.#ends[cell] = end;
  }

  #grow(): void {
    const length = this.#kinds.length * 2;
    const kinds = new Uint8Array(length);
    const starts = new Uint32Array(length);
    const ends = new Uint32Array(length);
    kinds.set(this.#kinds);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#kinds = kinds;
    this.#starts = starts;
    this.#ends = ends;
  }
}

/** The class of a character; 0 for none, the end of the text included. */
function classOf(code: number): number {
  return code < 128 ? CLASSES[code]! : code === code ? LETTER : 0;
}

/** The value of a string's slice, by the kind of its cell. */
export function cellString(kind: number, slice: string): string {
  if (kind === CELL_STRING) return slice;
  if (kind === CELL_QUOTED) return slice.replaceAll("''", "'");
  return slice.replace(
    /''|\\([\s\S])/g,
    (_, escaped: string | undefined) =>
      escaped === undefined ? "'" : ESCAPES[escaped] ?? escaped,
  );
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};
