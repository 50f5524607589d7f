/**
 * Operator: the rows of several inputs, one input after another.
 *
 * All inputs are opened with it, since a scan sees what was there when it was
 * opened; partitions that can have no row that is wanted are not.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { AppendNode } from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";
import { layoutOf } from "./layout.ts";
import { evaluate } from "../planner/evaluate.ts";
import { survivingTables } from "../planner/partitions/surviving_tables.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { Nullable } from "../types/data_type.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** An input, and where it has the columns; absent: as they are. */
interface AppendInput {
  readonly plan: PhysicalPlan;
  readonly positions: readonly number[] | undefined;
}

/** A compiled append. */
export class AppendPlan implements PhysicalPlan {
  readonly node: AppendNode;
  readonly #inputs: readonly AppendInput[];

  /** Compiles the node over its inputs. */
  constructor(node: AppendNode, inputs: readonly PhysicalPlan[]) {
    this.node = node;
    this.#inputs = inputs.map((plan) => {
      const layout = layoutOf(plan.node);
      const positions = outputOf(node).map(layout);
      const isSame = outputOf(plan.node).length === positions.length &&
        positions.every((position, i) => position === i);
      return { plan, positions: isSame ? undefined : positions };
    });
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const left = remainingTables(this.node, run);
    const { pruning } = this.node;
    const inputs = left === undefined
      ? this.#inputs
      : this.#inputs.filter((_, i) => left.has(pruning!.tableIds[i]!));
    return new Append(
      inputs.map(({ plan, positions }) => ({
        operator: openInput(plan, run),
        positions,
      })),
    );
  }
}

/** The tables that can have rows, now that values are known; absent: all. */
function remainingTables(
  { pruning, table: { table, relation } }: AppendNode,
  run: RunState,
): ReadonlySet<number> | undefined {
  if (pruning === undefined) return undefined;
  return survivingTables({
    catalog: run.context.transaction.catalog,
    table,
    relation,
    conditions: pruning.conditions,
    valueOf: (expression) => knownValue(expression, run),
  });
}

/** The value of a constant, a parameter, or a row around. */
function knownValue(
  expression: BoundExpression,
  run: RunState,
): Nullable | undefined {
  switch (expression.kind) {
    case "constant":
    case "parameter":
    case "outer":
      return evaluate(expression, run);
    default:
      return undefined;
  }
}

/** An input that runs. */
interface OpenInput {
  readonly operator: Operator;
  readonly positions: readonly number[] | undefined;
}

class Append implements Operator {
  readonly #inputs: readonly OpenInput[];
  #current = 0;

  constructor(inputs: readonly OpenInput[]) {
    this.#inputs = inputs;
  }

  next(): MaybePromise<Chunk | undefined> {
    return pullUntil(
      () => this.#pull(),
      (chunk) => chunk,
    );
  }

  #pull(): MaybePromise<Chunk | undefined> {
    const input = this.#inputs[this.#current];
    if (input === undefined) return undefined;
    const { operator, positions } = input;
    const chunk = operator.next();
    return chunk instanceof Promise
      ? chunk.then((some) => this.#take(some, positions))
      : this.#take(chunk, positions);
  }

  #take(
    chunk: Chunk | undefined,
    positions: readonly number[] | undefined,
  ): MaybePromise<Chunk | undefined> {
    if (chunk === undefined) {
      this.#inputs[this.#current]!.operator.close();
      this.#current++;
      return this.#pull();
    }
    if (positions === undefined) return chunk;
    return {
      ...chunk,
      columns: positions.map((position) => chunk.columns[position]!),
    };
  }

  close(): void {
    for (const { operator } of this.#inputs) operator.close();
    this.#current = this.#inputs.length;
  }
}
