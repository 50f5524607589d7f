/**
 * Dates and times as items of a `jsonpath`: what `.datetime()` and its kin make
 * of texts, and how they compare.
 *
 * What depends on the session's time zone is an error but in the functions that
 * have `_tz` in their names.
 *
 * @module
 */
import { KriyaError } from "../../../../base/errors.ts";
import { SqlError } from "../../../errors/sql_error.ts";
import {
  joinTimestamp,
  splitTimestamp,
  type Timestamp,
} from "../../../types/calendar.ts";
import type { DataType, SqlValue } from "../../../types/data_type.ts";
import type {
  PathMoment as MomentMethod,
  PathStep,
} from "../../../types/jsonpath/path_syntax.ts";
import {
  addMicros,
  date,
  dateOfTimestampValue,
  fromLocal,
  timestamp,
  timestampOfDateValue,
  timestamptz,
  toLocal,
} from "../../../types/temporal_types.ts";
import { time } from "../../../types/time_type.ts";
import {
  formatOffset,
  offsetAt,
  offsetOfLocal,
  type TimeZone,
  UTC,
} from "../../../types/time_zone/time_zone.ts";
import { timetz, timetzOf, zonedTimeOf } from "../../../types/timetz_type.ts";
import type { FunctionContext } from "../../definition.ts";
import { NO_CONTEXT } from "../../no_context.ts";
import { readStandardDateTime } from "../../formatting/standard_datetime.ts";

/** The session's zone, and whether a path may look at it. */
export interface PathZone {
  readonly zone: TimeZone;
  readonly isUsed: boolean;
  /** Now, for times of day whose zone has rules. */
  readonly now: Timestamp;
}

/** What a path of a statement knows of zones. */
export function pathZoneOf(
  context: FunctionContext,
  isUsed: boolean,
): PathZone {
  return {
    isUsed,
    get zone(): TimeZone {
      checkSession(context);
      return context.datetime?.zone ?? UTC;
    },
    get now(): Timestamp {
      checkSession(context);
      return context.transactionTimestamp;
    },
  };
}

/** What asks for a session is not computed while a statement is planned. */
function checkSession(context: FunctionContext): void {
  if (context !== NO_CONTEXT) return;
  throw new KriyaError("internal", "A path asked for the session's zone");
}

/** A date or time as an item. */
export class MomentItem {
  readonly type: DataType;
  readonly value: SqlValue;
  /** Seconds east of Greenwich that it is shown with. */
  readonly offsetSeconds: number;

  constructor(type: DataType, value: SqlValue, offsetSeconds = 0) {
    this.type = type;
    this.value = value;
    this.offsetSeconds = offsetSeconds;
  }

  /** As ISO 8601 writes it. */
  toString(): string {
    if (this.type === timestamp) return withT(this.type.output(this.value));
    if (this.type === timetz) {
      const { micros } = zonedTimeOf(this.value);
      return time.output(micros) + isoOffset(this.offsetSeconds);
    }
    if (this.type !== timestamptz) return this.type.output(this.value);
    const local = addMicros(
      this.value as Timestamp,
      this.offsetSeconds * 1_000_000,
    );
    return isoTimestamp(local, isoOffset(this.offsetSeconds));
  }
}

/** An offset with its minutes. */
function isoOffset(offsetSeconds: number): string {
  const text = formatOffset(offsetSeconds);
  return text.includes(":") ? text : `${text}:00`;
}

function withT(text: string): string {
  return text.replace(" ", "T");
}

/** The zone stands before the era. */
function isoTimestamp(local: Timestamp, offset: string): string {
  const text = withT(timestamp.output(local));
  return text.endsWith(" BC")
    ? `${text.slice(0, -3)}${offset} BC`
    : text + offset;
}

/** Templates that are tried where none is given. */
const TEMPLATES = [
  "yyyy-mm-dd",
  "HH24:MI:SS.USTZ",
  "HH24:MI:SSTZ",
  "HH24:MI:SS.US",
  "HH24:MI:SS",
  "yyyy-mm-dd HH24:MI:SS.USTZ",
  "yyyy-mm-dd HH24:MI:SSTZ",
  'yyyy-mm-dd"T"HH24:MI:SS.USTZ',
  'yyyy-mm-dd"T"HH24:MI:SSTZ',
  "yyyy-mm-dd HH24:MI:SS.US",
  "yyyy-mm-dd HH24:MI:SS",
  'yyyy-mm-dd"T"HH24:MI:SS.US',
  'yyyy-mm-dd"T"HH24:MI:SS',
];

const TARGETS: Readonly<Partial<Record<string, DataType>>> = {
  date,
  time,
  "time_tz": timetz,
  timestamp,
  "timestamp_tz": timestamptz,
};

/** Whether a method makes dates and times. */
export function isMomentMethod(name: string): name is MomentMethod {
  return name === "datetime" || TARGETS[name] !== undefined;
}

function notRecognized(name: string, text: string): SqlError {
  return new SqlError(
    "22031",
    `${name} format is not recognized: "${text}"`,
    name === "datetime"
      ? {
        hint:
          "Use a datetime template argument to specify the input data format.",
      }
      : {},
  );
}

function readByTemplates(name: string, text: string): MomentItem {
  for (const template of TEMPLATES) {
    try {
      return read(text, template);
    } catch (error) {
      const isOther = error instanceof SqlError && /^22/.test(error.code);
      if (!isOther) throw error;
    }
  }
  throw notRecognized(name, text);
}

function read(text: string, template: string): MomentItem {
  const { type, value, offsetSeconds } = readStandardDateTime(text, template);
  return new MomentItem(type, value, offsetSeconds);
}

/** The date or time that a method makes of a text. */
export function momentOfText(
  { name, args, template }: Extract<PathStep, { kind: "method" }>,
  text: string,
  zone: PathZone,
): MomentItem {
  const moment = template === undefined
    ? readByTemplates(name, text)
    : read(text, template);
  const target = TARGETS[name];
  if (target === undefined) return moment;
  const made = converted(moment, target, zone);
  if (made === undefined) throw notRecognized(name, text);
  const [precision] = args;
  if (precision === undefined) return made;
  const typmod = Math.min(precision, 6);
  const isExplicit = true;
  return new MomentItem(
    made.type,
    made.type.applyTypmod!(made.value, typmod, isExplicit),
    made.offsetSeconds,
  );
}

function checkZone(from: DataType, to: DataType, { isUsed }: PathZone): void {
  if (isUsed) return;
  throw new SqlError(
    "0A000",
    `cannot convert value from ${from.name} to ${to.name} ` +
      "without time zone usage",
    { hint: "Use *_tz() function for time zone support." },
  );
}

/** The item as another type; `undefined`: it is not of that kind. */
function converted(
  item: MomentItem,
  to: DataType,
  zone: PathZone,
): MomentItem | undefined {
  const { type: from } = item;
  if (from === to) return item;
  const isTimeOnly = from === time || from === timetz;
  const isZoned = from === timetz || from === timestamptz;
  const wantsTime = to === time || to === timetz;
  if (isTimeOnly !== wantsTime && (isTimeOnly || from === date)) return;
  if (to === timetz && from === timestamp) return;
  const becomesZoned = to === timetz || to === timestamptz;
  if (isZoned !== becomesZoned) checkZone(from, to, zone);
  if (isTimeOnly) return timeAs(item, zone);
  const moment = from === date
    ? timestampOfDateValue(item.value as number)
    : item.value as Timestamp;
  const local = isZoned ? toLocal(zone.zone, moment) : moment;
  if (to === date) return new MomentItem(date, dateOfTimestampValue(local));
  const { micros } = splitTimestamp(local);
  if (to === time) return new MomentItem(time, micros);
  if (to === timestamp) return new MomentItem(timestamp, local);
  if (to === timestamptz) {
    const offset = offsetOfLocal(zone.zone, local);
    return new MomentItem(timestamptz, fromLocal(zone.zone, local), offset);
  }
  const offsetSeconds = offsetAt(zone.zone, moment);
  return new MomentItem(
    timetz,
    timetzOf({ micros, offsetSeconds }),
    offsetSeconds,
  );
}

/** A time of day with the session's zone, or without one. */
function timeAs({ type, value }: MomentItem, zone: PathZone): MomentItem {
  if (type === timetz) return new MomentItem(time, zonedTimeOf(value).micros);
  const micros = value as number;
  const today = splitTimestamp(toLocal(zone.zone, zone.now)).day;
  const offsetSeconds = offsetOfLocal(zone.zone, joinTimestamp(today, micros));
  return new MomentItem(
    timetz,
    timetzOf({ micros, offsetSeconds }),
    offsetSeconds,
  );
}

/** Which of two types both can be. */
const WIDTH: readonly DataType[] = [date, timestamp, timestamptz];

/** The value as another type; days beyond its range come before or after all. */
function comparable(
  item: MomentItem,
  wide: DataType,
  zone: PathZone,
): SqlValue {
  try {
    return converted(item, wide, zone)!.value;
  } catch (error) {
    const isBeyond = error instanceof SqlError && error.code === "22008";
    if (!isBeyond || item.type !== date) throw error;
    return (item.value as number) > 0 ? Infinity : -Infinity;
  }
}

/** How two of them are ordered; `null`: not at all. */
export function compareMoments(
  a: MomentItem,
  b: MomentItem,
  zone: PathZone,
): number | null {
  const isTime = (item: MomentItem): boolean => !WIDTH.includes(item.type);
  if (isTime(a) !== isTime(b)) return null;
  const rank = (item: MomentItem): number =>
    isTime(item) ? Number(item.type === timetz) : WIDTH.indexOf(item.type);
  const wide = rank(a) >= rank(b) ? a.type : b.type;
  const left = comparable(a, wide, zone);
  const right = comparable(b, wide, zone);
  return wide.compare(left, right);
}
