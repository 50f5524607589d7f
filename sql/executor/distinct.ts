/**
 * Operator: each row once, the first time it comes.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { DistinctNode } from "../planner/logical_plan.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { SeenRows } from "./seen_rows.ts";

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
  readonly #seen: SeenRows;

  constructor(input: Operator, run: RunState) {
    this.#input = input;
    this.#seen = new SeenRows(run);
  }

  next(): MaybePromise<Chunk | undefined> {
    return pullUntil(
      () => this.#input.next(),
      (chunk) => this.#seen.take(chunk),
    );
  }

  close(): void {
    this.#input.close();
    this.#seen.clear();
  }
}
