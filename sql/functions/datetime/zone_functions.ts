/**
 * Functions and operators of `timestamptz` that depend on a time zone: the
 * session's, or one that is named.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  isInfinite,
  splitTimestamp,
  type Timestamp,
} from "../../types/calendar.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { Numeric } from "../../types/numeric.ts";
import { numeric } from "../../types/numeric_type.ts";
import {
  addMicros,
  checkTimestamp,
  fromLocal,
  timestamp,
  timestamptz,
  toLocal,
} from "../../types/temporal_types.ts";
import { text } from "../../types/text_types.ts";
import { offsetOfText } from "../../types/time_zone/offset_text.ts";
import {
  findTimeZone,
  offsetAt,
  type TimeZone,
  UTC,
} from "../../types/time_zone/time_zone.ts";
import { define, infix } from "../define.ts";
import type {
  FunctionContext,
  FunctionDefinition,
  OperatorDefinition,
} from "../registry.ts";
import {
  extractTimestamp,
  truncateTimestamp,
  unitOf,
} from "./datetime_fields.ts";
import { asFloat, CALENDAR, makeTimestamp } from "./datetime_functions.ts";
import { addInterval, age } from "./interval_arithmetic.ts";

/** The session's zone. */
export function sessionZone(context: FunctionContext): TimeZone {
  return context.datetime?.zone ?? UTC;
}

/** The zone that a word names; `22023` if it names none. */
export function zoneOf(word: string): TimeZone {
  const zone = findTimeZone(word);
  if (zone !== undefined) return zone;
  throw new SqlError("22023", `time zone "${word}" not recognized`);
}

/** As {@linkcode zoneOf}, but `+05:30` is east of Greenwich. */
function isoZoneOf(word: string): TimeZone {
  if (/^\d/.test(word)) {
    throw new SqlError(
      "22023",
      `invalid input syntax for type numeric time zone: "${word}"`,
      {
        hint: 'Numeric time zones must have "-" or "+" as first character.',
      },
    );
  }
  const offsetSeconds = offsetOfText(word);
  if (offsetSeconds === "overflow") {
    throw new SqlError("22023", `numeric time zone "${word}" out of range`);
  }
  return offsetSeconds === undefined
    ? zoneOf(word)
    : { kind: "fixed", offsetSeconds };
}

/** The zone that is an interval east of Greenwich. */
export function zoneOfInterval(span: Interval): TimeZone {
  const fault = !span.isFinite
    ? "must be finite"
    : span.months !== 0 || span.days !== 0
    ? "must not include months or days"
    : undefined;
  if (fault !== undefined) {
    throw new SqlError(
      "22023",
      `interval time zone "${interval.output(span)}" ${fault}`,
    );
  }
  return {
    kind: "fixed",
    offsetSeconds: Math.trunc(Number(span.micros) / 1_000_000),
  };
}

/** `extract(word from value)` in a zone. */
function extractInZone(
  word: string,
  value: Timestamp,
  zone: TimeZone,
): Nullable {
  const unit = unitOf(word, timestamptz);
  if (isInfinite(value) || unit === "epoch") {
    return extractTimestamp(word, value, timestamptz);
  }
  const offset = offsetAt(zone, value);
  switch (unit) {
    case "timezone":
      return Numeric.fromInteger(offset);
    case "timezone_hour":
      return Numeric.fromInteger(Math.trunc(offset / 3600));
    case "timezone_minute":
      return Numeric.fromInteger(Math.trunc(offset % 3600 / 60) + 0);
    default:
      return extractTimestamp(word, toLocal(zone, value), timestamptz);
  }
}

/** Units of the clock shorter than a day: cut without a look at the zone. */
const WITHIN_DAY = new Set([
  "microseconds",
  "milliseconds",
  "second",
  "minute",
  "hour",
]);

function truncateInZone(
  word: string,
  value: Timestamp,
  zone: TimeZone,
): Timestamp {
  if (isInfinite(value)) return truncateTimestamp(word, value, timestamptz);
  const offset = offsetAt(zone, value);
  const local = truncateTimestamp(word, toLocal(zone, value), timestamptz);
  return WITHIN_DAY.has(unitOf(word, timestamptz))
    ? checkTimestamp(addMicros(local, -offset * 1_000_000))
    : fromLocal(zone, local);
}

/** A moment and an interval: months and days go by the clocks of the zone. */
export function addInZone(
  value: Timestamp,
  span: Interval,
  zone: TimeZone,
): Timestamp {
  const { months, days, micros } = span;
  if (
    zone.kind === "fixed" || isInfinite(value) || !span.isFinite ||
    (months === 0 && days === 0)
  ) return addInterval(value, span);
  const date = Interval.of({ months, days, micros: 0 });
  const moved = fromLocal(zone, addInterval(toLocal(zone, value), date));
  return addInterval(moved, Interval.of({ months: 0, days: 0, micros }));
}

function ageInZone(a: Timestamp, b: Timestamp, zone: TimeZone): Interval {
  return isInfinite(a) || isInfinite(b)
    ? age(a, b)
    : age(toLocal(zone, a), toLocal(zone, b));
}

/** Midnight of today in the session's zone, by its clocks. */
function localMidnight(context: FunctionContext): Timestamp {
  const now = toLocal(sessionZone(context), context.transactionTimestamp);
  return addMicros(now, -splitTimestamp(now).micros);
}

type Form = (args: readonly Nullable[], zone: TimeZone) => Nullable;

/** A function that looks at the session's zone. */
function inSession(
  name: string,
  types: readonly DataType[],
  returnType: DataType,
  form: Form,
): FunctionDefinition {
  return define(
    name,
    types,
    returnType,
    (args, context) => form(args, sessionZone(context)),
    { volatility: "stable" },
  );
}

const extractors: readonly FunctionDefinition[] = [
  inSession(
    "extract",
    [text, timestamptz],
    numeric,
    ([word, value], zone) =>
      extractInZone(word as string, value as Timestamp, zone),
  ),
  inSession(
    "date_part",
    [text, timestamptz],
    float8,
    ([word, value], zone) =>
      asFloat(extractInZone(word as string, value as Timestamp, zone)),
  ),
];

/** `timezone(zone, value)`: what AT TIME ZONE means. */
const conversions: readonly FunctionDefinition[] = [
  define(
    "timezone",
    [text, timestamptz],
    timestamp,
    ([word, value]) =>
      isInfinite(value as Timestamp)
        ? value as Timestamp
        : toLocal(zoneOf(word as string), value as Timestamp),
  ),
  define(
    "timezone",
    [text, timestamp],
    timestamptz,
    ([word, value]) =>
      isInfinite(value as Timestamp)
        ? value as Timestamp
        : fromLocal(zoneOf(word as string), value as Timestamp),
  ),
  define(
    "timezone",
    [interval, timestamptz],
    timestamp,
    ([span, value]) =>
      isInfinite(value as Timestamp)
        ? value as Timestamp
        : toLocal(zoneOfInterval(span as Interval), value as Timestamp),
  ),
  define(
    "timezone",
    [interval, timestamp],
    timestamptz,
    ([span, value]) =>
      isInfinite(value as Timestamp)
        ? value as Timestamp
        : fromLocal(zoneOfInterval(span as Interval), value as Timestamp),
  ),
  inSession(
    "timezone",
    [timestamptz],
    timestamp,
    ([value], zone) => toLocal(zone, value as Timestamp),
  ),
  inSession(
    "timezone",
    [timestamp],
    timestamptz,
    ([value], zone) => fromLocal(zone, value as Timestamp),
  ),
];

function moving(name: string, sign: 1 | -1): FunctionDefinition[] {
  const move = (value: Nullable, span: Nullable, zone: TimeZone): Nullable =>
    addInZone(
      value as Timestamp,
      sign < 0 ? (span as Interval).negated() : span as Interval,
      zone,
    );
  return [
    inSession(
      name,
      [timestamptz, interval],
      timestamptz,
      ([value, span], zone) => move(value!, span!, zone),
    ),
    define(
      name,
      [timestamptz, interval, text],
      timestamptz,
      ([value, span, word]) => move(value!, span!, zoneOf(word as string)),
    ),
  ];
}

/** Functions of moments in a zone. */
export const zoneFunctions: readonly FunctionDefinition[] = [
  ...extractors,
  ...conversions,
  ...moving("date_add", 1),
  ...moving("date_subtract", -1),
  inSession(
    "date_trunc",
    [text, timestamptz],
    timestamptz,
    ([word, value], zone) =>
      truncateInZone(word as string, value as Timestamp, zone),
  ),
  define(
    "date_trunc",
    [text, timestamptz, text],
    timestamptz,
    ([word, value, name]) =>
      truncateInZone(
        word as string,
        value as Timestamp,
        zoneOf(name as string),
      ),
  ),
  define(
    "age",
    [timestamptz, timestamptz],
    interval,
    ([a, b], context) =>
      ageInZone(a as Timestamp, b as Timestamp, sessionZone(context)),
  ),
  define(
    "age",
    [timestamptz],
    interval,
    ([value], context) => {
      const midnight = localMidnight(context);
      const moment = value as Timestamp;
      return isInfinite(moment)
        ? age(midnight, moment)
        : age(midnight, toLocal(sessionZone(context), moment));
    },
    { volatility: "stable" },
  ),
  define(
    "age",
    [timestamp],
    interval,
    ([value], context) => age(localMidnight(context), value as Timestamp),
    { volatility: "stable" },
  ),
  inSession(
    "make_timestamptz",
    CALENDAR,
    timestamptz,
    (args, zone) => fromLocal(zone, makeTimestamp(args)),
  ),
  define(
    "make_timestamptz",
    [...CALENDAR, text],
    timestamptz,
    (args) => {
      const local = makeTimestamp(args);
      return fromLocal(isoZoneOf(args[6] as string), local);
    },
    { volatility: "stable" },
  ),
];

/** Operators of moments and intervals. */
export const zoneOperators: readonly OperatorDefinition[] = [
  infix(
    inSession(
      "+",
      [timestamptz, interval],
      timestamptz,
      ([value, span], zone) =>
        addInZone(value as Timestamp, span as Interval, zone),
    ),
    { commutator: "+" },
  ),
  infix(
    inSession(
      "+",
      [interval, timestamptz],
      timestamptz,
      ([span, value], zone) =>
        addInZone(value as Timestamp, span as Interval, zone),
    ),
    { commutator: "+" },
  ),
  infix(
    inSession(
      "-",
      [timestamptz, interval],
      timestamptz,
      ([value, span], zone) =>
        addInZone(value as Timestamp, (span as Interval).negated(), zone),
    ),
  ),
];
