/**
 * A statement's text with its texts, quoted names and parameters taken out: the
 * parser sees plain words and numbers in their places, and what they stand for
 * is looked up in what it made of them. So each dialect's quoting is decoded
 * here, once, and nothing in a text can be mistaken for syntax.
 *
 * | in the text | in the masked text |
 * | --- | --- |
 * | `'it''s'` | `'zt0z'` |
 * | `` `Order` ``, `[Order]`, `"Order"` | `zn0z` |
 * | `?`, `@p1`, `:1` | `923400001` |
 * | a comment | a space |
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { DialectRules } from "./dialect.ts";

/** A text that was taken out. */
export interface MaskedLiteral {
  /** Its characters, decoded. */
  readonly text: string;
  /** A text, bytes in hexadecimal digits, or bits. */
  readonly kind: "text" | "hex" | "bits";
}

const PARAMETER_BASE = 923_400_000;
const PARAMETERS_MAX = 65_535;

/** What a text is made of. */
export class MaskedText {
  /** The text for the parser. */
  readonly text: string;
  readonly #literals: readonly MaskedLiteral[];
  readonly #names: readonly string[];

  /** Masks `source`. @throws {SqlError} `42601`, `54000`. */
  constructor(source: string, rules: DialectRules) {
    const scanner = new Scanner(source, rules);
    this.text = scanner.run();
    this.#literals = scanner.literals;
    this.#names = scanner.names;
  }

  /** The literal that a text of the parser's stands for. */
  literal(text: string): MaskedLiteral | undefined {
    const index = /^zt(\d+)z$/i.exec(text)?.[1];
    return index === undefined ? undefined : this.#literals[Number(index)];
  }

  /** The quoted name that a word of the parser's stands for. */
  quotedName(word: string): string | undefined {
    const index = /^zn(\d+)z$/i.exec(word)?.[1];
    return index === undefined ? undefined : this.#names[Number(index)];
  }

  /** The number of the parameter that a number stands for. */
  parameter(number: number): number | undefined {
    const index = number - PARAMETER_BASE;
    return index >= 1 && index <= PARAMETERS_MAX ? index : undefined;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "n": "\n",
  "t": "\t",
  "r": "\r",
  "b": "\b",
  "0": "\0",
  "Z": "\x1a",
};

class Scanner {
  readonly literals: MaskedLiteral[] = [];
  readonly names: string[] = [];
  readonly #source: string;
  readonly #rules: DialectRules;
  #at = 0;
  #out = "";
  #parameterCount = 0;

  constructor(source: string, rules: DialectRules) {
    this.#source = source;
    this.#rules = rules;
  }

  run(): string {
    const { textQuotes, nameQuotes } = this.#rules;
    while (this.#at < this.#source.length) {
      const char = this.#source[this.#at]!;
      if (this.#comment()) continue;
      if (textQuotes.includes(char)) this.#literal("text", false);
      else if (nameQuotes.includes(char)) this.#name(char);
      else if (char === "?" || char === "@" || char === ":") {
        this.#parameter(char);
      } else if (/[A-Za-z_]/.test(char)) this.#word();
      else if (/[0-9]/.test(char)) this.#number();
      else {
        this.#out += char;
        this.#at++;
      }
    }
    return this.#out;
  }

  #comment(): boolean {
    const source = this.#source;
    const line = ["--", ...this.#rules.lineComments]
      .some((start) => source.startsWith(start, this.#at));
    if (line) {
      const end = source.indexOf("\n", this.#at);
      this.#at = end < 0 ? source.length : end;
    } else if (source.startsWith("/*", this.#at)) {
      const end = source.indexOf("*/", this.#at + 2);
      if (end < 0) throw this.#unterminated("/* comment");
      this.#at = end + 2;
    } else return false;
    this.#out += " ";
    return true;
  }

  #unterminated(what: string): SqlError {
    return new SqlError("42601", `unterminated ${what}`, { offset: this.#at });
  }

  /** A word, or the prefix of a text. */
  #word(): void {
    const word = /[A-Za-z_][\w$]*/y;
    word.lastIndex = this.#at;
    const [text] = word.exec(this.#source)!;
    const next = this.#source[this.#at + text.length];
    const { textQuotes, dialect } = this.#rules;
    const prefixed = next !== undefined && textQuotes.includes(next);
    if (prefixed && /^([nrxb]|_[a-z]\w*)$/i.test(text)) {
      this.#at += text.length;
      const letter = text.toLowerCase();
      if (letter === "x") return this.#literal("hex", true);
      if (letter === "b" && dialect !== "bigquery") {
        return this.#literal("bits", true);
      }
      if (letter !== "b") return this.#literal("text", letter === "r");
      throw new SqlError("0A000", "a literal of bytes is not supported", {
        offset: this.#at,
      });
    }
    this.#at += text.length;
    this.#out += text;
  }

  #number(): void {
    const number = /[0-9][\w.]*/y;
    number.lastIndex = this.#at;
    const [text] = number.exec(this.#source)!;
    if (/^\d+$/.test(text) && isParameterNumber(Number(text))) {
      throw new SqlError("0A000", `the number ${text} is not supported`, {
        offset: this.#at,
        hint: "Give it as a parameter",
      });
    }
    this.#at += text.length;
    this.#out += text;
  }

  /** The text at the quote where the scanner stands. */
  #literal(kind: MaskedLiteral["kind"], raw: boolean): void {
    const { backslash, dialect } = this.#rules;
    const quote = this.#source[this.#at]!;
    const triple = quote.repeat(3);
    const isTriple = dialect === "bigquery" &&
      this.#source.startsWith(triple, this.#at);
    const end = isTriple ? triple : quote;
    let text = "";
    let at = this.#at + end.length;
    for (;;) {
      if (at >= this.#source.length) throw this.#unterminated("quoted string");
      const char = this.#source[at]!;
      if (this.#source.startsWith(end, at)) {
        const doubled = !isTriple && this.#source[at + 1] === quote;
        if (!doubled) break;
        text += quote;
        at += 2;
      } else if (char === "\\" && backslash && !raw) {
        const [escaped, length] = this.#escaped(at + 1);
        text += escaped;
        at += 1 + length;
      } else {
        text += char;
        at++;
      }
    }
    this.#at = at + end.length;
    this.#out += `'zt${this.literals.length}z'`;
    this.literals.push({ text, kind });
  }

  /** What stands behind a backslash, and how long it is. */
  #escaped(at: number): readonly [string, number] {
    const char = this.#source[at] ?? "";
    const code = /^(?:x([0-9a-f]{2})|u([0-9a-f]{4}))/i
      .exec(this.#source.slice(at, at + 5));
    if (code !== null && !this.#rules.dialect.startsWith("m")) {
      return [
        String.fromCharCode(Number.parseInt(code[1] ?? code[2]!, 16)),
        code[0].length,
      ];
    }
    // MySQL keeps the backslash of \% and \_, which LIKE reads.
    if (char === "%" || char === "_") return [`\\${char}`, 1];
    return [ESCAPES[char] ?? char, 1];
  }

  #name(open: string): void {
    const close = open === "[" ? "]" : open;
    let name = "";
    let at = this.#at + 1;
    for (;;) {
      if (at >= this.#source.length) {
        throw this.#unterminated("quoted identifier");
      }
      const char = this.#source[at]!;
      if (char === close) {
        if (this.#source[at + 1] !== close) break;
        at++;
      }
      name += char;
      at++;
    }
    this.#at = at + 1;
    // BigQuery quotes a whole path at once.
    const parts = this.#rules.dialect === "bigquery" ? name.split(".") : [name];
    this.#out += parts.map((part) => {
      this.names.push(part);
      return `zn${this.names.length - 1}z`;
    }).join(".");
  }

  #parameter(char: string): void {
    const named = /^(?:@p|:)(\d+)\b/i.exec(
      this.#source.slice(this.#at, this.#at + 12),
    );
    const number = char === "?"
      ? ++this.#parameterCount
      : named === null
      ? undefined
      : Number(named[1]);
    if (number === undefined) {
      this.#out += char;
      this.#at++;
      return;
    }
    if (number < 1 || number > PARAMETERS_MAX) {
      throw new SqlError("54000", `there is no parameter ${number}`, {
        offset: this.#at,
      });
    }
    this.#at += char === "?" ? 1 : named![0].length;
    this.#out += String(PARAMETER_BASE + number);
  }
}

function isParameterNumber(number: number): boolean {
  return number > PARAMETER_BASE && number <= PARAMETER_BASE + PARAMETERS_MAX;
}
