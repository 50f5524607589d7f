/**
 * The order of rows by sort keys.
 *
 * @module
 */
import { type Column, isNull } from "../chunk/chunk.ts";
import type { SqlValue } from "../types/data_type.ts";

/** The direction of a sort key. */
export interface KeyOrder {
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Compares row `a` of one column with row `b` of another of the same type. */
type CompareValues = (
  left: Column,
  a: number,
  right: Column,
  b: number,
) => number;

/** A key: its values and its direction. */
export interface OrderedColumn {
  readonly column: Column;
  readonly order: KeyOrder;
}

/** Compares two rows, of one set of key columns each. */
export type CompareRows = (
  left: readonly Column[],
  a: number,
  right: readonly Column[],
  b: number,
) => number;

/** The comparison by keys of these types and directions. */
export function compareByKeys(
  types: readonly Column["type"][],
  orders: readonly KeyOrder[],
): CompareRows {
  const compares = types.map((type, i) => compareKey(type, orders[i]!));
  if (compares.length === 1) {
    const only = compares[0]!;
    return (left, a, right, b) => only(left[0]!, a, right[0]!, b);
  }
  return (left, a, right, b) => {
    for (let i = 0; i < compares.length; i++) {
      const order = compares[i]!(left[i]!, a, right[i]!, b);
      if (order !== 0) return order;
    }
    return 0;
  };
}

function compareKey(
  type: Column["type"],
  { descending, nullsFirst }: KeyOrder,
): CompareValues {
  const sign = descending ? -1 : 1;
  const nullSign = nullsFirst ? -1 : 1;
  const values = compareValues(type);
  return (left, a, right, b) => {
    if (left.validity !== undefined || right.validity !== undefined) {
      const leftNull = isNull(left, a);
      const rightNull = isNull(right, b);
      if (leftNull || rightNull) {
        return leftNull === rightNull ? 0 : leftNull ? nullSign : -nullSign;
      }
    }
    return sign * values(left, a, right, b);
  };
}

function compareValues(type: Column["type"]): CompareValues {
  switch (type.storage) {
    case "boolean":
    case "int32":
      return (left, a, right, b) =>
        (left.values as Int32Array)[a]! - (right.values as Int32Array)[b]!;
    case "float64":
      return (left, a, right, b) => {
        const x = (left.values as Float64Array)[a]!;
        const y = (right.values as Float64Array)[b]!;
        if (x < y) return -1;
        if (x > y) return 1;
        // Equal, or one is NaN, which the type puts where PostgreSQL has it.
        return x === y ? 0 : type.compare(x, y);
      };
    case "reference":
      return (left, a, right, b) =>
        type.compare(
          left.values[a] as SqlValue,
          right.values[b] as SqlValue,
        );
  }
}
