/**
 * Casts between `date`, `timestamp` and `timestamptz`, in the session's time
 * zone, which is UTC.
 *
 * @module
 */
import type { Timestamp } from "./calendar.ts";
import type { CastDefinition } from "./cast_definition.ts";
import type { SqlValue } from "./data_type.ts";
import {
  date,
  dateOfTimestampValue,
  timestamp,
  timestampOfDateValue,
  timestamptz,
} from "./temporal_types.ts";

const midnight = (value: SqlValue): SqlValue =>
  timestampOfDateValue(value as number);
const day = (value: SqlValue): SqlValue =>
  dateOfTimestampValue(value as Timestamp);

/** The casts between dates and times. */
export const temporalCasts: readonly CastDefinition[] = [
  { source: date, target: timestamp, context: "implicit", convert: midnight },
  { source: date, target: timestamptz, context: "implicit", convert: midnight },
  { source: timestamp, target: date, context: "assignment", convert: day },
  { source: timestamptz, target: date, context: "assignment", convert: day },
  {
    source: timestamp,
    target: timestamptz,
    context: "implicit",
    convert: (value) => value,
  },
  {
    source: timestamptz,
    target: timestamp,
    context: "assignment",
    convert: (value) => value,
  },
];
