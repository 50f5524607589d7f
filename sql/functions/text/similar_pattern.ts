/**
 * The patterns of SIMILAR TO, and SUBSTRING by one.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import type { Nullable } from "../../types/data_type.ts";
import { compileRegex } from "./regex_pattern.ts";

function checkEscape(escape: string): void {
  if ([...escape].length <= 1) return;
  throw new SqlError("22025", "invalid escape string", {
    hint: "Escape string must be empty or one character.",
  });
}

/** The pattern of SIMILAR TO as a regular expression. */
export function similarToRegex(pattern: string, escape: string): string {
  checkEscape(escape);
  return `^(?:${bodyOf(pattern, escape)})$`;
}

/** A pattern without anchors; `lazy`: it takes as little as it can. */
function bodyOf(pattern: string, escape: string, lazy = false): string {
  let result = "";
  let inBrackets = false;
  let escaped = false;
  for (const character of pattern) {
    if (escaped) {
      result += `\\${character}`;
      escaped = false;
    } else if (character === escape) escaped = true;
    else if (inBrackets) {
      if (character === "]") inBrackets = false;
      result += character === "\\" ? "\\\\" : character;
    } else if (character === "[") {
      inBrackets = true;
      result += character;
    } else if (character === "%") result += lazy ? ".*?" : ".*";
    else if (character === "_") result += ".";
    else if (character === "(") result += "(?:";
    else if ("\\.^$".includes(character)) result += `\\${character}`;
    else {result += lazy && "*+?}".includes(character)
        ? `${character}?`
        : character;}
  }
  return result;
}

/** Cuts a pattern where the escape character stands before a quote. */
function partsOf(pattern: string, escape: string): string[] {
  const parts = [""];
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    const next = characters[i + 1];
    if (character !== escape || next === undefined) {
      parts[parts.length - 1] += character;
    } else if (next === '"') {
      parts.push("");
      i++;
    } else {
      parts[parts.length - 1] += character + next;
      i++;
    }
  }
  return parts;
}

/**
 * What matches between the two quotes of a pattern, all of the text matching
 * the whole: as little as can be before them. All of it without quotes.
 *
 * @throws {SqlError} `2200C`, `22025`, `2201B`.
 */
export function substringSimilar(
  value: string,
  pattern: string,
  escape: string,
): Nullable {
  checkEscape(escape);
  const parts = partsOf(pattern, escape);
  if (parts.length > 3) {
    throw new SqlError(
      "2200C",
      "SQL regular expression may not contain more than two " +
        "escape-double-quote separators",
    );
  }
  const [before, wanted, after = ""] = parts as [string, string?, string?];
  if (wanted === undefined) {
    return compileRegex(similarToRegex(pattern, escape)).test(value)
      ? value
      : null;
  }
  const isLazy = true;
  const regex = compileRegex(
    `^(?:${bodyOf(before, escape, isLazy)})(${bodyOf(wanted, escape)})` +
      `(?:${bodyOf(after, escape)})$`,
  );
  return regex.exec(value)?.[1] ?? null;
}
