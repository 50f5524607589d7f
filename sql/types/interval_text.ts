/**
 * The text form of intervals: `1 year 2 mons -3 days +04:05:06.7`.
 *
 * @module
 */
import { formatTime } from "./calendar.ts";
import type { Interval } from "./interval.ts";

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
  const { hours, hourMicros, micros } = value;
  if (micros !== 0 || parts.length === 0) {
    const sign = micros < 0 ? "-" : isBefore ? "+" : "";
    const clock = formatTime(Math.abs(hourMicros)).slice(2);
    parts.push(sign + String(Math.abs(hours)).padStart(2, "0") + clock);
  }
  return parts.join(" ");
}
