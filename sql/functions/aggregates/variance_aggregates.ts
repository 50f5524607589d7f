/**
 * `avg` of floats, `variance`, `stddev` and their kin.
 *
 * Floats go through the Youngs-Cramer update, in the order of the rows, as
 * PostgreSQL does. Integers and numerics are summed exactly, their squares too,
 * and the result is `numeric` with the decimals of a division.
 *
 * @module
 */
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { int2, int4, int8 } from "../../types/int_types.ts";
import { floatOverflow } from "../../types/number_casts.ts";
import { Numeric } from "../../types/numeric.ts";
import {
  add,
  divideToScale,
  multiply,
  quotientScale,
  subtract,
} from "../../types/numeric_arithmetic.ts";
import { squareRootToScale } from "../../types/numeric_functions.ts";
import { numeric } from "../../types/numeric_type.ts";
import { aggregate, ValueState } from "./aggregate_define.ts";
import { FloatAverageGroups } from "./grouped_states.ts";
import type { AggregateDefinition, AggregateState } from "../registry.ts";

/** Count, sum and sum of squared differences (Youngs and Cramer). */
export class FloatState extends ValueState {
  readonly #result: (count: number, sum: number, squares: number) => Nullable;
  #count = 0;
  #sum = 0;
  #squares = 0;

  constructor(
    result: (count: number, sum: number, squares: number) => Nullable,
  ) {
    super();
    this.#result = result;
  }

  add(value: SqlValue): void {
    const number = value as number;
    const count = this.#count + 1;
    const sum = this.#sum + number;
    if (this.#count > 0) {
      const difference = number * count - sum;
      this.#squares += difference * difference / (count * this.#count);
      if (!Number.isFinite(sum) || !Number.isFinite(this.#squares)) {
        if (Number.isFinite(this.#sum) && Number.isFinite(number)) {
          throw floatOverflow();
        }
        this.#squares = NaN;
      }
    } else if (!Number.isFinite(number)) {
      this.#squares = NaN;
    }
    this.#count = count;
    this.#sum = sum;
  }

  /** Adds the values that another state has taken. */
  combine(count: number, sum: number, squares: number): void {
    const before = this.#count;
    if (count === 0) return;
    if (before === 0) {
      this.#count = count;
      this.#sum = sum;
      this.#squares = squares;
      return;
    }
    const difference = this.#sum / before - sum / count;
    const both = this.#squares + squares +
      before * count * difference * difference / (before + count);
    const total = this.#sum + sum;
    if (
      (Number.isFinite(this.#sum) && Number.isFinite(sum) &&
        !Number.isFinite(total)) ||
      (Number.isFinite(this.#squares) && Number.isFinite(squares) &&
        both === Infinity)
    ) throw floatOverflow();
    this.#count = before + count;
    this.#sum = total;
    this.#squares = both;
  }

  finish(): Nullable {
    return this.#count === 0
      ? null
      : this.#result(this.#count, this.#sum, this.#squares);
  }
}

/** Which of the variances an aggregate is. */
export interface Variance {
  readonly name: string;
  /** Whether its root is taken: the standard deviation. */
  readonly root: boolean;
  /** Whether the values are all there are, not a sample. */
  readonly population: boolean;
}

/** Count, sum and sum of squares, exact. */
export class NumericVarianceState extends ValueState {
  readonly #result: ExactResult;
  #count = 0;
  #sum: Numeric = Numeric.ZERO;
  #squares: Numeric = Numeric.ZERO;

  /** What `result` makes of the sums; NULL without rows. */
  constructor(result: ExactResult) {
    super();
    this.#result = result;
  }

  add(value: SqlValue): void {
    const number = value instanceof Numeric
      ? value
      : Numeric.fromInteger(value as number | bigint);
    this.combine(1, number, multiply(number, number));
  }

  /** Adds the values that another state has taken. */
  combine(count: number, sum: Numeric, squares: Numeric): void {
    this.#count += count;
    this.#sum = add(this.#sum, sum);
    this.#squares = add(this.#squares, squares);
  }

  finish(): Nullable {
    return this.#count === 0
      ? null
      : this.#result(this.#count, this.#sum, this.#squares);
  }
}

/** What is made of a count, a sum and a sum of squares. */
export type ExactResult = (
  count: number,
  sum: Numeric,
  squares: Numeric,
) => Nullable;

/** A variance of exact sums. */
export function exactVarianceOf(
  { root, population }: Variance,
): ExactResult {
  return (count, sum, squares) => {
    if (count === 1 && !population) return null;
    if (!squares.isFinite) return Numeric.NAN;
    const n = Numeric.fromInteger(count);
    const numerator = subtract(multiply(n, squares), multiply(sum, sum));
    if (numerator.sign <= 0) return Numeric.ZERO;
    const divisor = Numeric.fromInteger(
      BigInt(count) * BigInt(population ? count : count - 1),
    );
    const scale = quotientScale(numerator, divisor);
    const variance = divideToScale(numerator, divisor, scale);
    return root ? squareRootToScale(variance, scale) : variance;
  };
}

/** A variance of the sums of floats. */
export function floatVarianceOf(
  { root, population }: Variance,
): (count: number, sum: number, squares: number) => Nullable {
  return (count, _sum, squares) => {
    const divisor = population ? count : count - 1;
    if (divisor === 0) return null;
    const result = squares / divisor;
    return root ? Math.sqrt(result) : result;
  };
}

/** All variances, under each of their names. */
export const VARIANCES: readonly Variance[] = [
  { name: "variance", root: false, population: false },
  { name: "var_samp", root: false, population: false },
  { name: "var_pop", root: false, population: true },
  { name: "stddev", root: true, population: false },
  { name: "stddev_samp", root: true, population: false },
  { name: "stddev_pop", root: true, population: true },
];

const averageFloat = (): AggregateState =>
  new FloatState((count, sum) => sum / count);

function floatVariance(variance: Variance): () => AggregateState {
  const result = floatVarianceOf(variance);
  return () => new FloatState(result);
}

function exactVariance(
  variance: Variance,
  type: DataType,
): AggregateDefinition {
  const result = exactVarianceOf(variance);
  return aggregate(
    variance.name,
    type,
    numeric,
    () => new NumericVarianceState(result),
  );
}

/** `avg` of floats, and the variances of all numbers. */
export const varianceAggregates: readonly AggregateDefinition[] = [
  ...[float4, float8].map((type) => ({
    ...aggregate("avg", type, float8, averageFloat),
    grouped: () => new FloatAverageGroups(),
  })),
  ...VARIANCES.flatMap((variance) => [
    aggregate(variance.name, float4, float8, floatVariance(variance)),
    aggregate(variance.name, float8, float8, floatVariance(variance)),
    ...[int2, int4, int8, numeric].map((type) => exactVariance(variance, type)),
  ]),
];
