/**
 * The text of intervals in the styles of `IntervalStyle`.
 *
 * | style | one year, two months, three days, four hours |
 * | --- | --- |
 * | postgres | `1 year 2 mons 3 days 04:00:00` |
 * | postgres_verbose | `@ 1 year 2 mons 3 days 4 hours` |
 * | sql_standard | `+1-2 +3 +4:00:00` |
 * | iso_8601 | `P1Y2M3DT4H` |
 *
 * @module
 */
import type { IntervalStyle } from "./datetime_settings.ts";
import type { Interval } from "./interval.ts";
import { formatInterval } from "./interval_text.ts";

/** The parts of an interval, each with its sign. */
interface Parts {
  readonly years: number;
  readonly months: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  /** Microseconds below a minute. */
  readonly micros: number;
}

/** The text of an interval; default: `postgres`. */
export function formatStyledInterval(
  value: Interval,
  style: IntervalStyle = "postgres",
): string {
  if (style === "postgres" || !value.isFinite) return formatInterval(value);
  const parts: Parts = {
    years: Math.trunc(value.months / 12),
    months: value.months % 12 + 0,
    days: value.days,
    hours: value.hours,
    minutes: Math.trunc(value.hourMicros / 60_000_000),
    micros: value.hourMicros % 60_000_000 + 0,
  };
  switch (style) {
    case "postgres_verbose":
      return verbose(parts);
    case "sql_standard":
      return standard(parts);
    case "iso_8601":
      return iso(parts);
  }
}

/** `6`, `6.7`: seconds without a sign. */
function secondsOf(micros: number): string {
  const absolute = Math.abs(micros);
  const whole = String(Math.floor(absolute / 1_000_000));
  const rest = absolute % 1_000_000;
  if (rest === 0) return whole;
  return `${whole}.${String(rest).padStart(6, "0").replace(/0+$/, "")}`;
}

/** The same with two digits before the point. */
function twoDigitSeconds(micros: number): string {
  const text = secondsOf(micros);
  return /^\d(?:\.|$)/.test(text) ? `0${text}` : text;
}

function two(value: number): string {
  return String(Math.abs(value)).padStart(2, "0");
}

function verbose(
  { years, months, days, hours, minutes, micros }: Parts,
): string {
  let text = "@";
  let isBefore: boolean | undefined;
  const sign = (isNegative: boolean): string => {
    isBefore ??= isNegative;
    return isNegative === isBefore ? "" : "-";
  };
  const add = (value: number, unit: string): void => {
    if (value === 0) return;
    const shown = `${sign(value < 0)}${Math.abs(value)}`;
    text += ` ${shown} ${unit}${shown === "1" ? "" : "s"}`;
  };
  add(years, "year");
  add(months, "mon");
  add(days, "day");
  add(hours, "hour");
  add(minutes, "min");
  if (micros !== 0) {
    const one = Math.abs(micros) === 1_000_000;
    text += ` ${sign(micros < 0)}${secondsOf(micros)} sec${one ? "" : "s"}`;
  }
  if (isBefore === undefined) return "@ 0";
  return isBefore ? `${text} ago` : text;
}

function standard(parts: Parts): string {
  const { years, months, days, hours, minutes, micros } = parts;
  const values = Object.values(parts) as number[];
  const isNegative = values.some((value) => value < 0);
  const isPositive = values.some((value) => value > 0);
  if (!isNegative && !isPositive) return "0";
  const hasMonths = years !== 0 || months !== 0;
  const hasTime = [days, hours, minutes, micros].some((value) => value !== 0);
  const clock = `${Math.abs(hours)}:${two(minutes)}:${twoDigitSeconds(micros)}`;
  if ((isNegative && isPositive) || (hasMonths && hasTime)) {
    const signOf = (...of: number[]): string =>
      of.some((value) => value < 0) ? "-" : "+";
    return `${signOf(years, months)}${Math.abs(years)}-${Math.abs(months)} ` +
      `${signOf(days)}${Math.abs(days)} ` +
      `${signOf(hours, minutes, micros)}${clock}`;
  }
  const sign = isNegative ? "-" : "";
  if (hasMonths) return `${sign}${Math.abs(years)}-${Math.abs(months)}`;
  return days === 0 ? sign + clock : `${sign}${Math.abs(days)} ${clock}`;
}

function iso({ years, months, days, hours, minutes, micros }: Parts): string {
  const part = (value: number, unit: string): string =>
    value === 0 ? "" : `${value}${unit}`;
  const date = part(years, "Y") + part(months, "M") + part(days, "D");
  const seconds = micros === 0
    ? ""
    : `${micros < 0 ? "-" : ""}${secondsOf(micros)}S`;
  const time = part(hours, "H") + part(minutes, "M") + seconds;
  if (date === "" && time === "") return "PT0S";
  return `P${date}${time === "" ? "" : `T${time}`}`;
}
