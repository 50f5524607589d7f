/**
 * Operator: some rows. Stops asking its input as soon as it has them; with WITH
 * TIES it goes on while rows equal the last one.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { type Chunk, type Column, selectedCount } from "../chunk/chunk.ts";
import type { LimitNode } from "../planner/logical_plan.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { gather } from "./column_tools.ts";
import { compileExpression } from "./expression_compiler.ts";
import { layoutOf } from "./layout.ts";
import { rowWindow } from "./limits.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import { compareByKeys, type CompareRows } from "./row_order.ts";
import type { RunState } from "./run_state.ts";

/** A compiled limit. */
export class LimitPlan implements PhysicalPlan {
  readonly node: LimitNode;
  readonly ties: readonly ColumnExpression[] | undefined;
  readonly compare: CompareRows;
  readonly #input: PhysicalPlan;

  /** Compiles a limit over `input`. */
  constructor(node: LimitNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    const layout = layoutOf(node.input);
    const keys = node.ties ?? [];
    this.ties = node.ties?.map(({ expression }) =>
      compileExpression(expression, layout)
    );
    this.compare = compareByKeys(
      keys.map(({ expression }) => expression.type.type),
      keys,
    );
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new Limit(this, openInput(this.#input, run), run);
  }
}

class Limit implements Operator {
  readonly #plan: LimitPlan;
  readonly #input: Operator;
  readonly #run: RunState;
  #skip: number;
  #left: number;
  /** The keys of the last row, while its equals are wanted. */
  #last: readonly Column[] | undefined;
  #done = false;

  constructor(plan: LimitPlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    const { offset, limit } = rowWindow(plan.node, run);
    this.#skip = offset;
    this.#left = limit;
    if (limit === 0) this.#done = true;
    if (plan.ties === undefined) input.expect?.(offset + limit);
  }

  next(): MaybePromise<Chunk | undefined> {
    return pullUntil(
      () => this.#done ? undefined : this.#input.next(),
      (chunk) => this.#take(chunk),
    );
  }

  #take(chunk: Chunk): Chunk | undefined {
    const count = selectedCount(chunk);
    if (this.#last !== undefined) return this.#takeTies(chunk, 0);
    if (this.#skip >= count) {
      this.#skip -= count;
      return undefined;
    }
    const from = this.#skip;
    this.#skip = 0;
    if (this.#left > count - from) {
      this.#left -= count - from;
      return from === 0 ? chunk : slice(chunk, from, count);
    }
    const to = from + this.#left;
    this.#left = 0;
    if (this.#plan.ties === undefined) {
      this.#done = true;
      return slice(chunk, from, to);
    }
    const keys = this.#keys(chunk);
    const last = Uint32Array.of(rowAt(chunk, to - 1));
    this.#last = keys.map((key) => gather(key, last));
    return slice(chunk, from, this.#endOfTies(chunk, keys, to));
  }

  #takeTies(chunk: Chunk, from: number): Chunk | undefined {
    const end = this.#endOfTies(chunk, this.#keys(chunk), from);
    return end === from ? undefined : slice(chunk, from, end);
  }

  #keys(chunk: Chunk): Column[] {
    return this.#plan.ties!.map((key) =>
      key(chunk, chunk.selection, this.#run)
    );
  }

  /** The first row from `from` on that differs from the last. */
  #endOfTies(chunk: Chunk, keys: readonly Column[], from: number): number {
    const count = selectedCount(chunk);
    let end = from;
    while (
      end < count &&
      this.#plan.compare(keys, rowAt(chunk, end), this.#last!, 0) === 0
    ) end++;
    if (end < count) this.#done = true;
    return end;
  }

  close(): void {
    this.#done = true;
    this.#input.close();
  }
}

/** The row number of the selected row at `position`. */
function rowAt(chunk: Chunk, position: number): number {
  return chunk.selection === undefined ? position : chunk.selection[position]!;
}

/** The selected rows `from` to `to` of a chunk. */
function slice(chunk: Chunk, from: number, to: number): Chunk {
  const { columns, rowCount, selection } = chunk;
  if (selection !== undefined) {
    return { columns, rowCount, selection: selection.subarray(from, to) };
  }
  if (from === 0 && to === rowCount) return chunk;
  const rows = new Uint32Array(to - from);
  for (let i = from; i < to; i++) rows[i - from] = i;
  return { columns, rowCount, selection: rows };
}
