/**
 * Intervals as ISO 8601 writes them.
 *
 * | form | such as |
 * | --- | --- |
 * | with designators | `P1Y2M3W4DT5H6M7.8S` |
 * | alternative, extended | `P0001-02-03T04:05:06` |
 * | alternative, basic | `P00010203T040506` |
 *
 * @module
 */
import type { Interval } from "./interval.ts";
import { IntervalOverflow, IntervalSum } from "./interval_sum.ts";

const NUMBER = /[-.\d](?:\d*(?:\.\d*)?(?:e[+-]?\d+)?)?/iy;

/** Larger numbers are no exact integers any more. */
const NUMBER_MAX = 1e15;

const HOUR = 3_600_000_000;
const MINUTE = 60_000_000;
const SECOND = 1_000_000;

/** One number: its whole part, its fraction, how many digits it has. */
interface IsoNumber {
  readonly whole: bigint;
  readonly fraction: number;
  readonly width: number;
}

/** The interval that `text` is; `undefined` if it has another form. */
export function readIsoInterval(text: string): Interval | undefined {
  if (text.length < 2 || !text.startsWith("P")) return;
  const reader = new IsoReader(text);
  return reader.read() ? reader.sum.interval(1) : undefined;
}

class IsoReader {
  readonly #text: string;
  readonly sum = new IntervalSum();
  #at = 1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads all; false if the form is another. */
  read(): boolean {
    let part: "date" | "time" = "date";
    let isFirst = true;
    while (this.#at < this.#text.length) {
      if (this.#text[this.#at] === "T") {
        part = "time";
        isFirst = true;
        this.#at++;
        continue;
      }
      const number = this.#number();
      if (number === undefined) return false;
      const unit = this.#text[this.#at++] ?? "";
      const plain = part === "date"
        ? this.#dateUnit(unit, number)
        : this.#timeUnit(unit, number);
      if (!plain) {
        const isWhole = part === "date"
          ? this.#plainDate(unit, number, isFirst)
          : this.#plainTime(unit, number, isFirst);
        if (!isWhole) return false;
        if (this.#at >= this.#text.length) return true;
        part = "time";
        isFirst = true;
        continue;
      }
      isFirst = false;
    }
    return true;
  }

  #number(): IsoNumber | undefined {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text)?.[0];
    if (match === undefined || !/\d/.test(match)) return;
    this.#at += match.length;
    const value = Number(match);
    if (Math.abs(value) > NUMBER_MAX) throw new IntervalOverflow();
    const whole = Math.trunc(value);
    const width = /^-?(\d*)/.exec(match)![1]!.length;
    return { whole: BigInt(whole), fraction: value - whole, width };
  }

  /** A number with a designator; false for another character. */
  #dateUnit(unit: string, { whole, fraction }: IsoNumber): boolean {
    if (unit === "Y") this.sum.addYears(whole, fraction, 1);
    else if (unit === "M") this.sum.addMonths(whole, fraction);
    else if (unit === "W") this.sum.addDays(whole, fraction, 7);
    else if (unit === "D") this.sum.addDays(whole, fraction, 1);
    else return false;
    return true;
  }

  #timeUnit(unit: string, { whole, fraction }: IsoNumber): boolean {
    if (unit === "H") this.sum.addMicros(whole, fraction, HOUR);
    else if (unit === "M") this.sum.addMicros(whole, fraction, MINUTE);
    else if (unit === "S") this.sum.addMicros(whole, fraction, SECOND);
    else return false;
    return true;
  }

  /** `00010203`, `0001-02-03`; false if the form is another. */
  #plainDate(unit: string, number: IsoNumber, isFirst: boolean): boolean {
    const { whole, fraction, width } = number;
    const isEnd = unit === "" || unit === "T";
    if (!isFirst || (!isEnd && unit !== "-")) return false;
    if (isEnd && width === 8) {
      this.sum.addYears(whole / 10_000n, 0, 1);
      this.sum.addMonths(whole / 100n % 100n, 0);
      this.sum.addDays(whole % 100n, fraction, 1);
      return true;
    }
    this.sum.addYears(whole, fraction, 1);
    if (isEnd) return true;
    const month = this.#number();
    if (month === undefined) return false;
    this.sum.addMonths(month.whole, month.fraction);
    if (this.#ends("T")) return true;
    if (this.#text[this.#at++] !== "-") return false;
    const day = this.#number();
    if (day === undefined) return false;
    this.sum.addDays(day.whole, day.fraction, 1);
    return this.#ends("T");
  }

  /** `040506`, `04:05:06`; false if the form is another. */
  #plainTime(unit: string, number: IsoNumber, isFirst: boolean): boolean {
    const { whole, fraction, width } = number;
    if (!isFirst || (unit !== "" && unit !== ":")) return false;
    if (unit === "" && width === 6) {
      this.sum.addMicros(whole / 10_000n, 0, HOUR);
      this.sum.addMicros(whole / 100n % 100n, 0, MINUTE);
      this.sum.addMicros(whole % 100n, fraction, SECOND);
      return true;
    }
    this.sum.addMicros(whole, fraction, HOUR);
    if (unit === "") return true;
    for (const scale of [MINUTE, SECOND]) {
      const next = this.#number();
      if (next === undefined) return false;
      this.sum.addMicros(next.whole, next.fraction, scale);
      if (this.#ends()) return true;
      if (scale === MINUTE && this.#text[this.#at++] !== ":") return false;
    }
    return false;
  }

  /** Whether the text ends here, or `next` stands here, which is passed. */
  #ends(next?: string): boolean {
    if (this.#at >= this.#text.length) return true;
    if (next === undefined || this.#text[this.#at] !== next) return false;
    this.#at++;
    return true;
  }
}
