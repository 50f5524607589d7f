/**
 * The parts of a date and a time while they are found in text: year, month and
 * day by the rules of PostgreSQL's datetime input, where a number means what the
 * parts that are known before it leave open.
 *
 * Invariants:
 * 1. No part is learned twice.
 * 2. Ranges of years, months and days are checked at the end, when the era is
 *    known; those of hours, minutes and seconds at once.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { dateOfDay, DAY_MICROS, dayOfDate, daysInMonth } from "./calendar.ts";
import type { DateOrder } from "./datetime_settings.ts";
import { DATE_WORDS } from "./datetime_words.ts";
import { roundHalfEven } from "./number_casts.ts";

/** The day 2000-01-01 in Julian days. */
const EPOCH_JULIAN = 2_451_545;
const INT_MAX = 2_147_483_647;
const SECOND_MICROS = 1_000_000;

const YEAR = 1;
const MONTH = 2;
const DAY = 4;

/** Parts that a text may say, as bits: each at most once. */
export const PARTS = {
  DATE: YEAR | MONTH | DAY,
  MONTH_AND_DAY: MONTH | DAY,
  TIME: 8,
  ZONE: 16,
  MERIDIEM: 32,
  ERA: 64,
  WEEKDAY: 128,
  SUMMER: 256,
} as const;
const { DATE, TIME, ZONE } = PARTS;

/** The parts that are known of one text. */
export class DateTimeParts {
  readonly #text: string;
  readonly #typeName: string;
  readonly #order: DateOrder;
  #known = 0;
  #year = 0;
  #month = 0;
  #day = 0;
  #dayOfYear = 0;
  #micros = 0;
  #isShortYear = false;
  #isJulian = false;
  #monthByName = false;
  /** The era BC. */
  isBefore = false;
  /** What stands behind the hours. */
  meridiem: "am" | "pm" | undefined;

  constructor(text: string, typeName: string, order: DateOrder) {
    this.#text = text;
    this.#typeName = typeName;
    this.#order = order;
  }

  /** `22007` about the text. */
  badFormat(): SqlError {
    return new SqlError(
      "22007",
      `invalid input syntax for type ${this.#typeName}: "${this.#text}"`,
    );
  }

  /** `22008` about the text; `hint`: another order of numbers may be meant. */
  overflow(hint = false): SqlError {
    return new SqlError(
      "22008",
      `date/time field value out of range: "${this.#text}"`,
      hint ? { hint: 'Perhaps you need a different "DateStyle" setting.' } : {},
    );
  }

  /** Notes that parts are known now, which nothing may say twice. */
  learn(parts: number): void {
    if ((this.#known & parts) !== 0) throw this.badFormat();
    this.#known |= parts;
  }

  /** Whether all of these parts are known. */
  knows(parts: number): boolean {
    return (this.#known & parts) === parts;
  }

  #integer(digits: string): number {
    const value = Number(digits);
    if (value > INT_MAX) throw this.overflow();
    return value;
  }

  /** `03:04`, `03:04:05.6`; `04:05.6` are minutes and seconds. */
  clock(text: string): void {
    const match = /^(\d+):(\d*)(?::(\d*))?(\.\d*)?$/.exec(text);
    if (match === null) throw this.badFormat();
    const [, first, second, third, fraction] = match;
    let numbers = [first!, second!, third ?? "0"].map((digits) =>
      this.#integer(digits)
    );
    if (third === undefined && fraction !== undefined) {
      numbers = [0, numbers[0]!, numbers[1]!];
    }
    this.learn(TIME);
    this.#setClock(numbers, fraction ?? "");
  }

  #setClock(numbers: readonly number[], fraction: string): void {
    const [hours, minutes, seconds] = numbers as [number, number, number];
    const rest = fraction.length > 1
      ? roundHalfEven(Number(`0${fraction}`) * SECOND_MICROS)
      : 0;
    const total = (hours * 3600 + minutes * 60 + seconds) * SECOND_MICROS +
      rest;
    if (minutes > 59 || seconds > 60 || hours > 24 || total > DAY_MICROS) {
      throw this.overflow();
    }
    this.#micros = total;
  }

  /** A day by its number since 4714 BC. */
  setJulian(digits: string): void {
    const day = this.#integer(digits) - EPOCH_JULIAN;
    this.learn(DATE);
    const date = dateOfDay(day);
    this.#year = date.year;
    this.#month = date.month;
    this.#day = date.day;
    this.#isJulian = true;
  }

  /** Digits of several parts: `20240102`, `040506.789`, `0405`. */
  compact(text: string): void {
    const [digits, fraction] = text.split(".") as [string, string?];
    if (fraction === undefined && !this.knows(DATE) && digits.length >= 6) {
      this.learn(DATE);
      const yearLength = digits.length - 4;
      this.#year = this.#integer(digits.slice(0, yearLength));
      this.#month = Number(digits.slice(yearLength, yearLength + 2));
      this.#day = Number(digits.slice(yearLength + 2));
      if (yearLength === 2) this.#isShortYear = true;
      return;
    }
    if (digits.length !== 6 && digits.length !== 4) throw this.badFormat();
    if (this.knows(TIME)) throw this.badFormat();
    this.learn(TIME);
    this.#setClock(
      [0, 2, 4].map((start) => Number(digits.slice(start, start + 2))),
      fraction === undefined ? "" : `.${fraction}`,
    );
  }

  /** A date in one field: first the month by its name, then the numbers. */
  dashed(text: string): void {
    const parts = text.match(/\d+|[a-z]+/g) ?? [];
    if (/[^a-z\d]{2}$/.test(text)) throw this.badFormat();
    const named = this.#monthByName;
    this.#monthByName = false;
    for (const part of parts) {
      if (!/^[a-z]/.test(part)) continue;
      const word = DATE_WORDS.get(part);
      if (word?.kind === "ignored") continue;
      if (word?.kind !== "month") throw this.badFormat();
      this.learn(MONTH);
      this.#month = word.month;
      this.#monthByName = true;
    }
    for (const part of parts) {
      if (/^\d/.test(part)) this.datePart(part);
    }
    this.#monthByName ||= named;
    if ((this.#known & ~ZONE) !== DATE) throw this.badFormat();
  }

  /** A number that is the year, the month or the day, by what is known. */
  datePart(digits: string): void {
    const value = this.#integer(digits);
    const known = this.#known & DATE;
    const isLong = digits.length >= 3;
    if (digits.length === 3 && known === YEAR && value >= 1 && value <= 366) {
      this.learn(MONTH | DAY);
      this.#dayOfYear = value;
      return;
    }
    switch (known) {
      case 0:
        if (isLong || this.#order === "YMD") return this.#setYear(digits);
        return this.#order === "DMY"
          ? this.#setDay(value)
          : this.#setMonth(value);
      case YEAR:
      case DAY:
        return this.#setMonth(value);
      case MONTH:
        return this.#monthByName && (isLong || this.#order === "YMD")
          ? this.#setYear(digits)
          : this.#setDay(value);
      case YEAR | MONTH:
        // What was taken for the year of two digits was the day.
        if (this.#monthByName && isLong && this.#isShortYear) {
          this.#day = this.#year;
          this.#year = value;
          this.#isShortYear = false;
          return this.learn(DAY);
        }
        return this.#setDay(value);
      case MONTH | DAY:
        return this.#setYear(digits);
      case DATE:
        return this.compact(digits);
      default:
        throw this.badFormat();
    }
  }

  #setYear(digits: string): void {
    this.learn(YEAR);
    this.#year = Number(digits);
    this.#isShortYear = digits.length <= 2;
  }

  #setMonth(month: number): void {
    this.learn(MONTH);
    this.#month = month;
  }

  #setDay(day: number): void {
    this.learn(DAY);
    this.#day = day;
  }

  /** A name takes the place of a number taken for the month: the day. */
  setMonthName(month: number): void {
    const isDay = this.knows(MONTH) && !this.#monthByName &&
      !this.knows(DAY) && this.#month >= 1 && this.#month <= 31;
    if (isDay) {
      this.learn(DAY);
      this.#day = this.#month;
    } else {
      this.learn(MONTH);
    }
    this.#monthByName = true;
    this.#month = month;
  }

  /** The time of day with AM and PM applied. */
  timeOfDay(): number {
    const hour = 3600 * SECOND_MICROS;
    const hours = Math.floor(this.#micros / hour);
    if (this.meridiem === undefined) return this.#micros;
    if (hours > 12) throw this.overflow();
    if (this.meridiem === "pm" && hours < 12) return this.#micros + 12 * hour;
    return this.meridiem === "am" && hours === 12
      ? this.#micros - 12 * hour
      : this.#micros;
  }

  /** The day, as far as it is known; its parts are checked. */
  dayNumber(): number {
    if (this.knows(YEAR) && !this.#isJulian) this.#year = this.#fullYear();
    if (this.#dayOfYear > 0) {
      return dayOfDate(this.#year, 1, 1) + this.#dayOfYear - 1;
    }
    const isMonth = this.#month >= 1 && this.#month <= 12;
    const isDay = this.#day >= 1 && this.#day <= 31;
    if (this.knows(MONTH) && !isMonth) throw this.overflow(true);
    if (this.knows(DAY) && !isDay) throw this.overflow(true);
    if (!this.knows(DATE)) return 0;
    if (this.#day > daysInMonth(this.#year, this.#month)) throw this.overflow();
    return dayOfDate(this.#year, this.#month, this.#day);
  }

  #fullYear(): number {
    const year = this.#year;
    if (this.isBefore) {
      if (year <= 0) throw this.overflow();
      return 1 - year;
    }
    if (this.#isShortYear) {
      return year < 70 ? year + 2000 : year < 100 ? year + 1900 : year;
    }
    if (year <= 0) throw this.overflow();
    return year;
  }

  /** Whether nothing of a date is known. */
  get isDateless(): boolean {
    return (this.#known & DATE) === 0;
  }

  /** Reads digits as a time of day alone. */
  compactTime(text: string): void {
    const before = this.#known;
    this.#known |= DATE;
    this.compact(text);
    this.#known &= before | TIME;
  }

  /** A fraction of a day. */
  setDayFraction(fraction: string): void {
    this.learn(TIME);
    this.#micros = Math.round(Number(`0.${fraction}`) * DAY_MICROS);
  }
}
