/**
 * Functions and operators of `timetz`.
 *
 * A zone with rules has the offset that it has now: a time of day says nothing
 * of the day.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { isInfinite, type Timestamp } from "../../types/calendar.ts";
import type { Nullable, SqlValue } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import type { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { Numeric } from "../../types/numeric.ts";
import { numeric } from "../../types/numeric_type.ts";
import {
  addMicros,
  checkTimestamp,
  date,
  timestampOfDateValue,
  timestamptz,
} from "../../types/temporal_types.ts";
import { text } from "../../types/text_types.ts";
import { offsetAt, type TimeZone } from "../../types/time_zone/time_zone.ts";
import {
  timetz,
  timetzAt,
  timetzOf,
  zonedTimeOf,
} from "../../types/timetz_type.ts";
import { binary, define, infix } from "../define.ts";
import type {
  FunctionContext,
  FunctionDefinition,
  OperatorDefinition,
} from "../registry.ts";
import { timeField, unitOf, unsupportedUnit } from "./datetime_fields.ts";
import { asFloat, turn } from "./datetime_functions.ts";
import { sessionZone, zoneOf, zoneOfInterval } from "./zone_functions.ts";

/** `extract(word from value)`: the clock's units, and those of the zone. */
function extract(word: string, value: SqlValue): Nullable {
  const unit = unitOf(word, timetz);
  const { micros, offsetSeconds } = zonedTimeOf(value);
  switch (unit) {
    case "timezone":
      return Numeric.fromInteger(offsetSeconds);
    case "timezone_hour":
      return Numeric.fromInteger(Math.trunc(offsetSeconds / 3600) + 0);
    case "timezone_minute":
      return Numeric.fromInteger(Math.trunc(offsetSeconds % 3600 / 60) + 0);
    case "epoch":
      return Numeric.of(BigInt(micros - offsetSeconds * 1_000_000), 6);
  }
  const field = timeField(unit, micros);
  if (field === undefined) throw unsupportedUnit(word, timetz);
  return field;
}

/** The same moment by the clocks of `zone`. */
function inZone(
  zone: TimeZone,
  value: SqlValue,
  { transactionTimestamp }: FunctionContext,
): Timestamp {
  return timetzAt(value, offsetAt(zone, transactionTimestamp));
}

function turned(value: SqlValue, span: Interval): Timestamp {
  const { micros, offsetSeconds } = zonedTimeOf(value);
  return timetzOf({ micros: turn(micros, span), offsetSeconds });
}

/** The moment of a time of day on a day. */
function momentOn(day: number, value: SqlValue): Timestamp {
  const midnight = timestampOfDateValue(day);
  if (isInfinite(midnight)) return midnight;
  const { micros, offsetSeconds } = zonedTimeOf(value);
  return checkTimestamp(
    addMicros(midnight, micros - offsetSeconds * 1_000_000),
  );
}

/** Functions of times of day with a zone. */
export const timetzFunctions: readonly FunctionDefinition[] = [
  binary<string, Timestamp>("extract", [text, timetz], numeric, extract),
  binary<string, Timestamp>(
    "date_part",
    [text, timetz],
    float8,
    (word, value) => asFloat(extract(word, value)),
  ),
  define(
    "timezone",
    [text, timetz],
    timetz,
    ([word, value], context) => inZone(zoneOf(word as string), value!, context),
    { volatility: "stable" },
  ),
  define(
    "timezone",
    [interval, timetz],
    timetz,
    ([span, value], context) =>
      inZone(zoneOfInterval(span as Interval), value!, context),
  ),
  define(
    "timezone",
    [timetz],
    timetz,
    ([value], context) => inZone(sessionZone(context), value!, context),
    { volatility: "stable" },
  ),
];

/** Operators of times of day with a zone, comparison aside. */
export const timetzOperators: readonly OperatorDefinition[] = [
  infix(
    binary<Timestamp, Interval>("+", [timetz, interval], timetz, turned),
    { commutator: "+" },
  ),
  infix(
    binary<Interval, Timestamp>(
      "+",
      [interval, timetz],
      timetz,
      (span, value) => turned(value, span),
    ),
    { commutator: "+" },
  ),
  infix(
    binary<Timestamp, Interval>(
      "-",
      [timetz, interval],
      timetz,
      (value, span) => {
        if (span.isFinite) return turned(value, span.negated());
        throw new SqlError(
          "22008",
          "cannot subtract infinite interval from time",
        );
      },
    ),
  ),
  infix(
    binary<number, Timestamp>("+", [date, timetz], timestamptz, momentOn),
    { commutator: "+" },
  ),
  infix(
    binary<Timestamp, number>(
      "+",
      [timetz, date],
      timestamptz,
      (value, day) => momentOn(day, value),
    ),
    { commutator: "+" },
  ),
];
