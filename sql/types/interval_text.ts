/**
 * The text form of intervals: `1 year 2 mons -3 days +04:05:06.7` out; that, and
 * `1.5 hours`, `@ 3 weeks ago`, `1-2` (years and months), `3 04:05:06`, and ISO
 * 8601 (`P1Y2M3DT4H5M6S`, `P0001-02-03T04:05:06`) in.
 *
 * The text is read from its end, as PostgreSQL does: a number takes the unit
 * behind it, days if a time of day or hours stand behind it, and without either
 * the last field that the type asks for (`interval '1' day`), else seconds.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { formatTime } from "./calendar.ts";
import { Interval } from "./interval.ts";

/** The units of a number. */
type Unit =
  | "microsecond"
  | "millisecond"
  | "second"
  | "minute"
  | "hour"
  | "day"
  | "week"
  | "month"
  | "year"
  | "decade"
  | "century"
  | "millennium";

const UNITS: ReadonlyMap<string, Unit> = new Map(
  ([
    ["microsecond", "us usec usecs useconds microsecon microseconds"],
    ["millisecond", "ms msec msecs mseconds millisecon milliseconds"],
    ["second", "s sec secs seconds"],
    ["minute", "m min mins minutes"],
    ["hour", "h hr hrs hours"],
    ["day", "d days"],
    ["week", "w weeks"],
    ["month", "mon mons months"],
    ["year", "y yr yrs years"],
    ["decade", "dec decs decades"],
    ["century", "c cent centuries"],
    ["millennium", "mil mils millennia"],
  ] as const).flatMap(([unit, others]) =>
    [unit, ...others.split(" ")].map((word) => [word, unit] as const)
  ),
);

const MICROS: Readonly<Partial<Record<Unit, number>>> = {
  microsecond: 1,
  millisecond: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
};
const DAYS: Readonly<Partial<Record<Unit, number>>> = { day: 1, week: 7 };
const MONTHS: Readonly<Partial<Record<Unit, number>>> = {
  month: 1,
  year: 12,
  decade: 120,
  century: 1200,
  millennium: 12_000,
};

/** Which field each unit fills: none may be filled twice. */
const SECONDS_FIELD = "second";

/** The nearest integer, the even one of two. */
function roundEven(value: number): number {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

class IntervalReader {
  readonly #text: string;
  #months = 0;
  #days = 0;
  #micros = 0;
  readonly #filled = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  badFormat(): SqlError {
    return new SqlError(
      "22007",
      `invalid input syntax for type interval: "${this.#text}"`,
    );
  }

  overflow(): SqlError {
    return new SqlError(
      "22015",
      `interval field value out of range: "${this.#text}"`,
    );
  }

  #fill(field: string): void {
    if (this.#filled.has(field)) throw this.badFormat();
    this.#filled.add(field);
  }

  /** Adds a number of units: whole ones, and what a fraction is worth. */
  #add(number: string, unit: Unit): void {
    const [wholeText, fractionText = ""] = number.split(".");
    const negative = number.startsWith("-");
    const whole = Math.abs(Number(wholeText || "0")) * (negative ? -1 : 1);
    const fraction = Number(`0.${fractionText || "0"}`) * (negative ? -1 : 1);
    if (Math.abs(whole) > 9.3e18) throw this.overflow();
    const micros = MICROS[unit];
    const days = DAYS[unit];
    const months = MONTHS[unit];
    if (micros !== undefined) {
      this.#micros += whole * micros + roundMicros(fraction * micros);
    } else if (days !== undefined) {
      this.#days += whole * days;
      this.#addDays(fraction * days);
    } else {
      this.#months += whole * months!;
      if (months! < 12) this.#addMonthFraction(fraction, months!);
      else this.#months += roundEven(fraction * months!);
    }
  }

  #addMonthFraction(fraction: number, months: number): void {
    const exact = fraction * months;
    const extra = Math.trunc(exact);
    this.#months += extra;
    this.#addDays((exact - extra) * 30);
  }

  #addDays(exact: number): void {
    const extra = Math.trunc(exact);
    this.#days += extra;
    this.#micros += roundMicros((exact - extra) * 86_400_000_000);
  }

  finish(ago: boolean): Interval {
    const sign = ago ? -1 : 1;
    const parts = {
      months: sign * this.#months,
      days: sign * this.#days,
      micros: sign * this.#micros,
    };
    const years = Math.abs(parts.months) / 12;
    if (years > 2147483648 || Math.abs(parts.days) > 2147483648) {
      throw this.overflow();
    }
    return Interval.of(parts);
  }

  /** Reads the ordinary form. */
  readWords(lastUnit: Unit): Interval {
    const tokens = this.#tokens();
    let unit: Unit | undefined;
    let unitIsFresh = false;
    let ago = false;
    for (let i = tokens.length - 1; i >= 0; i--) {
      const token = tokens[i]!;
      if (/^[a-z]/.test(token)) {
        if (token === "ago" && i === tokens.length - 1 && i > 0) {
          ago = true;
          if (/^[+-]?[\d.]+$/.test(tokens[i - 1]!)) throw this.badFormat();
          continue;
        }
        if (unitIsFresh) throw this.badFormat();
        unit = UNITS.get(token);
        if (unit === undefined) throw this.badFormat();
        unitIsFresh = true;
      } else if (token.includes(":")) {
        if (unitIsFresh) throw this.badFormat();
        this.#time(token);
        unit = "day";
      } else if (/^[+-]?\d+-\d+$/.test(token)) {
        if (unitIsFresh) throw this.badFormat();
        this.#yearMonth(token);
        unit = "month";
      } else {
        unit ??= lastUnit;
        this.#number(token, unit);
        if (unit === "hour") unit = "day";
        unitIsFresh = false;
      }
    }
    if (this.#filled.size === 0 || unitIsFresh) throw this.badFormat();
    return this.finish(ago);
  }

  #tokens(): string[] {
    const source = this.#text.toLowerCase().trim();
    const tokens: string[] = [];
    const pattern =
      /\s*(?:([+-]?\s*\d+:\d*(?::\d*(?:\.\d*)?)?(?:\.\d*)?)|([+-]?\d+-\d+)(?![\d.-])|([+-]?\s*(?:\d+\.?\d*|\.\d+))|([a-z]+)|(@))/y;
    let at = 0;
    while (at < source.length) {
      pattern.lastIndex = at;
      const match = pattern.exec(source);
      if (match === null) throw this.badFormat();
      at = pattern.lastIndex;
      const touching = match[4] === undefined ? /[-+./_:]/ : /[-+\d./_:]/;
      if (touching.test(source[at] ?? "")) throw this.badFormat();
      if (match[5] === undefined) {
        tokens.push(match[0].replace(/\s/g, ""));
      }
      while (at < source.length && /[\s,]/.test(source[at]!)) at++;
    }
    return tokens;
  }

  #number(token: string, unit: Unit): void {
    const field = MICROS[unit] !== undefined && MICROS[unit]! <= 1_000_000
      ? SECONDS_FIELD + unit
      : unit;
    this.#fill(field);
    this.#add(token, unit);
  }

  /** `h:m`, `h:m:s.f`; `m:s.f` when only a fraction tells. */
  #time(token: string): void {
    this.#fill("hour");
    this.#fill("minute");
    this.#fill(`${SECONDS_FIELD}second`);
    const negative = token.startsWith("-");
    const parts = token.replace(/^[+-]/, "").split(":");
    if (parts.length === 2 && parts[1]!.includes(".")) parts.unshift("0");
    const [hours, minutes, seconds] = parts.map((part) => Number(part || "0"));
    if (minutes! > 59 || (seconds ?? 0) >= 60.9999995) throw this.overflow();
    const micros = hours! * 3_600_000_000 + minutes! * 60_000_000 +
      roundMicros((seconds ?? 0) * 1_000_000);
    if (!Number.isSafeInteger(micros)) throw this.overflow();
    // Not added: fractions of days behind a time of day are lost, as there.
    this.#micros = negative ? -micros : micros;
  }

  #yearMonth(token: string): void {
    this.#fill("year");
    this.#fill("month");
    const [years, months] = token.replace(/^[+-]/, "").split("-").map(Number);
    if (months! > 11) throw this.overflow();
    const total = years! * 12 + months!;
    this.#months += token.startsWith("-") ? -total : total;
  }

  /** Reads ISO 8601, designators or the alternative form. */
  readIso(): Interval {
    const source = this.#text.trim();
    const designators =
      /^P(?:([+-]?[\d.]+)Y)?(?:([+-]?[\d.]+)M)?(?:([+-]?[\d.]+)W)?(?:([+-]?[\d.]+)D)?(?:T(?:([+-]?[\d.]+)H)?(?:([+-]?[\d.]+)M)?(?:([+-]?[\d.]+)S)?)?$/;
    const match = designators.exec(source);
    const given = match?.slice(1).some((part) => part !== undefined);
    if (match !== null && (given === true || source === "PT")) {
      const units = [
        "year",
        "month",
        "week",
        "day",
        "hour",
        "minute",
        "second",
      ] as const;
      units.forEach((unit, i) => {
        const number = match[i + 1];
        if (number === undefined) return;
        if (!/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(number)) throw this.badFormat();
        this.#add(number, unit);
      });
      return this.finish(false);
    }
    const alternative =
      /^P(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{1,2}):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?)?$/;
    const parts = alternative.exec(source);
    if (parts === null) throw this.badFormat();
    const units = ["year", "month", "day", "hour", "minute", "second"] as const;
    units.forEach((unit, i) => this.#add(parts[i + 1] ?? "0", unit));
    return this.finish(false);
  }
}

/** Whole microseconds, half away from zero. */
function roundMicros(exact: number): number {
  const whole = Math.trunc(exact);
  const rest = exact - whole;
  if (rest > 0.5) return whole + 1;
  return rest < -0.5 ? whole - 1 : whole;
}

/**
 * Reads an interval; a number without a unit counts `lastUnit`.
 *
 * @throws {SqlError} `22007`, `22015`.
 */
export function parseInterval(
  text: string,
  lastUnit: "second" | "minute" | "hour" | "day" | "month" | "year" = "second",
): Interval {
  const word = text.trim().toLowerCase();
  if (word === "infinity" || word === "+infinity") return Interval.INFINITY;
  if (word === "-infinity") return Interval.NEGATIVE_INFINITY;
  const reader = new IntervalReader(text);
  return text.trim().startsWith("P")
    ? reader.readIso()
    : reader.readWords(lastUnit);
}

/** The text of an interval. */
export function formatInterval(value: Interval): string {
  if (!value.isFinite) return value.sign > 0 ? "infinity" : "-infinity";
  const parts: string[] = [];
  let isBefore = false;
  const add = (count: number, unit: string): void => {
    if (count === 0) return;
    const plus = isBefore && count > 0 ? "+" : "";
    parts.push(`${plus}${count} ${unit}${count === 1 ? "" : "s"}`);
    isBefore = count < 0;
  };
  add(Math.trunc(value.months / 12), "year");
  add(value.months % 12, "mon");
  add(value.days, "day");
  if (value.micros !== 0 || parts.length === 0) {
    const sign = value.micros < 0 ? "-" : isBefore ? "+" : "";
    parts.push(sign + formatTime(Math.abs(value.micros)));
  }
  return parts.join(" ");
}
