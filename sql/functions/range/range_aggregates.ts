/**
 * Aggregates of ranges and multiranges: `range_agg`, `range_intersect_agg`.
 *
 * @module
 */
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { anyMultirange, anyRange } from "../../types/pseudo_types.ts";
import { multirangeTypeOf } from "../../types/range/range_type.ts";
import { SqlMultirange, type SqlRange } from "../../types/range/range_value.ts";
import type { AggregateDefinition, AggregateState } from "../registry.ts";
import { intersection, intersections, rangesOf } from "./range_algebra.ts";
import { kindOf } from "./range_operators.ts";

/** All that any of the ranges holds; NULL of none. */
class UnionState implements AggregateState {
  readonly #type: DataType;
  readonly #ranges: SqlRange[] = [];
  #isEmpty = true;

  constructor(type: DataType) {
    this.#type = type;
  }

  step([value]: readonly Nullable[]): void {
    if (value === null) return;
    this.#isEmpty = false;
    for (const range of rangesOf(value!)) this.#ranges.push(range);
  }

  finish(): Nullable {
    return this.#isEmpty
      ? null
      : SqlMultirange.of(kindOf(this.#type), this.#ranges);
  }
}

/** What all of the ranges hold. */
class IntersectionState implements AggregateState {
  readonly #type: DataType;
  #value: Nullable = null;

  constructor(type: DataType) {
    this.#type = type;
  }

  step([value]: readonly Nullable[]): void {
    this.#value = this.#value === null
      ? value!
      : intersect(this.#type, this.#value, value!);
  }

  finish(): Nullable {
    return this.#value;
  }
}

function intersect(type: DataType, a: SqlValue, b: SqlValue): SqlValue {
  const kind = kindOf(type);
  return type.range === undefined
    ? SqlMultirange.of(kind, intersections(kind, rangesOf(a), rangesOf(b)))
    : intersection(kind, a as SqlRange, b as SqlRange);
}

function aggregate(
  name: string,
  declared: DataType,
  returns: (type: DataType) => DataType,
  strict: boolean,
  create: (type: DataType) => AggregateState,
): AggregateDefinition {
  const of = (type: DataType, returnType: DataType): AggregateDefinition => ({
    name,
    argumentTypes: [type],
    returnType,
    strict,
    create: () => create(type),
  });
  return {
    ...of(declared, returns(declared)),
    specialize: ([type]) => of(type!, returns(type!)),
  };
}

const same = (type: DataType): DataType => type;

function unionOf(type: DataType): DataType {
  return type === anyRange
    ? anyMultirange
    : type.range === undefined
    ? type
    : multirangeTypeOf(type)!;
}

/** Aggregates of ranges and multiranges. */
export const rangeAggregates: readonly AggregateDefinition[] = [
  anyRange,
  anyMultirange,
].flatMap((declared) => [
  aggregate(
    "range_agg",
    declared,
    unionOf,
    false,
    (type) => new UnionState(type),
  ),
  aggregate(
    "range_intersect_agg",
    declared,
    same,
    true,
    (type) => new IntersectionState(type),
  ),
]);
