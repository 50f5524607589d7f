/**
 * Spans of time, as PostgreSQL's `interval`: months, days and microseconds kept
 * apart, because a month has 28 to 31 days and a day 23 to 25 hours.
 *
 * For comparison a month counts 30 days and a day 24 hours: `1 month` equals
 * `30 days`.
 *
 * Invariants:
 * 1. A finite interval has months and days of 32 bits and microseconds of 64;
 *    these are a number where that is exact, else a `bigint`. What passes the
 *    bounds fails with `22008`.
 * 2. An infinite one is one of two constants, all parts infinite.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { DAY_MICROS } from "./calendar.ts";
import { normalizeInt8 } from "./int8_value.ts";

/** `22008`. */
export function intervalOutOfRange(): SqlError {
  return new SqlError("22008", "interval out of range");
}

/** The parts of an interval. */
export interface IntervalParts {
  /** Months, years included. */
  readonly months: number;
  /** Days, weeks included. */
  readonly days: number;
  /** Microseconds, hours included. */
  readonly micros: number | bigint;
}

const HOUR_MICROS = 3_600_000_000;

/** `-0` is no part. */
function positiveZero(value: number): number {
  return value + 0;
}

/** Microseconds in the form that intervals keep. */
function checkMicros(micros: number | bigint): number | bigint {
  if (typeof micros === "number" && Number.isSafeInteger(micros)) {
    return positiveZero(micros);
  }
  if (typeof micros === "number" && !Number.isInteger(micros)) {
    throw intervalOutOfRange();
  }
  const exact = BigInt(micros);
  if (BigInt.asIntN(64, exact) !== exact) throw intervalOutOfRange();
  return normalizeInt8(exact);
}

function fits32(value: number): boolean {
  return value >= -2147483648 && value <= 2147483647;
}

/** Whether these are the parts that PostgreSQL has for an infinite interval. */
export function isReserved({ months, days, micros }: IntervalParts): boolean {
  if (typeof micros === "number" || months !== days) return false;
  const isLate = micros > 0n;
  return months === (isLate ? 2147483647 : -2147483648) &&
    micros === (isLate ? 2n ** 63n - 1n : -(2n ** 63n));
}

/**
 * A span of time.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Interval } from "./interval.ts";
 *
 * const month = Interval.of({ months: 1, days: 0, micros: 0 });
 * const days = Interval.of({ months: 0, days: 30, micros: 0 });
 * assertEquals(month.compare(days), 0);
 * ```
 */
export class Interval implements IntervalParts {
  /** Longer than any other. */
  static readonly INFINITY: Interval = new Interval(
    Infinity,
    Infinity,
    Infinity,
  );
  /** Shorter than any other. */
  static readonly NEGATIVE_INFINITY: Interval = new Interval(
    -Infinity,
    -Infinity,
    -Infinity,
  );

  readonly months: number;
  readonly days: number;
  readonly micros: number | bigint;

  private constructor(months: number, days: number, micros: number | bigint) {
    this.months = months;
    this.days = days;
    this.micros = micros;
  }

  /**
   * An interval of whole parts.
   *
   * @throws {SqlError} `22008` when a part is out of range.
   */
  static of(parts: IntervalParts): Interval {
    const { months, days, micros } = parts;
    if (!fits32(months) || !fits32(days)) throw intervalOutOfRange();
    const exact = checkMicros(micros);
    if (isReserved({ months, days, micros: exact })) throw intervalOutOfRange();
    return new Interval(positiveZero(months), positiveZero(days), exact);
  }

  /** Whether the interval is not infinite. */
  get isFinite(): boolean {
    return this.micros !== Infinity && this.micros !== -Infinity;
  }

  /** -1, 0 or 1. */
  get sign(): number {
    return Math.sign(Number(this.isFinite ? this.total() : this.micros));
  }

  /** Whole hours, towards zero. */
  get hours(): number {
    return typeof this.micros === "number"
      ? positiveZero(Math.trunc(this.micros / HOUR_MICROS))
      : Number(this.micros / BigInt(HOUR_MICROS));
  }

  /** Microseconds beside the whole hours, with the same sign. */
  get hourMicros(): number {
    return typeof this.micros === "number"
      ? positiveZero(this.micros % HOUR_MICROS)
      : Number(this.micros % BigInt(HOUR_MICROS));
  }

  /** All of it in microseconds, months of 30 days. */
  total(): bigint {
    return BigInt(this.months * 30 + this.days) * BigInt(DAY_MICROS) +
      BigInt(this.micros);
  }

  /** Another time, with the same months and days. */
  withMicros(micros: number | bigint): Interval {
    return Interval.of({ months: this.months, days: this.days, micros });
  }

  /** Negative, zero or positive. */
  compare(other: Interval): number {
    if (!this.isFinite || !other.isFinite) {
      return (this.isFinite ? 0 : this.sign) -
        (other.isFinite ? 0 : other.sign);
    }
    const a = this.total();
    const b = other.total();
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** The opposite. */
  negated(): Interval {
    if (!this.isFinite) {
      return this.sign > 0 ? Interval.NEGATIVE_INFINITY : Interval.INFINITY;
    }
    return Interval.of({
      months: -this.months,
      days: -this.days,
      micros: typeof this.micros === "number" ? 0 - this.micros : -this.micros,
    });
  }

  /** The sum; `22008` for opposite infinities. */
  plus(other: Interval): Interval {
    if (!this.isFinite || !other.isFinite) {
      if (!this.isFinite && !other.isFinite && this !== other) {
        throw intervalOutOfRange();
      }
      return this.isFinite ? other : this;
    }
    return Interval.of({
      months: this.months + other.months,
      days: this.days + other.days,
      micros: addMicroseconds(this.micros, other.micros),
    });
  }
}

/** The sum, exact. */
function addMicroseconds(
  a: number | bigint,
  b: number | bigint,
): number | bigint {
  if (typeof a === "number" && typeof b === "number") {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return BigInt(a) + BigInt(b);
}
