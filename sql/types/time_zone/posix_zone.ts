/**
 * Zones by specification, as POSIX has them: `EST5EDT,M3.2.0,M11.1.0`.
 *
 * ```text
 * name offset [ name [ offset ] [ , start [ /time ] , end [ /time ] ] ]
 * ```
 *
 * A name is letters, or anything in `<…>`. An offset counts hours _west_ of
 * Greenwich, summer time one hour less unless it says otherwise. A day is
 * `Mm.w.d` (weekday d of week w of month m, week 5 being the last), `Jn` (day n
 * of the year, 29 February never counted) or `n` (from 0, counted). Without days
 * summer time is as in the United States.
 *
 * @module
 */
import { dateOfDay, dayOfDate, daysInMonth } from "../calendar.ts";
import type { ZoneRules } from "./named_zone.ts";

const SPECIFICATION =
  /^(<[^>]*>|[^\d,+<>-]*)([+-]?\d+(?::\d+){0,2})(?:(<[^>]*>|[^\d,+<>-]+)([+-]?\d+(?::\d+){0,2})?(?:,([^,/]+)(?:\/([+-]?\d+(?::\d+){0,2}))?,([^,/]+)(?:\/([+-]?\d+(?::\d+){0,2}))?)?)?$/;

/** A day of the year that a rule names. */
type RuleDay =
  | {
    readonly kind: "week";
    readonly month: number;
    readonly week: number;
    readonly weekday: number;
  }
  | { readonly kind: "julian"; readonly day: number }
  | { readonly kind: "ordinal"; readonly day: number };

/** When the clocks change: a day, and seconds after it began, local time. */
interface Change {
  readonly day: RuleDay;
  readonly seconds: number;
}

/** Summer time. */
interface Summer {
  readonly name: string;
  readonly offset: number;
  readonly start: Change;
  readonly end: Change;
}

/** A zone that a specification describes. */
export class PosixZone implements ZoneRules {
  /** The specification. */
  readonly name: string;
  readonly #standard: string;
  readonly #offset: number;
  readonly #summer: Summer | undefined;

  private constructor(
    name: string,
    standard: string,
    offset: number,
    summer: Summer | undefined,
  ) {
    this.name = name;
    this.#standard = standard;
    this.#offset = offset;
    this.#summer = summer;
  }

  /** The zone of a specification; `undefined` if it is none. */
  static parse(text: string): PosixZone | undefined {
    const match = text.length > 100 ? null : SPECIFICATION.exec(text);
    if (match === null) return undefined;
    const offset = secondsOf(match[2]!, 167);
    if (offset === undefined) return undefined;
    const standard = match[1]!.replace(/[<>]/g, "");
    if (match[3] === undefined) {
      return new PosixZone(text, standard, 0 - offset, undefined);
    }
    const west = match[4] === undefined
      ? offset - 3600
      : secondsOf(match[4], 167);
    const start = changeOf(match[5] ?? "M3.2.0", match[6]);
    const end = changeOf(match[7] ?? "M11.1.0", match[8]);
    if (west === undefined || start === undefined || end === undefined) {
      return undefined;
    }
    const name = match[3].replace(/[<>]/g, "");
    return new PosixZone(text, standard, 0 - offset, {
      name,
      offset: 0 - west,
      start,
      end,
    });
  }

  offsetAt(seconds: number): number {
    return this.#isSummer(seconds) ? this.#summer!.offset : this.#offset;
  }

  abbreviationAt(seconds: number): string {
    return this.#isSummer(seconds) ? this.#summer!.name : this.#standard;
  }

  #isSummer(seconds: number): boolean {
    const summer = this.#summer;
    if (summer === undefined) return false;
    const local = seconds + this.#offset;
    const { year } = dateOfDay(Math.floor(local / 86_400));
    const start = momentOf(summer.start, year) - this.#offset;
    const end = momentOf(summer.end, year) - summer.offset;
    return start < end
      ? seconds >= start && seconds < end
      : seconds >= start || seconds < end;
  }
}

/** `hh[:mm[:ss]]` in seconds. */
function secondsOf(text: string, hoursMax: number): number | undefined {
  const [hours, minutes = 0, seconds = 0] = text.replace(/^[+-]/, "").split(":")
    .map(Number);
  if (hours! > hoursMax || minutes > 59 || seconds > 60) return undefined;
  const total = hours! * 3600 + minutes * 60 + seconds;
  return text.startsWith("-") ? 0 - total : total;
}

function changeOf(day: string, time: string | undefined): Change | undefined {
  const seconds = time === undefined ? 7200 : secondsOf(time, 167);
  const rule = ruleDayOf(day);
  return rule === undefined || seconds === undefined
    ? undefined
    : { day: rule, seconds };
}

function ruleDayOf(text: string): RuleDay | undefined {
  const week = /^M(\d{1,2})\.([1-5])\.([0-6])$/.exec(text);
  if (week !== null) {
    const month = Number(week[1]);
    if (month < 1 || month > 12) return undefined;
    return {
      kind: "week",
      month,
      week: Number(week[2]),
      weekday: Number(week[3]),
    };
  }
  const plain = /^(J?)(\d{1,3})$/.exec(text);
  if (plain === null) return undefined;
  const day = Number(plain[2]);
  const isJulian = plain[1] === "J";
  if (day > 365 || (isJulian && day < 1)) return undefined;
  return isJulian ? { kind: "julian", day } : { kind: "ordinal", day };
}

/** Seconds since 2000-01-01, by local time, at which a change is due. */
function momentOf({ day, seconds }: Change, year: number): number {
  return dayNumber(day, year) * 86_400 + seconds;
}

function dayNumber(rule: RuleDay, year: number): number {
  const first = dayOfDate(year, 1, 1);
  if (rule.kind === "ordinal") return first + rule.day;
  if (rule.kind === "julian") {
    const isLeap = daysInMonth(year, 2) === 29;
    return first + rule.day - (isLeap && rule.day >= 60 ? 0 : 1);
  }
  const start = dayOfDate(year, rule.month, 1);
  // 2000-01-01 was a Saturday.
  const weekday = ((start + 6) % 7 + 7) % 7;
  const day = start + (rule.weekday - weekday + 7) % 7 + (rule.week - 1) * 7;
  return day < start + daysInMonth(year, rule.month) ? day : day - 7;
}
