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
import { parseTimeOfDay } from "./datetime_input.ts";
import { textOfJs } from "./js_value.ts";
import { SqlError } from "../errors/sql_error.ts";
import { localNow } from "./temporal_types.ts";
import type { TimeZone } from "./time_zone/time_zone.ts";

/** What the text of a time of day says. */
export interface ClockParts {
  /** Microseconds since midnight. */
  readonly micros: number;
  /** The day that was given with it, since 2000-01-01; absent: none. */
  readonly day: number | undefined;
  /** The zone behind it. */
  readonly zone: TimeZone | undefined;
}

/**
 * Reads a time of day, alone or behind a date; `now` for that word.
 *
 * @throws {SqlError} `22007` and its kin, about the type `typeName`.
 */
export function readClock(
  text: string,
  typeName: string,
  context?: InputContext,
): ClockParts | "now" {
  const reading = parseTimeOfDay(text, typeName, context?.datetime);
  if (reading.kind === "now") return "now";
  return reading;
}

function readTime(text: string, context: InputContext | undefined): number {
  const parts = readClock(text, "time", context);
  if (parts !== "now") return parts.micros;
  return splitTimestamp(localNow(context)).micros;
}

/** Rounds a time of day to `precision` decimals of a second. */
export function roundTime(micros: number, precision: number): number {
  const unit = 10 ** (6 - precision);
  return Math.min(Math.floor((micros + unit / 2) / unit) * unit, DAY_MICROS);
}

/** The precision in a typmod; `suffix` is what errors call the type besides. */
export function precisionOf(
  modifiers: readonly number[],
  suffix = "",
): number {
  const [precision] = modifiers;
  if (precision === undefined || modifiers.length > 1) {
    throw new SqlError("22023", "invalid type modifier");
  }
  if (precision < 0) {
    throw new SqlError(
      "22023",
      `TIME(${precision})${suffix} precision must not be negative`,
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
    return typmod < 0 ? value : roundTime(value, typmod);
  },
  output: (value) => formatTime(value as number),
  compare: (a, b) => (a as number) - (b as number),
  hashKey: (value) => value as number,
  fromJs: (value, context) => readTime(textOfJs(value), context),
  toJs: (value) => formatTime(value as number),
  typmodInput: (modifiers) => precisionOf(modifiers),
  typmodOutput: (typmod) => `(${typmod})`,
  applyTypmod: (value, typmod) => roundTime(value as number, typmod),
};
