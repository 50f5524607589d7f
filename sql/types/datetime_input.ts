/**
 * Reads dates and times as PostgreSQL's datetime input does, in its usual
 * forms.
 *
 * | part | forms |
 * | --- | --- |
 * | date | `2024-01-02`, `20240102`, `2024/1/2`, `1/2/2024` (in the order of `DateStyle`), `Jan 2, 2024`, `2 January 2024`, `02-Jan-2024`; names of days are ignored |
 * | time | after a blank or `T`: `03:04`, `03:04:05.678`, `030405`, `3:04 PM` |
 * | zone | `Z`, `+05`, `+05:30`, `-0800`, `+05:30:15`, `PST`, `Europe/Berlin` |
 * | era | `BC`, `AD` |
 * | whole | `epoch`, `infinity`, `-infinity`, `now`, `today`, `tomorrow`, `yesterday` |
 *
 * Not read (error `22007` or its kin, never a wrong value): Julian days
 * (`J2451187`), days of the year.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { dayOfDate, daysInMonth } from "./calendar.ts";
import type { DateOrder, DateTimeSettings } from "./datetime_settings.ts";
import { findTimeZone, type TimeZone } from "./time_zone/time_zone.ts";

/** What a text says. */
export type DateTimeParts =
  | { readonly kind: "infinity" | "-infinity" | "epoch" | "now" }
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

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const MONTH_NAMES = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];
const DAYS = new Set(
  ("sun mon tue tues wed weds thu thur thurs fri sat sunday monday tuesday " +
    "wednesday thursday friday saturday").split(" "),
);

/** `1` to `12` for the name of a month, else 0. */
function monthOf(word: string): number {
  if (word === "sept") return 9;
  const short = MONTHS.indexOf(word);
  return short >= 0 ? short + 1 : MONTH_NAMES.indexOf(word) + 1;
}

const TOKEN =
  /\s*(?:(\d{1,2}:\d+(?::\d+(?:\.\d*)?)?)|(\d+[-/.](?:\d+|[a-z]+)[-/.]\d+)|([+-]\d+(?::\d+(?::\d+)?)?)(?![\d:])|(\d+(?:\.\d+)?)|([a-z]+(?:\/[a-z0-9_+\-/]*|_[a-z0-9_/]*)?)|([+-]infinity)|([,\s]))/y;

/** The errors of one text. */
class DateTimeReader {
  readonly #text: string;
  readonly #typeName: string;
  #year: number | undefined;
  #yearDigits = 0;
  #month: number | undefined;
  #day: number | undefined;
  #micros: number | undefined;
  #zone: TimeZone | undefined;
  #bc: boolean | undefined;
  #relative: number | undefined;
  #whole: "infinity" | "-infinity" | "epoch" | "now" | undefined;
  #isoTime = false;
  #meridiem: "am" | "pm" | undefined;

  readonly #order: DateOrder;

  constructor(text: string, typeName: string, order: DateOrder) {
    this.#text = text;
    this.#typeName = typeName;
    this.#order = order;
  }

  badFormat(): SqlError {
    return new SqlError(
      "22007",
      `invalid input syntax for type ${this.#typeName}: "${this.#text}"`,
    );
  }

  overflow(hint = false): SqlError {
    return new SqlError(
      "22008",
      `date/time field value out of range: "${this.#text}"`,
      hint ? { hint: 'Perhaps you need a different "DateStyle" setting.' } : {},
    );
  }

  read(): DateTimeParts {
    const source = this.#text.toLowerCase().trim();
    if (source === "") throw this.badFormat();
    let at = 0;
    while (at < source.length) {
      TOKEN.lastIndex = at;
      const match = TOKEN.exec(source);
      if (match === null) throw this.badFormat();
      at = TOKEN.lastIndex;
      if (match[1] !== undefined) this.#time(match[1]);
      else if (match[2] !== undefined) this.#date(match[2]);
      else if (match[3] !== undefined) {
        const before = source[at - match[3].length - 1] ?? "";
        this.#offset(match[3], /\d/.test(before));
      } else if (match[4] !== undefined) this.#number(match[4], source[at]);
      else if (match[5] !== undefined) this.#word(match[5], source[at] ?? "");
      else if (match[6] !== undefined) {
        this.#setWhole(match[6] === "+infinity" ? "infinity" : "-infinity");
      }
    }
    return this.#finish();
  }

  #setWhole(whole: "infinity" | "-infinity" | "epoch" | "now"): void {
    if (this.#whole !== undefined) throw this.badFormat();
    this.#whole = whole;
  }

  #setYear(digits: string): void {
    if (this.#year !== undefined) throw this.badFormat();
    this.#year = Number(digits);
    this.#yearDigits = digits.length;
  }

  #setMonth(month: number): void {
    if (this.#month !== undefined) throw this.badFormat();
    this.#month = month;
  }

  #setDay(day: number): void {
    if (this.#day !== undefined) throw this.badFormat();
    this.#day = day;
  }

  #date(token: string): void {
    if (this.#micros !== undefined) throw this.badFormat();
    const [a, b, c] = token.split(/[-/.]/) as [string, string, string];
    const named = monthOf(b);
    if (/^[a-z]/.test(b)) {
      if (named === 0) throw this.badFormat();
      this.#setMonth(named);
      const yearFirst = a.length > 2;
      this.#setYear(yearFirst ? a : c);
      this.#setDay(Number(yearFirst ? c : a));
    } else if (a.length > 2) {
      this.#setYear(a);
      this.#setMonth(Number(b));
      this.#setDay(Number(c));
    } else if (this.#order === "MDY") {
      this.#setMonth(Number(a));
      this.#setDay(Number(b));
      this.#setYear(c);
    } else {
      const yearFirst = this.#order === "YMD";
      this.#setMonth(Number(b));
      this.#setDay(Number(yearFirst ? c : a));
      this.#setYear(yearFirst ? a : c);
    }
  }

  #time(token: string): void {
    if (this.#micros !== undefined) throw this.badFormat();
    const [hours, minutes, seconds = "0"] = token.split(":");
    this.#setTime(Number(hours), Number(minutes), Number(seconds));
  }

  #setTime(hours: number, minutes: number, seconds: number): void {
    const micros = Math.round(seconds * 1_000_000);
    if (minutes > 59 || seconds >= 61 || hours > 24) throw this.overflow();
    this.#micros = (hours * 3600 + minutes * 60) * 1_000_000 + micros;
    if (this.#micros > 86_400_000_000) throw this.overflow();
  }

  /** A zone; `glued`: nothing stands between it and what is before it. */
  #offset(token: string, glued: boolean): void {
    const sign = token[0] === "-" ? -1 : 1;
    let [hours, minutes = "0", seconds = "0"] = token.slice(1).split(":") as [
      string,
      string?,
      string?,
    ];
    if (!token.includes(":") && hours.length > 2) {
      if (hours.length > 6) throw this.badFormat();
      const padded = hours.padStart(hours.length > 4 ? 6 : 4, "0");
      hours = padded.slice(0, 2);
      minutes = padded.slice(2, 4);
      seconds = padded.slice(4) === "" ? "0" : padded.slice(4);
    }
    if (Number(hours) > 15 || Number(minutes) > 59 || Number(seconds) > 59) {
      throw new SqlError(
        "22009",
        `time zone displacement out of range: "${this.#text}"`,
      );
    }
    // It stands behind a time of day, or a date as a whole.
    const dated = this.#day !== undefined && this.#month !== undefined &&
      this.#year !== undefined;
    // "2024-02-29-05" is one word, and no date.
    const isDatePart = sign < 0 && glued;
    if (this.#micros === undefined && (!dated || isDatePart)) {
      throw this.badFormat();
    }
    const offsetSeconds = Number(hours) * 3600 + Number(minutes) * 60 +
      Number(seconds);
    this.#setZone({ kind: "fixed", offsetSeconds: sign * offsetSeconds || 0 });
  }

  #setZone(zone: TimeZone): void {
    if (this.#zone !== undefined) throw this.badFormat();
    this.#zone = zone;
  }

  #number(token: string, next: string | undefined): void {
    const [digits, fraction] = token.split(".") as [string, string?];
    const dateGiven = this.#day !== undefined || this.#relative !== undefined;
    if (dateGiven && this.#micros === undefined) {
      if (this.#year === undefined && !this.#isoTime) {
        if (fraction !== undefined) throw this.badFormat();
        return this.#setYear(digits);
      }
      // "2024-08:00" is no time of day with a zone.
      if (digits.length < 6 && /[-+/]/.test(next ?? "")) throw this.badFormat();
      return this.#compactTime(digits, fraction);
    }
    if (fraction !== undefined) throw this.badFormat();
    if (this.#year === undefined && this.#month === undefined) {
      if (digits.length === 8 || digits.length === 6) {
        const yearDigits = digits.length - 4;
        this.#setYear(digits.slice(0, yearDigits));
        this.#setMonth(Number(digits.slice(yearDigits, yearDigits + 2)));
        return this.#setDay(Number(digits.slice(yearDigits + 2)));
      }
    }
    if (digits.length > 2) this.#setYear(digits);
    else if (this.#day === undefined) this.#setDay(Number(digits));
    else this.#setYear(digits);
  }

  #compactTime(digits: string, fraction: string | undefined): void {
    if (digits.length === 6) {
      this.#setTime(
        Number(digits.slice(0, 2)),
        Number(digits.slice(2, 4)),
        Number(`${digits.slice(4)}.${fraction ?? "0"}`),
      );
    } else if (digits.length === 4 && fraction === undefined) {
      this.#setTime(Number(digits.slice(0, 2)), Number(digits.slice(2)), 0);
    } else {
      throw this.badFormat();
    }
  }

  #word(word: string, next: string): void {
    const month = monthOf(word);
    if (month > 0) {
      // "1 2024 Jan" is no form of ours; a day read first stays the day.
      return this.#setMonth(month);
    }
    switch (word) {
      case "t":
        if (this.#day === undefined || this.#micros !== undefined) {
          throw this.badFormat();
        }
        this.#isoTime = true;
        return;
      case "am":
      case "pm":
        this.#meridiem = word;
        return;
      case "bc":
      case "ad":
        if (this.#day === undefined || this.#bc !== undefined) {
          throw this.badFormat();
        }
        this.#bc = word === "bc";
        return;
      case "infinity":
      case "epoch":
      case "now":
        return this.#setWhole(word);
      case "today":
      case "tomorrow":
      case "yesterday":
        this.#relative = word === "today" ? 0 : word === "tomorrow" ? 1 : -1;
        return;
      case "allballs":
        this.#micros = 0;
        return this.#setZone({ kind: "fixed", offsetSeconds: 0 });
      case "at":
      case "on":
        return;
    }
    if (DAYS.has(word)) return;
    const zone = findTimeZone(word);
    if (zone !== undefined && !/[-+\d./_:]/.test(next)) {
      return this.#setZone(zone);
    }
    if (this.#day !== undefined && /\/[a-z]/.test(word)) {
      throw new SqlError("22023", `time zone "${word}" not recognized`);
    }
    throw this.badFormat();
  }

  #finish(): DateTimeParts {
    const zone = this.#zone;
    const dated = this.#day !== undefined || this.#month !== undefined ||
      this.#year !== undefined;
    if (this.#whole !== undefined) {
      if (dated || this.#micros !== undefined || this.#relative !== undefined) {
        throw this.badFormat();
      }
      return { kind: this.#whole };
    }
    if (this.#isoTime && this.#micros === undefined) throw this.badFormat();
    const micros = this.#clock();
    if (this.#relative !== undefined) {
      if (dated) throw this.badFormat();
      return { kind: "day", offset: this.#relative, micros, zone };
    }
    return { kind: "date", day: this.#dayNumber(), micros, zone };
  }

  /** The time of day with AM and PM applied. */
  #clock(): number {
    const micros = this.#micros ?? 0;
    if (this.#meridiem === undefined) return micros;
    const hours = Math.floor(micros / 3_600_000_000);
    if (this.#micros === undefined) throw this.badFormat();
    if (hours > 12) throw this.overflow();
    if (this.#meridiem === "pm" && hours < 12) return micros + 43_200_000_000;
    return this.#meridiem === "am" && hours === 12
      ? micros - 43_200_000_000
      : micros;
  }

  #dayNumber(): number {
    let year = this.#year;
    const month = this.#month;
    const day = this.#day;
    if (year === undefined || month === undefined || day === undefined) {
      throw this.badFormat();
    }
    if (this.#bc === true) {
      if (year <= 0) throw this.overflow();
      year = 1 - year;
    } else if (this.#yearDigits <= 2) {
      year += year < 70 ? 2000 : 1900;
    } else if (year === 0) {
      throw this.overflow();
    }
    if (month < 1 || month > 12 || day < 1 || day > 31) {
      throw this.overflow(true);
    }
    if (day > daysInMonth(year, month)) throw this.overflow();
    return dayOfDate(year, month, day);
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
): DateTimeParts {
  const order = settings?.dateOrder ?? "MDY";
  return new DateTimeReader(text, typeName, order).read();
}
