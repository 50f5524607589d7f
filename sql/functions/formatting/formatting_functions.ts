/**
 * `to_char`, `to_date`, `to_number`, `to_timestamp` (PostgreSQL's chapter 9.8).
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  DATE_END,
  dateOfDay,
  DAY_MIN,
  dayOfDate,
  isInfinite,
  joinTimestamp,
  splitTimestamp,
  type Timestamp,
} from "../../types/calendar.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { int4, int8 } from "../../types/int_types.ts";
import type { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import type { Numeric } from "../../types/numeric.ts";
import { numeric } from "../../types/numeric_type.ts";
import {
  addMicros,
  checkTimestamp,
  date,
  fromLocal,
  timestamp,
  timestamptz,
} from "../../types/temporal_types.ts";
import { text } from "../../types/text_types.ts";
import {
  abbreviationAt,
  offsetAt,
  type TimeZone,
} from "../../types/time_zone/time_zone.ts";
import { sessionZone } from "../datetime/zone_functions.ts";
import { define, type DefineOptions } from "../define.ts";
import type { FunctionDefinition, ScalarForm } from "../registry.ts";
import { DateTimeTemplateReader } from "./datetime_from_char.ts";
import { momentOfFields } from "./datetime_of_fields.ts";
import { parseDateTimeTemplate } from "./datetime_template.ts";
import { type DateTimeFields, formatByTemplate } from "./datetime_to_char.ts";
import { floatToChar, integerToChar, numericToChar } from "./number_digits.ts";
import { numberFromChar } from "./number_from_char.ts";

function fieldsOfTimestamp(
  value: Timestamp,
  zone: TimeZone | undefined,
): DateTimeFields {
  const offsetSeconds = zone === undefined ? 0 : offsetAt(zone, value);
  const { day, micros } = splitTimestamp(
    addMicros(value, offsetSeconds * 1_000_000),
  );
  const civil = dateOfDay(day);
  const seconds = Math.floor(micros / 1_000_000);
  return {
    isInterval: false,
    ...civil,
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    micros: micros % 1_000_000,
    dayNumber: day,
    dayOfYear: day - dayOfDate(civil.year, 1, 1) + 1,
    offsetSeconds,
    zone: zone === undefined ? "" : abbreviationAt(zone, value),
  };
}

function fieldsOfInterval(span: Interval): DateTimeFields {
  const { months, days, hours, hourMicros } = span;
  const year = Math.trunc(months / 12);
  const month = months % 12 + 0;
  return {
    isInterval: true,
    year,
    month,
    day: days,
    hour: hours,
    minute: Math.trunc(hourMicros / 60_000_000) + 0,
    second: Math.trunc(hourMicros / 1_000_000) % 60 + 0,
    micros: hourMicros % 1_000_000 + 0,
    dayNumber: dayOfParts(year, month, days),
    dayOfYear: months * 30 + days,
    offsetSeconds: 0,
    zone: "",
  };
}

/**
 * The day that a date of such parts would have; PostgreSQL shows it for
 * intervals too, whose parts may be no date (`date2j`).
 */
function dayOfParts(year: number, month: number, day: number): number {
  const isLate = month > 2;
  const shifted = year + (isLate ? 4800 : 4799);
  const century = Math.trunc(shifted / 100);
  const julian = shifted * 365 - 32_167 + Math.trunc(shifted / 4) - century +
    Math.trunc(century / 4) +
    Math.trunc(7834 * (month + (isLate ? 1 : 13)) / 256) + day;
  return julian - 2_451_545;
}

function timestampToChar(
  value: Timestamp,
  template: string,
  zone: TimeZone | undefined,
): Nullable {
  if (template === "" || isInfinite(value)) return null;
  const nodes = parseDateTimeTemplate(template);
  return formatByTemplate(nodes, fieldsOfTimestamp(value, zone));
}

function intervalToChar(span: Interval, template: string): Nullable {
  if (template === "" || !span.isFinite) return null;
  const nodes = parseDateTimeTemplate(template);
  return formatByTemplate(nodes, fieldsOfInterval(span));
}

/** Rounds to `precision` decimals of a second. */
function roundTo(micros: number, precision: number): number {
  const unit = 10 ** (6 - precision);
  return Math.floor((micros + unit / 2) / unit) * unit;
}

function toTimestamp(
  input: string,
  template: string,
  session: TimeZone,
): Timestamp {
  const nodes = parseDateTimeTemplate(template);
  const fields = new DateTimeTemplateReader(nodes, input).read();
  const { day, micros, zone, precision } = momentOfFields(fields, input);
  const rounded = precision === 0 ? micros : roundTo(micros, precision);
  const local = joinTimestamp(day, rounded);
  return fromLocal(zone ?? session, checkTimestamp(local));
}

function toDate(input: string, template: string): number {
  const nodes = parseDateTimeTemplate(template);
  const fields = new DateTimeTemplateReader(nodes, input).read();
  const { day } = momentOfFields(fields, input);
  if (day < DAY_MIN || day >= DATE_END) {
    throw new SqlError("22008", `date out of range: "${input}"`);
  }
  return day;
}

const STABLE: DefineOptions = { volatility: "stable" };

function toChar(type: DataType, scalar: ScalarForm): FunctionDefinition {
  return define("to_char", [type, text], text, scalar, STABLE);
}

/** Functions of templates. */
export const formattingFunctions: readonly FunctionDefinition[] = [
  toChar(
    timestamptz,
    ([value, template], context) =>
      timestampToChar(
        value as Timestamp,
        template as string,
        sessionZone(context),
      ),
  ),
  toChar(
    timestamp,
    ([value, template]) =>
      timestampToChar(value as Timestamp, template as string, undefined),
  ),
  toChar(
    interval,
    ([span, template]) => intervalToChar(span as Interval, template as string),
  ),
  toChar(
    numeric,
    ([value, template]) => numericToChar(value as Numeric, template as string),
  ),
  ...[int4, int8].map((type) =>
    toChar(
      type,
      ([value, template]) =>
        integerToChar(
          value as number | bigint,
          template as string,
          type === int8,
        ),
    )
  ),
  ...[float4, float8].map((type) =>
    toChar(
      type,
      ([value, template]) =>
        floatToChar(value as number, template as string, type),
    )
  ),
  define(
    "to_date",
    [text, text],
    date,
    ([input, template]) => toDate(input as string, template as string),
    STABLE,
  ),
  define(
    "to_timestamp",
    [text, text],
    timestamptz,
    ([input, template], context) =>
      toTimestamp(input as string, template as string, sessionZone(context)),
    STABLE,
  ),
  define(
    "to_number",
    [text, text],
    numeric,
    ([input, template]) => numberFromChar(input as string, template as string),
    STABLE,
  ),
];
