/**
 * Arithmetic of intervals, dates and timestamps.
 *
 * A month added to a day keeps the day of the month, or the month's last day:
 * `2024-01-31 + 1 month` is `2024-02-29`. Days are then added, and microseconds
 * last. In the session's zone, UTC, a day always has 24 hours.
 *
 * A fraction of a month counts 30 days, one of a day 24 hours.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import {
  dateOfDay,
  DAY_MICROS,
  dayOfDate,
  daysInMonth,
  isInfinite,
  joinTimestamp,
  splitTimestamp,
  type Timestamp,
} from "../../types/calendar.ts";
import { Interval, intervalOutOfRange } from "../../types/interval.ts";
import { roundHalfEven } from "../../types/number_casts.ts";
import {
  checkTimestamp,
  timestampOutOfRange,
} from "../../types/temporal_types.ts";
import { divisionByZero } from "../../types/type_error.ts";

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
    checkTimestamp(joinTimestamp(moved, micros));
  }
  moved += span.days;
  checkTimestamp(joinTimestamp(moved, micros));
  const extra = splitTimestamp(span.micros);
  return checkTimestamp(
    joinTimestamp(moved + extra.day, micros + extra.micros),
  );
}

/** `a - b` in days and microseconds. */
export function subtractTimestamps(a: Timestamp, b: Timestamp): Interval {
  if (isInfinite(a) || isInfinite(b)) {
    if (isInfinite(a) && isInfinite(b)) {
      if (a === b) throw intervalOutOfRange();
      return a === Infinity ? Interval.INFINITY : Interval.NEGATIVE_INFINITY;
    }
    const positive = isInfinite(a) ? a === Infinity : b === -Infinity;
    return positive ? Interval.INFINITY : Interval.NEGATIVE_INFINITY;
  }
  const total = BigInt(a) - BigInt(b);
  if (BigInt.asIntN(64, total) !== total) throw intervalOutOfRange();
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

/** A multiple of an interval. */
export function multiplyInterval(span: Interval, factor: number): Interval {
  if (factor !== factor) throw intervalOutOfRange();
  if (!span.isFinite || !Number.isFinite(factor)) {
    const sign = span.sign * Math.sign(factor);
    if (sign === 0) throw intervalOutOfRange();
    return sign > 0 ? Interval.INFINITY : Interval.NEGATIVE_INFINITY;
  }
  return fromFractions(
    span.months * factor,
    span.days * factor,
    Number(span.micros) * factor,
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
    Number(span.micros) / divisor,
  );
}

/** Whole periods of `size` moved from a lower part to a higher one. */
function carry(high: number, low: number, size: number): [number, number] {
  const carried = Math.trunc(low / size);
  return [high + carried, low - carried * size];
}

/** As {@linkcode carry}, of microseconds to days. */
function carryDays(days: number, micros: number | bigint): [number, number] {
  if (typeof micros === "number") return carry(days, micros, DAY_MICROS);
  const length = BigInt(DAY_MICROS);
  return [days + Number(micros / length), Number(micros % length)];
}

/** Makes both parts have one sign. */
function sameSign(high: number, low: number, size: number): [number, number] {
  if (high > 0 && low < 0) return [high - 1, low + size];
  if (high < 0 && low > 0) return [high + 1, low - size];
  return [high, low];
}

/** Whole days out of the hours. */
export function justifyHours(span: Interval): Interval {
  if (!span.isFinite) return span;
  const [days, micros] = sameSign(
    ...carryDays(span.days, span.micros),
    DAY_MICROS,
  );
  return Interval.of({ months: span.months, days, micros });
}

/** Whole months out of the days, of 30 each. */
export function justifyDays(span: Interval): Interval {
  if (!span.isFinite) return span;
  const [months, days] = sameSign(...carry(span.months, span.days, 30), 30);
  return Interval.of({ months, days, micros: span.micros });
}

/** Both, and one sign for all parts. */
export function justify(span: Interval): Interval {
  if (!span.isFinite) return span;
  let { months } = span;
  let [days, micros] = carryDays(span.days, span.micros);
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
export function age(a: Timestamp, b: Timestamp): Interval {
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

/** Microseconds that 64 bits have; else `22008`. */
function checkSpan(micros: bigint): bigint {
  if (BigInt.asIntN(64, micros) !== micros) throw intervalOutOfRange();
  return micros;
}

/** The start of the bin of length `stride` since `origin` that `value` is in. */
export function bin(
  stride: Interval,
  value: Timestamp,
  origin: Timestamp,
): Timestamp {
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
  const length = checkSpan(stride.total());
  if (length <= 0n) {
    throw new SqlError("22008", "stride must be greater than zero");
  }
  const distance = checkSpan(BigInt(value) - BigInt(origin));
  let rest = distance % length;
  if (rest < 0n) rest += length;
  const start = BigInt(value) - rest;
  return checkTimestamp(
    Number.isSafeInteger(Number(start)) ? Number(start) : start,
  );
}
