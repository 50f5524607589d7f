/**
 * `op ANY (array)` and `op ALL (array)`: a hash set where the array is the same
 * for all rows and equality decides, else one comparison after the other.
 *
 * @module
 */
import type { BoundArrayComparison } from "../analyzer/bound_expression.ts";
import { isNull, valueAt } from "../chunk/chunk.ts";
import { compareWithElements, evaluate } from "../planner/evaluate.ts";
import { bool } from "../types/bool_type.ts";
import type { ArrayValue, DataType } from "../types/data_type.ts";
import type { ColumnExpression, Compiler } from "./column_expression.ts";
import { ColumnFiller, forEachRow } from "./column_tools.ts";
import { isFixed, type ItemSet, memberOf } from "./in_expression.ts";
import type { RunState } from "./run_state.ts";

/** A comparison of values with the elements of arrays. */
export function compileArrayComparison(
  compiler: Compiler,
  expression: BoundArrayComparison,
): ColumnExpression {
  const { function: definition, operator, all, array } = expression;
  const [left, right] = definition.argumentTypes;
  const isSet = operator === (all ? "<>" : "=") && left === right &&
    definition.name === operator && isFixed(array);
  return isSet
    ? compileSet(compiler, expression, left!)
    : compileComparisons(compiler, expression);
}

function compileSet(
  compiler: Compiler,
  expression: BoundArrayComparison,
  type: DataType,
): ColumnExpression {
  const operand = compiler.compile(expression.operand);
  const { all } = expression;
  const makeSet = (run: RunState): ItemSet | undefined => {
    const array = evaluate(expression.array, run) as ArrayValue | null;
    if (array === null) return undefined;
    const keys = new Set<string | number | bigint | boolean>();
    let hasNull = false;
    for (const element of array.elements) {
      if (element === null) hasNull = true;
      else keys.add(type.hashKey(element));
    }
    return { keys, hasNull };
  };
  return (chunk, rows, run) => {
    const column = operand(chunk, rows, run);
    const set = run.memo(expression, () => makeSet(run));
    const filler = new ColumnFiller(bool, chunk.rowCount);
    forEachRow(rows, chunk.rowCount, (row) => {
      if (set === undefined) filler.set(row, null);
      else if (set.keys.size === 0 && !set.hasNull) filler.set(row, all);
      else filler.set(row, memberOf(column, row, type, set, all));
    });
    return filler.finish();
  };
}

function compileComparisons(
  compiler: Compiler,
  { operand, array, function: definition, all }: BoundArrayComparison,
): ColumnExpression {
  const left = compiler.compile(operand);
  const right = compiler.compile(array);
  return (chunk, rows, run) => {
    const column = left(chunk, rows, run);
    const arrays = right(chunk, rows, run);
    const filler = new ColumnFiller(bool, chunk.rowCount);
    forEachRow(rows, chunk.rowCount, (row) => {
      filler.set(
        row,
        isNull(arrays, row) ? null : compareWithElements(
          definition,
          valueAt(column, row),
          valueAt(arrays, row) as ArrayValue,
          all,
          run.functions,
        ),
      );
    });
    return filler.finish();
  };
}
