/**
 * `OVERLAPS`: whether two spans of time share a moment, each given by its ends,
 * in any order, or by an end and a length. The end itself is no part of a span,
 * unless both ends are the same.
 *
 * An end that is NULL is open: the result is known only if it does not depend
 * on it.
 *
 * @module
 */
import { bool } from "../../types/bool_type.ts";
import type { Timestamp } from "../../types/calendar.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import type { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { timestamp, timestamptz } from "../../types/temporal_types.ts";
import { time } from "../../types/time_type.ts";
import { timetz } from "../../types/timetz_type.ts";
import { define } from "../define.ts";
import type { FunctionContext, FunctionDefinition } from "../registry.ts";
import { turn } from "./datetime_functions.ts";
import { addInterval } from "./interval_arithmetic.ts";
import { addInZone, sessionZone } from "./zone_functions.ts";

/** A span: where it starts, and where it ends if that is known. */
type Span = readonly [start: SqlValue, end: Nullable];

function spanOf(type: DataType, a: Nullable, b: Nullable): Span | undefined {
  if (a === null) return b === null ? undefined : [b, null];
  return b !== null && type.compare(a, b) > 0 ? [b, a] : [a, b];
}

function overlaps(type: DataType, values: readonly Nullable[]): Nullable {
  const one = spanOf(type, values[0]!, values[1]!);
  const other = spanOf(type, values[2]!, values[3]!);
  if (one === undefined || other === undefined) return null;
  const order = type.compare(one[0], other[0]);
  if (order === 0) return one[1] === null || other[1] === null ? null : true;
  const [first, second] = order < 0 ? [one, other] : [other, one];
  if (first[1] === null) return null;
  if (type.compare(second[0], first[1]) < 0) return true;
  return second[1] === null ? null : false;
}

type Add = (
  value: SqlValue,
  span: Interval,
  context: FunctionContext,
) => SqlValue;

function overlapping(type: DataType, add: Add): FunctionDefinition[] {
  return [false, true].flatMap((firstSpan) =>
    [false, true].map((secondSpan) =>
      define(
        "overlaps",
        [
          type,
          firstSpan ? interval : type,
          type,
          secondSpan ? interval : type,
        ],
        bool,
        (args, context) => {
          const end = (place: number, isSpan: boolean): Nullable => {
            const [start, given] = [args[place]!, args[place + 1]!];
            if (!isSpan || given === null) return given;
            return start === null
              ? null
              : add(start, given as Interval, context);
          };
          return overlaps(type, [
            args[0]!,
            end(0, firstSpan),
            args[2]!,
            end(2, secondSpan),
          ]);
        },
        {
          strict: false,
          volatility: type === timestamptz && (firstSpan || secondSpan)
            ? "stable"
            : "immutable",
        },
      )
    )
  );
}

/** Of times with a zone there is only the form of four times. */
const overlappingTimes = define(
  "overlaps",
  [timetz, timetz, timetz, timetz],
  bool,
  (args) => overlaps(timetz, args),
  { strict: false },
);

/** `overlaps`, which OVERLAPS calls. */
export const overlapsFunctions: readonly FunctionDefinition[] = [
  ...overlapping(
    timestamp,
    (value, span) => addInterval(value as Timestamp, span),
  ),
  ...overlapping(
    timestamptz,
    (value, span, context) =>
      addInZone(value as Timestamp, span, sessionZone(context)),
  ),
  overlappingTimes,
  ...overlapping(time, (value, span) => turn(value as number, span)),
];
