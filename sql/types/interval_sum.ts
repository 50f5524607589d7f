/**
 * The parts of an interval while it is read: numbers of units, each whole and
 * with a fraction, summed into years, months, days and microseconds.
 *
 * | unit | its fraction goes to |
 * | --- | --- |
 * | years and more | the nearest month |
 * | months, weeks | days, and what is left of them to microseconds |
 * | days and less | the nearest microsecond, half towards zero |
 *
 * @module
 */
import { Interval, isReserved } from "./interval.ts";
import { roundHalfEven } from "./number_casts.ts";

const DAY_MICROS = 86_400_000_000;

/** A part is larger than intervals have it. */
export class IntervalOverflow extends Error {}

function int32(value: number): number {
  if (value < -2147483648 || value > 2147483647) throw new IntervalOverflow();
  return value;
}

function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new IntervalOverflow();
  return value;
}

/** Sums of units; each method throws {@linkcode IntervalOverflow}. */
export class IntervalSum {
  #years = 0;
  #months = 0;
  #days = 0;
  #micros = 0n;

  /** Takes the place of microseconds that are there. */
  setMicros(micros: bigint): void {
    this.#micros = int64(micros);
  }

  /** Adds units of `scale` microseconds. */
  addMicros(whole: bigint, fraction: number, scale: number): void {
    this.#micros = int64(this.#micros + int64(whole * BigInt(scale)));
    this.#addFraction(fraction * scale);
  }

  /** Adds units of `scale` days. */
  addDays(whole: bigint, fraction: number, scale: number): void {
    int32(Number(whole));
    this.#days = int32(this.#days + int32(Number(whole) * scale));
    if (scale === 1) this.#addFraction(fraction * DAY_MICROS);
    else this.#addDayFraction(fraction * scale);
  }

  /** Adds months. */
  addMonths(whole: bigint, fraction: number): void {
    this.#months = int32(this.#months + int32(Number(whole)));
    this.#addDayFraction(fraction * 30);
  }

  /** Adds units of `scale` years. */
  addYears(whole: bigint, fraction: number, scale: number): void {
    int32(Number(whole));
    this.#years = int32(this.#years + int32(Number(whole) * scale));
    const months = roundHalfEven(fraction * scale * 12);
    this.#months = int32(this.#months + months);
  }

  #addDayFraction(exact: number): void {
    const extra = Math.trunc(exact);
    this.#days = int32(this.#days + extra);
    this.#addFraction((exact - extra) * DAY_MICROS);
  }

  /** Adds whole microseconds, half towards zero. */
  #addFraction(exact: number): void {
    if (exact === 0) return;
    let whole = Math.trunc(exact);
    const rest = exact - whole;
    if (rest > 0.5) whole++;
    else if (rest < -0.5) whole--;
    this.#micros = int64(this.#micros + BigInt(whole));
  }

  /**
   * The sum; `22008` where its months are too many. The largest of all parts
   * together are the infinite intervals.
   */
  interval(sign: 1 | -1): Interval {
    if (sign < 0) {
      int32(-this.#years);
      int32(-this.#months);
      int32(-this.#days);
      int64(-this.#micros);
    }
    const parts = {
      months: sign * (this.#years * 12 + this.#months),
      days: sign * this.#days,
      micros: sign < 0 ? -this.#micros : this.#micros,
    };
    if (isReserved(parts)) {
      return parts.days > 0 ? Interval.INFINITY : Interval.NEGATIVE_INFINITY;
    }
    return Interval.of(parts);
  }
}
