/**
 * Operators: queries in expressions. `apply` runs them for each row, as further
 * columns; `init` runs them before the first row, into slots.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import { type Chunk, type Column, ColumnBuilder } from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { ApplyNode, InitNode } from "../planner/logical_plan.ts";
import { compact } from "./column_tools.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { type CompilePlan, SubqueryPlan, SubqueryRun } from "./subquery.ts";

/** Compiled queries of an `apply` or `init` node. */
export class ApplyPlan implements PhysicalPlan {
  readonly node: ApplyNode | InitNode;
  readonly input: PhysicalPlan;
  readonly subqueries: readonly SubqueryPlan[];

  /** Compiles the node over `input`. */
  constructor(
    node: ApplyNode | InitNode,
    input: PhysicalPlan,
    compile: CompilePlan,
  ) {
    this.node = node;
    this.input = input;
    const layout = layoutOf(node.input);
    this.subqueries = node.subqueries.map((subquery) =>
      new SubqueryPlan(subquery, compile(subquery.plan), layout)
    );
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return this.node.kind === "apply"
      ? new Apply(this, openInput(this.input, run), run)
      : new Init(this, this.node, run);
  }
}

class Apply implements Operator {
  readonly #plan: ApplyPlan;
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #runs: readonly SubqueryRun[];

  constructor(plan: ApplyPlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    this.#runs = plan.subqueries.map((each) => new SubqueryRun(each, run));
  }

  next(): MaybePromise<Chunk | undefined> {
    return then(
      this.#input.next(),
      (chunk) => chunk === undefined ? undefined : this.#apply(compact(chunk)),
    );
  }

  #apply(chunk: Chunk): MaybePromise<Chunk> {
    const jobs = this.#plan.subqueries.map((each, i) => ({
      run: this.#runs[i]!,
      captured: each.captures.map((part) => part(chunk, undefined, this.#run)),
      operands: each.operands.map((part) => part(chunk, undefined, this.#run)),
      builder: new ColumnBuilder(each.subquery.type.type, chunk.rowCount),
    }));
    const done = fill(jobs, 0, chunk.rowCount);
    return then(done, () => ({
      columns: [
        ...chunk.columns,
        ...jobs.map(({ builder }) => builder.finish()),
      ],
      rowCount: chunk.rowCount,
    }));
  }

  close(): void {
    this.#input.close();
    for (const each of this.#runs) each.close();
  }
}

/** A column of an `apply` that is being filled. */
interface Job {
  readonly run: SubqueryRun;
  readonly captured: readonly Column[];
  readonly operands: readonly Column[];
  readonly builder: ColumnBuilder;
}

/** Computes the cells from `first` on, row by row. */
function fill(
  jobs: readonly Job[],
  first: number,
  rowCount: number,
): MaybePromise<void> {
  for (let cell = first; cell < rowCount * jobs.length; cell++) {
    const { run, captured, operands, builder } = jobs[cell % jobs.length]!;
    const row = Math.floor(cell / jobs.length);
    const value = run.value(captured, operands, row);
    if (isPromise(value)) {
      return value.then((some) => {
        builder.append(some);
        return fill(jobs, cell + 1, rowCount);
      });
    }
    builder.append(value);
  }
}

const ONE_ROW: Chunk = { columns: [], rowCount: 1 };

class Init implements Operator {
  readonly #plan: ApplyPlan;
  readonly #node: InitNode;
  readonly #run: RunState;
  #input: Operator | undefined;
  #isClosed = false;

  constructor(plan: ApplyPlan, node: InitNode, run: RunState) {
    this.#plan = plan;
    this.#node = node;
    this.#run = run;
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#input !== undefined) return this.#input.next();
    if (this.#isClosed) return undefined;
    return then(this.#compute(0), () => {
      if (this.#isClosed) return undefined;
      this.#input = openInput(this.#plan.input, this.#run);
      return this.#input.next();
    });
  }

  /** Computes the values from `first` on. */
  #compute(first: number): MaybePromise<void> {
    for (let i = first; i < this.#node.slots.length; i++) {
      const value = this.#value(i);
      if (isPromise(value)) return value.then(() => this.#compute(i + 1));
    }
  }

  #value(position: number): MaybePromise<void> {
    const slot = this.#node.slots[position]!;
    const fail = (error: unknown): void => {
      // An error is one when somebody asks for the value.
      if (!(error instanceof SqlError) || error.code === "53200") throw error;
      this.#run.failSlot(slot, error);
    };
    try {
      const plan = this.#plan.subqueries[position]!;
      const each = new SubqueryRun(plan, this.#run);
      const columns = (parts: SubqueryPlan["captures"]): Column[] =>
        parts.map((part) => part(ONE_ROW, undefined, this.#run));
      const value = each.value(
        columns(plan.captures),
        columns(plan.operands),
        0,
      );
      if (!isPromise(value)) {
        each.close();
        this.#run.setSlot(slot, value);
        return;
      }
      return value.then((some) => {
        each.close();
        this.#run.setSlot(slot, some);
      }).catch(fail);
    } catch (error) {
      fail(error);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#input?.close();
    this.#input = undefined;
  }
}
