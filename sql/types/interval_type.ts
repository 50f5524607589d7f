/**
 * `interval`, with the fields and precision of `interval day to second(3)`.
 *
 * Its typmod is PostgreSQL's: `(fields << 16) | precision`, all fields being
 * 0x7fff and no precision 0xffff. It matters to the input, too: `interval '1'
 * day` is a day, not a second, so that the input must be given the typmod.
 *
 * In JavaScript an interval is its text.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { DataType, InputContext, SqlValue } from "./data_type.ts";
import { Interval } from "./interval.ts";
import { formatStyledInterval } from "./interval_output.ts";
import { parseInterval } from "./interval_input.ts";
import { formatInterval } from "./interval_text.ts";
import { textOfJs } from "./js_value.ts";

const ALL_FIELDS = 0x7fff;
const NO_PRECISION = 0xffff;

/** Bits of the fields, as the grammar gives them. */
const MONTH = 1 << 1;
const YEAR = 1 << 2;
const DAY = 1 << 3;
const HOUR = 1 << 10;
const MINUTE = 1 << 11;
const SECOND = 1 << 12;

/** The smallest field that is asked for. */
function lastUnit(
  typmod: number,
): "second" | "minute" | "hour" | "day" | "month" | "year" {
  const fields = typmod < 0 ? ALL_FIELDS : (typmod >> 16) & ALL_FIELDS;
  if ((fields & SECOND) !== 0) return "second";
  if ((fields & MINUTE) !== 0) return "minute";
  if ((fields & HOUR) !== 0) return "hour";
  if ((fields & DAY) !== 0) return "day";
  return (fields & MONTH) !== 0 ? "month" : "year";
}

function typmodInput(modifiers: readonly number[]): number {
  const [fields, precision] = modifiers;
  if (fields === undefined || modifiers.length > 2) {
    throw new SqlError("22023", "invalid INTERVAL type modifier");
  }
  if (precision === undefined) {
    return fields === ALL_FIELDS ? -1 : (fields << 16) | NO_PRECISION;
  }
  if (precision < 0) {
    throw new SqlError(
      "22023",
      `INTERVAL(${precision}) precision must not be negative`,
    );
  }
  return (fields << 16) | Math.min(precision, 6);
}

/** The names of field sets, as `format_type` spells them. */
function fieldNames(fields: number): string {
  const names = ([
    [YEAR, "year"],
    [MONTH, "month"],
    [DAY, "day"],
    [HOUR, "hour"],
    [MINUTE, "minute"],
    [SECOND, "second"],
  ] as const).filter(([bit]) => (fields & bit) !== 0).map(([, name]) => name);
  if (names.length === 6 || names.length === 0) return "";
  return names.length === 1
    ? ` ${names[0]}`
    : ` ${names[0]} to ${names.at(-1)}`;
}

/** Cuts off what is smaller than the fields asked for, and rounds. */
function fit(value: Interval, typmod: number): Interval {
  if (!value.isFinite) return value;
  const precision = typmod & 0xffff;
  const { months, micros, hourMicros } = value;
  switch (lastUnit(typmod)) {
    case "year":
      return Interval.of({ months: months - months % 12, days: 0, micros: 0 });
    case "month":
      return Interval.of({ months, days: 0, micros: 0 });
    case "day":
      return value.withMicros(0);
    case "hour":
      return value.withMicros(BigInt(micros) - BigInt(hourMicros));
    case "minute":
      return value.withMicros(BigInt(micros) - BigInt(hourMicros % 60_000_000));
    case "second":
      return precision < 6
        ? value.withMicros(
          roundTo(BigInt(micros), 10n ** BigInt(6 - precision)),
        )
        : value;
  }
}

/** The nearest multiple, half away from zero. */
function roundTo(micros: bigint, unit: bigint): bigint {
  return (micros < 0n ? micros - unit / 2n : micros + unit / 2n) / unit * unit;
}

function input(
  text: string,
  typmod: number,
  context?: InputContext,
): SqlValue {
  const fields = typmod < 0 ? ALL_FIELDS : (typmod >> 16) & ALL_FIELDS;
  const value = parseInterval(text, {
    last: lastUnit(typmod),
    minutesFirst: fields === (MINUTE | SECOND),
    signsAll: context?.datetime?.intervalStyle === "sql_standard",
  });
  return typmod < 0 ? value : fit(value, typmod);
}

/** `interval`. */
export const interval: DataType = {
  oid: 1186,
  name: "interval",
  displayName: "interval",
  category: "T",
  preferred: true,
  length: 16,
  storage: "reference",
  input,
  inputTakesTypmod: true,
  output: (value, settings) =>
    formatStyledInterval(value as Interval, settings?.intervalStyle),
  compare: (a, b) => (a as Interval).compare(b as Interval),
  hashKey: (value) => {
    const span = value as Interval;
    return span.isFinite ? span.total() : span.sign * Infinity;
  },
  fromJs: (value, context) =>
    value instanceof Interval ? value : input(textOfJs(value), -1, context),
  toJs: (value) => formatInterval(value as Interval),
  typmodInput,
  typmodOutput(typmod: number): string {
    const precision = typmod & 0xffff;
    const names = fieldNames((typmod >> 16) & ALL_FIELDS);
    return precision === NO_PRECISION ? names : `${names}(${precision})`;
  },
  applyTypmod: (value, typmod) => fit(value as Interval, typmod),
};
