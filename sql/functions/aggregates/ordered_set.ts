/**
 * Aggregates over ordered rows: `percentile_cont`, `percentile_disc` and `mode`;
 * and the hypothetical ones, `rank`, `dense_rank`, `percent_rank` and
 * `cume_dist`, which say where a row would stand.
 *
 * Their states are given the direct arguments and the values of WITHIN GROUP
 * (ORDER BY …) of each row, in that order.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int8 } from "../../types/int_types.ts";
import type { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { anyArray, anyElement } from "../../types/pseudo_types.ts";
import type { AggregateDefinition, AggregateState } from "../definition.ts";
import { multiplyInterval } from "../datetime/interval_arithmetic.ts";

/** An aggregate that wants WITHIN GROUP. */
export interface OrderedSetDefinition {
  /** The aggregate: its arguments are the direct ones, then the ordered ones. */
  readonly aggregate: AggregateDefinition;
  /** How many are direct. */
  readonly directCount: number;
}

/** The order of a key of WITHIN GROUP. */
export interface SetKey {
  readonly type: DataType;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** An aggregate that says where a row would stand among others. */
export interface HypotheticalDefinition {
  readonly name: string;
  readonly returnType: DataType;
  /** The state over rows in the order of `keys`, as many as direct arguments. */
  create(keys: readonly SetKey[]): AggregateState;
}

/** Gathers values, then takes some of them by their place. */
class PercentileState implements AggregateState {
  readonly #values: SqlValue[] = [];
  readonly #at: PercentileAt;
  #fraction: Nullable = null;

  constructor(at: PercentileAt) {
    this.#at = at;
  }

  step([fraction, value]: readonly Nullable[]): void {
    this.#fraction = fraction!;
    this.#values.push(value!);
  }

  finish(): Nullable {
    const fraction = this.#fraction;
    if (fraction === null) return null;
    return fraction instanceof SqlArray
      ? fraction.map((each) => each === null ? null : this.#valueAt(each))
      : this.#valueAt(fraction);
  }

  #valueAt(fraction: SqlValue): SqlValue {
    const number = fraction as number;
    if (!(number >= 0 && number <= 1)) {
      throw new SqlError(
        "22003",
        `percentile value ${float8.output(number)} is not between 0 and 1`,
      );
    }
    return this.#at(this.#values, number);
  }
}

/** The value at a fraction of sorted values, of which there is at least one. */
type PercentileAt = (values: readonly SqlValue[], fraction: number) => SqlValue;

function discrete(values: readonly SqlValue[], fraction: number): SqlValue {
  return values[Math.max(0, Math.ceil(fraction * values.length) - 1)]!;
}

function continuous(
  between: (low: SqlValue, high: SqlValue, share: number) => SqlValue,
): PercentileAt {
  return (values, fraction) => {
    const place = fraction * (values.length - 1);
    const low = Math.floor(place);
    const high = Math.ceil(place);
    return low === high
      ? values[low]!
      : between(values[low]!, values[high]!, place - low);
  };
}

const floatPercentile = continuous((low, high, share) =>
  (low as number) + ((high as number) - (low as number)) * share
);

const intervalPercentile = continuous((low, high, share) => {
  const from = low as Interval;
  const span = (high as Interval).plus(from.negated());
  return from.plus(multiplyInterval(span, share));
});

/** The value that comes most often, the first of several. */
class ModeState implements AggregateState {
  readonly #type: DataType;
  #best: Nullable = null;
  #bestCount = 0;
  #current: Nullable = null;
  #count = 0;

  constructor(type: DataType) {
    this.#type = type;
  }

  step([value]: readonly Nullable[]): void {
    const same = this.#current !== null &&
      this.#type.compare(this.#current, value!) === 0;
    this.#count = same ? this.#count + 1 : 1;
    if (!same) this.#current = value!;
    if (this.#count <= this.#bestCount) return;
    this.#bestCount = this.#count;
    this.#best = this.#current;
  }

  finish(): Nullable {
    return this.#best;
  }
}

function percentile(
  name: string,
  types: readonly [fraction: DataType, value: DataType],
  returnType: DataType,
  at: PercentileAt,
): OrderedSetDefinition {
  const make = (
    argumentTypes: readonly DataType[],
    result: DataType,
  ): AggregateDefinition => ({
    name,
    argumentTypes,
    returnType: result,
    strict: true,
    create: () => new PercentileState(at),
  });
  const aggregate = make(types, returnType);
  const isOpen = types[1] === anyElement;
  return {
    aggregate: isOpen
      ? {
        ...aggregate,
        specialize: (given) => {
          const value = given[1]!;
          const result = returnType === anyArray
            ? arrayTypeOf(value) ?? value
            : value;
          return make([types[0], value], result);
        },
      }
      : aggregate,
    directCount: 1,
  };
}

const floats = arrayTypeOf(float8)!;

/** The aggregates over ordered rows. */
export const orderedSetAggregates: readonly OrderedSetDefinition[] = [
  percentile("percentile_cont", [float8, float8], float8, floatPercentile),
  percentile(
    "percentile_cont",
    [float8, interval],
    interval,
    intervalPercentile,
  ),
  percentile("percentile_cont", [floats, float8], floats, floatPercentile),
  percentile(
    "percentile_cont",
    [floats, interval],
    arrayTypeOf(interval)!,
    intervalPercentile,
  ),
  percentile("percentile_disc", [float8, anyElement], anyElement, discrete),
  percentile("percentile_disc", [floats, anyElement], anyArray, discrete),
  {
    aggregate: {
      name: "mode",
      argumentTypes: [anyElement],
      returnType: anyElement,
      strict: true,
      specialize: ([type]) => ({
        name: "mode",
        argumentTypes: [type!],
        returnType: type!,
        strict: true,
        create: () => new ModeState(type!),
      }),
      create: () => new ModeState(anyElement),
    },
    directCount: 0,
  },
];

/** Compares the direct arguments with the rows that come. */
class HypotheticalState implements AggregateState {
  readonly #keys: readonly SetKey[];
  readonly #result: HypotheticalResult;
  #rows = 0;
  #before = 0;
  #peers = 0;
  /** Values before the row that differ from each other. */
  #distinct = 0;
  #last: readonly Nullable[] | undefined;

  constructor(keys: readonly SetKey[], result: HypotheticalResult) {
    this.#keys = keys;
    this.#result = result;
  }

  step(args: readonly Nullable[]): void {
    const count = this.#keys.length;
    const wanted = args.slice(0, count);
    const row = args.slice(count);
    this.#rows++;
    const order = this.#compare(row, wanted);
    if (order === 0) this.#peers++;
    if (order >= 0) return;
    this.#before++;
    if (this.#last === undefined || this.#compare(row, this.#last) !== 0) {
      this.#distinct++;
    }
    this.#last = row;
  }

  finish(): Nullable {
    return this.#result({
      rows: this.#rows,
      before: this.#before,
      peers: this.#peers,
      distinct: this.#distinct,
    });
  }

  #compare(a: readonly Nullable[], b: readonly Nullable[]): number {
    for (const [i, { type, descending, nullsFirst }] of this.#keys.entries()) {
      const [left, right] = [a[i]!, b[i]!];
      if (left === null || right === null) {
        if (left === right) continue;
        return (left === null) === nullsFirst ? -1 : 1;
      }
      const order = type.compare(left, right);
      if (order !== 0) return descending ? -order : order;
    }
    return 0;
  }
}

type HypotheticalResult = (
  counts: {
    readonly rows: number;
    readonly before: number;
    readonly peers: number;
    readonly distinct: number;
  },
) => number;

function hypothetical(
  name: string,
  returnType: DataType,
  result: HypotheticalResult,
): HypotheticalDefinition {
  return {
    name,
    returnType,
    create: (keys) => new HypotheticalState(keys, result),
  };
}

/** The hypothetical aggregates. */
export const hypotheticalAggregates: readonly HypotheticalDefinition[] = [
  hypothetical("rank", int8, ({ before }) => before + 1),
  hypothetical("dense_rank", int8, ({ distinct }) => distinct + 1),
  hypothetical(
    "percent_rank",
    float8,
    ({ before, rows }) => rows === 0 ? 0 : before / rows,
  ),
  hypothetical(
    "cume_dist",
    float8,
    ({ before, peers, rows }) => (before + peers + 1) / (rows + 1),
  ),
];
