/**
 * Functions and operators of `date`, `timestamp` and `timestamptz`; those with
 * intervals are in `interval_operators.ts`.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import {
  DATE_END,
  DAY_MICROS,
  DAY_MIN,
  dayOfDate,
  daysInMonth,
  isInfinite,
  isTimestampInRange,
  joinTimestamp,
  splitTimestamp,
  type Timestamp,
} from "../../types/calendar.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { formatSixDigits } from "../../types/float_text.ts";
import { float8 } from "../../types/float_types.ts";
import { int4 } from "../../types/int_types.ts";
import { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { Numeric } from "../../types/numeric.ts";
import { numeric } from "../../types/numeric_type.ts";
import {
  addMicros,
  checkTimestamp,
  date,
  DATE_INFINITY,
  DATE_NEGATIVE_INFINITY,
  timestamp,
  timestampOfDateValue,
  timestamptz,
} from "../../types/temporal_types.ts";
import { text } from "../../types/text_types.ts";
import { time } from "../../types/time_type.ts";
import {
  dayField,
  extractTimestamp,
  infiniteField,
  JULIAN_DAY,
  timeField,
  truncateTimestamp,
  unitOf,
  unsupportedUnit,
} from "./datetime_fields.ts";
import { binary, define, infix, unary } from "../define.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

function isInfiniteDate(day: number): boolean {
  return day === DATE_INFINITY || day === DATE_NEGATIVE_INFINITY;
}

/** `extract(word from day)`: a date has no units of the clock. */
function extractDate(word: string, day: number): Nullable {
  const unit = unitOf(word, date);
  const field = unit === "epoch"
    ? Numeric.of((BigInt(day) + 10_957n) * 86_400n)
    : unit === "julian"
    ? Numeric.fromInteger(day + JULIAN_DAY)
    : dayField(unit, 0) === undefined
    ? undefined
    : dayField(unit, day);
  if (field === undefined) throw unsupportedUnit(word, date);
  return isInfiniteDate(day) ? infiniteField(unit, day > 0) : field;
}

/** What `extract` gives, as `date_part` gives it. */
export function asFloat(value: Nullable): Nullable {
  return value === null ? null : (value as Numeric).toNumber();
}

/** `extract` (numeric) and `date_part` (float8) of one type. */
function extractors<V extends number | bigint>(
  type: DataType,
  form: (word: string, value: V) => Nullable,
): FunctionDefinition[] {
  return [
    binary<string, V>("extract", [text, type], numeric, form),
    binary<string, V>(
      "date_part",
      [text, type],
      float8,
      (word, value) => asFloat(form(word, value)),
    ),
  ];
}

function dateOutOfRange(): SqlError {
  return new SqlError("22008", "date out of range");
}

function addDays(day: number, count: number): number {
  if (isInfiniteDate(day)) return day;
  const sum = day + count;
  if (sum < DAY_MIN || sum >= DATE_END) throw dateOutOfRange();
  return sum;
}

function daysBetween(a: number, b: number): number {
  if (isInfiniteDate(a) || isInfiniteDate(b)) {
    throw new SqlError("22008", "cannot subtract infinite dates");
  }
  return a - b;
}

/** The day of a year (negative: BC), month and day. */
function makeDay(
  given: number,
  month: number,
  day: number,
): number | undefined {
  if (given === 0 || given === -2147483648) return undefined;
  const year = given < 0 ? given + 1 : given;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
    return undefined;
  }
  return dayOfDate(year, month, day);
}

/** A year in an error: BC years are shown as they are counted inside. */
function displayed(year: number): number {
  return year < 0 && year > -2147483648 ? year + 1 : year;
}

/** A date that there is none of, or that no `date` can be. */
function badDate(
  fault: string,
  year: number,
  month: number,
  day: number,
): SqlError {
  return new SqlError("22008", `${fault}: ${year}-${pad(month)}-${pad(day)}`);
}

function pad(value: number): string {
  return String(value).padStart(2, "0");
}

function padSeconds(value: number): string {
  return formatSixDigits(value).padStart(2, "0");
}

function makeDate(year: number, month: number, day: number): number {
  const made = makeDay(year, month, day);
  if (made === undefined) {
    const shown = displayed(year);
    throw badDate("date field value out of range", shown, month, day);
  }
  if (made >= DAY_MIN && made < DATE_END) return made;
  throw badDate("date out of range", displayed(year), month, day);
}

/** The timestamp of a year, month, day, hour, minute and second. */
export function makeTimestamp(args: readonly Nullable[]): Timestamp {
  const [year, month, day, hour, minute, second] = args as number[];
  const made = makeDay(year!, month!, day!);
  if (made === undefined) {
    throw badDate("date field value out of range", year!, month!, day!);
  }
  if (made < DAY_MIN || made >= DATE_END) {
    throw badDate("date out of range", year!, month!, day!);
  }
  const micros = microsOf(hour!, minute!, second!);
  if (micros === undefined) throw timeFieldOutOfRange(hour!, minute!, second!);
  const moment = joinTimestamp(made, micros);
  if (isTimestampInRange(moment)) return moment;
  const date = `${year}-${pad(month!)}-${pad(day!)}`;
  const clock = `${hour}:${pad(minute!)}:${padSeconds(second!)}`;
  throw new SqlError("22008", `timestamp out of range: ${date} ${clock}`);
}

/** Seconds since 1970 as a timestamp. */
function fromEpoch(seconds: number): Timestamp {
  if (!Number.isFinite(seconds)) {
    if (seconds === seconds) return seconds;
    throw new SqlError("22008", "timestamp cannot be NaN");
  }
  const since2000 = seconds - 946_684_800;
  if (Math.abs(since2000) > 9.3e12) {
    throw new SqlError(
      "22008",
      `timestamp out of range: "${formatSixDigits(seconds)}"`,
    );
  }
  const day = Math.floor(since2000 / 86_400);
  const micros = Math.round((since2000 - day * 86_400) * 1_000_000);
  return checkTimestamp(joinTimestamp(day, micros));
}

/** `extract(word from time)`: a time of day has no units of the calendar. */
function extractTime(word: string, micros: number): Nullable {
  const unit = unitOf(word, time);
  if (unit === "epoch") return Numeric.of(BigInt(micros), 6);
  const field = timeField(unit, micros);
  if (field === undefined) throw unsupportedUnit(word, time);
  return field;
}

function makeTime(hour: number, minute: number, second: number): number {
  const micros = microsOf(hour, minute, second);
  if (micros !== undefined) return micros;
  throw timeFieldOutOfRange(hour, minute, second);
}

/** Microseconds since midnight, or nothing if there is no such time. */
function microsOf(
  hour: number,
  minute: number,
  second: number,
): number | undefined {
  const whole = hour * 3600 + minute * 60 + second;
  if (
    hour < 0 || hour > 24 || minute < 0 || minute > 59 || second < 0 ||
    second > 60 || !(whole <= 86_400)
  ) return undefined;
  return Math.round(second * 1_000_000) + (hour * 60 + minute) * 60_000_000;
}

function timeFieldOutOfRange(
  hour: number,
  minute: number,
  second: number,
): SqlError {
  return new SqlError(
    "22008",
    `time field value out of range: ${hour}:${pad(minute)}:${
      padSeconds(second)
    }`,
  );
}

/** A date with a time of day. */
function dateAndTime(day: number, micros: number): Timestamp {
  const midnight = timestampOfDateValue(day);
  return isInfinite(midnight)
    ? midnight
    : checkTimestamp(addMicros(midnight, micros));
}

/** Whether the timestamp is one of the calendar. */
function isFinite(value: Timestamp): boolean {
  return !isInfinite(value);
}

/** The types of what a timestamp is made of. */
export const CALENDAR: readonly DataType[] = [
  int4,
  int4,
  int4,
  int4,
  int4,
  float8,
];

/** Functions of dates and times. */
export const datetimeFunctions: readonly FunctionDefinition[] = [
  ...extractors<Timestamp>(
    timestamp,
    (word, value) => extractTimestamp(word, value, timestamp),
  ),
  binary<string, number>("extract", [text, date], numeric, extractDate),
  binary<string, number>(
    "date_part",
    [text, date],
    float8,
    (word, day) =>
      asFloat(extractTimestamp(word, timestampOfDateValue(day), timestamp)),
  ),
  binary<string, Timestamp>(
    "date_trunc",
    [text, timestamp],
    timestamp,
    (word, value) => truncateTimestamp(word, value, timestamp),
  ),
  unary<Timestamp>("isfinite", timestamptz, bool, isFinite),
  unary<Timestamp>("isfinite", timestamp, bool, isFinite),
  unary<number>("isfinite", date, bool, (day) => !isInfiniteDate(day)),
  define(
    "make_date",
    [int4, int4, int4],
    date,
    (args) => makeDate(...args as [number, number, number]),
  ),
  ...extractors<number>(time, extractTime),
  define(
    "make_time",
    [int4, int4, float8],
    time,
    (args) => makeTime(...args as [number, number, number]),
  ),
  define("make_timestamp", CALENDAR, timestamp, makeTimestamp),
  unary<number>("to_timestamp", float8, timestamptz, fromEpoch),
];

/** Moves a time of day round the clock. */
export function turn(micros: number, span: Interval): number {
  if (!span.isFinite) {
    throw new SqlError(
      "22008",
      "cannot add infinite interval to time",
    );
  }
  return (micros + splitTimestamp(span.micros).micros) % DAY_MICROS;
}

/** Operators of times of day. */
const timeOperators: readonly OperatorDefinition[] = [
  infix(binary<number, Interval>("+", [time, interval], time, turn), {
    commutator: "+",
  }),
  infix(
    binary<Interval, number>(
      "+",
      [interval, time],
      time,
      (span, micros) => turn(micros, span),
    ),
    { commutator: "+" },
  ),
  infix(
    binary<number, Interval>(
      "-",
      [time, interval],
      time,
      (micros, span) => {
        if (span.isFinite) return turn(micros, span.negated());
        throw new SqlError(
          "22008",
          "cannot subtract infinite interval from time",
        );
      },
    ),
  ),
  infix(
    binary<number, number>(
      "-",
      [time, time],
      interval,
      (a, b) => Interval.of({ months: 0, days: 0, micros: a - b }),
    ),
  ),
  infix(binary<number, number>("+", [date, time], timestamp, dateAndTime), {
    commutator: "+",
  }),
  infix(
    binary<number, number>(
      "+",
      [time, date],
      timestamp,
      (micros, day) => dateAndTime(day, micros),
    ),
    { commutator: "+" },
  ),
];

/** Operators of dates and times of day. */
export const datetimeOperators: readonly OperatorDefinition[] = [
  infix(binary<number, number>("+", [date, int4], date, addDays), {
    commutator: "+",
  }),
  infix(
    binary<number, number>(
      "+",
      [int4, date],
      date,
      (count, day) => addDays(day, count),
    ),
    { commutator: "+" },
  ),
  infix(
    binary<number, number>(
      "-",
      [date, int4],
      date,
      (day, count) => addDays(day, -count),
    ),
  ),
  infix(binary<number, number>("-", [date, date], int4, daysBetween)),
  ...timeOperators,
];
