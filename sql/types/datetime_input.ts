/**
 * Reads dates and times as PostgreSQL's datetime input does.
 *
 * | part | forms |
 * | --- | --- |
 * | date | `2024-01-02`, `20240102`, `2024/1/2`, `1/2/2024` (in the order of `DateStyle`), `Jan 2, 2024`, `2 January 2024`, `Jan-02-2024`, `99 1 8`; names of days are ignored |
 * | day of the year | `2024.032` |
 * | Julian day | `J2451187`, `J2451187.5` |
 * | time | after a blank or `T`: `03:04`, `03:04:05.678`, `030405.6`, `3:04 PM` |
 * | zone | `Z`, `+05`, `+05:30`, `-0800`, `+05:30:15`, `PST`, `Europe/Berlin` |
 * | era | `BC`, `AD` |
 * | whole | `epoch`, `infinity`, `-infinity`, `now`, `today`, `tomorrow`, `yesterday` |
 *
 * Fields are taken from left to right; which part a number is depends on those
 * that are known before it. No part may be said twice.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { type DateTimeField, dateTimeFields } from "./datetime_fields.ts";
import { DateTimeParts, PARTS } from "./datetime_parts.ts";
import type { DateTimeSettings } from "./datetime_settings.ts";
import { DATE_WORDS, type WholeWord } from "./datetime_words.ts";
import { offsetOfText } from "./time_zone/offset_text.ts";
import {
  findAbbreviation,
  findNamedZone,
  type TimeZone,
} from "./time_zone/time_zone.ts";

/** What a text says. */
export type DateTimeReading =
  | { readonly kind: WholeWord }
  | {
    readonly kind: "day";
    /** Days from today: `yesterday` is -1. */
    readonly offset: number;
    readonly micros: number;
    readonly zone: TimeZone | undefined;
  }
  | {
    readonly kind: "date";
    /** Days since 2000-01-01. */
    readonly day: number;
    /** Microseconds after the day began: up to and including a whole day. */
    readonly micros: number;
    readonly zone: TimeZone | undefined;
  };

/** What the text of a time of day says. */
export type TimeReading =
  | { readonly kind: "now" }
  | {
    readonly kind: "time";
    /** The day before it, since 2000-01-01. */
    readonly day: number | undefined;
    readonly micros: number;
    readonly zone: TimeZone | undefined;
  };

const { DATE, MONTH_AND_DAY, TIME, ZONE, MERIDIEM, ERA, WEEKDAY, SUMMER } =
  PARTS;

/** One text that is read. */
class DateTimeReader {
  readonly #text: string;
  readonly #timeOnly: boolean;
  readonly #parts: DateTimeParts;
  #zone: TimeZone | undefined;
  #relative: number | undefined;
  #whole: WholeWord | undefined;
  /** What a word before says about the next field. */
  #label: "time" | "julian" | undefined;

  constructor(text: string, parts: DateTimeParts, meant: "date" | "time") {
    this.#text = text;
    this.#parts = parts;
    this.#timeOnly = meant === "time";
  }

  read(): void {
    const fields = dateTimeFields(this.#text);
    if (fields === undefined) throw this.#parts.badFormat();
    fields.forEach((field, i) => this.#field(field, i, fields));
    if (this.#label !== undefined) throw this.#parts.badFormat();
  }

  #field(
    { kind, text }: DateTimeField,
    place: number,
    fields: readonly DateTimeField[],
  ): void {
    switch (kind) {
      case "time":
        if (this.#label === "julian") throw this.#parts.badFormat();
        this.#label = undefined;
        return this.#parts.clock(text);
      case "zone":
        return this.#setZone(this.#offset(text));
      case "number":
        if (!this.#labelled(text)) this.#number(text, place, fields);
        return;
      case "date":
        return this.#joined(text, place, fields);
      case "word":
      case "special":
        return this.#word(text, fields[place + 1]);
    }
  }

  #offset(token: string): TimeZone {
    const offsetSeconds = offsetOfText(token);
    if (offsetSeconds === undefined) throw this.#parts.badFormat();
    if (offsetSeconds === "overflow") {
      throw new SqlError(
        "22009",
        `time zone displacement out of range: "${this.#text}"`,
      );
    }
    return { kind: "fixed", offsetSeconds };
  }

  #setZone(zone: TimeZone): void {
    this.#parts.learn(ZONE);
    this.#zone = zone;
  }

  /** A number behind `T` or `J`; false if it is behind neither. */
  #labelled(text: string): boolean {
    const label = this.#label;
    this.#label = undefined;
    if (label === undefined) return false;
    if (label === "julian") {
      const [whole, fraction] = text.split(".");
      this.#parts.setJulian(whole!);
      if (fraction !== undefined) {
        this.#parts.setDayFraction(fraction);
      }
      return true;
    }
    this.#parts.compactTime(text);
    return true;
  }

  /** A number alone. */
  #number(
    text: string,
    place: number,
    fields: readonly DateTimeField[],
  ): void {
    const point = text.indexOf(".");
    if (this.#timeOnly) return this.#numberOfTime(text, point, place, fields);
    if (point >= 0 && this.#parts.isDateless) return this.#parts.dashed(text);
    // Six digits and more are several parts, unless only the year is missing.
    const isOpen = this.#parts.isDateless || !this.#parts.knows(TIME);
    if (point > 2 || (point < 0 && text.length > 5 && isOpen)) {
      return this.#parts.compact(text);
    }
    if (point >= 0) throw this.#parts.badFormat();
    this.#parts.datePart(text);
  }

  /** A number alone in what has to be a time: never a part of a date. */
  #numberOfTime(
    text: string,
    point: number,
    place: number,
    fields: readonly DateTimeField[],
  ): void {
    if (
      point >= 0 && place === 0 && fields.length >= 2 &&
      fields.at(-1)!.kind === "date"
    ) return this.#parts.dashed(text);
    if (point >= 0 && point <= 2) throw this.#parts.badFormat();
    this.#parts.compactTime(text);
  }

  /** Parts joined by a delimiter: a date, a time with its zone, or a zone. */
  #joined(
    text: string,
    place: number,
    fields: readonly DateTimeField[],
  ): void {
    if (this.#label === "julian") {
      this.#label = undefined;
      const digits = /^\d+/.exec(text)?.[0];
      if (digits === undefined) throw this.#parts.badFormat();
      const zone = this.#offset(text.slice(digits.length));
      this.#parts.setJulian(digits);
      this.#parts.learn(TIME);
      return this.#setZone(zone);
    }
    const isDate = this.#timeOnly
      ? this.#label === undefined && place === 0 && fields.length >= 2 &&
        (fields.at(-1)!.kind === "date" || fields[1]!.kind === "time")
      : this.#label === undefined && !this.#parts.knows(MONTH_AND_DAY);
    if (isDate) return this.#parts.dashed(text);
    const isLabelled = this.#label !== undefined;
    this.#label = undefined;
    if (isLabelled || /^\d/.test(text)) return this.#timeWithZone(text);
    const zone = findNamedZone(text);
    if (zone === undefined) {
      throw new SqlError("22023", `time zone "${text}" not recognized`);
    }
    this.#setZone(zone);
  }

  /** `040506-08`. */
  #timeWithZone(text: string): void {
    const dash = text.indexOf("-");
    if (this.#parts.knows(TIME) || dash < 0) throw this.#parts.badFormat();
    const zone = this.#offset(text.slice(dash));
    const digits = text.slice(0, dash);
    if (this.#timeOnly) this.#parts.compactTime(digits);
    else this.#parts.compact(digits);
    this.#setZone(zone);
  }

  #word(text: string, next: DateTimeField | undefined): void {
    const zone = findAbbreviation(text);
    if (zone !== undefined) return this.#setZone(zone);
    const word = DATE_WORDS.get(text);
    const isOfDate = word?.kind === "month" || word?.kind === "weekday";
    if (this.#timeOnly && isOfDate) throw this.#parts.badFormat();
    switch (word?.kind) {
      case "month":
        return this.#parts.setMonthName(word.month);
      case "whole":
        this.#parts.learn(
          word.whole === "now" && this.#timeOnly ? TIME : DATE | TIME | ZONE,
        );
        this.#whole = word.whole;
        return;
      case "relative":
        this.#parts.learn(DATE);
        this.#relative = word.offset;
        return;
      case "midnight":
        this.#parts.learn(TIME | ZONE);
        this.#zone = { kind: "fixed", offsetSeconds: 0 };
        return;
      case "am":
      case "pm":
        this.#parts.meridiem = word.kind;
        return this.#parts.learn(MERIDIEM);
      case "bc":
      case "ad":
        this.#parts.isBefore = word.kind === "bc";
        return this.#parts.learn(ERA);
      case "weekday":
        return this.#parts.learn(WEEKDAY);
      case "ignored":
        return;
      case "summer":
        return this.#summer();
      case "julian":
      case "time":
        return this.#setLabel(word.kind, next);
      case "unit":
        throw this.#parts.badFormat();
      case undefined: {
        const named = findNamedZone(text);
        if (named === undefined) throw this.#parts.badFormat();
        return this.#setZone(named);
      }
    }
  }

  /** `MET DST`: an hour ahead of the zone before it. */
  #summer(): void {
    this.#parts.learn(SUMMER);
    if (this.#zone?.kind !== "fixed") throw this.#parts.badFormat();
    const offsetSeconds = this.#zone.offsetSeconds + 3600;
    this.#zone = { kind: "fixed", offsetSeconds };
  }

  #setLabel(label: "time" | "julian", next: DateTimeField | undefined): void {
    if (label === "time") {
      const isBehindDate = this.#timeOnly || this.#parts.knows(DATE);
      if (!isBehindDate || !/^(number|time|date)$/.test(next?.kind ?? "")) {
        throw this.#parts.badFormat();
      }
    } else if (this.#label !== undefined) {
      throw this.#parts.badFormat();
    }
    this.#label = label;
  }

  /** What has been found, where a date is meant. */
  dateTime(): DateTimeReading {
    if (this.#whole !== undefined) return { kind: this.#whole };
    const offset = this.#relative;
    const day = offset === undefined ? this.#parts.dayNumber() : 0;
    const micros = this.#parts.timeOfDay();
    const zone = this.#zone;
    if (offset !== undefined) return { kind: "day", offset, micros, zone };
    if (!this.#parts.knows(DATE)) throw this.#parts.badFormat();
    return { kind: "date", day, micros, zone };
  }

  /** What has been found, where a time of day is meant. */
  timeOfDay(): TimeReading {
    if (this.#whole === "now") return { kind: "now" };
    const isOther = this.#whole !== undefined || this.#relative !== undefined;
    if (isOther) throw this.#parts.badFormat();
    const day = this.#parts.dayNumber();
    const micros = this.#parts.timeOfDay();
    if (!this.#parts.knows(TIME)) throw this.#parts.badFormat();
    const isDated = this.#parts.knows(DATE);
    const zone = this.#zone;
    // Its offset is that of a day.
    if (zone?.kind === "rules" && !isDated) throw this.#parts.badFormat();
    return { kind: "time", day: isDated ? day : undefined, micros, zone };
  }
}

/**
 * What `text` says; `typeName` names the type in errors.
 *
 * @throws {SqlError} `22007`, `22008`, `22009` or `22023`, as PostgreSQL.
 */
export function parseDateTime(
  text: string,
  typeName: string,
  settings?: DateTimeSettings,
): DateTimeReading {
  const order = settings?.dateOrder ?? "MDY";
  const parts = new DateTimeParts(text, typeName, order);
  const reader = new DateTimeReader(text, parts, "date");
  reader.read();
  return reader.dateTime();
}

/**
 * What the text of a time of day says, alone or behind a date.
 *
 * @throws {SqlError} as {@linkcode parseDateTime}.
 */
export function parseTimeOfDay(
  text: string,
  typeName: string,
  settings?: DateTimeSettings,
): TimeReading {
  const order = settings?.dateOrder ?? "MDY";
  const parts = new DateTimeParts(text, typeName, order);
  const reader = new DateTimeReader(text, parts, "time");
  reader.read();
  return reader.timeOfDay();
}
