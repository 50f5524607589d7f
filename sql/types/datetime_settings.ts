/**
 * How a session reads and writes dates and times: the settings `TimeZone`,
 * `DateStyle` and `IntervalStyle`.
 *
 * @module
 */
import { findNamedZone, type TimeZone, UTC } from "./time_zone/time_zone.ts";

/** How dates look. */
export type DateStyle = "ISO" | "SQL" | "Postgres" | "German";

/** Which of three numbers of a date is which. */
export type DateOrder = "MDY" | "DMY" | "YMD";

/** How intervals look. */
export type IntervalStyle =
  | "postgres"
  | "postgres_verbose"
  | "sql_standard"
  | "iso_8601";

/** The names of {@linkcode IntervalStyle}. */
export const INTERVAL_STYLES: readonly IntervalStyle[] = [
  "postgres",
  "postgres_verbose",
  "sql_standard",
  "iso_8601",
];

/** How a session reads and writes dates and times. */
export interface DateTimeSettings {
  /** The session's time zone. */
  readonly zone: TimeZone;
  /** How dates look. */
  readonly dateStyle: DateStyle;
  /** In which order their numbers are. */
  readonly dateOrder: DateOrder;
  /** How intervals look. */
  readonly intervalStyle: IntervalStyle;
}

/** `UTC`, `ISO, MDY`, `postgres`. */
export const DEFAULT_DATETIME_SETTINGS: DateTimeSettings = {
  zone: UTC,
  dateStyle: "ISO",
  dateOrder: "MDY",
  intervalStyle: "postgres",
};

/** What `SET datestyle` says, or why it says nothing. */
export type DateStyleReading =
  | { readonly dateStyle: DateStyle; readonly dateOrder: DateOrder }
  | { readonly error: string };

/** Reads `SQL, DMY` and its kin; what is not said stays as it is. */
export function parseDateStyle(
  text: string,
  current: { readonly dateStyle: DateStyle; readonly dateOrder: DateOrder },
): DateStyleReading {
  let style: DateStyle | undefined;
  let order: DateOrder | undefined;
  let implied: DateOrder | undefined;
  for (const part of text.split(",")) {
    const word = part.trim().replace(/^"(.*)"$/, "$1").toUpperCase();
    if (word === "") return { error: "List syntax is invalid." };
    const newStyle = styleOf(word);
    const newOrder = orderOf(word);
    if (word === "DEFAULT") {
      style ??= DEFAULT_DATETIME_SETTINGS.dateStyle;
      order ??= DEFAULT_DATETIME_SETTINGS.dateOrder;
    } else if (newStyle !== undefined) {
      if (style !== undefined && style !== newStyle) return CONFLICT;
      style = newStyle;
      if (newStyle === "German") implied = "DMY";
    } else if (newOrder !== undefined) {
      if (order !== undefined && order !== newOrder) return CONFLICT;
      order = newOrder;
    } else {
      return { error: `Unrecognized key word: "${part.trim()}".` };
    }
  }
  return {
    dateStyle: style ?? current.dateStyle,
    dateOrder: order ?? implied ?? current.dateOrder,
  };
}

const CONFLICT = { error: 'Conflicting "DateStyle" specifications.' };

function styleOf(word: string): DateStyle | undefined {
  if (word === "ISO" || word === "SQL") return word;
  if (word.startsWith("POSTGRES")) return "Postgres";
  return word === "GERMAN" ? "German" : undefined;
}

function orderOf(word: string): DateOrder | undefined {
  if (word === "YMD") return "YMD";
  if (word === "DMY" || word.startsWith("EURO")) return "DMY";
  return word === "MDY" || word === "US" || word.startsWith("NONEURO")
    ? "MDY"
    : undefined;
}

/** A session's zone with the name that SHOW gives. */
export interface SessionZone {
  /** The name. */
  readonly name: string;
  /** The zone. */
  readonly zone: TimeZone;
}

/**
 * The zone of `SET timezone`: a name, a POSIX specification, or hours east of
 * Greenwich (`-7`); `undefined` if it is none of them. Abbreviations are none.
 */
export function sessionZoneOf(text: string): SessionZone | undefined {
  const hours = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*$/.test(text)
    ? Number(text)
    : undefined;
  if (hours !== undefined) return zoneOfSeconds(Math.trunc(hours * 3600));
  const zone = findNamedZone(text);
  if (zone === undefined) return undefined;
  return { name: zone.kind === "fixed" ? canonical(text) : zone.name, zone };
}

/** Universal time has several names. */
function canonical(text: string): string {
  return text.includes("/") ? "Etc/UTC" : "UTC";
}

/** The zone that is so many seconds east of Greenwich, named as POSIX does. */
export function zoneOfSeconds(seconds: number): SessionZone | undefined {
  if (Math.abs(seconds) > 168 * 3600) return undefined;
  const absolute = Math.abs(seconds);
  const parts = [absolute / 3600, absolute % 3600 / 60, absolute % 60]
    .map((part) => String(Math.floor(part)).padStart(2, "0"));
  while (parts.length > 1 && parts.at(-1) === "00") parts.pop();
  const digits = parts.join(":");
  const name = seconds >= 0
    ? `<+${digits}>-${digits}`
    : `<-${digits}>+${digits}`;
  const zone = findNamedZone(name);
  return zone === undefined ? undefined : { name, zone };
}
