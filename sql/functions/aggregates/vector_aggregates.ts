/**
 * Sum and mean of vectors, element by element.
 *
 * A sum is rounded to the type's components at every step, as if by `+`; a mean
 * is summed in 64 bits.
 *
 * @module
 */
import { toHalfvec } from "../../../vector/types/halfvec.ts";
import { roundToFloat16 } from "../../../vector/types/float16.ts";
import {
  checkEqualDims,
  checkExpectedDims,
} from "../../../vector/types/vector_errors.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import { floatOverflow } from "../../types/number_casts.ts";
import { halfvec, vector } from "../../types/vector_type.ts";
import { aggregate, ValueState } from "./aggregate_define.ts";
import type { AggregateDefinition } from "../registry.ts";

class VectorSum extends ValueState {
  readonly #type: "vector" | "halfvec";
  #sums: Float32Array | undefined;

  constructor(type: "vector" | "halfvec") {
    super();
    this.#type = type;
  }

  add(value: SqlValue): void {
    const item = value as Float32Array;
    const sums = this.#sums;
    if (sums === undefined) {
      this.#sums = item.slice();
      return;
    }
    checkEqualDims(this.#type, sums.length, item.length);
    for (let i = 0; i < item.length; i++) {
      const sum = Math.fround(sums[i]! + item[i]!);
      sums[i] = this.#type === "vector" ? sum : roundToFloat16(sum);
      if (!Number.isFinite(sums[i])) throw floatOverflow();
    }
  }

  finish(): Nullable {
    return this.#sums?.slice() ?? null;
  }
}

class VectorMean extends ValueState {
  readonly #make: (mean: Float64Array) => Float32Array;
  #sums: Float64Array | undefined;
  #count = 0;

  constructor(make: (mean: Float64Array) => Float32Array) {
    super();
    this.#make = make;
  }

  add(value: SqlValue): void {
    const item = value as Float32Array;
    this.#count++;
    const sums = this.#sums;
    if (sums === undefined) {
      this.#sums = Float64Array.from(item);
      return;
    }
    checkExpectedDims(item.length, sums.length);
    for (let i = 0; i < item.length; i++) {
      sums[i]! += item[i]!;
      if (!Number.isFinite(sums[i])) throw floatOverflow();
    }
  }

  finish(): Nullable {
    const count = this.#count;
    return this.#sums === undefined
      ? null
      : this.#make(this.#sums.map((sum) => sum / count));
  }
}

function both(
  type: DataType,
  name: "vector" | "halfvec",
  make: (mean: Float64Array) => Float32Array,
): AggregateDefinition[] {
  return [
    aggregate("sum", type, type, () => new VectorSum(name)),
    aggregate("avg", type, type, () => new VectorMean(make)),
  ];
}

/** `sum` and `avg` of vectors. */
export const vectorAggregates: readonly AggregateDefinition[] = [
  ...both(vector, "vector", (mean) => Float32Array.from(mean)),
  ...both(halfvec, "halfvec", toHalfvec),
];
