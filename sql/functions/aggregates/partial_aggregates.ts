/**
 * Aggregates in two steps: states of parts of the rows, each a value, and what
 * makes the result of them (PostgreSQL's combine functions).
 *
 * | aggregate | states | from them |
 * | --- | --- | --- |
 * | `count` | counts | their sum |
 * | `sum` of integers, numerics, money, intervals | sums | their sum, exact |
 * | `sum` of floats | sums | their sum, in another order |
 * | `avg` | sums and counts | a division |
 * | variances, `avg` of floats | `{count, sum, squares}` | Youngs and Cramer, or exact |
 * | `min`, `max`, `bool_and`, `bit_or` … | the same | the same |
 *
 * What is not listed here is not done in two steps: what gathers its rows
 * (`array_agg`) has them in their order.
 *
 * @module
 */
import { arrayTypeOf } from "../../types/array/array_type.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import type { ArrayValue, DataType, Nullable } from "../../types/data_type.ts";
import { float4, float8 } from "../../types/float_types.ts";
import { int8 } from "../../types/int_types.ts";
import type { Interval } from "../../types/interval.ts";
import { interval } from "../../types/interval_type.ts";
import { floatOverflow } from "../../types/number_casts.ts";
import { Numeric } from "../../types/numeric.ts";
import { add, divide } from "../../types/numeric_arithmetic.ts";
import { numeric } from "../../types/numeric_type.ts";
import { anyType } from "../../types/pseudo_types.ts";
import { divideInterval } from "../datetime/interval_arithmetic.ts";
import { checkInt8 } from "../numeric/integer_operators.ts";
import type { AggregateDefinition, AggregateState } from "../registry.ts";
import { aggregate } from "./aggregate_define.ts";
import { FloatSumGroups } from "./grouped_states.ts";
import { FloatSumState, sumAggregates } from "./sum_aggregates.ts";
import { valueAggregates } from "./value_aggregates.ts";
import {
  exactVarianceOf,
  FloatState,
  floatVarianceOf,
  NumericVarianceState,
  varianceAggregates,
  VARIANCES,
} from "./variance_aggregates.ts";

/** An aggregate in two steps. */
export interface PartialForm {
  /** Over the arguments, of some of the rows each: what makes a state. */
  readonly states: readonly AggregateDefinition[];
  /** Over the values of `states`: the result. */
  readonly final: AggregateDefinition;
}

/** What makes one state of many, where a state is a value of several columns. */
function combining(
  name: string,
  argumentTypes: readonly DataType[],
  returnType: DataType,
  create: () => AggregateState,
): AggregateDefinition {
  return { name, argumentTypes, returnType, strict: false, create };
}

/** Sums counts: 0 without any. */
class CountsState implements AggregateState {
  #count = 0;

  step([count]: readonly Nullable[]): void {
    this.#count += Number(count ?? 0);
  }

  finish(): Nullable {
    return this.#count;
  }
}

/** Sums sums of small integers, exactly. */
class IntegerSumsState implements AggregateState {
  #sum: bigint | undefined;

  step([sum]: readonly Nullable[]): void {
    if (sum === null) return;
    this.#sum = (this.#sum ?? 0n) + BigInt(sum as number | bigint);
  }

  finish(): Nullable {
    return this.#sum === undefined ? null : checkInt8(this.#sum);
  }
}

/** The mean of sums and counts. */
class AveragesState implements AggregateState {
  #sum: Numeric | undefined;
  #count = 0;

  step([sum, count]: readonly Nullable[]): void {
    if (sum === null) return;
    const value = sum instanceof Numeric
      ? sum
      : Numeric.fromInteger(sum as number | bigint);
    this.#sum = this.#sum === undefined ? value : add(this.#sum, value);
    this.#count += Number(count);
  }

  finish(): Nullable {
    return this.#sum === undefined
      ? null
      : divide(this.#sum, Numeric.fromInteger(this.#count));
  }
}

/** The mean of sums of intervals and counts. */
class IntervalAveragesState implements AggregateState {
  #sum: Interval | undefined;
  #count = 0;

  step([sum, count]: readonly Nullable[]): void {
    if (sum === null) return;
    const value = sum as Interval;
    this.#sum = this.#sum === undefined ? value : this.#sum.plus(value);
    this.#count += Number(count);
  }

  finish(): Nullable {
    return this.#sum === undefined
      ? null
      : divideInterval(this.#sum, this.#count);
  }
}

/** The mean of sums of floats and counts. */
class FloatAveragesState implements AggregateState {
  #sum = 0;
  #count = 0;

  step([sum, count]: readonly Nullable[]): void {
    if (sum === null) return;
    const total = this.#sum + (sum as number);
    if (
      Math.abs(total) === Infinity && Number.isFinite(sum) &&
      Number.isFinite(this.#sum)
    ) throw floatOverflow();
    this.#sum = total;
    this.#count += Number(count);
  }

  finish(): Nullable {
    return this.#count === 0 ? null : this.#sum / this.#count;
  }
}

/** Takes the sums that another state has given as an array. */
class ArraysState implements AggregateState {
  readonly #state: FloatState | NumericVarianceState;

  constructor(state: FloatState | NumericVarianceState) {
    this.#state = state;
  }

  step([sums]: readonly Nullable[]): void {
    if (sums === null) return;
    const [count, sum, squares] = (sums as ArrayValue).elements;
    if (this.#state instanceof FloatState) {
      this.#state.combine(count as number, sum as number, squares as number);
    } else {
      this.#state.combine(
        (count as Numeric).toNumber(),
        sum as Numeric,
        squares as Numeric,
      );
    }
  }

  finish(): Nullable {
    return this.#state.finish();
  }
}

const floats = arrayTypeOf(float8)!;
const numerics = arrayTypeOf(numeric)!;

function find(name: string, type: DataType | undefined): AggregateDefinition {
  return sumAggregates.find((each) =>
    each.name === name && each.argumentTypes[0] === type
  )!;
}

const counts = find("count", anyType);

/** The states of an average: a sum, and a count. */
function average(
  sum: AggregateDefinition,
  returnType: DataType,
  create: () => AggregateState,
): PartialForm {
  const types = [sum.returnType, int8];
  return {
    states: [sum, counts],
    final: combining("avg", types, returnType, create),
  };
}

/** The sum of floats of a type, as a `float8`. */
function floatSum(type: DataType): AggregateDefinition {
  return {
    ...aggregate("sum", type, float8, () => new FloatSumState((x) => x)),
    grouped: () => new FloatSumGroups(float8, (x) => x),
  };
}

function sumForm(definition: AggregateDefinition): PartialForm {
  const { name, argumentTypes: [type], returnType } = definition;
  if (name === "count") {
    return {
      states: [definition],
      final: combining("count", [int8], int8, () => new CountsState()),
    };
  }
  if (name === "sum") {
    const final = returnType === int8
      ? combining("sum", [int8], int8, () => new IntegerSumsState())
      : find("sum", returnType);
    return { states: [definition], final };
  }
  if (type === interval) {
    return average(
      find("sum", interval),
      interval,
      () => new IntervalAveragesState(),
    );
  }
  return average(find("sum", type), numeric, () => new AveragesState());
}

function varianceForm(
  { name, argumentTypes: [type] }: AggregateDefinition,
): PartialForm {
  const isFloat = type === float4 || type === float8;
  if (name === "avg") {
    return average(floatSum(type!), float8, () => new FloatAveragesState());
  }
  const variance = VARIANCES.find((each) => each.name === name)!;
  const state = isFloat
    ? (): AggregateState => new FloatState((...sums) => SqlArray.of(sums))
    : (): AggregateState =>
      new NumericVarianceState((count, sum, squares) =>
        SqlArray.of([Numeric.fromInteger(count), sum, squares])
      );
  const sums = isFloat ? floats : numerics;
  return {
    states: [aggregate(name, type!, sums, state)],
    final: aggregate(
      name,
      sums,
      isFloat ? float8 : numeric,
      () =>
        new ArraysState(
          isFloat
            ? new FloatState(floatVarianceOf(variance))
            : new NumericVarianceState(exactVarianceOf(variance)),
        ),
    ),
  };
}

const FORMS: ReadonlyMap<AggregateDefinition, PartialForm> = new Map([
  ...sumAggregates.map((each) => [each, sumForm(each)] as const),
  ...varianceAggregates.map((each) => [each, varianceForm(each)] as const),
  ...valueAggregates
    .filter(({ name, specialize }) =>
      name !== "string_agg" && specialize === undefined
    )
    .map((each) => [each, { states: [each], final: each }] as const),
]);

/** How an aggregate is done in two steps; absent: it is not. */
export function partialForm(
  definition: AggregateDefinition,
): PartialForm | undefined {
  return FORMS.get(definition);
}

/** Every aggregate that makes states, in an order that is always the same. */
export const stateAggregates: readonly AggregateDefinition[] = [
  ...new Set([...FORMS.values()].flatMap(({ states }) => states)),
];
