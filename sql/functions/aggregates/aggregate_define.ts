/**
 * Short ways to write aggregates, and loops over the rows of a column.
 *
 * @module
 */
import { type Column, isNull, valueAt } from "../../chunk/chunk.ts";
import type { DataType, Nullable, SqlValue } from "../../types/data_type.ts";
import type { AggregateDefinition, AggregateState } from "../registry.ts";

/** A strict aggregate of one argument. */
export function aggregate(
  name: string,
  type: DataType,
  returnType: DataType,
  create: () => AggregateState,
): AggregateDefinition {
  return { name, argumentTypes: [type], returnType, strict: true, create };
}

/** Calls `visit` for every row that is there and not NULL. */
export function forEachValue(
  column: Column,
  rowCount: number,
  rows: Uint32Array | undefined,
  visit: (value: SqlValue) => void,
): void {
  const count = rows === undefined ? rowCount : rows.length;
  for (let i = 0; i < count; i++) {
    const value = valueAt(column, rows === undefined ? i : rows[i]!);
    if (value !== null) visit(value);
  }
}

/** How many rows are there and not NULL. */
export function countValues(
  column: Column,
  rowCount: number,
  rows: Uint32Array | undefined,
): number {
  const count = rows === undefined ? rowCount : rows.length;
  if (column.validity === undefined) return count;
  let valid = 0;
  for (let i = 0; i < count; i++) {
    if (!isNull(column, rows === undefined ? i : rows[i]!)) valid++;
  }
  return valid;
}

/** A state that takes one value at a time. */
export abstract class ValueState implements AggregateState {
  /** Takes a value that is not NULL. */
  abstract add(value: SqlValue): void;

  /** The result. */
  abstract finish(): Nullable;

  step(args: readonly Nullable[]): void {
    this.add(args[0]!);
  }

  stepColumns(
    args: readonly Column[],
    rowCount: number,
    rows: Uint32Array | undefined,
  ): void {
    forEachValue(args[0]!, rowCount, rows, (value) => this.add(value));
  }
}
