/**
 * Operator: WITH RECURSIVE. The rows of the first part, then round by round what
 * the second part makes of the rows of the round before, until a round gives none.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { RecursiveNode } from "../planner/logical_plan.ts";
import { rowsWhere } from "./column_tools.ts";
import { KeptChunks } from "./kept_chunks.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import { bytesOfKey, type RowKey, rowKey } from "./row_key.ts";
import type { RunState } from "./run_state.ts";
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
  readonly #seen = new Set<RowKey>();
  #part: Operator | undefined;
  /** The rows that the next round starts from, and those of this one. */
  #next: KeptChunks;
  #working: KeptChunks | undefined;
  #bytes = 0;
  #isDone = false;

  constructor(plan: RecursivePlan, run: RunState) {
    this.#plan = plan;
    this.#run = run;
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
    const fresh = this.#plan.node.all ? chunk : this.#fresh(chunk);
    if (fresh !== undefined) this.#next.append(fresh);
    return fresh;
  }

  /** The rows that did not come before. */
  #fresh({ columns, rowCount, selection }: Chunk): Chunk | undefined {
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
    return rows.length === 0
      ? undefined
      : { columns, rowCount, selection: rows };
  }

  #startRound(): void {
    this.#part?.close();
    this.#working?.release();
    const rows = this.#next;
    this.#working = rows;
    this.#next = new KeptChunks(this.#run);
    if (rows.chunks.length === 0) {
      this.#isDone = true;
      return;
    }
    const key = cteKey({ id: this.#plan.node.id, working: true });
    this.#run.ctes.set(key, { chunk: (index) => rows.chunks[index] });
    this.#part = openInput(this.#plan.right, this.#run);
  }

  close(): void {
    this.#isDone = true;
    this.#part?.close();
    this.#next.release();
    this.#working?.release();
    this.#seen.clear();
    this.#run.account(-this.#bytes);
    this.#bytes = 0;
  }
}
