/**
 * Operators: columns computed from columns. `project` gives only what it
 * computes, `compute` gives it beside what its input gives.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { ComputeNode, ProjectNode } from "../planner/logical_plan.ts";
import { CommonExpressions } from "./common_expressions.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { compileExpression } from "./expression_compiler.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import {
  type AheadPlan,
  openInput,
  type PhysicalPlan,
} from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** A compiled projection. */
export class ProjectPlan implements PhysicalPlan {
  readonly node: ProjectNode | ComputeNode;
  readonly #input: PhysicalPlan;
  readonly #expressions: readonly ColumnExpression[];
  readonly #keepsInput: boolean;

  /** Compiles a projection over `input`. */
  constructor(node: ProjectNode | ComputeNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    const layout = layoutOf(node.input);
    const common = new CommonExpressions(node.expressions);
    this.#expressions = node.expressions.map((expression) =>
      compileExpression(expression, layout, common)
    );
    this.#keepsInput = node.kind === "compute";
  }

  /** A projection is its input's, row by row. */
  get ahead(): AheadPlan | undefined {
    return this.#input.ahead;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new Project(this, openInput(this.#input, run), run);
  }

  /** The chunk made from `chunk`. */
  apply(chunk: Chunk, run: RunState): Chunk {
    const { rowCount, selection } = chunk;
    const columns = this.#keepsInput ? [...chunk.columns] : [];
    for (const expression of this.#expressions) {
      columns.push(expression(chunk, selection, run));
    }
    return { columns, rowCount, selection };
  }
}

class Project implements Operator {
  readonly #plan: ProjectPlan;
  readonly #input: Operator;
  readonly #run: RunState;

  constructor(plan: ProjectPlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
  }

  next(): MaybePromise<Chunk | undefined> {
    return then(
      this.#input.next(),
      (chunk) =>
        chunk === undefined ? undefined : this.#plan.apply(chunk, this.#run),
    );
  }

  expect(rowsMax: number): void {
    this.#input.expect?.(rowsMax);
  }

  close(): void {
    this.#input.close();
  }
}
