/**
 * The moment that the fields of `to_timestamp` and `to_date` mean together.
 *
 * What is missing is the beginning of the year 1 BC; fields that say the same in
 * different ways are taken in PostgreSQL's order.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  dateOfDay,
  DAY_MICROS,
  dayOfDate,
  daysInMonth,
} from "../../types/calendar.ts";
import type { TimeZone } from "../../types/time_zone/time_zone.ts";
import { isoYearStart, JULIAN_DAY } from "../datetime/datetime_fields.ts";
import type { ReadFields } from "./read_fields.ts";

/** A local time, and the zone it is in if one is said. */
export interface LocalMoment {
  /** Days since 2000-01-01. */
  readonly day: number;
  /** Microseconds of the day. */
  readonly micros: number;
  readonly zone: TimeZone | undefined;
  /** Decimals of a second to round to; 0: no rounding. */
  readonly precision: number;
}

/** The moment that the fields mean; `text` is told in errors. */
export function momentOfFields(fields: ReadFields, text: string): LocalMoment {
  return {
    day: dayOf(fields, text),
    micros: microsOf(fields, text),
    zone: zoneOf(fields, text),
    precision: fields.precision,
  };
}

function outOfRange(text: string): SqlError {
  return new SqlError(
    "22008",
    `date/time field value out of range: "${text}"`,
  );
}

function microsOf(fields: ReadFields, text: string): number {
  const { secondsOfDay } = fields;
  const second = fields.second || secondsOfDay % 60;
  const minute = fields.minute || Math.trunc(secondsOfDay % 3600 / 60);
  let hour = fields.hour || Math.trunc(secondsOfDay / 3600);
  if (fields.twelveHours) {
    if (hour < 1 || hour > 12) {
      throw new SqlError(
        "22007",
        `hour "${hour}" is invalid for the 12-hour clock`,
        { hint: "Use the 24-hour clock, or give an hour between 1 and 12." },
      );
    }
    hour = hour % 12 + (fields.afternoon === 0 ? 0 : 12);
  }
  const fraction = fields.milliseconds * 1000 + fields.microseconds;
  const fits = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 &&
    second >= 0 && second < 60 && fraction >= 0 && fraction < 1_000_000;
  if (!fits) throw outOfRange(text);
  return Math.min(
    ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction,
    DAY_MICROS,
  );
}

/** The astronomical year; `undefined` if none is said. */
function yearOf(fields: ReadFields): number | undefined {
  const isBefore = fields.beforeChrist !== 0;
  const century = isBefore ? -fields.century : fields.century;
  if (fields.year !== 0) {
    if (fields.century !== 0 && fields.yearDigits <= 2) {
      const year = fields.year % 100;
      if (year === 0) return century * 100 + (century >= 0 ? 0 : 1);
      return century >= 0
        ? year + (century - 1) * 100
        : (century + 1) * 100 - year + 1;
    }
    const year = isBefore ? -fields.year : fields.year;
    return year < 0 ? year + 1 : year;
  }
  if (fields.century === 0) return undefined;
  return century >= 0 ? (century - 1) * 100 + 1 : century * 100 + 1;
}

function dayOf(fields: ReadFields, text: string): number {
  const given = yearOf(fields);
  let date = { year: given ?? 0, month: 1, day: 1 };
  let known = { month: false, day: false };
  const take = (day: number): void => {
    date = dateOfDay(day);
    known = { month: true, day: true };
  };
  if (fields.julian !== 0) take(fields.julian - JULIAN_DAY);
  let { dayOfYear, day } = fields;
  if (fields.week !== 0) {
    if (fields.convention === "iso") {
      const monday = isoYearStart(date.year) + (fields.week - 1) * 7;
      const weekday = fields.weekday;
      take(monday + (weekday === 0 ? 0 : weekday > 1 ? weekday - 2 : 6));
    } else {
      dayOfYear = (fields.week - 1) * 7 + 1;
    }
  }
  if (fields.weekOfMonth !== 0) day = (fields.weekOfMonth - 1) * 7 + 1;
  if (day !== 0) {
    date = { ...date, day };
    known.day = true;
  }
  if (fields.month !== 0) {
    date = { ...date, month: fields.month };
    known.month = true;
  }
  if (dayOfYear !== 0 && (date.month <= 1 || date.day <= 1)) {
    if (date.year === 0 && fields.beforeChrist === 0) {
      throw new SqlError(
        "22007",
        "cannot calculate day of year without year information",
      );
    }
    if (fields.convention === "iso") {
      take(isoYearStart(date.year) + dayOfYear - 1);
    } else {
      date = withDayOfYear(date, dayOfYear);
      known = { month: true, day: true };
    }
  }
  checkDate(date, known, given !== undefined || fields.julian !== 0, text);
  return dayOfDate(date.year, date.month, 1) + date.day - 1;
}

interface LooseDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function withDayOfYear(date: LooseDate, dayOfYear: number): LooseDate {
  let month = 1;
  let before = 0;
  while (
    month <= 12 && dayOfYear > before + daysInMonth(date.year, month)
  ) {
    before += daysInMonth(date.year, month);
    month++;
  }
  return {
    year: date.year,
    month: date.month <= 1 ? month : date.month,
    day: date.day <= 1 ? dayOfYear - before : date.day,
  };
}

function checkDate(
  { year, month, day }: LooseDate,
  known: { readonly month: boolean; readonly day: boolean },
  yearKnown: boolean,
  text: string,
): void {
  const fits = month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
    !(known.month && known.day && yearKnown && day > daysInMonth(year, month));
  if (!fits) throw outOfRange(text);
}

function zoneOf(fields: ReadFields, text: string): TimeZone | undefined {
  if (fields.zoneSign === 0) return fields.zone;
  const { zoneHours, zoneMinutes } = fields;
  if (
    zoneHours < 0 || zoneHours > 15 || zoneMinutes < 0 || zoneMinutes >= 60
  ) {
    throw new SqlError(
      "22009",
      `time zone displacement out of range: "${text}"`,
    );
  }
  const seconds = (zoneHours * 60 + zoneMinutes) * 60;
  return {
    kind: "fixed",
    offsetSeconds: fields.zoneSign > 0 ? seconds : 0 - seconds,
  };
}
