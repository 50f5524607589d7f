/**
 * Operators and functions of `interval`: arithmetic with it, with dates and
 * timestamps, and its fields.
 *
 * A month added to a day keeps the day of the month, or the month's last day:
 * `2024-01-31 + 1 month` is `2024-02-29`. Days are then added, and microseconds
 * last. In the session's zone, UTC, a day always has 24 hours.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { bool } from "../types/bool_type.ts";
import {
  dateOfDay,
  DAY_MICROS,
  dayOfDate,
  daysInMonth,
  isInfinite,
  joinTimestamp,
  splitTimestamp,
  type Timestamp,
} from "../types/calendar.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import { float8 } from "../types/float_types.ts";
import { int4 } from "../types/int_types.ts";
import { Interval, intervalOutOfRange } from "../types/interval.ts";
import { interval } from "../types/interval_type.ts";
import { roundHalfEven } from "../types/number_casts.ts";
import { Numeric } from "../types/numeric.ts";
import { numeric } from "../types/numeric_type.ts";
import {
  checkTimestamp,
  date,
  timestamp,
  timestampOfDateValue,
  timestampOutOfRange,
  timestamptz,
} from "../types/temporal_types.ts";
import { text } from "../types/text_types.ts";
import { divisionByZero } from "../types/type_error.ts";
import {
  infiniteField,
  timeField,
  truncationUnitOf,
  unitOf,
  unsupportedUnit,
} from "./datetime_fields.ts";
import { binary, define, infix, prefix, unary } from "./define.ts";
import type { FunctionDefinition, OperatorDefinition } from "./registry.ts";

/** `value + span`. */
export function addInterval(value: Timestamp, span: Interval): Timestamp {
  if (isInfinite(value) || !span.isFinite) {
    if (!isInfinite(value)) return span.micros;
    if (!span.isFinite && span.micros !== value) throw timestampOutOfRange();
    return value;
  }
  const { day, micros } = splitTimestamp(value);
  let moved = day;
  if (span.months !== 0) {
    const from = dateOfDay(day);
    const months = from.year * 12 + from.month - 1 + span.months;
    const year = Math.floor(months / 12);
    const month = months - year * 12 + 1;
    moved = dayOfDate(
      year,
      month,
      Math.min(from.day, daysInMonth(year, month)),
    );
  }
  moved += span.days;
  if (!Number.isSafeInteger(moved) || Math.abs(moved) > 1e9) {
    throw timestampOutOfRange();
  }
  const extra = Math.floor(span.micros / DAY_MICROS);
  return checkTimestamp(
    joinTimestamp(
      moved + extra,
      micros + (span.micros - extra * DAY_MICROS),
    ),
  );
}

/** `a - b` in days and microseconds. */
function subtractTimestamps(a: Timestamp, b: Timestamp): Interval {
  if (isInfinite(a) || isInfinite(b)) {
    if (isInfinite(a) && isInfinite(b)) {
      if (a === b) throw intervalOutOfRange();
      return a === Infinity ? Interval.INFINITY : Interval.NEGATIVE_INFINITY;
    }
    const positive = isInfinite(a) ? a === Infinity : b === -Infinity;
    return positive ? Interval.INFINITY : Interval.NEGATIVE_INFINITY;
  }
  const total = BigInt(a) - BigInt(b);
  const length = BigInt(DAY_MICROS);
  return Interval.of({
    months: 0,
    days: Number(total / length),
    micros: Number(total % length),
  });
}

/** Rounds to microseconds of a unit, as PostgreSQL's TSROUND. */
function roundMillionths(value: number): number {
  return roundHalfEven(value * 1_000_000) / 1_000_000;
}

/** Splits products of the parts into whole parts, fractions handed down. */
function fromFractions(months: number, days: number, micros: number): Interval {
  const wholeMonths = Math.trunc(months);
  const wholeDays = Math.trunc(days);
  const monthDays = roundMillionths((months - wholeMonths) * 30);
  let seconds = roundMillionths(
    (days - wholeDays + monthDays - Math.trunc(monthDays)) * 86_400,
  );
  let dayCount = wholeDays + Math.trunc(monthDays);
  if (Math.abs(seconds) >= 86_400) {
    const carried = Math.trunc(seconds / 86_400);
    dayCount += carried;
    seconds -= carried * 86_400;
  }
  return Interval.of({
    months: wholeMonths,
    days: dayCount,
    micros: roundHalfEven(micros + seconds * 1_000_000),
  });
}

function multiply(span: Interval, factor: number): Interval {
  if (factor !== factor) throw intervalOutOfRange();
  if (!span.isFinite || !Number.isFinite(factor)) {
    const sign = span.sign * Math.sign(factor);
    if (sign === 0) throw intervalOutOfRange();
    return sign > 0 ? Interval.INFINITY : Interval.NEGATIVE_INFINITY;
  }
  return fromFractions(
    span.months * factor,
    span.days * factor,
    span.micros * factor,
  );
}

/** A part of an interval; `22012` when the divisor is zero. */
export function divideInterval(span: Interval, divisor: number): Interval {
  if (divisor === 0) throw divisionByZero();
  if (divisor !== divisor) throw intervalOutOfRange();
  if (!span.isFinite) {
    if (!Number.isFinite(divisor)) throw intervalOutOfRange();
    return divisor > 0 ? span : span.negated();
  }
  return fromFractions(
    span.months / divisor,
    span.days / divisor,
    span.micros / divisor,
  );
}

/** Whole periods of `size` moved from a lower part to a higher one. */
function carry(high: number, low: number, size: number): [number, number] {
  const carried = Math.trunc(low / size);
  return [high + carried, low - carried * size];
}

/** Makes both parts have one sign. */
function sameSign(high: number, low: number, size: number): [number, number] {
  if (high > 0 && low < 0) return [high - 1, low + size];
  if (high < 0 && low > 0) return [high + 1, low - size];
  return [high, low];
}

function justifyHours(span: Interval): Interval {
  if (!span.isFinite) return span;
  const [days, micros] = sameSign(
    ...carry(span.days, span.micros, DAY_MICROS),
    DAY_MICROS,
  );
  return Interval.of({ months: span.months, days, micros });
}

function justifyDays(span: Interval): Interval {
  if (!span.isFinite) return span;
  const [months, days] = sameSign(...carry(span.months, span.days, 30), 30);
  return Interval.of({ months, days, micros: span.micros });
}

/** Both, and one sign for all parts. */
function justify(span: Interval): Interval {
  if (!span.isFinite) return span;
  let { months, days, micros } = span;
  [days, micros] = carry(days, micros, DAY_MICROS);
  [months, days] = carry(months, days, 30);
  if (months > 0 && (days < 0 || (days === 0 && micros < 0))) {
    months--;
    days += 30;
  } else if (months < 0 && (days > 0 || (days === 0 && micros > 0))) {
    months++;
    days -= 30;
  }
  [days, micros] = sameSign(days, micros, DAY_MICROS);
  return Interval.of({ months, days, micros });
}

/** Years, months, days and time from `b` to `a`. */
function age(a: Timestamp, b: Timestamp): Interval {
  if (isInfinite(a) || isInfinite(b)) return subtractTimestamps(a, b);
  if (a < b) return age(b, a).negated();
  const later = splitTimestamp(a);
  const earlier = splitTimestamp(b);
  const to = dateOfDay(later.day);
  const from = dateOfDay(earlier.day);
  let micros = later.micros - earlier.micros;
  let days = to.day - from.day;
  let months = (to.year - from.year) * 12 + to.month - from.month;
  if (micros < 0) {
    micros += DAY_MICROS;
    days--;
  }
  if (days < 0) {
    days += daysInMonth(from.year, from.month);
    months--;
  }
  return Interval.of({ months, days, micros });
}

const integer = (value: number): Numeric => Numeric.fromInteger(value);

/** The fields of an interval; `undefined` for units that it has not. */
function intervalField(unit: string, span: Interval): Numeric | undefined {
  const { months, days, micros } = span;
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
      return integer(Math.trunc(micros / 3_600_000_000));
    case "minute":
      return integer(Math.trunc(micros / 60_000_000) % 60 + 0);
    default:
      return timeField(unit, micros);
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
  return Interval.of({
    months: span.months,
    days: span.days,
    micros: micros === undefined
      ? 0
      : Math.trunc(span.micros / micros) * micros,
  });
}

/** The start of the bin of length `stride` since `origin` that `value` is in. */
function bin(stride: Interval, value: Timestamp, origin: Timestamp): Timestamp {
  if (isInfinite(value)) return value;
  if (isInfinite(origin)) {
    throw new SqlError("22008", "origin out of range");
  }
  if (!stride.isFinite) {
    throw new SqlError(
      "22008",
      "timestamps cannot be binned into infinite intervals",
    );
  }
  if (stride.months !== 0) {
    throw new SqlError(
      "0A000",
      "timestamps cannot be binned into intervals containing months or years",
    );
  }
  const length = stride.total();
  if (length <= 0n) {
    throw new SqlError("22008", "stride must be greater than zero");
  }
  const distance = BigInt(value) - BigInt(origin);
  let rest = distance % length;
  if (rest < 0n) rest += length;
  const start = BigInt(value) - rest;
  return checkTimestamp(
    Number.isSafeInteger(Number(start)) ? Number(start) : start,
  );
}

function makeInterval(args: readonly Nullable[]): Interval {
  const [years, months, weeks, days, hours, minutes, seconds] = [
    ...args,
    ...new Array<number>(7).fill(0),
  ] as number[];
  return Interval.of({
    months: years! * 12 + months!,
    days: weeks! * 7 + days!,
    micros: hours! * 3_600_000_000 + minutes! * 60_000_000 +
      roundHalfEven(seconds! * 1_000_000),
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
  ...[timestamp, timestamptz].flatMap((type) => [
    binary<Timestamp, Timestamp>("age", [type, type], interval, age),
    define("age", [type], interval, ([value], context) => {
      const today = splitTimestamp(context.transactionTimestamp).day;
      return age(joinTimestamp(today, 0), value as Timestamp);
    }, { volatility: "stable" }),
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
  ...withMoments(timestamptz, timestamptz, (value) => value),
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
    binary<Interval, number>("*", [interval, float8], interval, multiply),
    { commutator: "*" },
  ),
  infix(
    binary<number, Interval>(
      "*",
      [float8, interval],
      interval,
      (factor, span) => multiply(span, factor),
    ),
    { commutator: "*" },
  ),
  infix(
    binary<Interval, number>("/", [interval, float8], interval, divideInterval),
  ),
  prefix(unary<Interval>("-", interval, interval, (span) => span.negated())),
];
