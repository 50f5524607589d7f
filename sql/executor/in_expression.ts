/**
 * IN over a list: a hash set where the list is the same for all rows, else one
 * comparison after the other.
 *
 * @module
 */
import type { BoundExpression, BoundIn } from "../analyzer/bound_expression.ts";
import { someExpression } from "../analyzer/walk.ts";
import { type Column, isNull, valueAt } from "../chunk/chunk.ts";
import { evaluate } from "../planner/evaluate.ts";
import { isVolatile } from "../planner/volatility.ts";
import { bool } from "../types/bool_type.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import type { ColumnExpression, Compiler } from "./column_expression.ts";
import { ColumnFiller, forEachRow } from "./column_tools.ts";
import type { RunState } from "./run_state.ts";

/** IN and NOT IN. */
export function compileIn(
  compiler: Compiler,
  expression: BoundIn,
): ColumnExpression {
  const [left, right] = expression.function.argumentTypes;
  const sameForm = left === right && left !== undefined;
  return sameForm && expression.items.every(isFixed)
    ? compileSet(compiler, expression, left)
    : compileComparisons(compiler, expression);
}

/** Whether the item has one value for all rows. */
export function isFixed(item: BoundExpression): boolean {
  return !isVolatile(item) &&
    !someExpression(
      item,
      ({ kind }) =>
        kind === "column" || kind === "case_operand" || kind === "outer",
    );
}

/** The items of a list, by hash key. */
export interface ItemSet {
  readonly keys: ReadonlySet<string | number | bigint | boolean>;
  readonly hasNull: boolean;
}

function compileSet(
  compiler: Compiler,
  expression: BoundIn,
  type: DataType,
): ColumnExpression {
  const operand = compiler.compile(expression.operand);
  const { items, negated } = expression;
  const makeSet = (run: RunState): ItemSet => {
    const keys = new Set<string | number | bigint | boolean>();
    let hasNull = false;
    for (const item of items) {
      const value = evaluate(item, run);
      if (value === null) hasNull = true;
      else keys.add(type.hashKey(value));
    }
    return { keys, hasNull };
  };
  return (chunk, rows, run) => {
    const column = operand(chunk, rows, run);
    const set = run.memo(expression, () => makeSet(run));
    const filler = new ColumnFiller(bool, chunk.rowCount);
    forEachRow(rows, chunk.rowCount, (row) => {
      filler.set(row, memberOf(column, row, type, set, negated));
    });
    return filler.finish();
  };
}

/** Whether the value in `row` is in the set, or is not. */
export function memberOf(
  column: Column,
  row: number,
  type: DataType,
  { keys, hasNull }: ItemSet,
  negated: boolean,
): Nullable {
  const value = valueAt(column, row);
  if (value === null) return null;
  if (keys.has(type.hashKey(value))) return !negated;
  return hasNull ? null : negated;
}

function compileComparisons(
  compiler: Compiler,
  { operand, items, function: definition, negated }: BoundIn,
): ColumnExpression {
  const left = compiler.compile(operand);
  const rights = compiler.compileAll(items);
  const { scalar, strict } = definition;
  return (chunk, rows, run) => {
    const column = left(chunk, rows, run);
    const columns = rights.map((right) => right(chunk, rows, run));
    const filler = new ColumnFiller(bool, chunk.rowCount);
    forEachRow(rows, chunk.rowCount, (row) => {
      if (strict && isNull(column, row)) {
        filler.set(row, null);
        return;
      }
      const value = valueAt(column, row);
      let unknown = false;
      for (const item of columns) {
        const other = valueAt(item, row);
        const result = other === null && strict
          ? null
          : scalar!([value, other], run.functions);
        if (result === null) {
          unknown = true;
        } else if (result !== negated) {
          filler.set(row, !negated);
          return;
        }
      }
      filler.set(row, unknown ? null : negated);
    });
    return filler.finish();
  };
}
