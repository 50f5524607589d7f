/**
 * Operator: the first row of each run of rows that are equal in the keys. Rows
 * come sorted by them.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { DistinctOnNode } from "../planner/logical_plan.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { rowsWhere } from "./column_tools.ts";
import { compileExpression } from "./expression_compiler.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import { type RowKey, rowKey } from "./row_key.ts";
import type { RunState } from "./run_state.ts";

/** A compiled DISTINCT ON. */
export class DistinctOnPlan implements PhysicalPlan {
  readonly node: DistinctOnNode;
  readonly keys: readonly ColumnExpression[];
  readonly #input: PhysicalPlan;

  /** Compiles the node over `input`. */
  constructor(node: DistinctOnNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    const layout = layoutOf(node.input);
    this.keys = node.keys.map((key) => compileExpression(key, layout));
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new DistinctOn(this, openInput(this.#input, run), run);
  }
}

class DistinctOn implements Operator {
  readonly #plan: DistinctOnPlan;
  readonly #input: Operator;
  readonly #run: RunState;
  /** The keys of the row before; absent before the first. */
  #last: RowKey | undefined;

  constructor(plan: DistinctOnPlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
  }

  next(): MaybePromise<Chunk | undefined> {
    return pullUntil(
      () => this.#input.next(),
      (chunk) => this.#take(chunk),
    );
  }

  #take({ columns, rowCount, selection }: Chunk): Chunk | undefined {
    const chunk = { columns, rowCount, selection };
    const keys = this.#plan.keys.map((key) => key(chunk, selection, this.#run));
    const rows = rowsWhere(selection, rowCount, (row) => {
      const key = rowKey(keys, row);
      const isNew = !isSameKey(key, this.#last);
      this.#last = key;
      return isNew;
    });
    return rows.length === 0
      ? undefined
      : { columns, rowCount, selection: rows };
  }

  close(): void {
    this.#input.close();
  }
}

/** As a Map compares its keys: NaN is itself. */
function isSameKey(a: RowKey, b: RowKey | undefined): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b));
}
