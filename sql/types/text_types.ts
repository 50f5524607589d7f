/**
 * Types of text: `text`, `varchar(n)`, `bpchar` (`char(n)`), `name`, `refcursor`,
 * and `unknown`, the type of a literal nobody has asked anything of yet.
 *
 * They compare by UTF-8 bytes (see `text_order.ts`); `bpchar` without regard to
 * blanks at its end. A typmod is `n + 4`, as PostgreSQL's.
 *
 * @module
 */
import type { DataType, SqlValue } from "./data_type.ts";
import { textOfJs } from "./js_value.ts";
import { compareText } from "./text_order.ts";
import { invalidUtf8 } from "./type_error.ts";
import { SqlError } from "../errors/sql_error.ts";
import { utf8Encode } from "../../base/bytes.ts";

/** The most characters that `varchar(n)` can ask for. */
const LENGTH_MAX = 10485760;

/** The most bytes of a `name`. */
const NAME_BYTES_MAX = 63;

/** The text, if a database can hold it: no NUL, no lone surrogate. */
export function checkText(text: string): string {
  if (text.includes("\0")) throw invalidUtf8("0x00");
  if (!text.isWellFormed()) throw invalidUtf8("0xed 0xa0 0x80");
  return text;
}

/** How many characters (code points) there are. */
export function characterCount(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) {
      count--;
      i++;
    }
  }
  return count;
}

/** Where character `count` begins: an offset in UTF-16 units. */
export function offsetOfCharacter(text: string, count: number): number {
  if (count >= text.length) return text.length;
  let offset = 0;
  for (let i = 0; i < count && offset < text.length; i++) {
    const unit = text.charCodeAt(offset);
    offset += unit >= 0xd800 && unit < 0xdc00 ? 2 : 1;
  }
  return offset;
}

/** The text without blanks at its end. */
export function trimBlanks(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) === 32) end--;
  return end === text.length ? text : text.slice(0, end);
}

/** So many units are looked at before blanks are taken off. */
const FIRST_UNITS = 4;

/** Negative, zero or positive: the order of texts whose last blanks do not count. */
function compareBlankPadded(a: string, b: string): number {
  if (a === b) return 0;
  for (let i = 0; i < FIRST_UNITS; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // Where one ends or has a blank, it may have come to its end.
    if (x > 32 && y > 32) return compareText(a, b);
    break;
  }
  return compareText(trimBlanks(a), trimBlanks(b));
}

function lengthTypmod(name: string, modifiers: readonly number[]): number {
  const [length] = modifiers;
  if (length === undefined || modifiers.length > 1) {
    throw new SqlError("22023", "invalid type modifier");
  }
  if (length < 1) {
    throw new SqlError(
      "22023",
      `length for type ${name} must be at least 1`,
    );
  }
  if (length > LENGTH_MAX) {
    throw new SqlError(
      "22023",
      `length for type ${name} cannot exceed ${LENGTH_MAX}`,
    );
  }
  return length + 4;
}

/**
 * Cuts to `length` characters: blanks always, others only when explicit.
 */
function cut(
  text: string,
  length: number,
  explicit: boolean,
  typeName: string,
): string {
  if (text.length <= length) return text;
  const end = offsetOfCharacter(text, length);
  if (end === text.length) return text;
  if (!explicit && trimBlanks(text.slice(end)) !== "") {
    throw new SqlError(
      "22001",
      `value too long for type ${typeName}(${length})`,
    );
  }
  return text.slice(0, end);
}

function fitVarchar(text: string, typmod: number, explicit: boolean): string {
  return cut(text, typmod - 4, explicit, "character varying");
}

function fitBpchar(text: string, typmod: number, explicit: boolean): string {
  const length = typmod - 4;
  const fitted = cut(text, length, explicit, "character");
  if (fitted.length >= length * 2) return fitted;
  const missing = length - characterCount(fitted);
  return missing > 0 ? fitted + " ".repeat(missing) : fitted;
}

/** A `name`: cut to 63 bytes at a character's end. */
export function truncateName(text: string): string {
  if (text.length * 3 <= NAME_BYTES_MAX) return text;
  const bytes = utf8Encode(text);
  if (bytes.length <= NAME_BYTES_MAX) return text;
  let end = NAME_BYTES_MAX;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}

const textBase = {
  oid: 25,
  name: "text",
  displayName: "text",
  category: "S",
  preferred: true,
  length: -1,
  storage: "reference",
  input: (value: string): SqlValue => checkText(value),
  output: (value: SqlValue): string => value as string,
  compare: compareText as (a: SqlValue, b: SqlValue) => number,
  hashKey: (value: SqlValue): string => value as string,
  fromJs: (value: unknown): SqlValue => checkText(textOfJs(value)),
  toJs: (value: SqlValue): unknown => value,
} as const;

/** `text`. */
export const text: DataType = textBase;

/** `character varying`. */
export const varchar: DataType = {
  ...textBase,
  oid: 1043,
  name: "varchar",
  displayName: "character varying",
  preferred: false,
  input: (value, typmod) =>
    typmod < 0 ? checkText(value) : fitVarchar(checkText(value), typmod, false),
  typmodInput: (modifiers) => lengthTypmod("varchar", modifiers),
  typmodOutput: (typmod) => `(${typmod - 4})`,
  applyTypmod: (value, typmod, explicit) =>
    fitVarchar(value as string, typmod, explicit),
};

/** `character`: padded with blanks, which do not count when compared. */
export const bpchar: DataType = {
  ...textBase,
  oid: 1042,
  name: "bpchar",
  displayName: "character",
  aliases: ["character"],
  preferred: false,
  input: (value, typmod) =>
    typmod < 0 ? checkText(value) : fitBpchar(checkText(value), typmod, false),
  compare: compareBlankPadded as (a: SqlValue, b: SqlValue) => number,
  hashKey: (value) => trimBlanks(value as string),
  typmodInput: (modifiers) => lengthTypmod("char", modifiers),
  typmodOutput: (typmod) => `(${typmod - 4})`,
  applyTypmod: (value, typmod, explicit) =>
    fitBpchar(value as string, typmod, explicit),
};

/** `name`: an identifier. */
export const name: DataType = {
  ...textBase,
  oid: 19,
  name: "name",
  displayName: "name",
  preferred: false,
  length: 64,
  input: (value) => truncateName(checkText(value)),
  fromJs: (value) => truncateName(checkText(textOfJs(value))),
};

/** `refcursor`: the name of a cursor. It is not compared. */
export const refcursor: DataType = {
  ...textBase,
  oid: 1790,
  name: "refcursor",
  displayName: "refcursor",
  category: "U",
  preferred: false,
};

/** A literal or parameter whose type is not known. */
export const unknown: DataType = {
  ...textBase,
  oid: 705,
  name: "unknown",
  displayName: "unknown",
  category: "X",
  preferred: false,
  length: -2,
};
