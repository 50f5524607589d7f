/**
 * States of the commonest aggregates for all groups at once, in typed arrays. What comes
 * out is what a state for each group gives (`sum_aggregates.ts` and others).
 *
 * @module
 */
import {
  allocateValidity,
  allocateValues,
  type Column,
  ColumnBuilder,
  isNull,
} from "../../chunk/chunk.ts";
import type { DataType } from "../../types/data_type.ts";
import { float8 } from "../../types/float_types.ts";
import { int8 } from "../../types/int_types.ts";
import { floatOverflow } from "../../types/number_casts.ts";
import { Numeric } from "../../types/numeric.ts";
import { divide } from "../../types/numeric_arithmetic.ts";
import { numeric } from "../../types/numeric_type.ts";
import { checkInt8 } from "../numeric/integer_operators.ts";
import type { GroupStates } from "../registry.ts";

/** A typed array with room for twice as many, when there are more. */
function grown(array: Float64Array, count: number): Float64Array {
  if (count <= array.length) return array;
  const larger = new Float64Array(Math.max(64, 2 * count));
  larger.set(array);
  return larger;
}

/** Calls `take` for the rows that are not NULL, with their groups. */
function forEachGrouped(
  column: Column,
  rowCount: number,
  rows: Uint32Array | undefined,
  groups: Int32Array,
  take: (group: number, value: number) => void,
): void {
  const values = column.values as Float64Array;
  const count = rows === undefined ? rowCount : rows.length;
  const hasNulls = column.validity !== undefined;
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i]!;
    if (hasNulls && isNull(column, row)) continue;
    take(groups[row]!, values[row]!);
  }
}

/** `count`. */
export class CountGroups implements GroupStates {
  readonly groupBytes = 8;
  #counts: Float64Array = new Float64Array(0);

  grow(count: number): void {
    this.#counts = grown(this.#counts, count);
  }

  step(
    [column]: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
    groups: Int32Array,
  ): void {
    const counts = this.#counts;
    const count = rows === undefined ? rowCount : rows.length;
    const hasNulls = column?.validity !== undefined;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      if (hasNulls && isNull(column, row)) continue;
      counts[groups[row]!]!++;
    }
  }

  finish(count: number): Column {
    const builder = new ColumnBuilder(int8, count);
    for (let group = 0; group < count; group++) {
      builder.appendReference(this.#counts[group]!);
    }
    return builder.finish();
  }
}

/** Exact sums of `int2` and `int4`, and how many there were. */
class IntegerGroups {
  #sums: Float64Array = new Float64Array(0);
  #counts: Float64Array = new Float64Array(0);
  /** What is not in `#sums` as they would not be exact. */
  readonly #large = new Map<number, bigint>();

  grow(count: number): void {
    this.#sums = grown(this.#sums, count);
    this.#counts = grown(this.#counts, count);
  }

  step(
    [column]: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
    groups: Int32Array,
  ): void {
    const sums = this.#sums;
    const counts = this.#counts;
    forEachGrouped(column!, rowCount, rows, groups, (group, value) => {
      const sum = sums[group]! + value;
      counts[group]!++;
      if (Number.isSafeInteger(sum)) {
        sums[group] = sum;
        return;
      }
      const large = this.#large.get(group) ?? 0n;
      this.#large.set(group, large + BigInt(sums[group]!));
      sums[group] = value;
    });
  }

  count(group: number): number {
    return this.#counts[group]!;
  }

  total(group: number): bigint {
    return (this.#large.get(group) ?? 0n) + BigInt(this.#sums[group]!);
  }
}

/** `sum` of `int2` and `int4`. */
export class IntegerSumGroups extends IntegerGroups implements GroupStates {
  readonly groupBytes = 16;

  finish(count: number): Column {
    const builder = new ColumnBuilder(int8, count);
    for (let group = 0; group < count; group++) {
      if (this.count(group) === 0) builder.appendNull();
      else builder.appendReference(checkInt8(this.total(group)));
    }
    return builder.finish();
  }
}

/** `avg` of `int2` and `int4`. */
export class IntegerAverageGroups extends IntegerGroups implements GroupStates {
  readonly groupBytes = 16;

  finish(count: number): Column {
    const builder = new ColumnBuilder(numeric, count);
    for (let group = 0; group < count; group++) {
      const rows = this.count(group);
      if (rows === 0) {
        builder.appendNull();
        continue;
      }
      const total = Numeric.of(this.total(group));
      builder.appendReference(divide(total, Numeric.fromInteger(rows)));
    }
    return builder.finish();
  }
}

/** `sum` of floats, in the order of the rows. */
export class FloatSumGroups implements GroupStates {
  readonly groupBytes = 16;
  readonly #type: DataType;
  readonly #round: (value: number) => number;
  #sums: Float64Array = new Float64Array(0);
  #counts: Float64Array = new Float64Array(0);

  /** Sums of a type; `round` makes a sum one of its values. */
  constructor(type: DataType, round: (value: number) => number) {
    this.#type = type;
    this.#round = round;
  }

  grow(count: number): void {
    this.#sums = grown(this.#sums, count);
    this.#counts = grown(this.#counts, count);
  }

  step(
    [column]: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
    groups: Int32Array,
  ): void {
    const sums = this.#sums;
    const counts = this.#counts;
    const round = this.#round;
    forEachGrouped(column!, rowCount, rows, groups, (group, value) => {
      const before = sums[group]!;
      const sum = counts[group]!++ === 0 ? value : round(before + value);
      if (
        !Number.isFinite(sum) && Number.isFinite(before) &&
        Number.isFinite(value)
      ) throw floatOverflow();
      sums[group] = sum;
    });
  }

  finish(count: number): Column {
    return floatColumn(
      this.#type,
      count,
      (group) => this.#counts[group] === 0 ? undefined : this.#sums[group],
    );
  }
}

/** `avg` of floats, by the update of Youngs and Cramer. */
export class FloatAverageGroups implements GroupStates {
  readonly groupBytes = 24;
  #counts: Float64Array = new Float64Array(0);
  #sums: Float64Array = new Float64Array(0);
  #squares: Float64Array = new Float64Array(0);

  grow(count: number): void {
    this.#counts = grown(this.#counts, count);
    this.#sums = grown(this.#sums, count);
    this.#squares = grown(this.#squares, count);
  }

  step(
    [column]: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
    groups: Int32Array,
  ): void {
    const counts = this.#counts;
    const sums = this.#sums;
    const squares = this.#squares;
    forEachGrouped(column!, rowCount, rows, groups, (group, value) => {
      const before = counts[group]!;
      const count = before + 1;
      const sum = sums[group]! + value;
      if (before > 0) {
        const difference = value * count - sum;
        squares[group]! += difference * difference / (count * before);
        if (!Number.isFinite(sum) || !Number.isFinite(squares[group]!)) {
          if (Number.isFinite(sums[group]!) && Number.isFinite(value)) {
            throw floatOverflow();
          }
          squares[group] = NaN;
        }
      } else if (!Number.isFinite(value)) {
        squares[group] = NaN;
      }
      counts[group] = count;
      sums[group] = sum;
    });
  }

  finish(count: number): Column {
    return floatColumn(float8, count, (group) => {
      const rows = this.#counts[group]!;
      return rows === 0 ? undefined : this.#sums[group]! / rows;
    });
  }
}

/** `min` and `max` of types kept in typed arrays; NaN is above all. */
export class ExtremeGroups implements GroupStates {
  readonly groupBytes = 9;
  readonly #type: DataType;
  readonly #sign: number;
  #values: Float64Array = new Float64Array(0);
  #seen: Uint8Array = new Uint8Array(0);

  /** The least (`sign` -1) or the greatest (1) values of a type. */
  constructor(type: DataType, sign: number) {
    this.#type = type;
    this.#sign = sign;
  }

  grow(count: number): void {
    this.#values = grown(this.#values, count);
    if (this.#seen.length >= this.#values.length) return;
    const seen = new Uint8Array(this.#values.length);
    seen.set(this.#seen);
    this.#seen = seen;
  }

  step(
    [column]: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
    groups: Int32Array,
  ): void {
    const values = this.#values;
    const seen = this.#seen;
    const isGreatest = this.#sign > 0;
    forEachGrouped(column!, rowCount, rows, groups, (group, value) => {
      const kept = values[group]!;
      const isBetter = seen[group] === 0 ||
        (isGreatest
          ? value > kept || (value !== value && kept === kept)
          : value < kept || (kept !== kept && value === value));
      if (!isBetter) return;
      values[group] = value;
      seen[group] = 1;
    });
  }

  finish(count: number): Column {
    return floatColumn(
      this.#type,
      count,
      (group) => this.#seen[group] === 0 ? undefined : this.#values[group],
    );
  }
}

/** A column of a type kept in a typed array; `undefined` is NULL. */
function floatColumn(
  type: DataType,
  count: number,
  valueOf: (group: number) => number | undefined,
): Column {
  const values = allocateValues(type, count) as Float64Array;
  let validity: Uint32Array | undefined;
  for (let group = 0; group < count; group++) {
    const value = valueOf(group);
    if (value !== undefined) {
      values[group] = value;
      continue;
    }
    validity ??= allocateValidity(count).fill(0xffffffff);
    validity[group >>> 5]! &= ~(1 << (group & 31));
  }
  return { type, values, validity };
}
