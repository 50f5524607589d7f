/**
 * The text of dates and timestamps in the styles of `DateStyle`.
 *
 * | style | `date` | `timestamptz` |
 * | --- | --- | --- |
 * | ISO | `2024-06-01` | `2024-06-01 12:00:00+02` |
 * | SQL | `06/01/2024` | `06/01/2024 12:00:00 CEST` |
 * | Postgres | `06-01-2024` | `Sat Jun 01 12:00:00 2024 CEST` |
 * | German | `01.06.2024` | `01.06.2024 12:00:00 CEST` |
 *
 * @module
 */
import {
  type CivilDate,
  dateOfDay,
  eraSuffix,
  formatDate,
  formatTime,
  splitTimestamp,
  type Timestamp,
} from "./calendar.ts";
import type { DateTimeSettings } from "./datetime_settings.ts";
import {
  abbreviationAt,
  formatOffset,
  offsetAt,
  type TimeZone,
} from "./time_zone/time_zone.ts";

const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function yearOf({ year }: CivilDate): string {
  return String(year > 0 ? year : 1 - year).padStart(4, "0");
}

/** The numbers of a date, era aside. */
function numbersOf(
  date: CivilDate,
  { dateStyle, dateOrder }: DateTimeSettings,
): string {
  if (dateStyle === "ISO") return formatDate(date);
  const day = two(date.day);
  const month = two(date.month);
  if (dateStyle === "German") return `${day}.${month}.${yearOf(date)}`;
  const separator = dateStyle === "SQL" ? "/" : "-";
  const parts = dateOrder === "DMY" ? [day, month] : [month, day];
  return [...parts, yearOf(date)].join(separator);
}

/** The text of a date. */
export function formatStyledDate(
  date: CivilDate,
  settings: DateTimeSettings,
): string {
  return numbersOf(date, settings) + eraSuffix(date);
}

/** The text of a finite timestamp, in `zone` if one is given. */
export function formatStyledTimestamp(
  value: Timestamp,
  settings: DateTimeSettings,
  zone: TimeZone | undefined,
): string {
  const offset = zone === undefined ? 0 : offsetAt(zone, value);
  const split = splitTimestamp(value);
  let { day, micros } = split;
  if (offset !== 0) {
    micros += offset * 1_000_000;
    const days = Math.floor(micros / 86_400_000_000);
    day += days;
    micros -= days * 86_400_000_000;
  }
  const date = dateOfDay(day);
  const time = formatTime(micros);
  if (settings.dateStyle === "ISO") {
    const suffix = zone === undefined ? "" : formatOffset(offset);
    return `${formatDate(date)} ${time}${suffix}${eraSuffix(date)}`;
  }
  const name = zone === undefined ? "" : ` ${abbreviationAt(zone, value)}`;
  if (settings.dateStyle !== "Postgres") {
    return `${numbersOf(date, settings)} ${time}${name}${eraSuffix(date)}`;
  }
  const weekday = DAYS[((day + 6) % 7 + 7) % 7]!;
  const month = MONTHS[date.month - 1]!;
  const dayAndMonth = settings.dateOrder === "DMY"
    ? `${two(date.day)} ${month}`
    : `${month} ${two(date.day)}`;
  return `${weekday} ${dayAndMonth} ${time} ${yearOf(date)}${name}${
    eraSuffix(date)
  }`;
}
