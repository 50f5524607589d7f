/**
 * The text form of one-dimensional arrays: `{a,"b c",NULL}`.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { SPACES, trimSpaces } from "./numeric.ts";

/** An element: its text, or NULL. */
export type ArrayElement = string | null;

function malformed(text: string, detail: string): SqlError {
  return new SqlError("22P02", `malformed array literal: "${text}"`, {
    detail,
  });
}

/**
 * Reads an array literal.
 *
 * @throws {SqlError} `22P02` when it is none, `0A000` when it is nested.
 */
export function parseArray(text: string): ArrayElement[] {
  const source = trimSpaces(text);
  if (source.startsWith("[")) {
    throw new SqlError(
      "0A000",
      "arrays with bounds of their own are not supported",
    );
  }
  if (!source.startsWith("{")) {
    throw malformed(
      text,
      'Array value must start with "{" or dimension information.',
    );
  }
  const elements: ArrayElement[] = [];
  let at = skip(source, 1);
  if (source[at] === "}") return finish(text, source, at, elements);
  for (;;) {
    at = skip(source, at);
    if (source[at] === "{") {
      throw new SqlError(
        "0A000",
        "arrays of more than one dimension are not supported",
      );
    }
    const [element, end] = source[at] === '"'
      ? quoted(text, source, at)
      : plain(text, source, at);
    elements.push(element);
    at = skip(source, end);
    if (source[at] === "}") return finish(text, source, at, elements);
    if (source[at] !== ",") {
      throw malformed(
        text,
        at >= source.length
          ? "Unexpected end of input."
          : "Incorrectly quoted array element.",
      );
    }
    at++;
  }
}

function skip(source: string, at: number): number {
  while (at < source.length && SPACES.includes(source[at]!)) at++;
  return at;
}

function finish(
  text: string,
  source: string,
  at: number,
  elements: ArrayElement[],
): ArrayElement[] {
  if (at + 1 < source.length) {
    throw malformed(text, "Junk after closing right brace.");
  }
  return elements;
}

function quoted(
  text: string,
  source: string,
  start: number,
): [ArrayElement, number] {
  let value = "";
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '"') return [value, at + 1];
    if (source[at] === "\\") at++;
    value += source[at] ?? "";
  }
  throw malformed(text, "Unexpected end of input.");
}

function plain(
  text: string,
  source: string,
  start: number,
): [ArrayElement, number] {
  let value = "";
  let kept = 0;
  let escaped = false;
  let at = start;
  for (; at < source.length && !',}{"'.includes(source[at]!); at++) {
    if (source[at] === "\\") {
      at++;
      escaped = true;
      if (at >= source.length) break;
      value += source[at]!;
      kept = value.length;
    } else {
      value += source[at]!;
      if (!SPACES.includes(source[at]!)) kept = value.length;
    }
  }
  if (at >= source.length) throw malformed(text, "Unexpected end of input.");
  if (source[at] === '"') {
    throw malformed(text, "Incorrectly quoted array element.");
  }
  if (source[at] === "{" || at === start) {
    throw malformed(text, `Unexpected "${source[at]}" character.`);
  }
  const element = value.slice(0, kept);
  return [!escaped && /^null$/i.test(element) ? null : element, at];
}

/** The text form of an array. */
export function formatArray(elements: readonly ArrayElement[]): string {
  return `{${elements.map(formatElement).join(",")}}`;
}

function formatElement(element: ArrayElement): string {
  if (element === null) return "NULL";
  const isPlain = element !== "" && !/[{}",\\\s]/.test(element) &&
    !/^null$/i.test(element);
  return isPlain ? element : `"${element.replace(/["\\]/g, "\\$&")}"`;
}
