/**
 * Counts the rows that the nodes of a running plan give: without a clock, a call a
 * chunk, so that it may be done beside ordinary runs.
 *
 * Only a node that was read to its end says how many rows there are: what a LIMIT
 * closed, or was told to give no more than some, is not counted.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import { type Chunk, selectedCount } from "../chunk/chunk.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import type { Operator } from "./operator.ts";

/** What a node gave. */
export interface NodeRows {
  /** Rows of each time that it was opened, in the mean. */
  readonly rows: number;
  /** Rows that its own filter left out, likewise; absent where it has none. */
  readonly removed: number | undefined;
}

/** Counts the rows of one run of a plan. */
export class RowTally {
  readonly #counts = new Map<LogicalPlan, NodeCount>();

  /** Counts what `operator` gives for `node`. */
  readonly observe = (node: LogicalPlan, operator: Operator): Operator => {
    let count = this.#counts.get(node);
    if (count === undefined) {
      count = { opened: 0, ended: 0, rows: 0, removed: undefined };
      this.#counts.set(node, count);
    }
    count.opened++;
    return new TalliedOperator(operator, count);
  };

  /** What a node gave; nothing where it was not read to its end. */
  rowsOf(node: LogicalPlan): NodeRows | undefined {
    const count = this.#counts.get(node);
    if (count === undefined || count.ended < count.opened) return undefined;
    const { opened, rows, removed } = count;
    return {
      rows: rows / opened,
      removed: removed === undefined ? undefined : removed / opened,
    };
  }
}

interface NodeCount {
  opened: number;
  /** How often it was read to its end. */
  ended: number;
  rows: number;
  removed: number | undefined;
}

class TalliedOperator implements Operator {
  readonly #operator: Operator;
  readonly #count: NodeCount;
  #isBounded = false;
  #hasEnded = false;

  constructor(operator: Operator, count: NodeCount) {
    this.#operator = operator;
    this.#count = count;
  }

  expect(rowsMax: number): void {
    this.#isBounded = true;
    this.#operator.expect?.(rowsMax);
  }

  next(): MaybePromise<Chunk | undefined> {
    const chunk = this.#operator.next();
    return isPromise(chunk)
      ? chunk.then((some) => this.#take(some))
      : this.#take(chunk);
  }

  #take(chunk: Chunk | undefined): Chunk | undefined {
    if (chunk !== undefined) this.#count.rows += selectedCount(chunk);
    else if (!this.#hasEnded && !this.#isBounded) {
      this.#hasEnded = true;
      this.#count.ended++;
      const removed = this.#operator.removedRows?.();
      if (removed !== undefined) {
        this.#count.removed = (this.#count.removed ?? 0) + removed;
      }
    }
    return chunk;
  }

  close(): void {
    this.#operator.close();
  }
}
