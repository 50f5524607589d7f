/**
 * The extension `unaccent`: texts without accents.
 *
 * @module
 */
import { text } from "../../../types/text_types.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import { define } from "../../define.ts";
import type { ExtensionParts } from "../extension.ts";
import { UNACCENT_RULES } from "./unaccent_rules.ts";

let rules: ReadonlyMap<string, string> | undefined;

function charactersOf(codes: string): string {
  if (codes === "") return "";
  const points = codes.split("+").map((code) => Number.parseInt(code, 16));
  return String.fromCodePoint(...points);
}

function readRules(): ReadonlyMap<string, string> {
  const read = new Map<string, string>();
  for (const word of UNACCENT_RULES.trim().split(/\s+/)) {
    const [codes, letters] = word.split("=") as [string, string];
    const result = charactersOf(codes);
    for (const range of letters.split(",")) {
      const [first, last = first] = range.split("-") as [string, string?];
      const end = Number.parseInt(last, 16);
      for (let code = Number.parseInt(first, 16); code <= end; code++) {
        read.set(String.fromCodePoint(code), result);
      }
    }
  }
  return read;
}

/** The text without accents. */
function unaccent(value: string): string {
  // deno-lint-ignore no-control-regex
  if (/^[\x00-\x7f]*$/.test(value)) return value;
  rules ??= readRules();
  let result = "";
  for (const letter of value) result += rules.get(letter) ?? letter;
  return result;
}

const STABLE = { volatility: "stable" } as const;

/** What `unaccent` adds. */
export const unaccentExtension: ExtensionParts = {
  functions: [
    define(
      "unaccent",
      [text],
      text,
      ([value]) => unaccent(value as string),
      STABLE,
    ),
    // PostgreSQL's takes a `regdictionary` first, which a literal becomes.
    define(
      "unaccent",
      [text, text],
      text,
      ([dictionary, value]) => {
        if (/^(?:\w+\.)?unaccent$/.test(dictionary as string)) {
          return unaccent(value as string);
        }
        throw new SqlError(
          "42704",
          `text search dictionary "${dictionary}" does not exist`,
        );
      },
      STABLE,
    ),
  ],
};
