/**
 * `date`, `timestamp` and `timestamptz`.
 *
 * | type | value |
 * | --- | --- |
 * | `date` | days since 2000-01-01; 2147483647 and -2147483648 are the infinities |
 * | `timestamp` | microseconds since 2000-01-01 00:00, `Infinity`, `-Infinity` |
 * | `timestamptz` | the same, since 2000-01-01 00:00 UTC |
 *
 * A `timestamptz` without a zone is read, and every one printed, in the time
 * zone of the session; where there is no session, in UTC.
 *
 * A `Date` of JavaScript counts milliseconds: `toJs` cuts microseconds off
 * (towards the past), as node-postgres does; select `x::text` to see them all.
 * `infinity` becomes the number `Infinity`; moments outside of a `Date`'s range
 * (years beyond ±271821) become text. A `date` is given as text, `2024-01-02`,
 * because a `Date` would name another day in another zone.
 *
 * @module
 */
import { systemEnvironment } from "../../base/environment.ts";
import { SqlError } from "../errors/sql_error.ts";
import {
  DATE_END,
  dateOfDay,
  DAY_MICROS,
  DAY_MIN,
  EPOCH_MS,
  isInfinite,
  isTimestampInRange,
  joinTimestamp,
  splitTimestamp,
  type Timestamp,
} from "./calendar.ts";
import type { DataType, InputContext, SqlValue } from "./data_type.ts";
import { type DateTimeReading, parseDateTime } from "./datetime_input.ts";
import { compareInt8, normalizeInt8 } from "./int_types.ts";
import { textOfJs } from "./js_value.ts";
import {
  type DateTimeSettings,
  DEFAULT_DATETIME_SETTINGS,
} from "./datetime_settings.ts";
import { formatStyledDate, formatStyledTimestamp } from "./datetime_output.ts";
import {
  offsetAt,
  offsetOfLocal,
  type TimeZone,
  UTC,
} from "./time_zone/time_zone.ts";

/** The date after all dates. */
export const DATE_INFINITY = 2_147_483_647;
/** The date before all dates. */
export const DATE_NEGATIVE_INFINITY = -2_147_483_648;

/** Microseconds since 2000-01-01 by the system's clock. */
export function systemNow(): number {
  return Math.round((systemEnvironment.now() - EPOCH_MS) * 1000);
}

function nowOf(context: InputContext | undefined): Timestamp {
  return context?.now() ?? systemNow();
}

/** `22008`: outside of the range of timestamps. */
export function timestampOutOfRange(text?: string): SqlError {
  return new SqlError(
    "22008",
    text === undefined
      ? "timestamp out of range"
      : `timestamp out of range: "${text}"`,
  );
}

/** The timestamp, or `22008` if PostgreSQL has none such. */
export function checkTimestamp(value: Timestamp, text?: string): Timestamp {
  if (isInfinite(value)) return value;
  if (!isTimestampInRange(value)) throw timestampOutOfRange(text);
  return value;
}

/** The local time that the parts name, zone aside. */
function localOf(
  parts: DateTimeReading & { readonly kind: "day" | "date" },
  context: InputContext | undefined,
): Timestamp {
  const day = parts.kind === "date" ? parts.day : today(context) + parts.offset;
  return joinTimestamp(day, parts.micros);
}

/** Adds microseconds, beyond safe integers too. */
export function addMicros(value: Timestamp, micros: number): Timestamp {
  if (isInfinite(value)) return value;
  if (typeof value === "number") {
    const sum = value + micros;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return normalizeInt8(BigInt(value) + BigInt(micros));
}

/** The session's zone. */
export function zoneOfContext(context: InputContext | undefined): TimeZone {
  return context?.datetime?.zone ?? UTC;
}

/** The local time in a zone of a moment. */
export function toLocal(zone: TimeZone, value: Timestamp): Timestamp {
  if (isInfinite(value)) return value;
  return checkTimestamp(addMicros(value, offsetAt(zone, value) * 1_000_000));
}

/** The moment of a local time in a zone. */
export function fromLocal(zone: TimeZone, value: Timestamp): Timestamp {
  if (isInfinite(value)) return value;
  return checkTimestamp(
    addMicros(value, -offsetOfLocal(zone, value) * 1_000_000),
  );
}

/** Now, by the clocks of the session's zone. */
export function localNow(context: InputContext | undefined): Timestamp {
  return toLocal(zoneOfContext(context), nowOf(context));
}

/** Today's day in the session's zone. */
function today(context: InputContext | undefined): number {
  return splitTimestamp(localNow(context)).day;
}

function readTimestamp(
  text: string,
  typeName: string,
  context: InputContext | undefined,
): Timestamp {
  const parts = parseDateTime(text, typeName, context?.datetime);
  const isLocal = typeName === "timestamp";
  switch (parts.kind) {
    case "infinity":
      return Infinity;
    case "-infinity":
      return -Infinity;
    case "epoch":
      return -EPOCH_MS * 1000;
    case "now":
      return isLocal ? localNow(context) : nowOf(context);
    case "day":
    case "date": {
      const local = localOf(parts, context);
      if (isLocal) return checkTimestamp(local, text);
      const zone = parts.zone ?? zoneOfContext(context);
      const offset = offsetOfLocal(zone, local);
      return checkTimestamp(addMicros(local, -offset * 1_000_000), text);
    }
  }
}

/** Rounds to `precision` decimals of a second, half away from 2000-01-01. */
function roundTo(value: Timestamp, precision: number): Timestamp {
  if (precision >= 6 || isInfinite(value)) return value;
  const unit = 10 ** (6 - precision);
  const { day, micros } = splitTimestamp(value);
  const half = Number(value < 0) && micros % unit === unit / 2 ? 0 : unit / 2;
  return joinTimestamp(day, Math.floor((micros + half) / unit) * unit);
}

/** The text of a timestamp without a zone. */
export function formatTimestamp(
  value: Timestamp,
  settings?: DateTimeSettings,
  zone?: TimeZone,
): string {
  if (isInfinite(value)) return value === Infinity ? "infinity" : "-infinity";
  return formatStyledTimestamp(
    value,
    settings ?? DEFAULT_DATETIME_SETTINGS,
    zone,
  );
}

/** Microseconds since 2000-01-01 of a `Date`. */
function timestampOfDate(date: Date): Timestamp {
  const ms = date.getTime() - EPOCH_MS;
  const day = Math.floor(ms / 86_400_000);
  return joinTimestamp(day, (ms - day * 86_400_000) * 1000);
}

function dateOfTimestamp(value: Timestamp): unknown {
  if (isInfinite(value)) return value;
  const { day, micros } = splitTimestamp(value);
  const ms = EPOCH_MS + day * 86_400_000 + Math.floor(micros / 1000);
  if (Math.abs(ms) > 8.64e15) return undefined;
  return new Date(ms);
}

function typmodInput(modifiers: readonly number[], suffix: string): number {
  const [precision] = modifiers;
  if (precision === undefined || modifiers.length > 1) {
    throw new SqlError("22023", "invalid type modifier");
  }
  if (precision < 0) {
    throw new SqlError(
      "22023",
      `TIMESTAMP(${precision})${suffix} precision must not be negative`,
    );
  }
  return Math.min(precision, 6);
}

function timestampType(withZone: boolean): DataType {
  const suffix = withZone ? " WITH TIME ZONE" : "";
  const typeName = withZone ? "timestamp with time zone" : "timestamp";
  const output = (value: SqlValue, settings?: DateTimeSettings): string =>
    formatTimestamp(
      value as Timestamp,
      settings,
      withZone ? settings?.zone ?? UTC : undefined,
    );
  const input = (
    text: string,
    typmod: number,
    context?: InputContext,
  ): SqlValue => {
    const value = readTimestamp(text, typeName, context);
    return typmod < 0 ? value : roundTo(value, typmod);
  };
  return {
    oid: withZone ? 1184 : 1114,
    name: withZone ? "timestamptz" : "timestamp",
    displayName: withZone
      ? "timestamp with time zone"
      : "timestamp without time zone",
    category: "D",
    preferred: withZone,
    length: 8,
    storage: "reference",
    input,
    output,
    compare: compareInt8 as (a: SqlValue, b: SqlValue) => number,
    hashKey: (value) => value as Timestamp,
    fromJs(value: unknown, context?: InputContext): SqlValue {
      if (value instanceof Date && !Number.isNaN(value.getTime())) {
        return checkTimestamp(timestampOfDate(value));
      }
      if (value === Infinity || value === -Infinity) return value;
      return input(textOfJs(value), -1, context);
    },
    toJs: (value) => dateOfTimestamp(value as Timestamp) ?? output(value),
    typmodInput: (modifiers) => typmodInput(modifiers, suffix),
    typmodOutput: (typmod) => `(${typmod})`,
    applyTypmod: (value, typmod) => roundTo(value as Timestamp, typmod),
  };
}

/** `timestamp without time zone`. */
export const timestamp: DataType = timestampType(false);

/** `timestamp with time zone`. */
export const timestamptz: DataType = timestampType(true);

/** The day of a timestamp. */
export function dateOfTimestampValue(value: Timestamp): number {
  if (value === Infinity) return DATE_INFINITY;
  if (value === -Infinity) return DATE_NEGATIVE_INFINITY;
  return splitTimestamp(value).day;
}

/** Midnight of a day; `22008` when timestamps do not reach it. */
export function timestampOfDateValue(day: number): Timestamp {
  if (day === DATE_INFINITY) return Infinity;
  if (day === DATE_NEGATIVE_INFINITY) return -Infinity;
  const value = joinTimestamp(day, 0);
  if (!isTimestampInRange(value)) {
    throw new SqlError("22008", "date out of range for timestamp");
  }
  return value;
}

function readDate(text: string, context: InputContext | undefined): number {
  const parts = parseDateTime(text, "date", context?.datetime);
  switch (parts.kind) {
    case "infinity":
      return DATE_INFINITY;
    case "-infinity":
      return DATE_NEGATIVE_INFINITY;
    case "epoch":
      return -EPOCH_MS / 86_400_000;
    case "now":
      return today(context);
    case "day":
      return today(context) + parts.offset;
    case "date":
      if (parts.day < DAY_MIN || parts.day >= DATE_END) {
        throw new SqlError("22008", `date out of range: "${text}"`);
      }
      return parts.day;
  }
}

/** The text of a day. */
export function formatDay(
  day: number,
  settings: DateTimeSettings = DEFAULT_DATETIME_SETTINGS,
): string {
  if (day === DATE_INFINITY) return "infinity";
  if (day === DATE_NEGATIVE_INFINITY) return "-infinity";
  return formatStyledDate(dateOfDay(day), settings);
}

/** `date`. */
export const date: DataType = {
  oid: 1082,
  name: "date",
  displayName: "date",
  category: "D",
  preferred: false,
  length: 4,
  storage: "int32",
  input: (text, _typmod, context) => readDate(text, context),
  output: (value, settings) => formatDay(value as number, settings),
  compare: (a, b) => (a as number) - (b as number),
  hashKey: (value) => value as number,
  fromJs(value: unknown, context?: InputContext): SqlValue {
    if (value instanceof Date && !Number.isNaN(value.getTime())) {
      return Math.floor((value.getTime() - EPOCH_MS) * 1000 / DAY_MICROS);
    }
    return readDate(textOfJs(value), context);
  },
  toJs: (value) => formatDay(value as number),
};
