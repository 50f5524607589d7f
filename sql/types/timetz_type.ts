/**
 * `timetz` (`time with time zone`): a time of day and an offset from Greenwich.
 *
 * Times order by the moment they name, then by their zone. A value is one
 * integer in the form of `int8` that orders so:
 *
 * | bits | what |
 * | --- | --- |
 * | 17 and up | microseconds since midnight in Greenwich, negative too |
 * | 0 to 16 | seconds west of Greenwich, 65536 added |
 *
 * A zone with rules has an offset only on a day: that of a date in the text, or
 * today where the session's zone is meant.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import { DAY_MICROS, formatTime, splitTimestamp } from "./calendar.ts";
import type { DataType, InputContext, SqlValue } from "./data_type.ts";
import { compareInt8, normalizeInt8 } from "./int_types.ts";
import { textOfJs } from "./js_value.ts";
import { localNow, zoneOfContext } from "./temporal_types.ts";
import { precisionOf, readClock, roundTime } from "./time_type.ts";
import { joinTimestamp, type Timestamp } from "./calendar.ts";
import { formatOffset, offsetOfLocal } from "./time_zone/time_zone.ts";

const TYPE_NAME = "time with time zone";
const ZONE_BITS = 17n;
const ZONE_BIAS = 65_536n;

/** A time of day with its offset. */
export interface ZonedTime {
  /** Microseconds since midnight there. */
  readonly micros: number;
  /** Seconds east of Greenwich. */
  readonly offsetSeconds: number;
}

/** The value of a time of day with its offset. */
export function timetzOf({ micros, offsetSeconds }: ZonedTime): Timestamp {
  const moment = BigInt(micros - offsetSeconds * 1_000_000);
  const west = ZONE_BIAS - BigInt(offsetSeconds);
  return normalizeInt8((moment << ZONE_BITS) | west);
}

/** The time of day and the offset of a value. */
export function zonedTimeOf(value: SqlValue): ZonedTime {
  const bits = BigInt(value as Timestamp);
  const offsetSeconds = Number(
    ZONE_BIAS - (bits & ((1n << ZONE_BITS) - 1n)),
  );
  const micros = Number(bits >> ZONE_BITS) + offsetSeconds * 1_000_000;
  return { micros, offsetSeconds };
}

/** The same moment by the clocks of another offset. */
export function timetzAt(value: SqlValue, offsetSeconds: number): Timestamp {
  if (Math.abs(offsetSeconds) >= ZONE_BIAS) {
    throw new SqlError("22009", "time zone displacement out of range");
  }
  const { micros, offsetSeconds: before } = zonedTimeOf(value);
  const moved = micros + (offsetSeconds - before) * 1_000_000;
  return timetzOf({
    micros: moved >= 0 && moved < DAY_MICROS
      ? moved
      : moved - Math.floor(moved / DAY_MICROS) * DAY_MICROS,
    offsetSeconds,
  });
}

function input(
  text: string,
  typmod: number,
  context?: InputContext,
): Timestamp {
  const parts = readClock(text, TYPE_NAME, context);
  const now = splitTimestamp(localNow(context));
  const day = parts === "now" ? now.day : parts.day ?? now.day;
  const micros = parts === "now" ? now.micros : parts.micros;
  const given = parts === "now" ? undefined : parts.zone;
  const zone = given ?? zoneOfContext(context);
  const offsetSeconds = offsetOfLocal(zone, joinTimestamp(day, micros));
  return fit(timetzOf({ micros, offsetSeconds }), typmod);
}

function fit(value: Timestamp, typmod: number): Timestamp {
  if (typmod < 0 || typmod >= 6) return value;
  const { micros, offsetSeconds } = zonedTimeOf(value);
  return timetzOf({ micros: roundTime(micros, typmod), offsetSeconds });
}

function output(value: SqlValue): string {
  const { micros, offsetSeconds } = zonedTimeOf(value);
  return formatTime(micros) + formatOffset(offsetSeconds);
}

/** `time with time zone`. */
export const timetz: DataType = {
  oid: 1266,
  name: "timetz",
  displayName: TYPE_NAME,
  category: "D",
  preferred: false,
  length: 12,
  storage: "reference",
  input,
  output: (value) => output(value),
  compare: compareInt8 as (a: SqlValue, b: SqlValue) => number,
  hashKey: (value) => value as Timestamp,
  fromJs: (value, context) => input(textOfJs(value), -1, context),
  toJs: (value) => output(value),
  typmodInput: (modifiers) => precisionOf(modifiers, " WITH TIME ZONE"),
  typmodOutput: (typmod) => `(${typmod})`,
  applyTypmod: (value, typmod) => fit(value as Timestamp, typmod),
};
