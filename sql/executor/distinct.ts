/**
 * Operator: each row once, the first time it comes.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { DistinctNode } from "../planner/logical_plan.ts";
import { rowsWhere } from "./column_tools.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import { bytesOfKey, type RowKey, rowKey } from "./row_key.ts";
import type { RunState } from "./run_state.ts";

/** A compiled DISTINCT. */
export class DistinctPlan implements PhysicalPlan {
  readonly node: DistinctNode;
  readonly #input: PhysicalPlan;

  /** Compiles the node over `input`. */
  constructor(node: DistinctNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new Distinct(openInput(this.#input, run), run);
  }
}

class Distinct implements Operator {
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #seen = new Set<RowKey>();
  #bytes = 0;

  constructor(input: Operator, run: RunState) {
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
    let bytes = 0;
    const rows = rowsWhere(selection, rowCount, (row) => {
      const key = rowKey(columns, row);
      if (this.#seen.has(key)) return false;
      this.#seen.add(key);
      bytes += bytesOfKey(key);
      return true;
    });
    this.#bytes += bytes;
    this.#run.account(bytes);
    if (rows.length === 0) return undefined;
    return { columns, rowCount, selection: rows };
  }

  close(): void {
    this.#input.close();
    this.#seen.clear();
    this.#run.account(-this.#bytes);
    this.#bytes = 0;
  }
}
