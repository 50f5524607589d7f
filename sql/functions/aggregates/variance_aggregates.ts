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
class FloatState extends ValueState {
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

  finish(): Nullable {
    return this.#count === 0
      ? null
      : this.#result(this.#count, this.#sum, this.#squares);
  }
}

/** Which of the variances an aggregate is. */
interface Variance {
  readonly name: string;
  /** Whether its root is taken: the standard deviation. */
  readonly root: boolean;
  /** Whether the values are all there are, not a sample. */
  readonly population: boolean;
}

/** Count, sum and sum of squares, exact. */
class NumericVarianceState extends ValueState {
  readonly #variance: Variance;
  #count = 0;
  #sum: Numeric = Numeric.ZERO;
  #squares: Numeric = Numeric.ZERO;

  constructor(variance: Variance) {
    super();
    this.#variance = variance;
  }

  add(value: SqlValue): void {
    const number = value instanceof Numeric
      ? value
      : Numeric.fromInteger(value as number | bigint);
    this.#count++;
    this.#sum = add(this.#sum, number);
    this.#squares = add(this.#squares, multiply(number, number));
  }

  finish(): Nullable {
    const { root, population } = this.#variance;
    const count = this.#count;
    if (count === 0 || (count === 1 && !population)) return null;
    if (!this.#squares.isFinite) return Numeric.NAN;
    const n = Numeric.fromInteger(count);
    const numerator = subtract(
      multiply(n, this.#squares),
      multiply(this.#sum, this.#sum),
    );
    if (numerator.sign <= 0) return Numeric.ZERO;
    const divisor = Numeric.fromInteger(
      BigInt(count) * BigInt(population ? count : count - 1),
    );
    const scale = quotientScale(numerator, divisor);
    const variance = divideToScale(numerator, divisor, scale);
    return root ? squareRootToScale(variance, scale) : variance;
  }
}

const VARIANCES: readonly Variance[] = [
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
  return () =>
    new FloatState((count, _sum, squares) => {
      const divisor = variance.population ? count : count - 1;
      if (divisor === 0) return null;
      const result = squares / divisor;
      return variance.root ? Math.sqrt(result) : result;
    });
}

function exactVariance(
  variance: Variance,
  type: DataType,
): AggregateDefinition {
  return aggregate(
    variance.name,
    type,
    numeric,
    () => new NumericVarianceState(variance),
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
