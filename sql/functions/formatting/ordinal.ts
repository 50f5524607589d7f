/**
 * The endings of ordinal numbers: 1st, 2nd, 3rd, 4th, 11th.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";

/** The ending that the number written `digits` takes. */
export function ordinalEnding(digits: string, type: "TH" | "th"): string {
  const last = digits.at(-1) ?? "";
  if (!/\d/.test(last)) {
    throw new SqlError("22P02", `"${digits}" is not a number`);
  }
  const isTeen = digits.at(-2) === "1";
  const ending = isTeen
    ? "th"
    : last === "1"
    ? "st"
    : last === "2"
    ? "nd"
    : last === "3"
    ? "rd"
    : "th";
  return type === "TH" ? ending.toUpperCase() : ending;
}
