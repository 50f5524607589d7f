/**
 * `to_char` of timestamps and intervals.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  isoYearOf,
  isoYearStart,
  JULIAN_DAY,
} from "../datetime/datetime_fields.ts";
import { ordinalEnding } from "./ordinal.ts";
import type { TemplateNode } from "./datetime_template.ts";

/** The fields that a template shows. */
export interface DateTimeFields {
  readonly isInterval: boolean;
  /** The astronomical year, or the years of an interval. */
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly micros: number;
  /** Days since 2000-01-01; 0 for intervals. */
  readonly dayNumber: number;
  /** The day of the year; for an interval its days, months counting 30. */
  readonly dayOfYear: number;
  /** Seconds east of UTC. */
  readonly offsetSeconds: number;
  /** The abbreviation of the zone, empty where there is none. */
  readonly zone: string;
}

const MONTHS = ("January February March April May June July August September " +
  "October November December").split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(
  " ",
);
const ROMAN_MONTHS = "XII XI X IX VIII VII VI V IV III II I".split(" ");

type Pattern = Extract<TemplateNode, { kind: "pattern" }>;

/** The text of the fields by a template. */
export function formatByTemplate(
  nodes: readonly TemplateNode[],
  fields: DateTimeFields,
): string {
  let text = "";
  for (const node of nodes) {
    text += node.kind === "pattern"
      ? formatPattern(node, fields)
      : node.character;
  }
  return text;
}

function formatPattern(node: Pattern, fields: DateTimeFields): string {
  return formatDigits(node, fields) ?? formatWords(node, fields);
}

function zeros(value: number, width: number): string {
  return value < 0
    ? `-${String(-value).padStart(width - 1, "0")}`
    : String(value).padStart(width, "0");
}

/** A number in `width` digits, one more under zero; `FM`: as many as it has. */
function padded(node: Pattern, value: number, width: number): string {
  return node.fill
    ? String(value)
    : zeros(value, value < 0 ? width + 1 : width);
}

/** 0 for Sunday. */
function weekday(fields: DateTimeFields): number {
  return ((fields.dayNumber + 6) % 7 + 7) % 7;
}

/** Patterns that an interval has not. */
function calendarOnly(fields: DateTimeFields): void {
  if (!fields.isInterval) return;
  throw new SqlError(
    "22007",
    "invalid format specification for an interval value",
    { hint: "Intervals are not tied to specific calendar dates." },
  );
}

/** The year as people count it: there is no year 0. */
function shownYear(fields: DateTimeFields, year: number): number {
  return fields.isInterval || year > 0 ? year : 1 - year;
}

/** The number of a pattern of digits with its ordinal; else `undefined`. */
function formatDigits(
  node: Pattern,
  fields: DateTimeFields,
): string | undefined {
  const digits = dateDigits(node, fields) ?? timeDigits(node, fields);
  if (digits === undefined || node.ordinal === undefined || digits === "") {
    return digits;
  }
  return digits + ordinalEnding(digits, node.ordinal);
}

function timeDigits(
  node: Pattern,
  fields: DateTimeFields,
): string | undefined {
  const { hour, minute, second, micros } = fields;
  switch (node.field) {
    case "HH":
    case "HH12": {
      const shown = hour % 12 === 0 ? 12 : hour % 12;
      return node.fill ? String(shown) : zeros(shown, hour >= 0 ? 2 : 3);
    }
    case "HH24":
      return padded(node, hour, 2);
    case "MI":
      return padded(node, minute, 2);
    case "SS":
      return padded(node, second, 2);
    case "FF1":
    case "FF2":
    case "FF3":
    case "FF4":
    case "FF5":
    case "FF6":
      return fraction(micros, Number(node.field[2]));
    case "MS":
      return fraction(micros, 3);
    case "US":
      return fraction(micros, 6);
    case "SSSS":
    case "SSSSS":
      return String(hour * 3600 + minute * 60 + second);
    default:
      return undefined;
  }
}

function fraction(micros: number, digits: number): string {
  return zeros(Math.trunc(micros / 10 ** (6 - digits)), digits);
}

function dateDigits(
  node: Pattern,
  fields: DateTimeFields,
): string | undefined {
  const { month, day, dayOfYear, dayNumber } = fields;
  switch (node.field) {
    case "MM":
      return padded(node, month, 2);
    case "DDD":
      return node.fill ? String(dayOfYear) : zeros(dayOfYear, 3);
    case "IDDD": {
      const start = isoYearStart(isoYearOf(dayNumber));
      const isoDay = dayNumber - start + 1;
      return node.fill ? String(isoDay) : zeros(isoDay, 3);
    }
    case "DD":
      return node.fill ? String(day) : zeros(day, 2);
    case "D":
      calendarOnly(fields);
      return String(weekday(fields) + 1);
    case "ID":
      calendarOnly(fields);
      return String(weekday(fields) || 7);
    case "WW": {
      const week = Math.trunc((dayOfYear - 1) / 7) + 1;
      return node.fill ? String(week) : zeros(week, 2);
    }
    case "IW": {
      const start = isoYearStart(isoYearOf(dayNumber));
      const week = Math.floor((dayNumber - start) / 7) + 1;
      return node.fill ? String(week) : zeros(week, 2);
    }
    case "W":
      return String(Math.trunc((day - 1) / 7) + 1);
    case "Q":
      return month === 0 ? "" : String(Math.trunc((month - 1) / 3) + 1);
    case "J":
      return String(dayNumber + JULIAN_DAY);
    default:
      return yearDigits(node, fields);
  }
}

function yearDigits(
  node: Pattern,
  fields: DateTimeFields,
): string | undefined {
  const { year } = fields;
  if (node.field === "CC") {
    const century = fields.isInterval
      ? Math.trunc(year / 100)
      : year > 0
      ? Math.floor((year - 1) / 100) + 1
      : Math.trunc(year / 100) - 1;
    return Math.abs(century) <= 99 ? padded(node, century, 2) : String(century);
  }
  if (!/^(?:Y|I(?:Y|$))/.test(node.field)) return undefined;
  const isIso = node.field.startsWith("I");
  const shown = shownYear(fields, isIso ? isoYearOf(fields.dayNumber) : year);
  switch (node.field) {
    case "Y,YYY": {
      const thousands = Math.trunc(shown / 1000);
      return `${thousands},${zeros(shown - thousands * 1000, 3)}`;
    }
    case "YYYY":
    case "IYYY":
      return padded(node, shown, 4);
    case "YYY":
    case "IYY":
      return node.fill
        ? String(shown % 1000)
        : zeros(shown % 1000, shown >= 0 ? 3 : 4);
    case "YY":
    case "IY":
      return node.fill
        ? String(shown % 100)
        : zeros(shown % 100, shown >= 0 ? 2 : 3);
    default:
      return String(shown % 10);
  }
}

/** A word in the case that the pattern is written in. */
function inCase(node: Pattern, word: string): string {
  if (node.name === node.name.toUpperCase()) return word.toUpperCase();
  return node.name === node.name.toLowerCase() ? word.toLowerCase() : word;
}

/** A name in the pattern's case, filled up with blanks to 9 characters. */
function named(node: Pattern, word: string): string {
  const shown = inCase(node, word);
  return node.fill || node.translate ? shown : shown.padEnd(9);
}

function formatWords(node: Pattern, fields: DateTimeFields): string {
  const { hour, year, month, offsetSeconds } = fields;
  const absolute = Math.abs(offsetSeconds);
  const sign = offsetSeconds >= 0 ? "+" : "-";
  const zoneHours = Math.floor(absolute / 3600);
  const zoneMinutes = zeros(Math.floor(absolute % 3600 / 60), 2);
  switch (node.field) {
    case "A.M.":
    case "P.M.":
      return inCase(node, isAfternoon(hour) ? "p.m." : "a.m.");
    case "AM":
    case "PM":
      return inCase(node, isAfternoon(hour) ? "pm" : "am");
    case "A.D.":
    case "B.C.":
      calendarOnly(fields);
      return inCase(node, year <= 0 ? "b.c." : "a.d.");
    case "AD":
    case "BC":
      calendarOnly(fields);
      return inCase(node, year <= 0 ? "bc" : "ad");
    case "MONTH":
      calendarOnly(fields);
      return named(node, MONTHS[month - 1]!);
    case "MON":
      calendarOnly(fields);
      return inCase(node, MONTHS[month - 1]!.slice(0, 3));
    case "DAY":
      calendarOnly(fields);
      return named(node, DAYS[weekday(fields)]!);
    case "DY":
      calendarOnly(fields);
      return inCase(node, DAYS[weekday(fields)]!.slice(0, 3));
    case "RM":
      return romanMonth(node, month, year);
    case "TZ":
      calendarOnly(fields);
      return inCase(node, fields.zone);
    case "TZH":
      calendarOnly(fields);
      return sign + zeros(zoneHours, 2);
    case "TZM":
      calendarOnly(fields);
      return zoneMinutes;
    case "OF": {
      calendarOnly(fields);
      const hours = node.fill ? String(zoneHours) : zeros(zoneHours, 2);
      return sign + hours + (absolute % 3600 === 0 ? "" : `:${zoneMinutes}`);
    }
    default:
      return "";
  }
}

function isAfternoon(hour: number): boolean {
  return hour % 24 >= 12;
}

/** The month in Roman numerals; an interval's may be none, or negative. */
function romanMonth(node: Pattern, month: number, year: number): string {
  if (month === 0 && year === 0) return "";
  const index = month === 0
    ? (year >= 0 ? 0 : 11)
    : month < 0
    ? -1 * (month + 1)
    : 12 - month;
  const shown = inCase(node, ROMAN_MONTHS[index]!);
  return node.fill ? shown : shown.padEnd(4);
}
