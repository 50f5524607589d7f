/**
 * Unicode and names in text: `normalize`, `IS NORMALIZED`, `unistr`,
 * `parse_ident`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import { bool } from "../../types/bool_type.ts";
import { textArray } from "../../types/text_array_type.ts";
import { text } from "../../types/text_types.ts";
import { binary, define, unary } from "../define.ts";
import type { FunctionDefinition } from "../registry.ts";

function normalize(value: string, form: string): string {
  const name = form.toUpperCase();
  if (!/^NFK?[CD]$/.test(name)) {
    throw new SqlError("22023", `invalid normalization form: ${form}`);
  }
  return value.normalize(name);
}

const ESCAPE =
  /\\(?:(\\)|([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y;

function badPair(): SqlError {
  return new SqlError("42601", "invalid Unicode surrogate pair");
}

/** Escapes as in `U&'…'`, and `\u` and `\U`. */
function unescapeUnicode(value: string): string {
  let result = "";
  let high: number | undefined;
  for (let at = 0; at < value.length;) {
    if (value[at] !== "\\") {
      if (high !== undefined) throw badPair();
      result += value[at++];
      continue;
    }
    ESCAPE.lastIndex = at;
    const match = ESCAPE.exec(value);
    if (match === null) {
      throw new SqlError("42601", "invalid Unicode escape", {
        hint: "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or " +
          "\\UXXXXXXXX.",
      });
    }
    at = ESCAPE.lastIndex;
    if (match[1] !== undefined) {
      if (high !== undefined) throw badPair();
      result += "\\";
      continue;
    }
    const code = parseInt(match[2] ?? match[3] ?? match[4] ?? match[5]!, 16);
    if (code === 0 || code > 0x10ffff) {
      throw new SqlError(
        "22023",
        `invalid Unicode code point: ${
          code.toString(16).toUpperCase().padStart(4, "0")
        }`,
      );
    }
    const isHigh = code >= 0xd800 && code < 0xdc00;
    const isLow = code >= 0xdc00 && code < 0xe000;
    if ((high === undefined) === isLow || (high !== undefined && !isLow)) {
      throw badPair();
    }
    if (isHigh) {
      high = code;
    } else {
      result += high === undefined
        ? String.fromCodePoint(code)
        : String.fromCharCode(high, code);
      high = undefined;
    }
  }
  if (high !== undefined) throw badPair();
  return result;
}

/** The names of a qualified name, those not in quotes in lower case. */
function parseIdentifier(value: string, strict: boolean): SqlArray {
  const names: string[] = [];
  const wrong = (detail?: string): SqlError =>
    new SqlError(
      "22023",
      `string is not a valid identifier: "${value}"`,
      detail === undefined ? {} : { detail },
    );
  let rest = value.trimStart();
  for (let isAfterDot = false;; isAfterDot = true) {
    const quoted = /^"((?:[^"]|"")*)(")?/.exec(rest);
    const plain = /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/.exec(rest);
    if (quoted !== null) {
      if (quoted[2] === undefined) {
        throw wrong("String has unclosed double quotes.");
      }
      if (quoted[1] === "") {
        throw wrong("Quoted identifier must not be empty.");
      }
      names.push(quoted[1]!.replaceAll('""', '"'));
      rest = rest.slice(quoted[0].length);
    } else if (plain !== null) {
      names.push(plain[0].toLowerCase());
      rest = rest.slice(plain[0].length);
    } else if (rest.startsWith(".")) {
      throw wrong('No valid identifier before ".".');
    } else {
      throw wrong(isAfterDot ? 'No valid identifier after ".".' : undefined);
    }
    rest = rest.trimStart();
    if (!rest.startsWith(".")) break;
    rest = rest.slice(1).trimStart();
  }
  if (rest !== "" && strict) throw wrong();
  return SqlArray.of(names);
}

/** Functions of Unicode and names. */
export const unicodeFunctions: readonly FunctionDefinition[] = [
  unary<string>("normalize", text, text, (value) => value.normalize("NFC")),
  binary<string, string>("normalize", [text, text], text, normalize),
  unary<string>(
    "is_normalized",
    text,
    bool,
    (value) => value === value.normalize("NFC"),
  ),
  binary<string, string>(
    "is_normalized",
    [text, text],
    bool,
    (value, form) => value === normalize(value, form),
  ),
  unary<string>("unistr", text, text, unescapeUnicode),
  unary<string>(
    "parse_ident",
    text,
    textArray,
    (value) => parseIdentifier(value, true),
  ),
  define(
    "parse_ident",
    [text, bool],
    textArray,
    ([value, strict]) => parseIdentifier(value as string, strict as boolean),
  ),
];
