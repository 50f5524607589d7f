/**
 * The values of `TimeZone`, `DateStyle` and `IntervalStyle`: what SET takes, as
 * SHOW prints it, and what they mean together.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import {
  type DateOrder,
  type DateStyle,
  type DateTimeSettings,
  DEFAULT_DATETIME_SETTINGS,
  type IntervalStyle,
  parseDateStyle,
  type SessionZone,
  sessionZoneOf,
  zoneOfSeconds,
} from "../types/datetime_settings.ts";
import { parseInterval } from "../types/interval_input.ts";

function invalid(name: string, text: string, detail?: string): SqlError {
  return new SqlError(
    "22023",
    `invalid value for parameter "${name}": "${text}"`,
    detail === undefined ? {} : { detail },
  );
}

/** The name of the zone that `SET timezone` was given. */
export function normalizeTimeZone(text: string): string {
  const zone = zoneOf(text);
  if (zone === undefined) throw invalid("TimeZone", text);
  return zone.name;
}

function zoneOf(text: string): SessionZone | undefined {
  const span = /^interval\s*'(.*)'\s*$/is.exec(text);
  if (span === null) return sessionZoneOf(text);
  const { months, days, micros } = parseInterval(span[1]!);
  if (months !== 0) {
    throw invalid(
      "TimeZone",
      text,
      "Cannot specify months in time zone interval.",
    );
  }
  if (days !== 0) {
    throw invalid(
      "TimeZone",
      text,
      "Cannot specify days in time zone interval.",
    );
  }
  return zoneOfSeconds(Math.trunc(Number(micros) / 1_000_000));
}

/** The style and order that `SET datestyle` means, given those in force. */
export function normalizeDateStyle(text: string, current: string): string {
  const read = parseDateStyle(text, splitDateStyle(current));
  if ("error" in read) throw invalid("DateStyle", text, read.error);
  return `${read.dateStyle}, ${read.dateOrder}`;
}

function splitDateStyle(
  text: string,
): { readonly dateStyle: DateStyle; readonly dateOrder: DateOrder } {
  const [dateStyle, dateOrder] = text.split(", ");
  return {
    dateStyle: dateStyle as DateStyle,
    dateOrder: dateOrder as DateOrder,
  };
}

/** What the settings mean; `show` gives the value of one. */
export function datetimeSettingsOf(
  show: (name: string) => string,
): DateTimeSettings {
  return {
    zone: sessionZoneOf(show("timezone"))?.zone ??
      DEFAULT_DATETIME_SETTINGS.zone,
    ...splitDateStyle(show("datestyle")),
    intervalStyle: show("intervalstyle") as IntervalStyle,
  };
}
