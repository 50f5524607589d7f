/**
 * Bound expressions compiled to closures over chunks.
 *
 * Compiled once for a plan; a closure keeps nothing of a run but constants. It
 * computes the rows `rows` (all when absent) and returns a column with the
 * chunk's row numbers. `planner/evaluate.ts` is the plain form: for every row the
 * same value, and an error when and only when one of the rows has one.
 *
 * Whatever evaluates only some rows of its parts (AND, OR, CASE …) is in
 * `conditional_expressions.ts`.
 *
 * @module
 */
import { invariant, unreachable } from "../../base/invariant.ts";
import type {
  BoundColumn,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import { type Chunk, type Column, isNull, valueAt } from "../chunk/chunk.ts";
import type { FunctionDefinition } from "../functions/registry.ts";
import { booleanTest } from "../planner/evaluate.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import {
  ColumnFiller,
  commonValidity,
  constantColumn,
  forEachRow,
} from "./column_tools.ts";
import {
  compileCase,
  compileCoalesce,
  compileExtreme,
  compileLogical,
} from "./conditional_expressions.ts";
import type { CommonExpressions } from "./common_expressions.ts";
import { compileArrayComparison } from "./array_comparison.ts";
import { compileIn } from "./in_expression.ts";
import type {
  ColumnExpression,
  Compiler,
  OperandSlot,
} from "./column_expression.ts";
import { bool } from "../types/bool_type.ts";

/** Where the columns of the chunks are, by name. */
export type Layout = (column: BoundColumn) => number;

/**
 * Compiles `expression` for chunks of that layout, and what it has in `common` with
 * others of its node once for all of them.
 */
export function compileExpression(
  expression: BoundExpression,
  layout: Layout,
  common?: CommonExpressions,
): ColumnExpression {
  return new ExpressionCompiler(layout, common).compile(expression);
}

class ExpressionCompiler implements Compiler {
  readonly #layout: Layout;
  readonly #common: CommonExpressions | undefined;
  readonly #slots: OperandSlot[] = [];

  constructor(layout: Layout, common: CommonExpressions | undefined) {
    this.#layout = layout;
    this.#common = common;
  }

  compileAll(expressions: readonly BoundExpression[]): ColumnExpression[] {
    return expressions.map((expression) => this.compile(expression));
  }

  withOperand<T>(slot: OperandSlot, compile: () => T): T {
    this.#slots.push(slot);
    const result = compile();
    this.#slots.pop();
    return result;
  }

  compile(expression: BoundExpression): ColumnExpression {
    return this.#common === undefined
      ? this.#compile(expression)
      : this.#common.compiled(expression, () => this.#compile(expression));
  }

  #compile(expression: BoundExpression): ColumnExpression {
    switch (expression.kind) {
      case "constant":
        return compileConstant(expression.type.type, expression.value);
      case "parameter": {
        const { index } = expression;
        const { type } = expression.type;
        return (chunk, _rows, run) =>
          run.parameterColumn(index, type, chunk.rowCount);
      }
      case "column": {
        const position = this.#layout(expression);
        return (chunk) => chunk.columns[position]!;
      }
      case "call":
        return compileCall(
          expression.function,
          this.compileAll(expression.args),
        );
      case "cast":
        return this.#cast(expression);
      case "logical":
        return compileLogical(this, expression);
      case "null_test":
        return this.#nullTest(expression);
      case "boolean_test":
        return this.#booleanTest(expression);
      case "distinct_from":
        return this.#distinctFrom(expression);
      case "null_if":
        return this.#nullIf(expression);
      case "coalesce":
        return compileCoalesce(this, expression);
      case "extreme":
        return compileExtreme(this, expression);
      case "in":
        return compileIn(this, expression);
      case "array_comparison":
        return compileArrayComparison(this, expression);
      case "case":
        return compileCase(this, expression);
      case "case_operand": {
        const slot = this.#slots.at(-1);
        invariant(slot !== undefined, "an operand without its CASE");
        return () => slot.column!;
      }
      case "outer": {
        const { slot } = expression;
        const { type } = expression.type;
        return (chunk, _rows, run) =>
          run.slotColumn(slot, type, chunk.rowCount);
      }
      case "subquery":
        invariant(false, "a query that the planner left in an expression");
        return () => constantColumn(bool, null, 0);
      case "window":
        invariant(false, "a window function outside of its node");
        return () => constantColumn(bool, null, 0);
      case "grouping":
      case "aggregate":
        invariant(false, "an aggregate outside of an aggregation");
        return () => constantColumn(bool, null, 0);
      default:
        return unreachable(expression);
    }
  }

  #cast(
    expression: Extract<BoundExpression, { kind: "cast" }>,
  ): ColumnExpression {
    const operand = this.compile(expression.operand);
    const { convert } = expression;
    const { type } = expression.type;
    if (convert === undefined) {
      if (type.storage === expression.operand.type.type.storage) {
        return (chunk, rows, run) => {
          const { values, validity } = operand(chunk, rows, run);
          return { type, values, validity };
        };
      }
      return mapColumn(operand, type, (value) => value);
    }
    return (chunk, rows, run) => {
      const source = operand(chunk, rows, run);
      const filler = new ColumnFiller(type, chunk.rowCount);
      const { inputContext } = run;
      forEachRow(rows, chunk.rowCount, (row) => {
        const value = valueAt(source, row);
        filler.set(row, value === null ? null : convert(value, inputContext));
      });
      return filler.finish();
    };
  }

  #nullTest(
    { operand: tested, negated }: Extract<
      BoundExpression,
      { kind: "null_test" }
    >,
  ): ColumnExpression {
    const operand = this.compile(tested);
    return (chunk, rows, run) => {
      const column = operand(chunk, rows, run);
      const values = new Uint8Array(chunk.rowCount);
      if (column.validity === undefined) {
        if (negated) values.fill(1);
      } else {
        forEachRow(rows, chunk.rowCount, (row) => {
          values[row] = isNull(column, row) !== negated ? 1 : 0;
        });
      }
      return { type: bool, values, validity: undefined };
    };
  }

  #booleanTest(
    expression: Extract<BoundExpression, { kind: "boolean_test" }>,
  ): ColumnExpression {
    const operand = this.compile(expression.operand);
    return (chunk, rows, run) => {
      const column = operand(chunk, rows, run);
      const values = new Uint8Array(chunk.rowCount);
      forEachRow(rows, chunk.rowCount, (row) => {
        values[row] = booleanTest(valueAt(column, row), expression) ? 1 : 0;
      });
      return { type: bool, values, validity: undefined };
    };
  }

  #distinctFrom(
    expression: Extract<BoundExpression, { kind: "distinct_from" }>,
  ): ColumnExpression {
    const left = this.compile(expression.left);
    const right = this.compile(expression.right);
    const { negated } = expression;
    const equal = compileCall(expression.equal, [pick(0), pick(1)]);
    return (chunk, rows, run) => {
      const { rowCount } = chunk;
      const columns = [left(chunk, rows, run), right(chunk, rows, run)];
      const same = equal({ columns, rowCount }, rows, run);
      const values = new Uint8Array(rowCount);
      forEachRow(rows, rowCount, (row) => {
        const leftNull = isNull(columns[0]!, row);
        const distinct = leftNull || isNull(columns[1]!, row)
          ? leftNull !== isNull(columns[1]!, row)
          : same.values[row] !== 1 || isNull(same, row);
        values[row] = distinct !== negated ? 1 : 0;
      });
      return { type: bool, values, validity: undefined };
    };
  }

  #nullIf(
    expression: Extract<BoundExpression, { kind: "null_if" }>,
  ): ColumnExpression {
    const left = this.compile(expression.left);
    const right = this.compile(expression.right);
    const { type } = expression.type;
    const equal = compileCall(expression.equal, [pick(0), pick(1)]);
    return (chunk, rows, run) => {
      const { rowCount } = chunk;
      const first = left(chunk, rows, run);
      const columns = [first, right(chunk, rows, run)];
      const same = equal({ columns, rowCount }, rows, run);
      const filler = new ColumnFiller(type, rowCount);
      forEachRow(rows, rowCount, (row) => {
        const isSame = same.values[row] === 1 && !isNull(same, row);
        filler.set(row, isSame ? null : valueAt(first, row));
      });
      return filler.finish();
    };
  }
}

/** The column at a position. */
function pick(position: number): ColumnExpression {
  return (chunk) => chunk.columns[position]!;
}

function compileConstant(type: DataType, value: Nullable): ColumnExpression {
  let column = constantColumn(type, value, 1);
  return (chunk) => {
    if (column.values.length < chunk.rowCount) {
      column = constantColumn(type, value, Math.max(64, chunk.rowCount));
    }
    return column;
  };
}

/** Each value that is not NULL mapped by itself. */
function mapColumn(
  operand: ColumnExpression,
  type: DataType,
  map: (value: Exclude<Nullable, null>) => Nullable,
): ColumnExpression {
  return (chunk, rows, run) => {
    const source = operand(chunk, rows, run);
    const filler = new ColumnFiller(type, chunk.rowCount);
    forEachRow(rows, chunk.rowCount, (row) => {
      const value = valueAt(source, row);
      filler.set(row, value === null ? null : map(value));
    });
    return filler.finish();
  };
}

/** A function over the columns of its arguments. */
export function compileCall(
  definition: FunctionDefinition,
  args: readonly ColumnExpression[],
): ColumnExpression {
  const { column, scalar, strict } = definition;
  invariant(scalar !== undefined, `${definition.name} waits for storage`);
  if (column !== undefined && strict) {
    return (chunk, rows, run) => {
      const columns = evaluateAll(args, chunk, rows, run);
      const validity = commonValidity(columns, chunk.rowCount);
      return column(columns, chunk.rowCount, rows, validity, run.functions);
    };
  }
  const type = definition.returnType;
  return (chunk, rows, run) => {
    const { rowCount } = chunk;
    const columns = evaluateAll(args, chunk, rows, run);
    const filler = new ColumnFiller(type, rowCount);
    const values: Nullable[] = new Array(columns.length).fill(null);
    const { functions } = run;
    forEachRow(rows, rowCount, (row) => {
      for (let i = 0; i < columns.length; i++) {
        const value = valueAt(columns[i]!, row);
        if (value === null && strict) {
          filler.set(row, null);
          return;
        }
        values[i] = value;
      }
      filler.set(row, scalar(values, functions));
    });
    return filler.finish();
  };
}

function evaluateAll(
  args: readonly ColumnExpression[],
  chunk: Chunk,
  rows: Uint32Array | undefined,
  run: Parameters<ColumnExpression>[2],
): Column[] {
  const columns: Column[] = new Array(args.length);
  for (let i = 0; i < args.length; i++) {
    columns[i] = args[i]!(chunk, rows, run);
  }
  return columns;
}
