/**
 * Operator: UNION, INTERSECT, EXCEPT.
 *
 * UNION gives the left side's rows, then the right side's. The others count the
 * right side's rows first and then let the left side's rows pass by what there is.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { SetOperationNode } from "../planner/logical_plan.ts";
import { forEachRow, rowsWhere } from "./column_tools.ts";
import type { Operator } from "./operator.ts";
import {
  openInput,
  type PhysicalPlan,
  pullAll,
  pullUntil,
} from "./physical_plan.ts";
import { bytesOfKey, type RowKey, rowKey } from "./row_key.ts";
import type { RunState } from "./run_state.ts";

/** A compiled set operation. */
export class SetOperationPlan implements PhysicalPlan {
  readonly node: SetOperationNode;
  readonly #left: PhysicalPlan;
  readonly #right: PhysicalPlan;

  /** Compiles the node over its sides. */
  constructor(node: SetOperationNode, left: PhysicalPlan, right: PhysicalPlan) {
    this.node = node;
    this.#left = left;
    this.#right = right;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    const left = openInput(this.#left, run);
    return new SetOperation(this.node, left, openInput(this.#right, run), run);
  }
}

class SetOperation implements Operator {
  readonly #node: SetOperationNode;
  readonly #left: Operator;
  readonly #right: Operator;
  readonly #run: RunState;
  /** How many rows of the right side there are, or were given already. */
  readonly #counts = new Map<RowKey, number>();
  #leftDone = false;
  #rightDone = false;
  #bytes = 0;

  constructor(
    node: SetOperationNode,
    left: Operator,
    right: Operator,
    run: RunState,
  ) {
    this.#node = node;
    this.#left = left;
    this.#right = right;
    this.#run = run;
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#node.operation !== "union" && !this.#rightDone) {
      return pullAll(
        () => this.#right.next(),
        (chunk) => this.#countRight(chunk),
        () => {
          this.#rightDone = true;
          return this.next();
        },
      ) as MaybePromise<Chunk | undefined>;
    }
    return pullUntil(
      () => this.#pull(),
      (chunk) => this.#pass(chunk),
    );
  }

  /** The next chunk of either side. */
  #pull(): MaybePromise<Chunk | undefined> {
    this.#run.checkAborted();
    if (!this.#leftDone) {
      const chunk = this.#left.next();
      if (chunk instanceof Promise) {
        return chunk.then((some) => some ?? this.#endOfLeft());
      }
      if (chunk !== undefined) return chunk;
    }
    return this.#endOfLeft();
  }

  #endOfLeft(): MaybePromise<Chunk | undefined> {
    this.#leftDone = true;
    return this.#rightDone ? undefined : this.#right.next();
  }

  #countRight({ columns, selection, rowCount }: Chunk): void {
    const before = this.#bytes;
    forEachRow(selection, rowCount, (row) => {
      const key = rowKey(columns, row);
      this.#set(key, (this.#counts.get(key) ?? 0) + 1);
    });
    this.#run.account(this.#bytes - before);
  }

  #set(key: RowKey, count: number): void {
    if (!this.#counts.has(key)) this.#bytes += bytesOfKey(key);
    this.#counts.set(key, count);
  }

  /** The rows of a chunk that are in the result. */
  #pass(chunk: Chunk): Chunk | undefined {
    const { columns, selection, rowCount } = chunk;
    const { operation, all } = this.#node;
    if (operation === "union" && all) return chunk;
    const before = this.#bytes;
    const rows = rowsWhere(
      selection,
      rowCount,
      (row) => this.#takes(rowKey(columns, row)),
    );
    this.#run.account(this.#bytes - before);
    return rows.length === 0
      ? undefined
      : { columns, rowCount, selection: rows };
  }

  #takes(key: RowKey): boolean {
    const { operation, all } = this.#node;
    const count = this.#counts.get(key) ?? 0;
    switch (operation) {
      case "union":
        if (count === 0) this.#set(key, 1);
        return count === 0;
      case "intersect":
        if (count > 0) this.#set(key, all ? count - 1 : 0);
        return count > 0;
      case "except":
        if (all) {
          if (count > 0) this.#set(key, count - 1);
        } else if (count === 0) {
          this.#set(key, 1);
        }
        return count === 0;
    }
  }

  close(): void {
    this.#left.close();
    this.#right.close();
    this.#counts.clear();
    this.#run.account(-this.#bytes);
    this.#bytes = 0;
    this.#leftDone = true;
    this.#rightDone = true;
  }
}
