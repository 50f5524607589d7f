/**
 * PostgreSQL's regular expressions ("advanced", ARE) as JavaScript's.
 *
 * | PostgreSQL | JavaScript |
 * | --- | --- |
 * | `.` matches newlines too | flag `s` |
 * | `[[:alpha:]]`, `\d`, `\w`, `\s` | classes of Unicode |
 * | `\y` `\Y` `\m` `\M` | word boundary, not one, start and end of a word |
 * | `\A` `\Z` | start and end of the text |
 * | `(?i)` and other options in front | flags |
 * | `***=text`, `***:re` | literal text, ARE |
 *
 * Differences: where several matches begin at one place PostgreSQL takes the
 * longest, JavaScript the first alternative (whether a text matches is not
 * affected); a pattern that backtracks badly takes long. Options `x` and `q`
 * are understood, `b`, collating elements (`[[.hyphen.]]`) and equivalence
 * classes (`[[=a=]]`) are refused with `2201B`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";

/** The classes of `[[:name:]]`, to be put inside of brackets. */
const CLASSES: Readonly<Record<string, string>> = {
  alpha: "\\p{Alphabetic}",
  digit: "\\p{Nd}",
  alnum: "\\p{Alphabetic}\\p{Nd}",
  upper: "\\p{Uppercase}",
  lower: "\\p{Lowercase}",
  space: "\\s",
  blank: " \\t",
  punct: "!-\\/:-@\\[-`\\{-~",
  print: "\\P{C}",
  graph: "\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}",
  cntrl: "\\p{Cc}",
  xdigit: "0-9a-fA-F",
  word: "\\p{Alphabetic}\\p{Nd}_",
};

const WORD_CLASS = "[\\p{Alphabetic}\\p{Nd}_]";

/** Escapes outside of brackets that are spelled otherwise in JavaScript. */
const ESCAPES: Readonly<Record<string, string>> = {
  y: "\\b",
  Y: "\\B",
  m: `(?<!${WORD_CLASS})(?=${WORD_CLASS})`,
  M: `(?<=${WORD_CLASS})(?!${WORD_CLASS})`,
  A: "(?<![\\s\\S])",
  Z: "(?![\\s\\S])",
  a: "\\x07",
  B: "\\\\",
  e: "\\x1b",
  d: "\\p{Nd}",
  D: "\\P{Nd}",
  w: WORD_CLASS,
  W: "[^\\p{Alphabetic}\\p{Nd}_]",
};

/** The same inside of brackets. */
const BRACKET_ESCAPES: Readonly<Record<string, string>> = {
  a: "\\x07",
  B: "\\\\",
  b: "\\x08",
  e: "\\x1b",
  d: "\\p{Nd}",
  w: "\\p{Alphabetic}\\p{Nd}_",
};

/** `2201B`. */
export function invalidRegex(reason: string, cause?: unknown): SqlError {
  return new SqlError("2201B", `invalid regular expression: ${reason}`, {
    cause,
  });
}

/** What JavaScript says of a bad pattern, in PostgreSQL's words. */
function reasonOf(message: string): string {
  if (/group|parenthes|unmatched '\)'/i.test(message)) {
    return "parentheses () not balanced";
  }
  if (/character class/i.test(message) && /order/i.test(message)) {
    return "invalid character range";
  }
  if (/character class/i.test(message)) return "brackets [] not balanced";
  if (/nothing to repeat/i.test(message)) {
    return "quantifier operand invalid";
  }
  if (/quantifier|numbers out of order/i.test(message)) {
    return "invalid repetition count(s)";
  }
  if (/escape|\\ at end/i.test(message)) return "invalid escape \\ sequence";
  return "invalid regexp";
}

class Translator {
  readonly #source: string;
  readonly #expanded: boolean;
  #at = 0;
  #out = "";

  constructor(source: string, expanded: boolean) {
    this.#source = source;
    this.#expanded = expanded;
  }

  translate(): string {
    const source = this.#source;
    while (this.#at < source.length) {
      const character = source[this.#at]!;
      if (character === "\\") this.#escape(ESCAPES);
      else if (character === "[") this.#bracket();
      else if (character === "{") this.#brace();
      else if (character === "}" || character === "]") {
        this.#out += `\\${character}`;
        this.#at++;
      } else if (character === "(") this.#group();
      else if (this.#expanded && /\s/.test(character)) this.#at++;
      else if (this.#expanded && character === "#") this.#comment("\n");
      else {
        this.#out += character;
        this.#at++;
      }
    }
    return this.#out;
  }

  #comment(end: string): void {
    const at = this.#source.indexOf(end, this.#at);
    this.#at = at < 0 ? this.#source.length : at + 1;
  }

  #group(): void {
    if (this.#source.startsWith("(?#", this.#at)) return this.#comment(")");
    if (this.#source.startsWith("(?", this.#at)) {
      const form = /^\(\?(?:[:=!]|<[=!])/.exec(this.#source.slice(this.#at));
      if (form === null) throw invalidRegex("quantifier operand invalid");
      this.#out += form[0];
      this.#at += form[0].length;
      return;
    }
    this.#out += "(";
    this.#at++;
  }

  /** A brace is a bound before a digit and itself elsewhere. */
  #brace(): void {
    const rest = this.#source.slice(this.#at);
    const bound = /^\{(\d+)(?:,(\d*))?\}/.exec(rest);
    if (bound !== null) {
      if (Number(bound[1]) > 255 || Number(bound[2] ?? 0) > 255) {
        throw invalidRegex("invalid repetition count(s)");
      }
      this.#out += bound[0];
      this.#at += bound[0].length;
      return;
    }
    if (/^\{\d/.test(rest)) throw invalidRegex("invalid repetition count(s)");
    this.#out += "\\{";
    this.#at++;
  }

  #escape(escapes: Readonly<Record<string, string>>): void {
    const source = this.#source;
    const mark = source[this.#at + 1];
    if (mark === undefined) throw invalidRegex("invalid escape \\ sequence");
    const special = escapes[mark];
    this.#at += 2;
    if (special !== undefined) {
      this.#out += special;
      return;
    }
    if (mark === "u" || mark === "U" || mark === "x") {
      return this.#codePoint(mark);
    }
    if (mark === "0") {
      const octal = /^[0-7]{0,2}/.exec(source.slice(this.#at))![0];
      this.#at += octal.length;
      this.#out += `\\u{${parseInt(`0${octal}`, 8).toString(16)}}`;
      return;
    }
    if (/[a-zA-Z]/.test(mark) && !/[fnrtvbsSc]/.test(mark)) {
      throw invalidRegex("invalid escape \\ sequence");
    }
    const identity = !/[\w^$.*+?()[\]{}|/\\-]/.test(mark);
    this.#out += identity ? mark : mark === "-" ? "\\x2d" : `\\${mark}`;
  }

  #codePoint(mark: string): void {
    const digits = mark === "x"
      ? /^[0-9a-fA-F]+/
      : mark === "u"
      ? /^[0-9a-fA-F]{4}/
      : /^[0-9a-fA-F]{8}/;
    const match = digits.exec(this.#source.slice(this.#at));
    const code = match === null ? NaN : parseInt(match[0], 16);
    if (match === null || !(code <= 0x10ffff)) {
      throw invalidRegex("invalid escape \\ sequence");
    }
    this.#at += match[0].length;
    this.#out += `\\u{${code.toString(16)}}`;
  }

  #bracket(): void {
    const source = this.#source;
    // "[[:<:]]" and "[[:>:]]" are the boundaries of words.
    const boundary = /^\[\[:([<>]):\]\]/.exec(source.slice(this.#at));
    if (boundary !== null) {
      this.#out += ESCAPES[boundary[1] === "<" ? "m" : "M"]!;
      this.#at += boundary[0].length;
      return;
    }
    this.#out += "[";
    this.#at++;
    if (source[this.#at] === "^") {
      this.#out += "^";
      this.#at++;
    }
    for (let first = true;; first = false) {
      const character = source[this.#at];
      if (character === undefined) {
        throw invalidRegex("brackets [] not balanced");
      }
      if (character === "]" && !first) break;
      this.#bracketItem(character);
    }
    this.#out += "]";
    this.#at++;
  }

  #bracketItem(character: string): void {
    const rest = this.#source.slice(this.#at);
    const named = /^\[:(\w*):\]/.exec(rest);
    if (named !== null) {
      const members = CLASSES[named[1]!];
      if (members === undefined) throw invalidRegex("invalid character class");
      this.#out += members;
      this.#at += named[0].length;
    } else if (/^\[[.=]/.test(rest)) {
      throw invalidRegex("invalid collating element");
    } else if (character === "\\") {
      this.#escape(BRACKET_ESCAPES);
    } else if (/[[\]]/.test(character)) {
      this.#out += `\\${character}`;
      this.#at++;
    } else {
      const code = rest.codePointAt(0)!;
      const text = String.fromCodePoint(code);
      this.#out += text;
      this.#at += text.length;
    }
  }
}

/** The pattern without options in front, and the flags they make. */
interface Options {
  readonly source: string;
  readonly flags: Set<string>;
  readonly literal: boolean;
  readonly expanded: boolean;
}

function readOptions(pattern: string, given: string): Options {
  let source = pattern;
  let literal = false;
  if (source.startsWith("***=")) {
    return {
      source: source.slice(4),
      flags: flagsOf(given),
      literal: true,
      expanded: false,
    };
  }
  if (source.startsWith("***:")) source = source.slice(4);
  else if (source.startsWith("***")) throw invalidRegex("invalid regexp");
  let letters = given;
  const embedded = /^\(\?([a-z]+)\)/.exec(source);
  if (embedded !== null) {
    letters += embedded[1]!;
    source = source.slice(embedded[0].length);
  }
  for (const letter of letters) {
    if (letter === "q") literal = true;
    else if (letter === "b") {
      throw invalidRegex("basic regular expressions are not supported");
    } else if (!"cegimnpstwx".includes(letter)) {
      throw invalidRegex("invalid embedded option");
    }
  }
  return {
    source,
    flags: flagsOf(letters),
    literal,
    expanded: letters.lastIndexOf("x") > letters.lastIndexOf("t"),
  };
}

/** JavaScript's flags for PostgreSQL's letters; the later one wins. */
function flagsOf(letters: string): Set<string> {
  const flags = new Set(["u", "s"]);
  for (const letter of letters) {
    if (letter === "i") flags.add("i");
    if (letter === "c") flags.delete("i");
    if (letter === "n" || letter === "m" || letter === "w") flags.add("m");
    if (letter === "n" || letter === "m" || letter === "p") flags.delete("s");
    if (letter === "s") {
      flags.delete("m");
      flags.add("s");
    }
    if (letter === "w") flags.add("s");
  }
  return flags;
}

const cache = new Map<string, RegExp>();
const CACHE_SIZE = 200;

/**
 * The regular expression of a pattern; `options` are PostgreSQL's letters.
 *
 * @throws {SqlError} `2201B` when the pattern is none.
 */
export function compileRegex(pattern: string, options = ""): RegExp {
  const key = `${options}/${pattern}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const { source, flags, literal, expanded } = readOptions(pattern, options);
  const translated = literal
    ? source.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&")
    : new Translator(source, expanded).translate();
  let regex: RegExp;
  try {
    regex = new RegExp(translated, [...flags].join(""));
  } catch (cause) {
    throw invalidRegex(reasonOf((cause as Error).message), cause);
  }
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(key, regex);
  return regex;
}
