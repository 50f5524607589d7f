/**
 * Functions of text: length, case, parts, trimming, padding, searching.
 *
 * Positions and lengths count characters (code points), from 1. Text without
 * characters beyond U+FFFF, nearly all there is, is cut without counting.
 *
 * @module
 */
import { utf8Encode } from "../../../base/bytes.ts";
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import type { DataType } from "../../types/data_type.ts";
import { int4, int8 } from "../../types/int_types.ts";
import {
  bpchar,
  characterCount,
  offsetOfCharacter,
  text,
  trimBlanks,
} from "../../types/text_types.ts";
import { binary, define, unary } from "../define.ts";
import { escapeLike } from "./like_pattern.ts";
import type { FunctionDefinition } from "../registry.ts";
import { initCap, lowerCase, upperCase } from "./text_case.ts";

/** No text may be longer than this: PostgreSQL's limit is a gigabyte. */
const TEXT_UNITS_MAX = 2 ** 28;

/** `54000`: the result would be too long. */
export function tooLong(): SqlError {
  return new SqlError("54000", "requested length too large");
}

/** The characters from `start` (1-based) on, `count` of them at most. */
export function substring(
  value: string,
  start: number,
  count?: number,
): string {
  if (count !== undefined && count < 0) {
    throw new SqlError("22011", "negative substring length not allowed");
  }
  const first = Math.max(start, 1) - 1;
  const end = count === undefined ? Infinity : start + count - 1;
  if (end <= first) return "";
  const from = offsetOfCharacter(value, first);
  if (end === Infinity) return value.slice(from);
  const rest = from === 0 ? value : value.slice(from);
  return rest.slice(0, offsetOfCharacter(rest, end - first));
}

/** The first `count` characters, or all but the last `-count`. */
function left(value: string, count: number): string {
  const length = count >= 0 ? count : characterCount(value) + count;
  return length <= 0 ? "" : value.slice(0, offsetOfCharacter(value, length));
}

/** The last `count` characters, or all but the first `-count`. */
function right(value: string, count: number): string {
  const skipped = count >= 0 ? characterCount(value) - count : -count;
  return skipped <= 0 ? value : value.slice(offsetOfCharacter(value, skipped));
}

/** What `lpad` and `rpad` put beside `value`, and what of `value` is left. */
function padding(
  value: string,
  length: number,
  fill: string,
): readonly [string, string] {
  if (length <= 0) return ["", ""];
  if (length > TEXT_UNITS_MAX) throw tooLong();
  const missing = length - characterCount(value);
  if (missing <= 0) {
    return ["", value.slice(0, offsetOfCharacter(value, length))];
  }
  if (fill === "") return ["", value];
  const size = characterCount(fill);
  const whole = fill.repeat(Math.floor(missing / size));
  return [whole + substring(fill, 1, missing % size), value];
}

/** A test of membership in a set of characters. */
function memberOf(set: string): (character: string) => boolean {
  if (set.length === 1) return (character) => character === set;
  const members = new Set(set);
  return (character) => members.has(character);
}

function trimStart(value: string, set: string): string {
  const isMember = memberOf(set);
  let offset = 0;
  for (const character of value) {
    if (!isMember(character)) break;
    offset += character.length;
  }
  return value.slice(offset);
}

function trimEnd(value: string, set: string): string {
  const isMember = memberOf(set);
  let end = value.length;
  while (end > 0) {
    const unit = value.charCodeAt(end - 1);
    const start = unit >= 0xdc00 && unit < 0xe000 ? end - 2 : end - 1;
    if (!isMember(value.slice(start, end))) break;
    end = start;
  }
  return value.slice(0, end);
}

/** Where `part` begins, 1-based; 0 if nowhere. */
function position(value: string, part: string): number {
  const at = value.indexOf(part);
  return at < 0 ? 0 : characterCount(value.slice(0, at)) + 1;
}

/** Field `n` of the fields between delimiters; negative: from the end. */
function splitPart(value: string, delimiter: string, n: number): string {
  if (n === 0) {
    throw new SqlError("22023", "field position must not be zero");
  }
  if (delimiter === "") return n === 1 || n === -1 ? value : "";
  const fields = value === "" ? [] : value.split(delimiter);
  return fields.at(n > 0 ? n - 1 : n) ?? "";
}

function repeat(value: string, count: number): string {
  if (count <= 0 || value === "") return "";
  if (value.length * count > TEXT_UNITS_MAX) throw tooLong();
  return value.repeat(count);
}

function reverse(value: string): string {
  return [...value].reverse().join("");
}

/** Replaces characters of `from` by those of `to` in the same place. */
function translate(value: string, from: string, to: string): string {
  const replacements = new Map<string, string>();
  const targets = [...to];
  [...from].forEach((character, i) => {
    if (!replacements.has(character)) {
      replacements.set(character, targets[i] ?? "");
    }
  });
  let result = "";
  for (const character of value) {
    result += replacements.get(character) ?? character;
  }
  return result;
}

function overlay(
  value: string,
  part: string,
  start: number,
  count: number,
): string {
  if (start <= 0) {
    throw new SqlError("22011", "negative substring length not allowed");
  }
  if (start + count > 2147483647) {
    throw new SqlError("22003", "integer out of range");
  }
  return substring(value, 1, start - 1) + part +
    substring(value, start + count);
}

function character(code: number): string {
  if (code === 0) {
    throw new SqlError("54000", "null character not permitted");
  }
  if (code < 0) {
    throw new SqlError("22023", "character number must be positive");
  }
  if (code > 0x10ffff) {
    throw new SqlError(
      "54000",
      `requested character too large for encoding: ${code}`,
    );
  }
  if (code >= 0xd800 && code < 0xe000) {
    throw new SqlError(
      "54000",
      `requested character not valid for encoding: ${code}`,
    );
  }
  return String.fromCodePoint(code);
}

function digits(value: number | bigint, base: number, bits: number): string {
  return BigInt.asUintN(bits, BigInt(value)).toString(base);
}

function one(
  name: string,
  form: (value: string) => string,
): FunctionDefinition {
  return unary<string>(name, text, text, form);
}

function count(
  name: string,
  type: DataType,
  form: (value: string) => number,
): FunctionDefinition {
  return unary<string>(name, type, int4, form);
}

/** A function in a form without its last argument, too. */
function padders(
  name: string,
  form: (value: string, length: number, fill: string) => string,
): FunctionDefinition[] {
  return [
    binary<string, number>(
      name,
      [text, int4],
      text,
      (value, length) => form(value, length, " "),
    ),
    define(
      name,
      [text, int4, text],
      text,
      (args) => form(...args as [string, number, string]),
    ),
  ];
}

function trimmers(
  name: string,
  form: (value: string, set: string) => string,
): FunctionDefinition[] {
  return [
    one(name, (value) => form(value, " ")),
    binary<string, string>(name, [text, text], text, form),
  ];
}

const LENGTHS = ["length", "char_length", "character_length"].flatMap(
  (name) => [
    count(name, text, characterCount),
    count(name, bpchar, (value) => characterCount(trimBlanks(value))),
  ],
);

const SUBSTRINGS = ["substr", "substring"].flatMap((name) => [
  binary<string, number>(
    name,
    [text, int4],
    text,
    (value, start) => substring(value, start),
  ),
  define(
    name,
    [text, int4, int4],
    text,
    (args) => substring(...args as [string, number, number]),
  ),
]);

const BASES: readonly (readonly [string, number])[] = [
  ["to_hex", 16],
  ["to_oct", 8],
  ["to_bin", 2],
];

/** Functions of text. */
export const textFunctions: readonly FunctionDefinition[] = [
  ...LENGTHS,
  count("octet_length", text, (value) => utf8Encode(value).length),
  count("octet_length", bpchar, (value) => utf8Encode(value).length),
  count("bit_length", text, (value) => utf8Encode(value).length * 8),
  count("ascii", text, (value) => value.codePointAt(0) ?? 0),
  one("lower", lowerCase),
  one("upper", upperCase),
  one("casefold", (value) => lowerCase(upperCase(value))),
  one("initcap", initCap),
  one("reverse", reverse),
  ...SUBSTRINGS,
  binary<string, number>("left", [text, int4], text, left),
  binary<string, number>("right", [text, int4], text, right),
  ...padders("lpad", (value, length, fill) => {
    const [pad, kept] = padding(value, length, fill);
    return pad + kept;
  }),
  ...padders("rpad", (value, length, fill) => {
    const [pad, kept] = padding(value, length, fill);
    return kept + pad;
  }),
  ...trimmers("ltrim", trimStart),
  ...trimmers("rtrim", trimEnd),
  ...trimmers("btrim", (value, set) => trimEnd(trimStart(value, set), set)),
  define("replace", [text, text, text], text, (args) => {
    const [value, from, to] = args as [string, string, string];
    return from === "" ? value : value.split(from).join(to);
  }),
  define(
    "translate",
    [text, text, text],
    text,
    (args) => translate(...args as [string, string, string]),
  ),
  binary<string, string>("position", [text, text], int4, position),
  binary<string, string>("strpos", [text, text], int4, position),
  binary<string, string>(
    "starts_with",
    [text, text],
    bool,
    (value, start) => value.startsWith(start),
  ),
  define(
    "split_part",
    [text, text, int4],
    text,
    (args) => splitPart(...args as [string, string, number]),
  ),
  binary<string, number>("repeat", [text, int4], text, repeat),
  define("overlay", [text, text, int4], text, (args) => {
    const [value, part, start] = args as [string, string, number];
    return overlay(value, part, start, characterCount(part));
  }),
  define(
    "overlay",
    [text, text, int4, int4],
    text,
    (args) => overlay(...args as [string, string, number, number]),
  ),
  unary<number>("chr", int4, text, character),
  ...BASES.flatMap(([name, base]) => [
    unary<number>(name, int4, text, (value) => digits(value, base, 32)),
    unary<number | bigint>(
      name,
      int8,
      text,
      (value) => digits(value, base, 64),
    ),
  ]),
  binary<string, string>("like_escape", [text, text], text, escapeLike),
];
