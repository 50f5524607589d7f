/**
 * Operators: the rows of VALUES, and the one row of a query without FROM.
 *
 * @module
 */
import {
  type Chunk,
  CHUNK_ROWS,
  type Column,
  ColumnBuilder,
  type ColumnValues,
} from "../chunk/chunk.ts";
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { BoundValuesColumn } from "../analyzer/bound_tree.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { ResultNode, ValuesNode } from "../planner/logical_plan.ts";
import { ColumnFiller } from "./column_tools.ts";
import type { Operator } from "./operator.ts";
import type { PhysicalPlan } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** One row, no columns. */
export class ResultPlan implements PhysicalPlan {
  readonly node: ResultNode;

  /** Compiles the node. */
  constructor(node: ResultNode) {
    this.node = node;
  }

  /** Opens it. */
  open(): Operator {
    let done = false;
    return {
      next(): Chunk | undefined {
        if (done) return undefined;
        done = true;
        return { columns: [], rowCount: 1 };
      },
      close(): void {
        done = true;
      },
    };
  }
}

/** A VALUES list. */
export class ValuesPlan implements PhysicalPlan {
  readonly node: ValuesNode;
  /**
   * For each column in which every cell is a parameter and nothing else (rows
   * given as parameters): which ones, by row.
   */
  readonly parameters: readonly (Int32Array | undefined)[];

  /** Compiles the list. */
  constructor(node: ValuesNode) {
    this.node = node;
    const { columns, rowCount } = node.values.values;
    this.parameters = columns.map((column) => parametersOf(column, rowCount));
  }

  /** Opens the list. */
  open(run: RunState): Operator {
    return new ValuesScan(this, run);
  }
}

function parametersOf(
  { cells }: BoundValuesColumn,
  rowCount: number,
): Int32Array | undefined {
  if (rowCount === 0 || cells.length !== rowCount) return undefined;
  const parameters = new Int32Array(rowCount);
  for (const { row, expression } of cells) {
    if (expression.kind !== "parameter") return undefined;
    parameters[row] = expression.index;
  }
  return parameters;
}

class ValuesScan implements Operator {
  readonly #plan: ValuesPlan;
  readonly #node: ValuesNode;
  readonly #run: RunState;
  /** By column, how many of its cells were evaluated. */
  readonly #cells: number[];
  #row = 0;

  constructor(plan: ValuesPlan, run: RunState) {
    const { node } = plan;
    this.#plan = plan;
    this.#node = node;
    this.#run = run;
    this.#cells = node.values.values.columns.map(() => 0);
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#row >= this.#node.values.values.rowCount) return undefined;
    this.#run.checkAborted();
    const pause = this.#run.pause();
    return pause === undefined ? this.#give() : pause.then(() => this.#give());
  }

  #give(): Chunk {
    const { rowCount, columns } = this.#node.values.values;
    const from = this.#row;
    const to = Math.min(rowCount, from + CHUNK_ROWS);
    this.#row = to;
    return {
      columns: columns.map((column, i) => this.#slice(column, i, from, to)),
      rowCount: to - from,
    };
  }

  /** Rows `from` to `to` of a column; `from` is a multiple of 32. */
  #slice(
    column: BoundValuesColumn,
    position: number,
    from: number,
    to: number,
  ): Column {
    const { type, values, validity } = column.constants;
    const parameters = this.#plan.parameters[position];
    if (parameters !== undefined) {
      const given = this.#run.context.parameters;
      const builder = new ColumnBuilder(type, to - from);
      for (let row = from; row < to; row++) {
        builder.append(given[parameters[row]!]!);
      }
      return builder.finish();
    }
    const constants: Column = {
      type,
      values: values.slice(from, to) as ColumnValues,
      validity: validity?.subarray(from >>> 5),
    };
    let cell = this.#cells[position]!;
    const { cells } = column;
    if (cell >= cells.length || cells[cell]!.row >= to) return constants;
    const filler = new ColumnFiller(type, to - from);
    filler.copy(constants, undefined, to - from);
    for (; cell < cells.length && cells[cell]!.row < to; cell++) {
      const { row, expression } = cells[cell]!;
      filler.set(row - from, evaluate(expression, this.#run));
    }
    this.#cells[position] = cell;
    return filler.finish();
  }

  close(): void {
    this.#row = this.#node.values.values.rowCount;
  }
}
