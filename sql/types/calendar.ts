/**
 * The proleptic Gregorian calendar, in days since 2000-01-01 and microseconds
 * since 2000-01-01 00:00: what `date`, `timestamp` and `timestamptz` count.
 *
 * Years are astronomical: year 0 is 1 BC. A timestamp is a `number` while it is
 * a safe integer (years 1714 to 2285) and a `bigint` beyond, as `int8` is;
 * `Infinity` and `-Infinity` stand for themselves.
 *
 * @module
 */
import { normalizeInt8 } from "./int8_value.ts";

/** Microseconds of a day. */
export const DAY_MICROS = 86_400_000_000;

/** Milliseconds from 1970-01-01 to 2000-01-01. */
export const EPOCH_MS = 946_684_800_000;

/** The first day that a date or timestamp can name: 4714-11-24 BC. */
export const DAY_MIN = -2_451_545;

/** The first day too late for a date: 5874898-01-01. */
export const DATE_END = 2_145_031_949;

/** The first day too late for a timestamp: 294277-01-01. */
export const TIMESTAMP_DAY_END = 106_751_983;

/** A timestamp: microseconds since 2000-01-01. */
export type Timestamp = number | bigint;

/** A day of the calendar. */
export interface CivilDate {
  /** The astronomical year: 0 is 1 BC. */
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
}

/** Days of each month in a common year. */
const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether `year` has a 29th of February. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** How many days `month` (1 to 12) of `year` has. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : MONTH_DAYS[month - 1]!;
}

/** Days since 2000-01-01. */
export function dayOfDate(year: number, month: number, day: number): number {
  // Years begin in March, so that the leap day is a year's last.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) +
    day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) -
    Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 730_425;
}

/** The date of a day since 2000-01-01. */
export function dateOfDay(day: number): CivilDate {
  const shifted = day + 730_425;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra -
    (365 * yearOfEra + Math.floor(yearOfEra / 4) -
      Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

/** A finite timestamp as a day and the microseconds of that day. */
export interface DayAndTime {
  /** Days since 2000-01-01. */
  readonly day: number;
  /** Microseconds of the day: 0 to 86399999999. */
  readonly micros: number;
}

/** Splits a finite timestamp. */
export function splitTimestamp(value: Timestamp): DayAndTime {
  if (typeof value === "number") {
    const day = Math.floor(value / DAY_MICROS);
    return { day, micros: value - day * DAY_MICROS };
  }
  const length = BigInt(DAY_MICROS);
  let day = value / length;
  let micros = value % length;
  if (micros < 0n) {
    day--;
    micros += length;
  }
  return { day: Number(day), micros: Number(micros) };
}

/** The timestamp `micros` (any number of them) after day `day` began. */
export function joinTimestamp(day: number, micros: number): Timestamp {
  const value = day * DAY_MICROS + micros;
  if (Number.isSafeInteger(value)) return value;
  return normalizeInt8(BigInt(day) * BigInt(DAY_MICROS) + BigInt(micros));
}

/** Whether the timestamp is infinite. */
export function isInfinite(value: Timestamp): boolean {
  return value === Infinity || value === -Infinity;
}

/** Whether a finite timestamp is one that PostgreSQL has. */
export function isTimestampInRange(value: Timestamp): boolean {
  const { day } = splitTimestamp(value);
  return day >= DAY_MIN && day < TIMESTAMP_DAY_END;
}

/** `2024-01-02`, without era. */
export function formatDate(date: CivilDate): string {
  const year = date.year > 0 ? date.year : 1 - date.year;
  return `${String(year).padStart(4, "0")}-${two(date.month)}-${two(date.day)}`;
}

/** ` BC`, or nothing. */
export function eraSuffix(date: CivilDate): string {
  return date.year > 0 ? "" : " BC";
}

/** `03:04:05.678`: fractions as far as there are any. */
export function formatTime(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000);
  const fraction = micros - seconds * 1_000_000;
  const text = `${two(Math.floor(seconds / 3600))}:${
    two(Math.floor(seconds / 60) % 60)
  }:${two(seconds % 60)}`;
  if (fraction === 0) return text;
  return `${text}.${String(fraction).padStart(6, "0").replace(/0+$/, "")}`;
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
