/**
 * `uuid`: kept as text, lower case, hyphens after 8, 12, 16 and 20 digits, so
 * that text order is byte order.
 *
 * The input takes upper case, braces around it, and hyphens after any group of
 * four digits or none.
 *
 * @module
 */
import type { DataType, SqlValue } from "./data_type.ts";
import { hexOf, textOfJs } from "./js_value.ts";
import { invalidSyntax } from "./type_error.ts";

const CANONICAL = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const ACCEPTED = /^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/;

/** Inserts the hyphens into 32 digits. */
function hyphenate(digits: string): string {
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-${
    digits.slice(12, 16)
  }-${digits.slice(16, 20)}-${digits.slice(20)}`;
}

/** The text form of 16 bytes. */
export function uuidOfBytes(bytes: Uint8Array): string {
  return hyphenate(hexOf(bytes));
}

function input(text: string): string {
  if (CANONICAL.test(text)) return text;
  let digits = text.toLowerCase();
  if (digits.startsWith("{")) {
    if (!digits.endsWith("}")) throw invalidSyntax("uuid", text);
    digits = digits.slice(1, -1);
  }
  if (!ACCEPTED.test(digits)) throw invalidSyntax("uuid", text);
  return hyphenate(digits.replaceAll("-", ""));
}

/** `uuid`. */
export const uuid: DataType = {
  oid: 2950,
  name: "uuid",
  displayName: "uuid",
  category: "U",
  preferred: false,
  length: 16,
  storage: "reference",
  input,
  output: (value) => value as string,
  compare: (a: SqlValue, b: SqlValue): number => a < b ? -1 : a > b ? 1 : 0,
  hashKey: (value) => value as string,
  fromJs: (value) => input(textOfJs(value)),
  toJs: (value) => value,
};
