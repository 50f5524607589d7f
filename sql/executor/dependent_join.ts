/**
 * Operator: a join whose right side is run for each row of the left: LATERAL, and
 * lookups in an index.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import {
  type Chunk,
  CHUNK_ROWS,
  type Column,
  selectedCount,
  valueAt,
} from "../chunk/chunk.ts";
import type { JoinNode } from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";
import type { DataType } from "../types/data_type.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { constantColumn, countOf, gather } from "./column_tools.ts";
import { compileExpression } from "./expression_compiler.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { layoutOf, layoutOfIds } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { typesOf } from "./output_types.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import { RowStore } from "./row_store.ts";
import type { RunState } from "./run_state.ts";

/** Rows whose right sides are begun at once, at most. */
export const AHEAD_ROWS_MAX = 64;

/** A compiled join. */
export class DependentJoinPlan implements PhysicalPlan {
  readonly node: JoinNode;
  /** What the right side takes from a row of the left. */
  readonly captures: readonly ColumnExpression[];
  readonly condition: Filter | undefined;
  readonly rightTypes: readonly DataType[];
  readonly right: PhysicalPlan;
  readonly #left: PhysicalPlan;

  /** Compiles a join of two nodes. */
  constructor(node: JoinNode, left: PhysicalPlan, right: PhysicalPlan) {
    this.node = node;
    this.#left = left;
    this.right = right;
    const layout = layoutOf(node.left);
    this.captures = node.captures.map(({ expression }) =>
      compileExpression(expression, layout)
    );
    this.condition = node.condition === undefined ? undefined : compileFilter(
      node.condition,
      layoutOfIds([...outputOf(node.left), ...outputOf(node.right)]),
    );
    this.rightTypes = typesOf(node.right);
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new DependentJoin(this, openInput(this.#left, run), run);
  }
}

class DependentJoin implements Operator {
  readonly #plan: DependentJoinPlan;
  readonly #left: Operator;
  readonly #run: RunState;
  #chunk: Chunk | undefined;
  #captured: readonly Column[] = [];
  #position = 0;
  #right: Operator | undefined;
  #hasPartner = false;
  /** The rows of the left chunk in the pairs so far, and the others of them. */
  #rows: number[] = [];
  #partners: RowStore;
  #isDone = false;
  /** Rows whose right side was begun and not opened. */
  #begun = 0;
  /** Rows to begin at once: few first, for who wants few. */
  #aheadRows = 1;

  constructor(plan: DependentJoinPlan, left: Operator, run: RunState) {
    this.#plan = plan;
    this.#left = left;
    this.#run = run;
    this.#partners = new RowStore(plan.rightTypes, run);
  }

  next(): MaybePromise<Chunk | undefined> {
    for (;;) {
      if (this.#isDone) return undefined;
      this.#run.checkAborted();
      const pause = this.#run.pause();
      if (pause !== undefined) return pause.then(() => this.next());
      const step = this.#step();
      if (isPromise(step)) return step.then((chunk) => chunk ?? this.next());
      if (step !== undefined) return step;
    }
  }

  /** Goes on by one chunk of either side; gives pairs when there are enough. */
  #step(): MaybePromise<Chunk | undefined> {
    if (this.#chunk === undefined) {
      const chunk = this.#left.next();
      return isPromise(chunk)
        ? chunk.then((some) => this.#start(some))
        : this.#start(chunk);
    }
    if (this.#right === undefined) {
      if (this.#position >= selectedCount(this.#chunk)) {
        const result = this.#flush();
        this.#chunk = undefined;
        return result;
      }
      if (this.#rows.length >= this.#rowsToGive) return this.#flush();
      const begun = this.#beginAhead();
      if (begun !== undefined) return begun;
      this.#openRight();
    }
    const partners = this.#right!.next();
    return isPromise(partners)
      ? partners.then((some) => this.#take(some))
      : this.#take(partners);
  }

  #start(chunk: Chunk | undefined): undefined {
    this.#chunk = chunk;
    this.#position = 0;
    if (chunk === undefined) {
      this.#isDone = true;
      return;
    }
    this.#captured = this.#plan.captures.map((capture) =>
      capture(chunk, chunk.selection, this.#run)
    );
  }

  /** How many pairs are given: where few rows are begun at once, theirs. */
  get #rowsToGive(): number {
    const { ahead } = this.#plan.right;
    return ahead !== undefined && this.#begun === 0 ? 1 : CHUNK_ROWS;
  }

  /** Begins the right sides of the next rows, where that is worth it. */
  #beginAhead(): Promise<undefined> | undefined {
    const { ahead } = this.#plan.right;
    if (ahead === undefined || this.#begun > 0) return undefined;
    const left = selectedCount(this.#chunk!) - this.#position;
    const rows = Math.min(left, this.#aheadRows);
    this.#aheadRows = Math.min(2 * this.#aheadRows, AHEAD_ROWS_MAX);
    if (rows < 2) return undefined;
    const first = this.#position;
    const show = (row: number): void => this.#show(this.#rowAt(first + row));
    return ahead.beginAhead(this.#run, rows, show).then((begun) => {
      if (this.#isDone) ahead.endAhead(this.#run);
      else if (begun === 0) this.#openRight();
      this.#begun = begun;
      return undefined;
    });
  }

  #openRight(): void {
    this.#show(this.#row());
    this.#hasPartner = false;
    this.#begun = Math.max(0, this.#begun - 1);
    this.#right = openInput(this.#plan.right, this.#run);
  }

  /** Sets what the right side takes from a row. */
  #show(row: number): void {
    this.#plan.node.captures.forEach(({ slot }, i) =>
      this.#run.setSlot(slot, valueAt(this.#captured[i]!, row))
    );
  }

  #row(): number {
    return this.#rowAt(this.#position);
  }

  #rowAt(position: number): number {
    const { selection } = this.#chunk!;
    return selection === undefined ? position : selection[position]!;
  }

  #take(partners: Chunk | undefined): Chunk | undefined {
    if (this.#isDone) return undefined;
    const row = this.#row();
    const { join } = this.#plan.node;
    const isHalf = join === "semi" || join === "anti";
    if (partners === undefined) {
      if (!this.#hasPartner && join === "anti") this.#rows.push(row);
      if (!this.#hasPartner && join === "left") this.#appendMissing(row);
      this.#nextRow();
      return undefined;
    }
    const selection = this.#matching(partners, row);
    const count = countOf(selection, partners.rowCount);
    if (count === 0) return undefined;
    this.#hasPartner = true;
    if (isHalf) {
      if (join === "semi") this.#rows.push(row);
      this.#nextRow();
      return undefined;
    }
    this.#partners.append(partners.columns, selection, partners.rowCount);
    for (let i = 0; i < count; i++) this.#rows.push(row);
    return this.#rows.length >= CHUNK_ROWS ? this.#flush() : undefined;
  }

  /** The rows of the right side that are partners of a row of the left. */
  #matching(partners: Chunk, row: number): Uint32Array | undefined {
    const { condition } = this.#plan;
    const { columns, rowCount, selection } = partners;
    if (condition === undefined) return selection;
    const left = this.#chunk!.columns.map((column) =>
      constantColumn(column.type, valueAt(column, row), rowCount)
    );
    return condition(
      { columns: [...left, ...columns], rowCount, selection },
      this.#run,
    );
  }

  #appendMissing(row: number): void {
    this.#rows.push(row);
    this.#partners.append(
      this.#plan.rightTypes.map((type) => constantColumn(type, null, 1)),
      undefined,
      1,
    );
  }

  #nextRow(): void {
    this.#right?.close();
    this.#right = undefined;
    this.#position++;
  }

  /** The pairs so far. */
  #flush(): Chunk | undefined {
    const rows = Uint32Array.from(this.#rows);
    if (rows.length === 0) return undefined;
    this.#rows = [];
    const { join } = this.#plan.node;
    const { columns, rowCount } = this.#chunk!;
    if (join === "semi" || join === "anti") {
      return { columns, rowCount, selection: rows };
    }
    const partners = this.#partners.take();
    this.#partners.release();
    return {
      columns: [...columns.map((column) => gather(column, rows)), ...partners],
      rowCount: rows.length,
    };
  }

  close(): void {
    this.#isDone = true;
    this.#right?.close();
    this.#right = undefined;
    this.#plan.right.ahead?.endAhead(this.#run);
    this.#left.close();
    this.#partners.release();
    this.#chunk = undefined;
  }
}
