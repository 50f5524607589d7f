/**
 * RANGE frames with a distance: for which types of the ordering column there is
 * one, and where a frame ends.
 *
 * | column | distance |
 * | --- | --- |
 * | `int2` `int4` `int8` | `int8` |
 * | `float4` `float8` | `float8` |
 * | `numeric` | `numeric` |
 * | `date` `timestamp` `timestamptz` `time` `interval` | `interval` |
 *
 * @module
 */
import type { Timestamp } from "../../types/calendar.ts";
import type { DataType, SqlValue } from "../../types/data_type.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { int2, int4, int8 } from "../../types/int_types.ts";
import { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { Numeric } from "../../types/numeric.ts";
import { add, subtract } from "../../types/numeric_arithmetic.ts";
import { numeric } from "../../types/numeric_type.ts";
import {
  date,
  timestamp,
  timestampOfDateValue,
  timestamptz,
} from "../../types/temporal_types.ts";
import { time } from "../../types/time_type.ts";
import { addInterval } from "../datetime/interval_arithmetic.ts";

/** How a column is ordered by distance. */
export interface RangeOffset {
  /** The type of the distance. */
  readonly offsetType: DataType;
  /** Whether the distance is none: negative, or not a number. */
  isInvalid(distance: SqlValue): boolean;
  /** `key` plus (`sign` 1) or minus (-1) the distance. */
  move(key: SqlValue, distance: SqlValue, sign: number): SqlValue;
  /** The order of a key and what `move` gave. */
  compare(key: SqlValue, bound: SqlValue): number;
}

const integers: RangeOffset = {
  offsetType: int8,
  isInvalid: (distance) => (distance as number) < 0,
  move(key, distance, sign): SqlValue {
    const [a, b] = [key as number | bigint, distance as number | bigint];
    if (typeof a === "number" && typeof b === "number") {
      const sum = a + sign * b;
      if (Number.isSafeInteger(sum)) return sum;
    }
    // Beyond 64 bits there is no key, but the order is right.
    return BigInt(a) + BigInt(sign) * BigInt(b);
  },
  compare: (key, bound) => key < bound ? -1 : key > bound ? 1 : 0,
};

const floats: RangeOffset = {
  offsetType: float8,
  isInvalid: (distance) => !((distance as number) >= 0),
  move: (key, distance, sign) => (key as number) + sign * (distance as number),
  compare: (key, bound) => float8.compare(key, bound),
};

const numerics: RangeOffset = {
  offsetType: numeric,
  isInvalid: (distance) =>
    (distance as Numeric).kind === "nan" ||
    numeric.compare(distance, Numeric.fromInteger(0)) < 0,
  move: (key, distance, sign) =>
    (sign < 0 ? subtract : add)(key as Numeric, distance as Numeric),
  compare: (key, bound) => numeric.compare(key, bound),
};

const NO_TIME: Interval = Interval.of({ months: 0, days: 0, micros: 0 });

function isNegative(distance: SqlValue): boolean {
  return interval.compare(distance, NO_TIME) < 0;
}

function signed(distance: SqlValue, sign: number): Interval {
  const span = distance as Interval;
  if (sign > 0) return span;
  if (!span.isFinite) return Interval.NEGATIVE_INFINITY;
  const { months, days, micros } = span;
  return Interval.of({ months: -months, days: -days, micros: -micros });
}

function timestamps(
  type: DataType,
  timestampOf: (key: SqlValue) => SqlValue,
): RangeOffset {
  return {
    offsetType: interval,
    isInvalid: isNegative,
    move: (key, distance, sign) =>
      addInterval(timestampOf(key) as Timestamp, signed(distance, sign)),
    compare: (key, bound) => type.compare(timestampOf(key), bound),
  };
}

const intervals: RangeOffset = {
  offsetType: interval,
  isInvalid: isNegative,
  move: (key, distance, sign) => (key as Interval).plus(signed(distance, sign)),
  compare: (key, bound) => interval.compare(key, bound),
};

const times: RangeOffset = {
  offsetType: interval,
  isInvalid: isNegative,
  move: (key, distance, sign) =>
    (key as number) + sign * Number((distance as Interval).micros),
  compare: (key, bound) => (key as number) - (bound as number),
};

const OFFSETS: ReadonlyMap<DataType, RangeOffset> = new Map([
  [int2, integers],
  [int4, integers],
  [int8, integers],
  [float4, floats],
  [float8, floats],
  [numeric, numerics],
  [date, timestamps(timestamp, (key) => timestampOfDateValue(key as number))],
  [timestamp, timestamps(timestamp, (key) => key)],
  [timestamptz, timestamps(timestamptz, (key) => key)],
  [interval, intervals],
  [time, times],
]);

/** How columns of that type are ordered by distance, if they are. */
export function rangeOffset(type: DataType): RangeOffset | undefined {
  return OFFSETS.get(type);
}
