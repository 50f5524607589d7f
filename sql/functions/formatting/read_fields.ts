/**
 * What `to_timestamp` and `to_date` have read, field by field.
 *
 * @module
 */
import type { TimeZone } from "../../types/time_zone/time_zone.ts";
import type { DateConvention } from "./datetime_template.ts";

/** The names of numbers that a text gives; 0 where it gives none. */
export type ReadField =
  | "hour"
  | "afternoon"
  | "minute"
  | "second"
  | "secondsOfDay"
  | "weekday"
  | "day"
  | "dayOfYear"
  | "month"
  | "milliseconds"
  | "microseconds"
  | "year"
  | "beforeChrist"
  | "week"
  | "weekOfMonth"
  | "century"
  | "julian"
  | "zoneHours"
  | "zoneMinutes";

/** What a text says, as it is written. */
export interface ReadFields extends Record<ReadField, number> {
  /** Whether hours count to 12. */
  twelveHours: boolean;
  /** How many digits the year has in the template. */
  yearDigits: number;
  convention: DateConvention;
  /** Decimals of a second, 0 if none were asked for. */
  precision: number;
  /** The sign of a zone in digits. */
  zoneSign: -1 | 0 | 1;
  /** A zone by abbreviation. */
  zone: TimeZone | undefined;
}

/** Nothing read yet. */
export function emptyFields(): ReadFields {
  return {
    hour: 0,
    afternoon: 0,
    minute: 0,
    second: 0,
    secondsOfDay: 0,
    weekday: 0,
    day: 0,
    dayOfYear: 0,
    month: 0,
    milliseconds: 0,
    microseconds: 0,
    year: 0,
    beforeChrist: 0,
    week: 0,
    weekOfMonth: 0,
    century: 0,
    julian: 0,
    zoneHours: 0,
    zoneMinutes: 0,
    twelveHours: false,
    yearDigits: 0,
    convention: undefined,
    precision: 0,
    zoneSign: 0,
    zone: undefined,
  };
}
