/**
 * Operator: all rows of the input before the first is given.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { MaterializeNode } from "../planner/logical_plan.ts";
import { KeptChunks } from "./kept_chunks.ts";
import type { Operator, OperatorUsage } from "./operator.ts";
import { openInput, type PhysicalPlan, pullAll } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** A compiled materialization. */
export class MaterializePlan implements PhysicalPlan {
  readonly node: MaterializeNode;
  readonly #input: PhysicalPlan;

  /** Compiles the node over `input`. */
  constructor(node: MaterializeNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new Materialize(openInput(this.#input, run), run);
  }
}

class Materialize implements Operator {
  readonly #input: Operator;
  readonly #kept: KeptChunks;
  readonly #run: RunState;
  #isRead = false;
  #given = 0;

  constructor(input: Operator, run: RunState) {
    this.#input = input;
    this.#run = run;
    this.#kept = new KeptChunks(run);
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#isRead) return this.#kept.chunk(this.#given++);
    return pullAll(
      () => {
        this.#run.checkAborted();
        return this.#input.next();
      },
      (chunk) => this.#kept.append(chunk),
      () => {
        this.#isRead = true;
        return this.#kept.chunk(this.#given++);
      },
    );
  }

  usage(): OperatorUsage {
    return this.#kept.usage;
  }

  close(): void {
    this.#input.close();
    this.#kept.release();
    this.#isRead = true;
  }
}
