/**
 * Reads intervals: `1 year 2 mons -3 days +04:05:06.7`, `1.5 hours`, `@ 3 weeks
 * ago`, `1-2` (years and months), `3 04:05:06`, and ISO 8601 (see
 * `interval_iso.ts`).
 *
 * The fields are taken from the last to the first, as PostgreSQL does: a number
 * takes the unit behind it, days if a time of day or hours stand behind it, and
 * without either the last field that the type asks for (`interval '1' day`),
 * else seconds. No unit may be given twice.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { type DateTimeField, dateTimeFields } from "./datetime_fields.ts";
import { Interval } from "./interval.ts";
import { readIsoInterval } from "./interval_iso.ts";
import { IntervalOverflow, IntervalSum } from "./interval_sum.ts";
import { roundHalfEven } from "./number_casts.ts";

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

/** Of long words ten letters count. */
const WORD_LENGTH = 10;

const UNITS: ReadonlyMap<string, Unit> = new Map(
  ([
    ["microsecond", "us usec usecs useconds microsecon"],
    ["millisecond", "ms msec msecs mseconds millisecon"],
    ["second", "s sec secs second seconds"],
    ["minute", "m min mins minute minutes"],
    ["hour", "h hr hrs hour hours"],
    ["day", "d day days"],
    ["week", "w week weeks"],
    ["month", "mon mons month months"],
    ["year", "y yr yrs year years"],
    ["decade", "dec decs decade decades"],
    ["century", "c cent century centuries"],
    ["millennium", "mil mils millennia millennium"],
  ] as const).flatMap(([unit, words]) =>
    words.split(" ").map((word) => [word, unit] as const)
  ),
);

/** Microseconds of the units below a day. */
const MICROS: Readonly<Partial<Record<Unit, number>>> = {
  microsecond: 1,
  millisecond: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
};
const DAYS: Readonly<Partial<Record<Unit, number>>> = { day: 1, week: 7 };
const YEARS: Readonly<Partial<Record<Unit, number>>> = {
  year: 1,
  decade: 10,
  century: 100,
  millennium: 1000,
};

/** Which field a number without a unit is, and how times are read. */
export interface IntervalFields {
  /** The smallest field of the type; default `second`. */
  readonly last?: "second" | "minute" | "hour" | "day" | "month" | "year";
  /** Two numbers of a time are minutes and seconds; default false. */
  readonly minutesFirst?: boolean;
  /** A sign at the beginning is that of all fields; default false. */
  readonly signsAll?: boolean;
}

/** A form that is none. */
class BadFormat extends Error {}

class IntervalReader {
  readonly #sum = new IntervalSum();
  readonly #fields: IntervalFields;
  readonly #filled = new Set<string>();
  #unit: Unit | undefined;
  /** A unit waits for its number. */
  #isUnitOpen = false;
  #isAgo = false;
  #isNegative = false;

  constructor(fields: IntervalFields) {
    this.#fields = fields;
  }

  read(text: string): Interval {
    const tokens = dateTimeFields(text);
    if (tokens === undefined) throw new BadFormat();
    const [first, ...others] = tokens;
    this.#isNegative = this.#fields.signsAll === true &&
      first?.text.startsWith("-") === true &&
      !others.some((other) => /^[+-]/.test(other.text));
    for (let i = tokens.length - 1; i >= 0; i--) {
      const infinite = this.#token(tokens[i]!, i === tokens.length - 1);
      if (infinite === undefined) continue;
      if (i > 0) throw new BadFormat();
      return infinite;
    }
    if (this.#filled.size === 0 || this.#isUnitOpen) throw new BadFormat();
    return this.#sum.interval(this.#isAgo ? -1 : 1);
  }

  #token({ kind, text }: DateTimeField, isLast: boolean): Interval | void {
    switch (kind) {
      case "time":
        return this.#time(text);
      case "zone":
        return text.includes(":") ? this.#signedTime(text) : this.#number(text);
      case "date":
      case "number":
        return this.#number(text);
      case "word":
      case "special":
        return this.#word(text.slice(0, WORD_LENGTH), isLast);
    }
  }

  #fill(...fields: readonly string[]): void {
    for (const field of fields) {
      if (this.#filled.has(field)) throw new BadFormat();
      this.#filled.add(field);
    }
  }

  #word(word: string, isLast: boolean): Interval | void {
    if (this.#isUnitOpen) throw new BadFormat();
    const unit = UNITS.get(word);
    if (unit !== undefined) {
      this.#unit = unit;
      this.#isUnitOpen = true;
      return;
    }
    if (word === "at" || word === "on") return;
    if (!isLast) throw new BadFormat();
    switch (word) {
      case "ago":
        this.#isAgo = true;
        // A number before it without a unit has none.
        this.#isUnitOpen = false;
        return;
      case "infinity":
      case "+infinity":
        return Interval.INFINITY;
      case "-infinity":
        return Interval.NEGATIVE_INFINITY;
      default:
        throw new BadFormat();
    }
  }

  #isTime(text: string): boolean {
    return /^\d+:\d*(?::\d*)?(?:\.\d*)?$/.test(text);
  }

  /** A time that is out of range with its sign has no form. */
  #signedTime(text: string): void {
    try {
      this.#time(text);
    } catch (error) {
      throw error instanceof IntervalOverflow ? new BadFormat() : error;
    }
  }

  /** `h:m`, `h:m:s.f`; `m:s.f` when only a fraction tells. */
  #time(token: string): void {
    const negative = token.startsWith("-");
    const text = token.replace(/^[+-]/, "");
    if (!this.#isTime(text)) throw new BadFormat();
    const [clock, fraction = ""] = text.split(".") as [string, string?];
    const parts = clock.split(":").map((part) => BigInt(part || "0"));
    const isShort = parts.length === 2 &&
      (text.includes(".") || this.#fields.minutesFirst === true);
    if (isShort) parts.unshift(0n);
    const [hours, minutes, seconds = 0n] = parts as [bigint, bigint, bigint?];
    if (minutes > 59n || seconds > 60n) throw new IntervalOverflow();
    const rest = roundHalfEven(Number(`0.${fraction || "0"}`) * 1_000_000);
    const micros = (hours * 3600n + minutes * 60n + seconds) * 1_000_000n +
      BigInt(rest);
    if (BigInt.asIntN(64, micros) !== micros) throw new IntervalOverflow();
    this.#fill("hour", "minute", "second", "millisecond", "microsecond");
    const isNegative = negative || (this.#isNegative && micros > 0n);
    this.#sum.setMicros(isNegative ? -micros : micros);
    this.#unit = "day";
    this.#isUnitOpen = false;
  }

  #number(token: string): void {
    this.#unit ??= this.#isAgo ? undefined : this.#fields.last ?? "second";
    const match = /^([+-]?)(\d*)(?:-(\d+)|(\.\d*))?$/.exec(token);
    if (match === null) throw new BadFormat();
    const [, sign, digits, months, point] = match;
    const isNegative = sign === "-" || this.#isNegative;
    let whole = BigInt(digits || "0") * (isNegative ? -1n : 1n);
    if (BigInt.asIntN(64, whole) !== whole) throw new IntervalOverflow();
    if (months !== undefined) {
      if (Number(months) > 11) throw new IntervalOverflow();
      whole = whole * 12n + BigInt(months) * (isNegative ? -1n : 1n);
      this.#unit = "month";
    }
    const fraction = point === undefined || point === "." ? 0 : Number(point);
    if (this.#unit === undefined) throw new BadFormat();
    this.#add(this.#unit, whole, isNegative ? -fraction : fraction);
    this.#isUnitOpen = false;
  }

  #add(unit: Unit, whole: bigint, fraction: number): void {
    const hasFraction = unit === "second" && fraction !== 0;
    this.#fill(unit, ...(hasFraction ? ["millisecond", "microsecond"] : []));
    const micros = MICROS[unit];
    if (micros !== undefined) this.#sum.addMicros(whole, fraction, micros);
    else if (DAYS[unit] !== undefined) {
      this.#sum.addDays(whole, fraction, DAYS[unit]);
    } else if (YEARS[unit] !== undefined) {
      this.#sum.addYears(whole, fraction, YEARS[unit]);
    } else this.#sum.addMonths(whole, fraction);
    if (unit === "hour") this.#unit = "day";
  }
}

/**
 * Reads an interval.
 *
 * @throws {SqlError} `22007`, `22015`, `22008`.
 */
export function parseInterval(
  text: string,
  fields: IntervalFields = {},
): Interval {
  try {
    try {
      return new IntervalReader(fields).read(text);
    } catch (error) {
      if (!(error instanceof BadFormat)) throw error;
      const interval = readIsoInterval(text);
      if (interval !== undefined) return interval;
    }
  } catch (error) {
    if (!(error instanceof IntervalOverflow)) throw error;
    throw new SqlError(
      "22015",
      `interval field value out of range: "${text}"`,
    );
  }
  throw new SqlError(
    "22007",
    `invalid input syntax for type interval: "${text}"`,
  );
}
