/**
 * Operator: WITH RECURSIVE. The rows of the first part, then round by round what
 * the second part makes of the rows of the round before, until a round gives none.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { RecursiveNode } from "../planner/logical_plan.ts";
import { KeptChunks } from "./kept_chunks.ts";
import type { Operator, OperatorUsage } from "./operator.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { SeenRows } from "./seen_rows.ts";
import { cteKey } from "./with.ts";

/** A compiled recursion. */
export class RecursivePlan implements PhysicalPlan {
  readonly node: RecursiveNode;
  readonly left: PhysicalPlan;
  readonly right: PhysicalPlan;

  /** Compiles the node over its parts. */
  constructor(node: RecursiveNode, left: PhysicalPlan, right: PhysicalPlan) {
    this.node = node;
    this.left = left;
    this.right = right;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new Recursive(this, run);
  }
}

class Recursive implements Operator {
  readonly #plan: RecursivePlan;
  readonly #run: RunState;
  readonly #seen: SeenRows;
  #part: Operator | undefined;
  /** The rows that the next round starts from, and those of this one. */
  #next: KeptChunks;
  #working: KeptChunks | undefined;
  #isDone = false;

  constructor(plan: RecursivePlan, run: RunState) {
    this.#plan = plan;
    this.#run = run;
    this.#seen = new SeenRows(run);
    this.#next = new KeptChunks(run);
    this.#part = openInput(plan.left, run);
  }

  next(): MaybePromise<Chunk | undefined> {
    while (!this.#isDone) {
      this.#run.checkAborted();
      const chunk = this.#part!.next();
      if (isPromise(chunk)) {
        return chunk.then((some) => this.#take(some) ?? this.next());
      }
      const taken = this.#take(chunk);
      if (taken !== undefined) return taken;
    }
    return undefined;
  }

  #take(chunk: Chunk | undefined): Chunk | undefined {
    if (this.#isDone) return undefined;
    if (chunk === undefined) {
      this.#startRound();
      return undefined;
    }
    const fresh = this.#plan.node.all ? chunk : this.#seen.take(chunk);
    if (fresh !== undefined) this.#next.append(fresh);
    return fresh;
  }

  #startRound(): void {
    this.#part?.close();
    this.#working?.release();
    const rows = this.#next;
    this.#working = rows;
    this.#next = new KeptChunks(this.#run);
    if (rows.count === 0) {
      this.#isDone = true;
      return;
    }
    const key = cteKey({ id: this.#plan.node.id, working: true });
    this.#run.ctes.set(key, rows);
    this.#part = openInput(this.#plan.right, this.#run);
  }

  usage(): OperatorUsage {
    return this.#next.usage;
  }

  close(): void {
    this.#isDone = true;
    this.#part?.close();
    this.#next.release();
    this.#working?.release();
    this.#seen.clear();
  }
}
