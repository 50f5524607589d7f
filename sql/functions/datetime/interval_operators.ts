/**
 * Operators and functions of `interval`: its arithmetic (see
 * `interval_arithmetic.ts`) and its fields.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { bool } from "../../types/bool_type.ts";
import { DAY_MICROS, type Timestamp } from "../../types/calendar.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int4 } from "../../types/int_types.ts";
import { Interval, intervalOutOfRange } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { floatOverflow, roundHalfEven } from "../../types/number_casts.ts";
import { Numeric } from "../../types/numeric.ts";
import { numeric } from "../../types/numeric_type.ts";
import {
  date,
  timestamp,
  timestampOfDateValue,
  timestamptz,
} from "../../types/temporal_types.ts";
import { text } from "../../types/text_types.ts";
import {
  infiniteField,
  timeField,
  truncationUnitOf,
  unitOf,
  unsupportedUnit,
} from "./datetime_fields.ts";
import { binary, define, infix, prefix, unary } from "../define.ts";
import {
  addInterval,
  age,
  bin,
  divideInterval,
  justify,
  justifyDays,
  justifyHours,
  multiplyInterval,
  subtractTimestamps,
} from "./interval_arithmetic.ts";
import type { FunctionDefinition, OperatorDefinition } from "../registry.ts";

const integer = (value: number): Numeric => Numeric.fromInteger(value);

/** The fields of an interval; `undefined` for units that it has not. */
function intervalField(unit: string, span: Interval): Numeric | undefined {
  const { months, days } = span;
  const years = Math.trunc(months / 12);
  switch (unit) {
    case "day":
      return integer(days);
    case "week":
      return integer(Math.trunc(days / 7));
    case "month":
      return integer(months % 12 + 0);
    case "quarter":
      return integer(
        months >= 0
          ? Math.trunc(months % 12 / 3) + 1
          : -(Math.trunc(-months % 12 / 3) + 1),
      );
    case "year":
      return integer(years);
    case "decade":
      return integer(Math.trunc(years / 10));
    case "century":
      return integer(Math.trunc(years / 100));
    case "millennium":
      return integer(Math.trunc(years / 1000));
    case "epoch":
      return epochOf(span);
    case "hour":
      return integer(span.hours);
    case "minute":
      return integer(Math.trunc(span.hourMicros / 60_000_000) + 0);
    default:
      return timeField(unit, span.hourMicros);
  }
}

/** Seconds, a year counting 365.25 days. */
function epochOf(span: Interval): Numeric {
  const years = Math.trunc(span.months / 12);
  const days = BigInt(years) * 36_525n +
    BigInt(span.months % 12 * 30 + span.days) * 100n;
  const micros = days * BigInt(DAY_MICROS) / 100n + BigInt(span.micros);
  return Numeric.of(micros, 6);
}

function extract(word: string, span: Interval): Nullable {
  const unit = unitOf(word, interval);
  const field = intervalField(unit, span.isFinite ? span : ZERO);
  if (field === undefined) throw unsupportedUnit(word, interval);
  if (span.isFinite) return field;
  return unit === "hour" || unit === "day" || unit === "week"
    ? infiniteField("epoch", span.micros > 0)
    : infiniteField(unit, span.micros > 0);
}

const ZERO = Interval.of({ months: 0, days: 0, micros: 0 });

/** How many months each unit of years has. */
const MONTHS: Readonly<Record<string, number>> = {
  month: 1,
  quarter: 3,
  year: 12,
  decade: 120,
  century: 1200,
  millennium: 12_000,
};

const MICROS: Readonly<Record<string, number>> = {
  microseconds: 1,
  milliseconds: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
};

function truncate(word: string, span: Interval): Interval {
  const unit = truncationUnitOf(word, interval);
  const months = MONTHS[unit];
  const micros = MICROS[unit];
  if (months === undefined && micros === undefined && unit !== "day") {
    if (unit !== "week") throw unsupportedUnit(word, interval);
    throw new SqlError(
      "0A000",
      `unit "${word.toLowerCase()}" not supported for type interval`,
      { detail: "Months usually have fractional weeks." },
    );
  }
  if (!span.isFinite) return span;
  if (months !== undefined) {
    const cut = Math.trunc(span.months / months) * months;
    return Interval.of({ months: cut, days: 0, micros: 0 });
  }
  return span.withMicros(
    micros === undefined
      ? 0
      : BigInt(span.micros) - BigInt(span.hourMicros % micros),
  );
}

function makeInterval(args: readonly Nullable[]): Interval {
  const [years, months, weeks, days, hours, minutes, seconds] = [
    ...args,
    ...new Array<number>(7).fill(0),
  ] as number[];
  const micros = seconds! * 1_000_000;
  if (!Number.isFinite(micros)) {
    throw Number.isFinite(seconds!) ? floatOverflow() : intervalOutOfRange();
  }
  return Interval.of({
    months: years! * 12 + months!,
    days: weeks! * 7 + days!,
    micros: BigInt(hours!) * 3_600_000_000n + BigInt(minutes!) * 60_000_000n +
      BigInt(roundHalfEven(micros)),
  });
}

const MAKE_TYPES: readonly DataType[] = [
  int4,
  int4,
  int4,
  int4,
  int4,
  int4,
  float8,
];

function asFloat(value: Nullable): Nullable {
  return value === null ? null : (value as Numeric).toNumber();
}

/** Functions of intervals. */
export const intervalFunctions: readonly FunctionDefinition[] = [
  binary<string, Interval>("extract", [text, interval], numeric, extract),
  binary<string, Interval>(
    "date_part",
    [text, interval],
    float8,
    (word, span) => asFloat(extract(word, span)),
  ),
  binary<string, Interval>("date_trunc", [text, interval], interval, truncate),
  binary<Timestamp, Timestamp>("age", [timestamp, timestamp], interval, age),
  ...[timestamp, timestamptz].flatMap((type) => [
    define(
      "date_bin",
      [interval, type, type],
      type,
      (args) => bin(...args as [Interval, Timestamp, Timestamp]),
    ),
  ]),
  unary<Interval>("justify_hours", interval, interval, justifyHours),
  unary<Interval>("justify_days", interval, interval, justifyDays),
  unary<Interval>("justify_interval", interval, interval, justify),
  unary<Interval>("isfinite", interval, bool, (span) => span.isFinite),
  ...MAKE_TYPES.map((_, i) =>
    define("make_interval", MAKE_TYPES.slice(0, i + 1), interval, makeInterval)
  ),
];

function withMoments(
  left: DataType,
  result: DataType,
  toTimestamp: (value: number | bigint) => Timestamp,
): OperatorDefinition[] {
  return [
    infix(
      binary<number | bigint, Interval>(
        "+",
        [left, interval],
        result,
        (value, span) => addInterval(toTimestamp(value), span),
      ),
      { commutator: "+" },
    ),
    infix(
      binary<Interval, number | bigint>(
        "+",
        [interval, left],
        result,
        (span, value) => addInterval(toTimestamp(value), span),
      ),
      { commutator: "+" },
    ),
    infix(
      binary<number | bigint, Interval>(
        "-",
        [left, interval],
        result,
        (value, span) => addInterval(toTimestamp(value), span.negated()),
      ),
    ),
  ];
}

/** Operators of intervals, comparison aside. */
export const intervalOperators: readonly OperatorDefinition[] = [
  ...withMoments(timestamp, timestamp, (value) => value),
  ...withMoments(
    date,
    timestamp,
    (value) => timestampOfDateValue(value as number),
  ),
  ...[timestamp, timestamptz].map((type) =>
    infix(
      binary<Timestamp, Timestamp>(
        "-",
        [type, type],
        interval,
        subtractTimestamps,
      ),
    )
  ),
  infix(
    binary<Interval, Interval>(
      "+",
      [interval, interval],
      interval,
      (a, b) => a.plus(b),
    ),
    { commutator: "+" },
  ),
  infix(
    binary<Interval, Interval>(
      "-",
      [interval, interval],
      interval,
      (a, b) => a.plus(b.negated()),
    ),
  ),
  infix(
    binary<Interval, number>(
      "*",
      [interval, float8],
      interval,
      multiplyInterval,
    ),
    { commutator: "*" },
  ),
  infix(
    binary<number, Interval>(
      "*",
      [float8, interval],
      interval,
      (factor, span) => multiplyInterval(span, factor),
    ),
    { commutator: "*" },
  ),
  infix(
    binary<Interval, number>("/", [interval, float8], interval, divideInterval),
  ),
  prefix(unary<Interval>("-", interval, interval, (span) => span.negated())),
];
