/**
 * `bytea`: bytes. Text form `\x0102` out; that or the escape form (`a\\b\001`)
 * in.
 *
 * @module
 */
import { compareBytes, utf8Encode } from "../../base/bytes.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { DataType, SqlValue } from "./data_type.ts";
import { hexOf, textOfJs } from "./js_value.ts";
import { SPACES } from "./numeric.ts";

function hexDigit(text: string, at: number): number {
  const digit = parseInt(text[at]!, 16);
  if (Number.isNaN(digit)) {
    const code = text.codePointAt(at)!;
    throw new SqlError(
      "22023",
      `invalid hexadecimal digit: "${String.fromCodePoint(code)}"`,
    );
  }
  return digit;
}

/** Pairs of digits, white space between the pairs. */
export function decodeHex(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length >>> 1);
  let count = 0;
  for (let i = 0; i < text.length; i++) {
    if (SPACES.includes(text[i]!)) continue;
    const high = hexDigit(text, i++);
    if (i >= text.length) {
      throw new SqlError(
        "22023",
        "invalid hexadecimal data: odd number of digits",
      );
    }
    bytes[count++] = high * 16 + hexDigit(text, i);
  }
  return count === bytes.length ? bytes : bytes.slice(0, count);
}

/** The escape form: `\\` is a backslash, `\ooo` a byte, others themselves. */
export function decodeEscape(text: string): Uint8Array {
  const source = utf8Encode(text);
  const bytes = new Uint8Array(source.length);
  let count = 0;
  for (let i = 0; i < source.length; i++) {
    if (source[i] !== 92) {
      bytes[count++] = source[i]!;
    } else if (source[i + 1] === 92) {
      bytes[count++] = 92;
      i++;
    } else {
      const octal = String.fromCharCode(...source.subarray(i + 1, i + 4));
      if (!/^[0-3][0-7][0-7]$/.test(octal)) {
        throw new SqlError("22P02", "invalid input syntax for type bytea");
      }
      bytes[count++] = parseInt(octal, 8);
      i += 3;
    }
  }
  return bytes.slice(0, count);
}

/** The bytes as text, for hash tables: one unit a byte. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 4096) {
    text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  }
  return text;
}

function input(text: string): Uint8Array {
  return text.startsWith("\\x") ? decodeHex(text.slice(2)) : decodeEscape(text);
}

/** `bytea`. */
export const bytea: DataType = {
  oid: 17,
  name: "bytea",
  displayName: "bytea",
  category: "U",
  preferred: false,
  length: -1,
  storage: "reference",
  input,
  output: (value) => `\\x${hexOf(value as Uint8Array)}`,
  compare: compareBytes as (a: SqlValue, b: SqlValue) => number,
  hashKey: (value) => latin1(value as Uint8Array),
  fromJs(value: unknown): SqlValue {
    if (value instanceof Uint8Array) return value.slice();
    if (value instanceof ArrayBuffer) return new Uint8Array(value.slice(0));
    return input(textOfJs(value));
  },
  toJs: (value) => (value as Uint8Array).slice(),
};
