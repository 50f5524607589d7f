/**
 * `generate_series`: from a start to a stop by a step, both included.
 *
 * @module
 */
import type { ColumnBuilder } from "../../chunk/chunk.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { Timestamp } from "../../types/calendar.ts";
import { compareInt8 } from "../../types/int8_value.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { int4, int8, normalizeInt8 } from "../../types/int_types.ts";
import type { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { Numeric } from "../../types/numeric.ts";
import { add } from "../../types/numeric_arithmetic.ts";
import { numeric } from "../../types/numeric_type.ts";
import { timestamp, timestamptz } from "../../types/temporal_types.ts";
import { text } from "../../types/text_types.ts";
import { type TimeZone, UTC } from "../../types/time_zone/time_zone.ts";
import { addInZone, sessionZone, zoneOf } from "../datetime/zone_functions.ts";
import type { FunctionDefinition } from "../registry.ts";
import { setFunction } from "./set_define.ts";
import type { SetSource } from "./set_source.ts";

/** Integers that are safe in a double, up to and including the last. */
class IntegerSeries implements SetSource {
  readonly #stop: number;
  readonly #step: number;
  readonly #append: (column: ColumnBuilder, value: number) => void;
  #next: number;

  constructor(type: DataType, start: number, stop: number, step: number) {
    this.#next = start;
    this.#stop = stop;
    this.#step = step;
    this.#append = type.storage === "reference"
      ? (column, value) => column.appendReference(value)
      : (column, value) => column.appendNumber(value);
  }

  fill([column]: readonly ColumnBuilder[], count: number): number {
    const step = this.#step;
    const left = Math.floor((this.#stop - this.#next) / step) + 1;
    const filled = Math.max(0, Math.min(count, left));
    let value = this.#next;
    for (let i = 0; i < filled; i++) {
      this.#append(column!, value);
      value += step;
    }
    this.#next = value;
    return filled;
  }
}

function zeroStep(): SqlError {
  return new SqlError("22023", "step size cannot equal zero");
}

function* bigSeries(
  start: bigint,
  stop: bigint,
  step: bigint,
): Iterable<Nullable> {
  for (
    let value = start;
    step > 0n ? value <= stop : value >= stop;
    value += step
  ) yield normalizeInt8(value);
}

function integers(
  type: DataType,
  [start, stop, step = 1]: readonly Nullable[],
): SetSource | Iterable<Nullable> {
  const all = [start, stop, step] as (number | bigint)[];
  if (compareInt8(all[2]!, 0) === 0) throw zeroStep();
  const room = 2 ** 52;
  if (
    all.every((value) => typeof value === "number" && Math.abs(value) < room)
  ) {
    return new IntegerSeries(type, ...all as [number, number, number]);
  }
  const [from, to, by] = all.map(BigInt);
  return bigSeries(from!, to!, by!);
}

/** A value of `generate_series(numeric, …)` must be one that can be reached. */
function checkFinite(value: Numeric, what: string): void {
  if (value.kind === "finite") return;
  const kind = value.kind === "nan" ? "NaN" : "infinity";
  throw new SqlError("22023", `${what} cannot be ${kind}`);
}

function* numerics(args: readonly Nullable[]): Iterable<Nullable> {
  const [start, stop] = args as Numeric[];
  const step = (args[2] ?? Numeric.fromInteger(1)) as Numeric;
  const zero = Numeric.fromInteger(0);
  const direction = numeric.compare(step, zero);
  let value = start!;
  while (numeric.compare(value, stop!) * direction <= 0) {
    yield value;
    value = add(value, step);
  }
}

function checkNumerics(args: readonly Nullable[]): void {
  const [start, stop, step] = args as (Numeric | undefined)[];
  checkFinite(start!, "start value");
  checkFinite(stop!, "stop value");
  if (step === undefined) return;
  checkFinite(step, "step size");
  if (numeric.compare(step, Numeric.fromInteger(0)) === 0) throw zeroStep();
}

function* timestamps(
  start: Timestamp,
  stop: Timestamp,
  step: Interval,
  sign: number,
  zone: TimeZone,
): Iterable<Nullable> {
  let value = start;
  while (compareInt8(value, stop) * sign <= 0) {
    yield value as SqlValue;
    value = addInZone(value, step, zone);
  }
}

function timestampSeries(
  [start, stop, step]: readonly Nullable[],
  zone: TimeZone,
): Iterable<Nullable> {
  const span = step as Interval;
  const zero = interval.input("0", -1);
  const sign = interval.compare(span, zero);
  if (sign === 0) throw zeroStep();
  if (!span.isFinite) {
    throw new SqlError("22023", "step size cannot be infinite");
  }
  return timestamps(
    start as Timestamp,
    stop as Timestamp,
    span,
    sign,
    zone,
  );
}

/** `generate_series`. */
export const seriesFunctions: readonly FunctionDefinition[] = [
  ...[int4, int8].flatMap((type) =>
    [[type, type], [type, type, type]].map((types) =>
      setFunction(
        "generate_series",
        types,
        type,
        (args) => integers(type, args),
      )
    )
  ),
  ...[[numeric, numeric], [numeric, numeric, numeric]].map((types) =>
    setFunction("generate_series", types, numeric, (args) => {
      checkNumerics(args);
      return numerics(args);
    })
  ),
  setFunction(
    "generate_series",
    [timestamp, timestamp, interval],
    timestamp,
    (args) => timestampSeries(args, UTC),
  ),
  setFunction(
    "generate_series",
    [timestamptz, timestamptz, interval],
    timestamptz,
    (args, context) => timestampSeries(args, sessionZone(context)),
    { volatility: "stable" },
  ),
  setFunction(
    "generate_series",
    [timestamptz, timestamptz, interval, text],
    timestamptz,
    (args) => timestampSeries(args, zoneOf(args[3] as string)),
  ),
];
