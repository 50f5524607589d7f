/**
 * Operator: calls of functions that wait for storage, row by row, in order, as
 * further columns beside those of the input.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import {
  type Chunk,
  type Column,
  ColumnBuilder,
  valueAt,
} from "../chunk/chunk.ts";
import { evaluateWaiting } from "../planner/evaluate_waiting.ts";
import type { ComputeNode } from "../planner/logical_plan.ts";
import type { Nullable } from "../types/data_type.ts";
import { compact } from "./column_tools.ts";
import type { Layout } from "./expression_compiler.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** Compiled waiting calls. */
export class WaitingCallsPlan implements PhysicalPlan {
  readonly node: ComputeNode;
  readonly #input: PhysicalPlan;
  readonly #layout: Layout;

  /** Compiles the calls over `input`. */
  constructor(node: ComputeNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    this.#layout = layoutOf(node.input);
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const input = openInput(this.#input, run);
    return {
      next: async (): Promise<Chunk | undefined> => {
        const chunk = await input.next();
        return chunk && await this.#apply(compact(chunk), run);
      },
      close: (): void => input.close(),
    };
  }

  async #apply(chunk: Chunk, run: RunState): Promise<Chunk> {
    const { columns, rowCount } = chunk;
    const builders = this.node.expressions.map(({ type }) =>
      new ColumnBuilder(type.type, rowCount)
    );
    for (let row = 0; row < rowCount; row++) {
      for (let i = 0; i < builders.length; i++) {
        const call = this.node.expressions[i]!;
        builders[i]!.append(await this.#call(call, columns, row, run));
      }
    }
    const added = builders.map((builder) => builder.finish());
    return { columns: [...columns, ...added], rowCount };
  }

  async #call(
    call: BoundExpression,
    columns: readonly Column[],
    row: number,
    run: RunState,
  ): Promise<Nullable> {
    const { parameters, functions, inputContext } = run;
    run.checkAborted();
    return await evaluateWaiting(call, {
      parameters,
      slot: (slot: number): Nullable => run.slot(slot),
      functions,
      inputContext,
      column: (column: Parameters<Layout>[0]): Nullable =>
        valueAt(columns[this.#layout(column)]!, row),
    });
  }
}
