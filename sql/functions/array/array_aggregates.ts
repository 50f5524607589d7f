/**
 * `array_agg` of values and of arrays; `min` and `max` of arrays.
 *
 * @module
 */
import { SqlError } from "../../errors/sql_error.ts";
import { arrayTypeOf } from "../../types/array/array_type.ts";
import { SqlArray } from "../../types/array/array_value.ts";
import type { DataType, Nullable } from "../../types/data_type.ts";
import { anyArray, anyNonArray } from "../../types/pseudo_types.ts";
import { unknown } from "../../types/text_types.ts";
import { noArrayType, undetermined } from "../polymorphism.ts";
import type { AggregateDefinition, AggregateState } from "../registry.ts";
import { ExtremeState } from "../aggregates/value_aggregates.ts";
import { sameShape, stackArrays } from "./array_constructor.ts";
import { requireComparison } from "./array_operators.ts";

/** Keeps all values, NULLs too. */
class GatherState implements AggregateState {
  readonly #values: Nullable[] = [];

  step([value]: readonly Nullable[]): void {
    this.#values.push(value!);
  }

  finish(): Nullable {
    return this.#values.length === 0 ? null : SqlArray.of([...this.#values]);
  }
}

/** Keeps arrays of one shape. */
class StackState implements AggregateState {
  readonly #arrays: SqlArray[] = [];

  step([value]: readonly Nullable[]): void {
    if (value === null) {
      throw new SqlError("22004", "cannot accumulate null arrays");
    }
    const array = value as SqlArray;
    const [first] = this.#arrays;
    if (first !== undefined && !sameShape(first, array)) {
      throw new SqlError(
        "2202E",
        "cannot accumulate arrays of different dimensionality",
      );
    }
    if (array.dims.length === 0) {
      throw new SqlError("2202E", "cannot accumulate empty arrays");
    }
    this.#arrays.push(array);
  }

  finish(): Nullable {
    return this.#arrays.length === 0 ? null : stackArrays(this.#arrays);
  }
}

function gather(
  declared: DataType,
  create: () => AggregateState,
): AggregateDefinition {
  return {
    name: "array_agg",
    argumentTypes: [declared],
    returnType: anyArray,
    strict: false,
    gathers: true,
    create,
    specialize: ([type]) => {
      if (type === unknown) throw undetermined();
      const returnType = type!.element === undefined
        ? arrayTypeOf(type!)
        : type;
      if (returnType === undefined) throw noArrayType(type!);
      return {
        name: "array_agg",
        argumentTypes: [type!],
        returnType,
        strict: false,
        gathers: true,
        create,
      };
    },
  };
}

function extreme(name: string, sign: number): AggregateDefinition {
  const of = (type: DataType): AggregateDefinition => ({
    name,
    argumentTypes: [type],
    returnType: type,
    strict: true,
    create: () => new ExtremeState(type, sign),
  });
  return {
    ...of(anyArray),
    specialize: ([type]) => {
      requireComparison(type!.element!, "a comparison function");
      return of(type!);
    },
  };
}

/** What makes an array of values of a type; `undefined`: no array has them. */
export function gatheringOf(type: DataType): AggregateDefinition | undefined {
  const returnType = arrayTypeOf(type);
  return returnType && {
    name: "array_agg",
    argumentTypes: [type],
    returnType,
    strict: false,
    create: () => new GatherState(),
  };
}

/** Aggregates of and into arrays. */
export const arrayAggregates: readonly AggregateDefinition[] = [
  gather(anyNonArray, () => new GatherState()),
  gather(anyArray, () => new StackState()),
  extreme("min", -1),
  extreme("max", 1),
];
