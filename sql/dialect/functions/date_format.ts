/**
 * Formats of dates and times with `%`, as `to_char` reads them.
 *
 * @module
 */
import { quoteLiteral } from "../../parser/quote.ts";
import { unsupported } from "../tree_node.ts";

/** What letters of strftime become: SQLite's and BigQuery's. */
export const STRFTIME: Readonly<Record<string, string>> = {
  "Y": "YYYY",
  "y": "YY",
  "m": "MM",
  "d": "DD",
  "e": "FMDD",
  "H": "HH24",
  "I": "HH12",
  "M": "MI",
  "S": "SS",
  "j": "DDD",
  "p": "AM",
  "B": "FMMonth",
  "b": "Mon",
  "A": "FMDay",
  "a": "Dy",
  "F": "YYYY-MM-DD",
  "T": "HH24:MI:SS",
  "R": "HH24:MI",
  "%": '"%"',
};

/** What letters of MySQL's DATE_FORMAT become. */
export const MYSQL_FORMAT: Readonly<Record<string, string>> = {
  "Y": "YYYY",
  "y": "YY",
  "m": "MM",
  "c": "FMMM",
  "d": "DD",
  "e": "FMDD",
  "H": "HH24",
  "k": "FMHH24",
  "h": "HH12",
  "I": "HH12",
  "l": "FMHH12",
  "i": "MI",
  "s": "SS",
  "S": "SS",
  "f": "US",
  "j": "DDD",
  "p": "AM",
  "M": "FMMonth",
  "b": "Mon",
  "W": "FMDay",
  "a": "Dy",
  "T": "HH24:MI:SS",
  "r": "HH12:MI:SS AM",
  "%": '"%"',
};

/** A format as a literal for `to_char`. @throws {SqlError} `0A000`. */
export function toCharFormat(
  format: string | undefined,
  letters: Readonly<Record<string, string>>,
): string {
  if (format === undefined) {
    throw unsupported("A format of dates that is no literal");
  }
  const parts = format.match(/%.|[^%]+|%/g) ?? [];
  const written = parts.map((part) => {
    if (!part.startsWith("%")) {
      return /[A-Za-z"\\]/.test(part)
        ? `"${part.replaceAll('"', '\\"')}"`
        : part;
    }
    const word = letters[part.slice(1)];
    if (word === undefined) throw unsupported(`The format ${part}`);
    return word;
  });
  return quoteLiteral(written.join(""));
}
