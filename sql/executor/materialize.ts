/**
 * Operator: all rows of the input before the first is given.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { type Chunk, CHUNK_ROWS, type Column } from "../chunk/chunk.ts";
import type { MaterializeNode } from "../planner/logical_plan.ts";
import { gather } from "./column_tools.ts";
import type { Operator } from "./operator.ts";
import { typesOf } from "./output_types.ts";
import { openInput, type PhysicalPlan, pullAll } from "./physical_plan.ts";
import { RowStore } from "./row_store.ts";
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
    const store = new RowStore(typesOf(this.node.input), run);
    return new Materialize(openInput(this.#input, run), store, run);
  }
}

class Materialize implements Operator {
  readonly #input: Operator;
  readonly #store: RowStore;
  readonly #run: RunState;
  #columns: readonly Column[] | undefined;
  #count = 0;
  #given = 0;

  constructor(input: Operator, store: RowStore, run: RunState) {
    this.#input = input;
    this.#store = store;
    this.#run = run;
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#columns !== undefined) return this.#give(this.#columns);
    return pullAll(
      () => {
        this.#run.checkAborted();
        return this.#input.next();
      },
      (chunk) => this.#store.appendChunk(chunk),
      () => {
        this.#count = this.#store.count;
        this.#columns = this.#store.take();
        return this.#give(this.#columns);
      },
    );
  }

  #give(all: readonly Column[]): Chunk | undefined {
    const rowCount = Math.min(CHUNK_ROWS, this.#count - this.#given);
    if (rowCount <= 0) return undefined;
    const rows = new Uint32Array(rowCount);
    for (let i = 0; i < rowCount; i++) rows[i] = this.#given + i;
    this.#given += rowCount;
    return { columns: all.map((column) => gather(column, rows)), rowCount };
  }

  close(): void {
    this.#input.close();
    this.#store.release();
    this.#columns = [];
    this.#count = 0;
  }
}
