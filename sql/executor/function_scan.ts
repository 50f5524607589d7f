/**
 * Operator: the rows of functions in FROM, made as they are asked for.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import { type Chunk, CHUNK_ROWS, ColumnBuilder } from "../chunk/chunk.ts";
import type { SetSource } from "../functions/sets/set_source.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { FunctionScanNode } from "../planner/logical_plan.ts";
import { int8 } from "../types/int_types.ts";
import type { Operator } from "./operator.ts";
import type { PhysicalPlan } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { allOf, callSet, oneRow, SetColumns } from "./set_rows.ts";

/** A compiled scan of functions. */
export class FunctionScanPlan implements PhysicalPlan {
  readonly node: FunctionScanNode;

  /** Compiles the node. */
  constructor(node: FunctionScanNode) {
    this.node = node;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new FunctionScan(this.node, run);
  }
}

class FunctionScan implements Operator {
  readonly #node: FunctionScanNode;
  readonly #run: RunState;
  readonly #sets: SetColumns;
  #started = false;
  #done = false;
  #given = 0;

  constructor(node: FunctionScanNode, run: RunState) {
    this.#node = node;
    this.#run = run;
    this.#sets = new SetColumns(node.functions.map(({ columns }) => columns));
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#done) return undefined;
    this.#run.checkAborted();
    return then(this.#run.pause(), () => this.#fill());
  }

  #fill(): MaybePromise<Chunk | undefined> {
    if (this.#done) return undefined;
    if (this.#started) return this.#rows();
    this.#started = true;
    return then(allOf(this.#sources()), (sources) => {
      this.#sets.start(sources);
      return this.#rows();
    });
  }

  #rows(): Chunk | undefined {
    if (this.#done) return undefined;
    const rowCount = this.#sets.fill(CHUNK_ROWS);
    if (rowCount === 0) {
      this.#done = true;
      return undefined;
    }
    const columns = this.#sets.take();
    if (this.#node.ordinality) {
      const numbers = new ColumnBuilder(int8, rowCount);
      for (let i = 1; i <= rowCount; i++) numbers.append(this.#given + i);
      columns.push(numbers.finish());
    }
    this.#given += rowCount;
    return { columns, rowCount };
  }

  #sources(): MaybePromise<SetSource>[] {
    const run = this.#run;
    return this.#node.functions.map((each) => {
      if (each.kind === "value") return oneRow(evaluate(each.expression, run));
      const args = each.args.map((arg) => evaluate(arg, run));
      return callSet(each, args, run);
    });
  }

  close(): void {
    this.#done = true;
  }
}
