/**
 * `count`, `sum` and `avg`.
 *
 * | argument | sum | avg |
 * | --- | --- | --- |
 * | `int2` `int4` | `int8` | `numeric` |
 * | `int8` `numeric` | `numeric` | `numeric` |
 * | `float4` | `float4` | `float8`, see `variance_aggregates.ts` |
 * | `float8` | `float8` | `float8`, see there |
 * | `interval` | `interval` | `interval` |
 * | `money` | `money` | |
 *
 * Integers are summed exactly, floats in the order of the rows.
 *
 * @module
 */
import type { Column } from "../../chunk/chunk.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { int2, int4, int8 } from "../../types/int_types.ts";
import { floatOverflow } from "../../types/number_casts.ts";
import type { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { type Cents, checkMoney, money } from "../../types/money_type.ts";
import { isSafe, Numeric } from "../../types/numeric.ts";
import { add, divide } from "../../types/numeric_arithmetic.ts";
import { numeric } from "../../types/numeric_type.ts";
import { anyType } from "../../types/pseudo_types.ts";
import { aggregate, countValues, ValueState } from "./aggregate_define.ts";
import { BigintGroups, NumericGroups } from "./exact_groups.ts";
import {
  CountGroups,
  FloatSumGroups,
  IntegerAverageGroups,
  IntegerSumGroups,
} from "./grouped_states.ts";
import { checkInt8 } from "../numeric/integer_operators.ts";
import { divideInterval } from "../datetime/interval_arithmetic.ts";
import type { AggregateDefinition, SlidingState } from "../registry.ts";
import { SlidingNumericSum } from "./sliding_aggregates.ts";

/** Counts rows, or values that are not NULL. */
class CountState implements SlidingState {
  #count = 0;

  step(): void {
    this.#count++;
  }

  remove(): void {
    this.#count--;
  }

  stepColumns(
    args: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
  ): void {
    const [column] = args;
    this.#count += column === undefined
      ? rows?.length ?? rowCount
      : countValues(column, rowCount, rows);
  }

  finish(): Nullable {
    return this.#count;
  }
}

/** Sums integers exactly: in a double while it is safe, then in a bigint. */
export class IntegerSum {
  #small = 0;
  #large = 0n;
  #count = 0;

  /** How many integers there were. */
  get count(): number {
    return this.#count;
  }

  /** The sum. */
  get total(): bigint {
    return this.#large + BigInt(this.#small);
  }

  /** Adds an integer. */
  add(value: number | bigint): void {
    this.#count++;
    if (typeof value === "bigint") {
      this.#large += value;
      return;
    }
    const sum = this.#small + value;
    if (Number.isSafeInteger(sum)) {
      this.#small = sum;
      return;
    }
    this.#large += BigInt(this.#small);
    this.#small = value;
  }

  /** Takes back an integer that was added. */
  remove(value: number | bigint): void {
    this.add(-value);
    this.#count -= 2;
  }

  /** Adds the rows of a column of `int2` or `int4` without NULL. */
  addAll(
    values: Int32Array,
    rowCount: number,
    rows: Uint32Array | undefined,
  ): void {
    const count = rows === undefined ? rowCount : rows.length;
    // A chunk's sum is far below 2^53: no row needs a check.
    let sum = 0;
    for (let i = 0; i < count; i++) {
      sum += values[rows === undefined ? i : rows[i]!]!;
    }
    this.add(sum);
    this.#count += count - 1;
  }
}

abstract class IntegerState extends ValueState implements SlidingState {
  readonly sum: IntegerSum = new IntegerSum();

  remove([value]: readonly Nullable[]): void {
    this.sum.remove(value as number | bigint);
  }

  add(value: SqlValue): void {
    this.sum.add(value as number | bigint);
  }

  override stepColumns(
    args: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
  ): void {
    const column = args[0]!;
    if (
      column.type.storage === "int32" && column.validity === undefined &&
      rowCount < 1_000_000
    ) {
      this.sum.addAll(column.values as Int32Array, rowCount, rows);
    } else {
      super.stepColumns(args, rowCount, rows);
    }
  }
}

class IntegerSumState extends IntegerState {
  finish(): Nullable {
    return this.sum.count === 0 ? null : checkInt8(this.sum.total);
  }
}

/** Amounts: each sum on the way has to be one. */
class MoneySumState extends ValueState implements SlidingState {
  #count = 0;
  #total: Cents = 0;

  add(value: SqlValue): void {
    this.#count++;
    this.#total = checkMoney(BigInt(this.#total) + BigInt(value as Cents));
  }

  remove([value]: readonly Nullable[]): void {
    this.#count--;
    this.#total = checkMoney(BigInt(this.#total) - BigInt(value as Cents));
  }

  finish(): Nullable {
    return this.#count === 0 ? null : this.#total;
  }
}

class BigintSumState extends IntegerState {
  finish(): Nullable {
    return this.sum.count === 0 ? null : Numeric.of(this.sum.total);
  }
}

class IntegerAverageState extends IntegerState {
  finish(): Nullable {
    if (this.sum.count === 0) return null;
    return divide(
      Numeric.of(this.sum.total),
      Numeric.fromInteger(this.sum.count),
    );
  }
}

/**
 * Sums numerics; the result has the most decimals of any. Infinities and NaN
 * are as in an addition.
 */
class NumericSumState extends ValueState {
  #sum: Numeric | undefined;
  #count = 0;
  /** The digits of values that came since, all with so many decimals. */
  #recent = 0;
  #scale = -1;

  add(value: SqlValue): void {
    const { small, scale, kind } = value as Numeric;
    this.#count++;
    const recent = this.#recent + small;
    if (kind === "finite" && scale === this.#scale && isSafe(recent)) {
      this.#recent = recent;
      return;
    }
    this.#settle();
    this.#sum = this.#sum === undefined
      ? value as Numeric
      : add(this.#sum, value as Numeric);
    this.#scale = scale;
  }

  #settle(): void {
    if (this.#recent === 0) return;
    const recent = Numeric.ofSafe(this.#recent, this.#scale);
    this.#sum = add(this.#sum!, recent);
    this.#recent = 0;
  }

  get count(): number {
    return this.#count;
  }

  finish(): Nullable {
    this.#settle();
    return this.#sum ?? null;
  }
}

class NumericAverageState extends NumericSumState {
  override finish(): Nullable {
    const sum = super.finish();
    return sum === null
      ? null
      : divide(sum as Numeric, Numeric.fromInteger(this.count));
  }
}

/** Sums floats, in the order of the rows; `round` makes a sum one of a type's. */
export class FloatSumState extends ValueState {
  readonly #round: (value: number) => number;
  #sum = 0;
  #count = 0;

  /** No sum yet. */
  constructor(round: (value: number) => number) {
    super();
    this.#round = round;
  }

  add(value: SqlValue): void {
    const number = value as number;
    const sum = this.#count++ === 0 ? number : this.#round(this.#sum + number);
    if (
      !Number.isFinite(sum) && Number.isFinite(this.#sum) &&
      Number.isFinite(number)
    ) throw floatOverflow();
    this.#sum = sum;
  }

  finish(): Nullable {
    return this.#count === 0 ? null : this.#sum;
  }
}

class IntervalSumState extends ValueState {
  protected sum: Interval | undefined;
  protected count = 0;

  add(value: SqlValue): void {
    this.count++;
    this.sum = this.sum === undefined
      ? value as Interval
      : this.sum.plus(value as Interval);
  }

  finish(): Nullable {
    return this.sum ?? null;
  }
}

class IntervalAverageState extends IntervalSumState {
  override finish(): Nullable {
    return this.sum === undefined ? null : divideInterval(this.sum, this.count);
  }
}

/** An aggregate whose state can take back rows. */
function sliding(
  name: string,
  type: DataType,
  returnType: DataType,
  create: () => SlidingState,
): AggregateDefinition {
  return { ...aggregate(name, type, returnType, create), sliding: create };
}

function floatSum(
  type: DataType,
  round: (value: number) => number,
): AggregateDefinition {
  return {
    ...aggregate("sum", type, type, () => new FloatSumState(round)),
    grouped: () => new FloatSumGroups(type, round),
  };
}

/** `count`, `sum` and `avg`; that of floats is with the variances. */
export const sumAggregates: readonly AggregateDefinition[] = [
  {
    name: "count",
    argumentTypes: [],
    returnType: int8,
    strict: false,
    create: () => new CountState(),
    sliding: () => new CountState(),
    grouped: () => new CountGroups(),
  },
  {
    ...sliding("count", anyType, int8, () => new CountState()),
    grouped: () => new CountGroups(),
  },
  ...[int2, int4].flatMap((type) => [
    {
      ...sliding("sum", type, int8, () => new IntegerSumState()),
      grouped: () => new IntegerSumGroups(),
    },
    {
      ...sliding("avg", type, numeric, () => new IntegerAverageState()),
      grouped: () => new IntegerAverageGroups(),
    },
  ]),
  sliding("sum", money, money, () => new MoneySumState()),
  {
    ...sliding("sum", int8, numeric, () => new BigintSumState()),
    grouped: () => new BigintGroups(false),
  },
  {
    ...aggregate("sum", numeric, numeric, () => new NumericSumState()),
    grouped: () => new NumericGroups(false),
    sliding: () => new SlidingNumericSum(false),
  },
  floatSum(float4, Math.fround),
  floatSum(float8, (x) => x),
  {
    ...sliding("avg", int8, numeric, () => new IntegerAverageState()),
    grouped: () => new BigintGroups(true),
  },
  {
    ...aggregate("avg", numeric, numeric, () => new NumericAverageState()),
    grouped: () => new NumericGroups(true),
    sliding: () => new SlidingNumericSum(true),
  },
  aggregate("sum", interval, interval, () => new IntervalSumState()),
  aggregate("avg", interval, interval, () => new IntervalAverageState()),
];
