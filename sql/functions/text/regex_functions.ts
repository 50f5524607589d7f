/**
 * Functions of regular expressions; the patterns are explained in
 * `regex_pattern.ts`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { int4 } from "../../types/int_types.ts";
import {
  characterCount,
  offsetOfCharacter,
  text,
} from "../../types/text_types.ts";
import { define } from "../define.ts";
import { similarToRegex, substringSimilar } from "./similar_pattern.ts";
import { compileRegex } from "./regex_pattern.ts";
import type { FunctionDefinition } from "../registry.ts";

const OPTION_LETTERS = "gbceimnpqstwx";

/** The letters of a call, `g` apart; `22023` for unknown ones. */
export function readFlags(flags: string): { global: boolean; letters: string } {
  for (const letter of flags) {
    if (!OPTION_LETTERS.includes(letter)) {
      throw new SqlError(
        "22023",
        `invalid regular expression option: "${letter}"`,
      );
    }
  }
  return {
    global: flags.includes("g"),
    letters: flags.replaceAll("g", ""),
  };
}

/** `g` is for replacing only. */
export function withoutGlobal(name: string, flags: string): string {
  const { global, letters } = readFlags(flags);
  if (global) {
    throw new SqlError(
      "22023",
      `${name}() does not support the "global" option`,
    );
  }
  return letters;
}

function checkPositive(value: number, name: string): void {
  if (value > 0) return;
  throw new SqlError(
    "22023",
    `invalid value for parameter "${name}": ${value}`,
  );
}

/** Every match from an offset on, empty ones included, left to right. */
export function* matchesOf(
  regex: RegExp,
  value: string,
  offset: number,
): Generator<RegExpExecArray> {
  const sticky = new RegExp(regex.source, `${regex.flags}dg`);
  sticky.lastIndex = offset;
  for (;;) {
    const match = sticky.exec(value);
    if (match === null) return;
    yield match;
    if (match[0] === "") {
      if (match.index >= value.length) return;
      sticky.lastIndex = match.index +
        offsetOfCharacter(value.slice(match.index), 1);
    }
  }
}

/** The text that replaces a match: `\1` … `\9` groups, `\&` the match. */
function replacement(pattern: string, match: RegExpExecArray): string {
  return pattern.replace(/\\(.)/gs, (all, mark: string) => {
    if (mark === "&") return match[0];
    if (mark >= "1" && mark <= "9") return match[Number(mark)] ?? "";
    return mark === "\\" ? "\\" : all;
  });
}

interface ReplaceOptions {
  readonly start: number;
  /** Which match to replace; 0: all of them. */
  readonly n: number;
  readonly letters: string;
}

function replace(
  value: string,
  pattern: string,
  by: string,
  options: ReplaceOptions,
): string {
  const regex = compileRegex(pattern, options.letters);
  if (options.start > characterCount(value) + 1) return value;
  let result = "";
  let end = 0;
  let n = 0;
  const offset = offsetOfCharacter(value, options.start - 1);
  for (const match of matchesOf(regex, value, offset)) {
    n++;
    if (options.n !== 0 && n < options.n) continue;
    result += value.slice(end, match.index) + replacement(by, match);
    end = match.index + match[0].length;
    if (options.n !== 0) break;
  }
  return result + value.slice(end);
}

/** The part that matches: the first group if there is one. */
function substringByPattern(value: string, pattern: string): Nullable {
  const match = compileRegex(pattern).exec(value);
  if (match === null) return null;
  return (match.length > 1 ? match[1] : match[0]) ?? null;
}

interface SearchOptions {
  readonly start: number;
  readonly n: number;
  readonly letters: string;
}

/** Where a group of a match is; without groups, group 1 is all of it. */
function groupOf(
  match: RegExpExecArray | undefined,
  group: number,
): readonly [number, number] | undefined {
  if (match === undefined) return undefined;
  const index = group === 1 && match.length === 1 ? 0 : group;
  return match.indices![index];
}

function search(
  value: string,
  pattern: string,
  options: SearchOptions,
): RegExpExecArray | undefined {
  const regex = compileRegex(pattern, options.letters);
  if (options.start > characterCount(value) + 1) return undefined;
  const offset = offsetOfCharacter(value, options.start - 1);
  let n = 0;
  for (const match of matchesOf(regex, value, offset)) {
    if (++n === options.n) return match;
  }
  return undefined;
}

/** The same function with its last arguments left out, one after the other. */
function withDefaults(
  name: string,
  types: readonly DataType[],
  returnType: DataType,
  defaults: readonly Nullable[],
  form: (args: readonly Nullable[]) => Nullable,
): FunctionDefinition[] {
  return Array.from({ length: defaults.length + 1 }, (_, missing) => {
    const given = types.length - missing;
    const rest = defaults.slice(defaults.length - missing);
    return define(
      name,
      types.slice(0, given),
      returnType,
      (args) => form(missing === 0 ? args : [...args, ...rest]),
    );
  });
}

function substr(args: readonly Nullable[]): Nullable {
  const [value, pattern, start, n, flags, group] = args as [
    string,
    string,
    number,
    number,
    string,
    number,
  ];
  checkPositive(start, "start");
  checkPositive(n, "n");
  if (group < 0) checkPositive(group, "subexpr");
  const letters = withoutGlobal("regexp_substr", flags);
  const found = groupOf(search(value, pattern, { start, n, letters }), group);
  return found === undefined ? null : value.slice(...found);
}

function instr(args: readonly Nullable[]): Nullable {
  const [value, pattern, start, n, end, flags, group] = args as [
    string,
    string,
    number,
    number,
    number,
    string,
    number,
  ];
  checkPositive(start, "start");
  checkPositive(n, "n");
  if (end !== 0 && end !== 1) {
    throw new SqlError(
      "22023",
      `invalid value for parameter "endoption": ${end}`,
    );
  }
  if (group < 0) checkPositive(group, "subexpr");
  const letters = withoutGlobal("regexp_instr", flags);
  const found = groupOf(search(value, pattern, { start, n, letters }), group);
  return found === undefined
    ? 0
    : characterCount(value.slice(0, found[end])) + 1;
}

function countMatches(args: readonly Nullable[]): Nullable {
  const [value, pattern, start, flags] = args as [
    string,
    string,
    number,
    string,
  ];
  checkPositive(start, "start");
  const letters = withoutGlobal("regexp_count", flags);
  const regex = compileRegex(pattern, letters);
  if (start > characterCount(value) + 1) return 0;
  const offset = offsetOfCharacter(value, start - 1);
  let n = 0;
  for (const _ of matchesOf(regex, value, offset)) n++;
  return n;
}

function regexpReplace(args: readonly Nullable[]): string {
  const [value, pattern, by, flags] = args as [string, string, string, string];
  if (/^[0-9]/.test(flags)) {
    throw new SqlError(
      "22023",
      `invalid regular expression option: "${flags[0]}"`,
      {
        hint: "If you meant to use regexp_replace() with a start parameter, " +
          "cast the fourth argument to integer explicitly.",
      },
    );
  }
  const { global, letters } = readFlags(flags);
  return replace(value, pattern, by, { start: 1, n: global ? 0 : 1, letters });
}

function regexpReplaceFrom(args: readonly Nullable[]): string {
  const [value, pattern, by, start, n, flags] = args as [
    string,
    string,
    string,
    number,
    number,
    string | undefined,
  ];
  checkPositive(start, "start");
  if (n < 0) checkPositive(n, "n");
  const { letters } = readFlags(flags ?? "");
  return replace(value, pattern, by, { start, n, letters });
}

/** Functions of regular expressions. */
export const regexFunctions: readonly FunctionDefinition[] = [
  define(
    "substring",
    [text, text],
    text,
    ([value, pattern]) =>
      substringByPattern(value as string, pattern as string),
  ),
  define(
    "substring",
    [text, text, text],
    text,
    (args) => substringSimilar(...args as [string, string, string]),
  ),
  ...withDefaults(
    "regexp_like",
    [text, text, text],
    bool,
    [""],
    ([value, pattern, flags]) =>
      compileRegex(
        pattern as string,
        withoutGlobal("regexp_like", flags as string),
      ).test(value as string),
  ),
  ...withDefaults(
    "regexp_count",
    [text, text, int4, text],
    int4,
    [1, ""],
    countMatches,
  ),
  ...withDefaults(
    "regexp_substr",
    [text, text, int4, int4, text, int4],
    text,
    [1, 1, "", 0],
    substr,
  ),
  ...withDefaults(
    "regexp_instr",
    [text, text, int4, int4, int4, text, int4],
    int4,
    [1, 1, 0, "", 0],
    instr,
  ),
  ...withDefaults(
    "regexp_replace",
    [text, text, text, text],
    text,
    [""],
    regexpReplace,
  ),
  ...withDefaults(
    "regexp_replace",
    [text, text, text, int4, int4, text],
    text,
    [1, ""],
    regexpReplaceFrom,
  ),
  define(
    "similar_to_escape",
    [text],
    text,
    ([pattern]) => similarToRegex(pattern as string, "\\"),
  ),
  define(
    "similar_to_escape",
    [text, text],
    text,
    ([pattern, escape]) => similarToRegex(pattern as string, escape as string),
  ),
];
