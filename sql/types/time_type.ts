/**
 * `time` (without time zone): microseconds since midnight, 0 to 86400000000,
 * both included (`24:00:00` is a time of its own).
 *
 * The input takes `04:05`, `04:05:06.789`, `040506`, `4:05 PM`, `allballs`, a
 * zone behind it, which means nothing, and the time of a full timestamp.
 *
 * @module
 */
import { DAY_MICROS, formatTime, splitTimestamp } from "./calendar.ts";
import type { DataType, InputContext, SqlValue } from "./data_type.ts";
import { parseDateTime } from "./datetime_input.ts";
import { textOfJs } from "./js_value.ts";
import { SqlError } from "../errors/sql_error.ts";
import { localNow } from "./temporal_types.ts";

/** A time alone; a date is put before it, to be read by one reader. */
const ALONE =
  /^\s*(?:\d{1,2}:|\d{4}(?:\D|$)|\d{6}(?:\.\d*)?(?:\D|$)|allballs)/i;

/** A date, blanks and a time: the form in which timestamps are printed. */
const WITH_DATE = /^\s*\d{4,}-\d{1,2}-\d{1,2}\s+\d{1,2}:/;

function badTime(text: string): SqlError {
  return new SqlError(
    "22007",
    `invalid input syntax for type time: "${text}"`,
  );
}

/** The same error about the text that was given. */
function aboutText(error: unknown, text: string): unknown {
  if (!(error instanceof SqlError)) return error;
  if (error.code === "22007") return badTime(text);
  const message = error.message.replace(/: ".*"$/s, `: "${text}"`);
  return new SqlError(error.code, message);
}

function readTime(text: string, context: InputContext | undefined): number {
  const now = (): number => splitTimestamp(localNow(context)).micros;
  const alone = ALONE.test(text) && !/^\s*\d{4}-/.test(text);
  if (!alone && !WITH_DATE.test(text)) {
    if (text.trim().toLowerCase() === "now") return now();
    throw badTime(text);
  }
  try {
    const parts = parseDateTime(alone ? `2000-01-01 ${text}` : text, "time");
    if (parts.kind === "date" || parts.kind === "day") return parts.micros;
  } catch (error) {
    throw aboutText(error, text);
  }
  throw badTime(text);
}

/** Rounds to `precision` decimals of a second. */
function roundTo(micros: number, precision: number): number {
  const unit = 10 ** (6 - precision);
  return Math.min(Math.floor((micros + unit / 2) / unit) * unit, DAY_MICROS);
}

function typmodInput(modifiers: readonly number[]): number {
  const [precision] = modifiers;
  if (precision === undefined || modifiers.length > 1) {
    throw new SqlError("22023", "invalid type modifier");
  }
  if (precision < 0) {
    throw new SqlError(
      "22023",
      `TIME(${precision}) precision must not be negative`,
    );
  }
  return Math.min(precision, 6);
}

/** `time without time zone`. */
export const time: DataType = {
  oid: 1083,
  name: "time",
  displayName: "time without time zone",
  category: "D",
  preferred: false,
  length: 8,
  storage: "float64",
  input(text: string, typmod: number, context?: InputContext): SqlValue {
    const value = readTime(text, context);
    return typmod < 0 ? value : roundTo(value, typmod);
  },
  output: (value) => formatTime(value as number),
  compare: (a, b) => (a as number) - (b as number),
  hashKey: (value) => value as number,
  fromJs: (value, context) => readTime(textOfJs(value), context),
  toJs: (value) => formatTime(value as number),
  typmodInput,
  typmodOutput: (typmod) => `(${typmod})`,
  applyTypmod: (value, typmod) => roundTo(value as number, typmod),
};
