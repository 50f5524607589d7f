/**
 * LIKE: `%` is any text, `_` any one character, a backslash takes the next
 * character as it is.
 *
 * A pattern is compiled once into parts between its `%`. Without `_` a part is
 * plain text, so that the four forms people write (`x`, `x%`, `%x`, `%x%`) are
 * one call each of `===`, `startsWith`, `endsWith`, `includes`. Otherwise the
 * first part must match at the start, the last at the end, and each part
 * between at the first place after the one before it: the leftmost place is
 * never worse than a later one, so there is no backtracking and the time is at
 * most text × pattern.
 *
 * ILIKE compares lower-cased text (see `text_case.ts`).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { lowerCase } from "./text_case.ts";

/** Whether a text matches. */
export type Matcher = (text: string) => boolean;

/** Stands for `_` in a part. */
const ANY = -1;

/** Text between two `%`: code points, or {@linkcode ANY}. */
interface Part {
  readonly codes: readonly number[];
  /** The text, if there is no `_` in it. */
  readonly text: string | undefined;
}

function partOf(codes: readonly number[]): Part {
  const text = codes.includes(ANY)
    ? undefined
    : codes.map((code) => String.fromCodePoint(code)).join("");
  return { codes, text };
}

/** The parts between the `%` of a pattern: one more than there are `%`. */
function partsOf(pattern: string): Part[] {
  const parts: Part[] = [];
  let codes: number[] = [];
  for (let i = 0; i < pattern.length; i++) {
    let code = pattern.codePointAt(i)!;
    if (code === 37) {
      parts.push(partOf(codes));
      codes = [];
      continue;
    }
    if (code === 95) {
      codes.push(ANY);
      continue;
    }
    if (code === 92) {
      if (++i >= pattern.length) {
        throw new SqlError(
          "22025",
          "LIKE pattern must not end with escape character",
        );
      }
      code = pattern.codePointAt(i)!;
    }
    codes.push(code);
    if (code > 0xffff) i++;
  }
  parts.push(partOf(codes));
  return parts;
}

/** Where the part ends if it matches at `at`, else -1. */
function matchAt(text: string, at: number, part: Part): number {
  if (part.text !== undefined) {
    return text.startsWith(part.text, at) ? at + part.text.length : -1;
  }
  for (const wanted of part.codes) {
    const code = text.codePointAt(at);
    if (code === undefined || (wanted !== ANY && wanted !== code)) return -1;
    at += code > 0xffff ? 2 : 1;
  }
  return at;
}

/** Where the part ends at its first place from `at` on, else -1. */
function find(text: string, at: number, part: Part): number {
  if (part.text !== undefined) {
    const found = text.indexOf(part.text, at);
    return found < 0 ? -1 : found + part.text.length;
  }
  while (at <= text.length) {
    const end = matchAt(text, at, part);
    if (end >= 0) return end;
    const code = text.codePointAt(at);
    at += code !== undefined && code > 0xffff ? 2 : 1;
  }
  return -1;
}

/** Where the part begins if the text ends with it, else -1. */
function startOfEnd(text: string, part: Part): number {
  let at = text.length;
  for (let i = part.codes.length - 1; i >= 0; i--) {
    if (at === 0) return -1;
    at--;
    const unit = text.charCodeAt(at);
    if (unit >= 0xdc00 && unit < 0xe000 && at > 0) at--;
    const wanted = part.codes[i]!;
    if (wanted !== ANY && text.codePointAt(at) !== wanted) return -1;
  }
  return at;
}

/**
 * Compiles a LIKE pattern.
 *
 * @throws {SqlError} `22025` when it ends with a lone backslash.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compileLike } from "./like_pattern.ts";
 *
 * const matches = compileLike("%se_t%");
 * assertEquals(matches("the seat"), true);
 * assertEquals(matches("the set"), false);
 * ```
 */
export function compileLike(pattern: string): Matcher {
  const parts = partsOf(pattern);
  const first = parts[0]!;
  if (parts.length === 1) {
    if (first.text !== undefined) return (text) => text === first.text;
    return (text) => matchAt(text, 0, first) === text.length;
  }
  const last = parts[parts.length - 1]!;
  const middle = parts.slice(1, -1).filter((part) => part.codes.length > 0);
  const simple = compileSimple(first, middle, last);
  if (simple !== undefined) return simple;
  return (text) => {
    let at = matchAt(text, 0, first);
    for (const part of middle) {
      if (at < 0) return false;
      at = find(text, at, part);
    }
    return at >= 0 && startOfEnd(text, last) >= at;
  };
}

function compileSimple(
  first: Part,
  middle: readonly Part[],
  last: Part,
): Matcher | undefined {
  const start = first.text;
  const end = last.text;
  if (start === undefined || end === undefined) return undefined;
  if (middle.length === 0) {
    if (end === "") return (text) => text.startsWith(start);
    if (start === "") return (text) => text.endsWith(end);
    const length = start.length + end.length;
    return (text) =>
      text.length >= length && text.startsWith(start) && text.endsWith(end);
  }
  const inner = middle[0]!.text;
  if (
    middle.length === 1 && start === "" && end === "" && inner !== undefined
  ) return (text) => text.includes(inner);
  return undefined;
}

/** Compiles an ILIKE pattern. */
export function compileLikeIgnoringCase(pattern: string): Matcher {
  const matches = compileLike(lowerCase(pattern));
  return (text) => matches(lowerCase(text));
}

/**
 * The pattern of `LIKE pattern ESCAPE escape`, with backslash as the escape.
 *
 * @throws {SqlError} `22025` when `escape` has more than one character.
 */
export function escapeLike(pattern: string, escape: string): string {
  if ([...escape].length > 1) {
    throw new SqlError("22025", "invalid escape string", {
      hint: "Escape string must be empty or one character.",
    });
  }
  if (escape === "\\") return pattern;
  if (escape === "") return pattern.replaceAll("\\", "\\\\");
  let result = "";
  let escaped = false;
  for (const character of pattern) {
    if (character === escape && !escaped) {
      result += "\\";
      escaped = true;
      continue;
    }
    result += character === "\\" && !escaped ? "\\\\" : character;
    escaped = false;
  }
  return result;
}
