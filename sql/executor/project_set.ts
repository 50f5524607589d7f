/**
 * Operator: each row as often as the longest of some sets has rows, with the
 * rows of the sets beside it.
 *
 * @module
 */
import {
  isPromise,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import {
  type Chunk,
  CHUNK_ROWS,
  type Column,
  valueAt,
} from "../chunk/chunk.ts";
import type { ProjectSetNode } from "../planner/logical_plan.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { countOf, gather } from "./column_tools.ts";
import { compileExpression } from "./expression_compiler.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { allOf, callSet, SetColumns } from "./set_rows.ts";

/** A compiled projection of sets. */
export class ProjectSetPlan implements PhysicalPlan {
  readonly node: ProjectSetNode;
  /** The arguments of each call. */
  readonly args: readonly (readonly ColumnExpression[])[];
  readonly #input: PhysicalPlan;

  /** Compiles the node over `input`. */
  constructor(node: ProjectSetNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    const layout = layoutOf(node.input);
    this.args = node.calls.map(({ args }) =>
      args.map((arg) => compileExpression(arg, layout))
    );
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new ProjectSet(this, openInput(this.#input, run), run);
  }
}

class ProjectSet implements Operator {
  readonly #plan: ProjectSetPlan;
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #sets: SetColumns;
  /** The chunk whose rows are under way, and the arguments over it. */
  #chunk: Chunk | undefined;
  #args: readonly (readonly Column[])[] = [];
  /** How many of its rows have begun. */
  #begun = 0;
  #isDone = false;

  constructor(plan: ProjectSetPlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    this.#sets = new SetColumns(plan.node.calls.map(({ columns }) => columns));
  }

  next(): MaybePromise<Chunk | undefined> {
    return then(
      this.#run.pause(),
      () => then(this.#expand(), (started) => started ?? this.#next()),
    );
  }

  /** The first rows of the next chunk that has any. */
  #next(): MaybePromise<Chunk | undefined> {
    for (;;) {
      this.#run.checkAborted();
      const chunk = this.#input.next();
      const rows = isPromise(chunk)
        ? chunk.then((some) => {
          if (some === undefined) this.#isDone = true;
          return some && this.#begin(some);
        })
        : chunk && this.#begin(chunk);
      if (isPromise(rows)) {
        return rows.then((some) =>
          some ?? (this.#isDone ? undefined : this.#next())
        );
      }
      if (rows !== undefined || chunk === undefined) return rows;
    }
  }

  #begin(chunk: Chunk): MaybePromise<Chunk | undefined> {
    this.#chunk = chunk;
    this.#begun = 0;
    this.#args = this.#plan.args.map((args) =>
      args.map((arg) => arg(chunk, chunk.selection, this.#run))
    );
    return this.#expand();
  }

  /** The next rows of the chunk under way, if it has any left. */
  #expand(): MaybePromise<Chunk | undefined> {
    return this.#expandFrom([]);
  }

  /** The same where the rows of some places are there already. */
  #expandFrom(rows: number[]): MaybePromise<Chunk | undefined> {
    const chunk = this.#chunk;
    if (chunk === undefined) return undefined;
    this.#run.checkAborted();
    const { selection, rowCount } = chunk;
    const total = countOf(selection, rowCount);
    while (rows.length < CHUNK_ROWS) {
      if (!this.#sets.open) {
        if (this.#begun === total) {
          this.#chunk = undefined;
          break;
        }
        const started = this.#start(this.#rowAt(this.#begun++));
        if (isPromise(started)) {
          return started.then(() => this.#expandFrom(this.#filled(rows)));
        }
      }
      this.#filled(rows);
    }
    if (rows.length === 0) return undefined;
    const places = Uint32Array.from(rows);
    return {
      columns: [
        ...chunk.columns.map((column) => gather(column, places)),
        ...this.#sets.take(),
      ],
      rowCount: places.length,
    };
  }

  /** Takes the next rows of the sets; `rows` are the places they belong to. */
  #filled(rows: number[]): number[] {
    const row = this.#rowAt(this.#begun - 1);
    const filled = this.#sets.fill(CHUNK_ROWS - rows.length);
    for (let i = 0; i < filled; i++) rows.push(row);
    return rows;
  }

  #rowAt(index: number): number {
    const { selection } = this.#chunk!;
    return selection === undefined ? index : selection[index]!;
  }

  #start(row: number): MaybePromise<void> {
    const { calls } = this.#plan.node;
    const sources = calls.map((call, i) => {
      const args = this.#args[i]!.map((column) => valueAt(column, row));
      return callSet(call, args, this.#run);
    });
    return then(allOf(sources), (all) => this.#sets.start(all));
  }

  close(): void {
    this.#input.close();
    this.#chunk = undefined;
  }
}
