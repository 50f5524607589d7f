/**
 * Casts between `date`, `time`, `timestamp`, `timestamptz` and `interval`; those
 * to and from `timestamptz` by the session's time zone.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import {
  isInfinite,
  joinTimestamp,
  splitTimestamp,
  type Timestamp,
} from "./calendar.ts";
import type { CastDefinition } from "./cast_definition.ts";
import type { InputContext, Nullable, SqlValue } from "./data_type.ts";
import { Interval } from "./interval.ts";
import { interval } from "./interval_type.ts";
import {
  date,
  dateOfTimestampValue,
  fromLocal,
  localNow,
  timestamp,
  timestampOfDateValue,
  timestamptz,
  toLocal,
  zoneOfContext,
} from "./temporal_types.ts";
import { offsetAt, offsetOfLocal } from "./time_zone/time_zone.ts";
import { time } from "./time_type.ts";
import { timetz, timetzOf, zonedTimeOf } from "./timetz_type.ts";

const midnight = (value: SqlValue): SqlValue =>
  timestampOfDateValue(value as number);
const day = (value: SqlValue): SqlValue =>
  dateOfTimestampValue(value as Timestamp);

const localOf = (value: SqlValue, context?: InputContext): Timestamp =>
  toLocal(zoneOfContext(context), value as Timestamp);
const momentOf = (value: SqlValue, context?: InputContext): Timestamp =>
  fromLocal(zoneOfContext(context), value as Timestamp);

const timeOfDay = (value: SqlValue): Nullable =>
  isInfinite(value as Timestamp)
    ? null
    : splitTimestamp(value as Timestamp).micros;
const spanOfTime = (value: SqlValue): SqlValue =>
  Interval.of({ months: 0, days: 0, micros: value as number });

/** What is left of an interval's hours and smaller parts in a day. */
function timeOfSpan(value: SqlValue): SqlValue {
  const { isFinite, micros } = value as Interval;
  if (!isFinite) {
    throw new SqlError("22008", "cannot convert infinite interval to time");
  }
  return splitTimestamp(micros).micros;
}

/** The time of a moment by the clocks of the session's zone. */
function zonedTimeOfMoment(value: SqlValue, context?: InputContext): Nullable {
  const moment = value as Timestamp;
  if (isInfinite(moment)) return null;
  const { micros } = splitTimestamp(localOf(moment, context) as Timestamp);
  const offsetSeconds = offsetAt(zoneOfContext(context), moment);
  return timetzOf({ micros, offsetSeconds });
}

/** A time of day in the session's zone, as it is today. */
function zonedTime(value: SqlValue, context?: InputContext): SqlValue {
  const micros = value as number;
  const { day } = splitTimestamp(localNow(context));
  const zone = zoneOfContext(context);
  const offsetSeconds = offsetOfLocal(zone, joinTimestamp(day, micros));
  return timetzOf({ micros, offsetSeconds });
}

/** The casts between dates and times. */
export const temporalCasts: readonly CastDefinition[] = [
  { source: date, target: timestamp, context: "implicit", convert: midnight },
  {
    source: date,
    target: timestamptz,
    context: "implicit",
    convert: (value, context) => momentOf(midnight(value), context),
  },
  { source: timestamp, target: date, context: "assignment", convert: day },
  {
    source: timestamptz,
    target: date,
    context: "assignment",
    convert: (value, context) => day(localOf(value, context)),
  },
  {
    source: timestamp,
    target: time,
    context: "assignment",
    convert: timeOfDay,
  },
  {
    source: timestamptz,
    target: time,
    context: "assignment",
    convert: (value, context) => timeOfDay(localOf(value, context)),
  },
  {
    source: timestamptz,
    target: timetz,
    context: "assignment",
    convert: zonedTimeOfMoment,
  },
  { source: time, target: timetz, context: "implicit", convert: zonedTime },
  {
    source: timetz,
    target: time,
    context: "assignment",
    convert: (value) => zonedTimeOf(value).micros,
  },
  { source: time, target: interval, context: "implicit", convert: spanOfTime },
  {
    source: interval,
    target: time,
    context: "assignment",
    convert: timeOfSpan,
  },
  {
    source: timestamp,
    target: timestamptz,
    context: "implicit",
    convert: momentOf,
  },
  {
    source: timestamptz,
    target: timestamp,
    context: "assignment",
    convert: localOf,
  },
];
