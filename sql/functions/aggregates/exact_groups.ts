/**
 * States of sums and averages of `int8` and `numeric` for all groups at once. What
 * comes out is what a state for each group gives (`sum_aggregates.ts`).
 *
 * Of each group the digits of values that came since are kept in a double, as long
 * as it is exact; what is not goes to a sum of its own.
 *
 * @module
 */
import { type Column, ColumnBuilder, isNull } from "../../chunk/chunk.ts";
import { DecimalColumn } from "../../chunk/decimal_column.ts";
import type { Nullable } from "../../types/data_type.ts";
import { isSafe, Numeric } from "../../types/numeric.ts";
import { add, divide } from "../../types/numeric_arithmetic.ts";
import { numeric } from "../../types/numeric_type.ts";
import type { GroupStates } from "../registry.ts";

/** A typed array with room for twice as many, when there are more. */
function grown(array: Float64Array, count: number): Float64Array {
  if (count <= array.length) return array;
  const larger = new Float64Array(Math.max(64, 2 * count));
  larger.set(array);
  return larger;
}

/** Sums of a type's values, and how many there were. */
abstract class ExactGroups implements GroupStates {
  readonly groupBytes: number = 32;
  protected counts: Float64Array = new Float64Array(0);
  /** The digits of the values that came since. */
  protected recent: Float64Array = new Float64Array(0);
  readonly #isAverage: boolean;

  /** Sums, or averages. */
  constructor(isAverage: boolean) {
    this.#isAverage = isAverage;
  }

  /** Adds a value to a group. */
  protected abstract add(group: number, value: Nullable): void;

  /** The sum of a group that has values. */
  protected abstract total(group: number): Numeric;

  grow(count: number): void {
    this.counts = grown(this.counts, count);
    this.recent = grown(this.recent, count);
  }

  step(
    columns: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
    groups: Int32Array,
  ): void {
    const column = columns[0]!;
    const values = column.values as Nullable[];
    const { counts } = this;
    const count = rows === undefined ? rowCount : rows.length;
    const hasNulls = column.validity !== undefined;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      if (hasNulls && isNull(column, row)) continue;
      const group = groups[row]!;
      counts[group]!++;
      this.add(group, values[row]!);
    }
  }

  finish(count: number): Column {
    const builder = new ColumnBuilder(numeric, count);
    for (let group = 0; group < count; group++) {
      const rows = this.counts[group]!;
      if (rows === 0) {
        builder.appendNull();
        continue;
      }
      const total = this.total(group);
      builder.appendReference(
        this.#isAverage ? divide(total, Numeric.fromInteger(rows)) : total,
      );
    }
    return builder.finish();
  }
}

/** `sum` and `avg` of `int8`. */
export class BigintGroups extends ExactGroups {
  readonly #large = new Map<number, bigint>();

  protected add(group: number, value: Nullable): void {
    if (typeof value === "number") {
      const sum = this.recent[group]! + value;
      if (isSafe(sum)) {
        this.recent[group] = sum;
        return;
      }
    }
    const large = this.#large.get(group) ?? 0n;
    this.#large.set(group, large + BigInt(value as number | bigint));
  }

  protected total(group: number): Numeric {
    const large = this.#large.get(group) ?? 0n;
    return Numeric.of(large + BigInt(this.recent[group]!));
  }
}

/**
 * `sum` and `avg` of `numeric`; the result has the most decimals of any value.
 * Infinities and NaN are as in an addition.
 */
export class NumericGroups extends ExactGroups {
  /** The decimals of the values that came since; -1 before the first. */
  #scales: Float64Array = new Float64Array(0);
  readonly #sums: (Numeric | undefined)[] = [];

  override grow(count: number): void {
    super.grow(count);
    const before = this.#sums.length;
    this.#scales = grown(this.#scales, count);
    for (let group = before; group < count; group++) {
      this.#scales[group] = -1;
      this.#sums.push(undefined);
    }
  }

  override step(
    columns: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
    groups: Int32Array,
  ): void {
    const column = columns[0]!;
    if (!(column instanceof DecimalColumn)) {
      return super.step(columns, rowCount, rows, groups);
    }
    const { digits, scale, validity } = column;
    const { counts, recent } = this;
    const scales = this.#scales;
    const count = rows === undefined ? rowCount : rows.length;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      if (validity !== undefined && isNull(column, row)) continue;
      const group = groups[row]!;
      counts[group]!++;
      const sum = recent[group]! + digits[row]!;
      if (scale === scales[group] && isSafe(sum)) recent[group] = sum;
      else this.add(group, Numeric.ofSafe(digits[row]!, scale));
    }
  }

  protected add(group: number, value: Nullable): void {
    const { small, scale, kind } = value as Numeric;
    const recent = this.recent[group]! + small;
    if (
      kind === "finite" && scale === this.#scales[group] && isSafe(recent)
    ) {
      this.recent[group] = recent;
      return;
    }
    const sum = this.#settled(group);
    this.#sums[group] = sum === undefined
      ? value as Numeric
      : add(sum, value as Numeric);
    this.#scales[group] = scale;
  }

  /** The sum with what came since, which is none afterwards. */
  #settled(group: number): Numeric | undefined {
    const sum = this.#sums[group];
    const recent = this.recent[group]!;
    if (recent === 0) return sum;
    this.recent[group] = 0;
    const since = Numeric.ofSafe(recent, this.#scales[group]!);
    return this.#sums[group] = add(sum!, since);
  }

  protected total(group: number): Numeric {
    return this.#settled(group)!;
  }
}
