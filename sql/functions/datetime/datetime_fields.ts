/**
 * Fields of dates and timestamps: what `extract` gives and `date_trunc` cuts
 * to.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  dateOfDay,
  DAY_MICROS,
  dayOfDate,
  isInfinite,
  joinTimestamp,
  splitTimestamp,
  type Timestamp,
} from "../../types/calendar.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { INT8_MAX } from "../../types/int_types.ts";
import { numericOfFloat } from "../../types/number_casts.ts";
import { Numeric } from "../../types/numeric.ts";
import { add, divide } from "../../types/numeric_arithmetic.ts";
import { checkTimestamp } from "../../types/temporal_types.ts";

/** Spellings of the units, all in one case. */
const UNITS: Readonly<Record<string, string>> = Object.fromEntries(
  ([
    ["microseconds", "us usec usecs useconds microsecond microsecon"],
    ["milliseconds", "ms msec msecs mseconds millisecond millisecon"],
    ["second", "s sec secs seconds"],
    ["minute", "m min mins minutes"],
    ["hour", "h hr hrs hours"],
    ["day", "d days"],
    ["week", "w weeks"],
    ["month", "mon mons months"],
    ["quarter", "qtr"],
    ["year", "y yr yrs years"],
    ["decade", "dec decs decades"],
    ["century", "c cent centuries"],
    ["millennium", "mil mils millennia"],
    ["epoch", ""],
    ["dow", ""],
    ["isodow", ""],
    ["doy", ""],
    ["isoyear", ""],
    ["julian", "j jd"],
    ["timezone", ""],
    ["timezone_hour", "timezone_h"],
    ["timezone_minute", "timezone_m"],
  ] as const).flatMap(([unit, others]) =>
    [unit, ...others.split(" ")].filter((word) => word !== "")
      .map((word) => [word, unit])
  ),
);

/** The unit that a word names; `22023` if it names none. */
export function unitOf(word: string, type: DataType): string {
  const unit = UNITS[word.toLowerCase()];
  if (unit !== undefined) return unit;
  throw unknownUnit(word, type);
}

/** `22023`: there is no such unit. */
export function unknownUnit(word: string, type: DataType): SqlError {
  return new SqlError(
    "22023",
    `unit "${word.toLowerCase()}" not recognized for type ${type.displayName}`,
  );
}

/** Units that can be extracted only: `date_trunc` does not know them. */
const EXTRACTED_ONLY = new Set(
  ["epoch", "dow", "isodow", "doy", "isoyear", "julian"],
);

/** The unit that a word names for `date_trunc`. */
export function truncationUnitOf(word: string, type: DataType): string {
  const unit = unitOf(word, type);
  if (EXTRACTED_ONLY.has(unit)) throw unknownUnit(word, type);
  return unit;
}

/** `0A000`: the unit exists, but not here. */
export function unsupportedUnit(word: string, type: DataType): SqlError {
  return new SqlError(
    "0A000",
    `unit "${word.toLowerCase()}" not supported for type ${type.displayName}`,
  );
}

const integer = (value: number): Numeric => Numeric.fromInteger(value);

/** Rounds towards minus infinity to a multiple. */
function floorTo(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}

/** 0 for Monday to 6 for Sunday. */
function weekdayOf(day: number): number {
  // 2000-01-01 was a Saturday.
  return ((day + 5) % 7 + 7) % 7;
}

/** The Monday that the ISO year begins with. */
export function isoYearStart(year: number): number {
  const fourth = dayOfDate(year, 1, 4);
  return fourth - weekdayOf(fourth);
}

/** The ISO year that a day is in. */
export function isoYearOf(day: number): number {
  const { year } = dateOfDay(day);
  if (day >= isoYearStart(year + 1)) return year + 1;
  return day < isoYearStart(year) ? year - 1 : year;
}

/** The year as people count it: there is no year 0. */
function displayYear(year: number): number {
  return year > 0 ? year : year - 1;
}

/** Which of the periods of `length` years, counted from 1. */
function period(year: number, length: number): number {
  return year > 0
    ? Math.floor((year + length - 1) / length)
    : -Math.floor((length - 1 - (year - 1)) / length);
}

/** The fields of a day; `undefined` for units of the clock. */
export function dayField(unit: string, day: number): Numeric | undefined {
  const date = dateOfDay(day);
  switch (unit) {
    case "day":
      return integer(date.day);
    case "week": {
      const start = isoYearStart(isoYearOf(day));
      return integer(Math.floor((day - start) / 7) + 1);
    }
    case "month":
      return integer(date.month);
    case "quarter":
      return integer(Math.floor((date.month - 1) / 3) + 1);
    case "year":
      return integer(displayYear(date.year));
    case "decade":
      return integer(Math.floor(date.year / 10));
    case "century":
      return integer(period(date.year, 100));
    case "millennium":
      return integer(period(date.year, 1000));
    case "dow":
      return integer((weekdayOf(day) + 1) % 7);
    case "isodow":
      return integer(weekdayOf(day) + 1);
    case "doy":
      return integer(day - dayOfDate(date.year, 1, 1) + 1);
    case "isoyear":
      return integer(displayYear(isoYearOf(day)));
    default:
      return undefined;
  }
}

/** The fields of a time of day; `undefined` for other units. */
export function timeField(unit: string, micros: number): Numeric | undefined {
  const seconds = BigInt(micros % 60_000_000);
  switch (unit) {
    case "microseconds":
      return Numeric.of(seconds);
    case "milliseconds":
      return Numeric.of(seconds, 3);
    case "second":
      return Numeric.of(seconds, 6);
    case "minute":
      return integer(Math.floor(micros / 60_000_000) % 60);
    case "hour":
      return integer(Math.floor(micros / 3_600_000_000));
    default:
      return undefined;
  }
}

/** Units whose value at infinity is infinite. */
const GROWING = new Set([
  "year",
  "decade",
  "century",
  "millennium",
  "julian",
  "isoyear",
  "epoch",
]);

/** What `extract` gives at infinity: infinite, or NULL where it goes round. */
export function infiniteField(unit: string, positive: boolean): Nullable {
  if (!GROWING.has(unit)) return null;
  return positive ? Numeric.INFINITY : Numeric.NEGATIVE_INFINITY;
}

const EPOCH_MICROS = 946_684_800_000_000n;
/** The Julian day of 2000-01-01. */
export const JULIAN_DAY = 2_451_545;

/** `extract(word from value)` of a timestamp. */
export function extractTimestamp(
  word: string,
  value: Timestamp,
  type: DataType,
): Nullable {
  const unit = unitOf(word, type);
  if (isInfinite(value)) return infiniteField(unit, value === Infinity);
  if (unit.startsWith("timezone") && type.name === "timestamp") {
    throw unsupportedUnit(word, type);
  }
  const { day, micros } = splitTimestamp(value);
  if (unit.startsWith("timezone")) return Numeric.ZERO;
  if (unit === "epoch") return epochOf(BigInt(value) + EPOCH_MICROS);
  if (unit === "julian") return julian(day, micros);
  return dayField(unit, day) ?? timeField(unit, micros) ?? null;
}

/** Seconds since 1970; by way of a float, as there, where 64 bits end. */
function epochOf(micros: bigint): Numeric {
  return micros <= INT8_MAX
    ? Numeric.of(micros, 6)
    : numericOfFloat(Number(micros) / 1_000_000, 15).withScale(6);
}

/** The Julian day with its fraction. */
function julian(day: number, micros: number): Numeric {
  return add(
    integer(day + JULIAN_DAY),
    divide(integer(micros), integer(DAY_MICROS)),
  );
}

/** The timestamp cut to a unit. */
export function truncateTimestamp(
  word: string,
  value: Timestamp,
  type: DataType,
): Timestamp {
  const unit = truncationUnitOf(word, type);
  const clock = CLOCK_MICROS[unit];
  const known = clock !== undefined || truncateDay(unit, 0) !== undefined;
  if (!known) throw unsupportedUnit(word, type);
  if (isInfinite(value)) return value;
  const { day, micros } = splitTimestamp(value);
  if (clock !== undefined) return joinTimestamp(day, floorTo(micros, clock));
  return checkTimestamp(joinTimestamp(truncateDay(unit, day)!, 0));
}

/** Units of the clock, in microseconds. */
const CLOCK_MICROS: Readonly<Record<string, number>> = {
  microseconds: 1,
  milliseconds: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
};

/** The first day of the unit that `day` is in. */
function truncateDay(unit: string, day: number): number | undefined {
  const { year, month } = dateOfDay(day);
  switch (unit) {
    case "day":
      return day;
    case "week":
      return day - weekdayOf(day);
    case "month":
      return dayOfDate(year, month, 1);
    case "quarter":
      return dayOfDate(year, floorTo(month - 1, 3) + 1, 1);
    case "year":
      return dayOfDate(year, 1, 1);
    case "decade":
      return dayOfDate(
        year > 0 ? floorTo(year, 10) : -floorTo(9 - year, 10),
        1,
        1,
      );
    case "century":
      return dayOfDate(startOfPeriod(year, 100), 1, 1);
    case "millennium":
      return dayOfDate(startOfPeriod(year, 1000), 1, 1);
    default:
      return undefined;
  }
}

/** The first year of a century or millennium: 2001, 1901; -99 for 100 BC. */
function startOfPeriod(year: number, length: number): number {
  return year > 0
    ? floorTo(year - 1, length) + 1
    : -(floorTo(length - 1 - (year - 1), length) - 1);
}
