/**
 * Spans of time, as PostgreSQL's `interval`: months, days and microseconds kept
 * apart, because a month has 28 to 31 days and a day 23 to 25 hours.
 *
 * For comparison a month counts 30 days and a day 24 hours: `1 month` equals
 * `30 days`.
 *
 * Invariants:
 * 1. A finite interval has safe integers, months and days of 32 bits. (The
 *    microseconds of PostgreSQL have 64 bits; ours end at ±285 years, and what
 *    would pass that fails with `22008`.)
 * 2. An infinite one is one of two constants, all parts infinite.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { DAY_MICROS } from "./calendar.ts";

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
  readonly micros: number;
}

function fits32(value: number): boolean {
  return value >= -2147483648 && value <= 2147483647;
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
  readonly micros: number;

  private constructor(months: number, days: number, micros: number) {
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
    if (!fits32(months) || !fits32(days) || !Number.isSafeInteger(micros)) {
      throw intervalOutOfRange();
    }
    return new Interval(months + 0, days + 0, micros + 0);
  }

  /** Whether the interval is not infinite. */
  get isFinite(): boolean {
    return this.micros !== Infinity && this.micros !== -Infinity;
  }

  /** -1, 0 or 1. */
  get sign(): number {
    return Math.sign(this.isFinite ? Number(this.total()) : this.micros);
  }

  /** All of it in microseconds, months of 30 days. */
  total(): bigint {
    return BigInt(this.months * 30 + this.days) * BigInt(DAY_MICROS) +
      BigInt(this.micros);
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
      micros: -this.micros,
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
      micros: this.micros + other.micros,
    });
  }
}
