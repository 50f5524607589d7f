/**
 * Regular expressions that give arrays and rows: `regexp_match`,
 * `regexp_matches`, `regexp_split_to_array`, `regexp_split_to_table`; and
 * `string_to_table`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import type { Nullable } from "../../types/data_type.ts";
import { textArray } from "../../types/text_array_type.ts";
import { text } from "../../types/text_types.ts";
import { define } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";
import { setFunction } from "../sets/set_define.ts";
import { matchesOf, readFlags, withoutGlobal } from "./regex_functions.ts";
import { compileRegex } from "./regex_pattern.ts";

/** The groups of a match, or all of it where there are none. */
function groupsOf(match: RegExpExecArray): SqlArray {
  const groups = match.length > 1 ? match.slice(1) : [match[0]];
  return SqlArray.of(groups.map((group) => group ?? null));
}

function firstMatch(
  [value, pattern, flags = ""]: readonly Nullable[],
): Nullable {
  const { global, letters } = readFlags(flags as string);
  if (global) {
    throw new SqlError(
      "22023",
      'regexp_match() does not support the "global" option',
      { hint: "Use the regexp_matches function instead." },
    );
  }
  const match = compileRegex(pattern as string, letters).exec(value as string);
  return match === null ? null : groupsOf(match);
}

function* allMatches(
  [value, pattern, flags = ""]: readonly Nullable[],
): Iterable<Nullable> {
  const { global, letters } = readFlags(flags as string);
  const regex = compileRegex(pattern as string, letters);
  for (const match of matchesOf(regex, value as string, 0)) {
    yield groupsOf(match);
    if (!global) return;
  }
}

/** The pieces between matches; an empty match splits inside only. */
function* pieces(
  name: string,
  [value, pattern, flags = ""]: readonly Nullable[],
): Iterable<string> {
  const letters = withoutGlobal(name, flags as string);
  const regex = compileRegex(pattern as string, letters);
  const source = value as string;
  let end = 0;
  for (const match of matchesOf(regex, source, 0)) {
    const matchEnd = match.index + match[0].length;
    if (match.index >= source.length || matchEnd <= end) continue;
    yield source.slice(end, match.index);
    end = matchEnd;
  }
  yield source.slice(end);
}

/** The fields between delimiters; NULL splits into characters. */
function* fields(
  [value, delimiter, nullText = null]: readonly Nullable[],
): Iterable<Nullable> {
  if (value === null || value === "") return;
  const source = value as string;
  const parts = delimiter === null
    ? source
    : delimiter === ""
    ? [source]
    : source.split(delimiter as string);
  for (const part of parts) yield part === nullText ? null : part;
}

const PATTERNS = [[text, text], [text, text, text]];

/** Functions that give the parts of texts. */
export const regexSetFunctions: readonly FunctionDefinition[] = [
  ...PATTERNS.flatMap((types) => [
    define("regexp_match", types, textArray, firstMatch),
    setFunction("regexp_matches", types, textArray, allMatches),
    define(
      "regexp_split_to_array",
      types,
      textArray,
      (args) => SqlArray.of([...pieces("regexp_split_to_array", args)]),
    ),
    setFunction(
      "regexp_split_to_table",
      types,
      text,
      (args) => pieces("regexp_split_to_table", args),
    ),
    setFunction("string_to_table", types, text, fields, { strict: false }),
  ]),
];
