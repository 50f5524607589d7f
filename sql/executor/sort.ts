/**
 * Operators: rows in order. `sort` keeps all rows; `top_n` keeps the first
 * LIMIT + OFFSET, and cuts what it gathered back to them whenever it has
 * gathered as many again. Where they are more than memory is for, they go into
 * files as runs in order, and are merged at the end.
 *
 * Both are stable: rows with equal keys stay in the order they came.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { type Chunk, CHUNK_ROWS, type Column } from "../chunk/chunk.ts";
import type { SortNode, TopNNode } from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";
import type { DataType } from "../types/data_type.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { gather, rowsWhere } from "./column_tools.ts";
import { compileExpression } from "./expression_compiler.ts";
import { layoutOf } from "./layout.ts";
import { rowWindow } from "./limits.ts";
import type { Operator, OperatorUsage } from "./operator.ts";
import { openInput, type PhysicalPlan, pullAll } from "./physical_plan.ts";
import { compareByKeys, type CompareRows } from "./row_order.ts";
import { RowStore } from "./row_store.ts";
import type { RunState } from "./run_state.ts";
import { type ChunkShape, chunkShape } from "./spill/chunk_bytes.ts";
import { HeldMemory, NOTHING_USED } from "./spill/held_memory.ts";
import { SortedRuns } from "./spill/sorted_runs.ts";

/** A compiled sort. */
export class SortPlan implements PhysicalPlan {
  readonly node: SortNode | TopNNode;
  readonly keys: readonly ColumnExpression[];
  readonly keyTypes: readonly DataType[];
  readonly compare: CompareRows;
  readonly #input: PhysicalPlan;
  #shape: { readonly shape: ChunkShape | undefined } | undefined;

  /** Compiles a sort over `input`. */
  constructor(node: SortNode | TopNNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    const layout = layoutOf(node.input);
    this.keys = node.keys.map(({ expression }) =>
      compileExpression(expression, layout)
    );
    this.keyTypes = node.keys.map(({ expression }) => expression.type.type);
    this.compare = compareByKeys(this.keyTypes, node.keys);
  }

  /** How rows of these types and their keys go into files; if they can. */
  shapeOf(types: readonly DataType[]): ChunkShape | undefined {
    this.#shape ??= { shape: chunkShape(types) };
    return this.#shape.shape;
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new Sort(this, openInput(this.#input, run), run);
  }
}

class Sort implements Operator {
  readonly #plan: SortPlan;
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #width: number;
  readonly #offset: number;
  /** How many rows in order are wanted, those left out included. */
  readonly #wanted: number;
  #memory: HeldMemory | undefined;
  #store: RowStore | undefined;
  #runs: SortedRuns | undefined;
  /** The last row that is still wanted, once there are enough. */
  #last: readonly Column[] | undefined;
  #columns: readonly Column[] = [];
  #order: Uint32Array | undefined;
  #given = 0;

  constructor(plan: SortPlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    this.#width = outputOf(plan.node).length;
    const { node } = plan;
    const window = node.kind === "top_n"
      ? rowWindow(node, run)
      : { offset: 0, limit: Infinity };
    this.#offset = window.offset;
    this.#wanted = window.limit === 0 ? 0 : window.offset + window.limit;
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#order !== undefined) return this.#give();
    if (this.#wanted === 0) return undefined;
    return pullAll(
      () => {
        this.#run.checkAborted();
        return this.#input.next();
      },
      (chunk) => this.#gather(chunk),
      () => {
        this.#finish();
        return this.#give();
      },
    );
  }

  #gather(chunk: Chunk): void {
    const keys = this.#plan.keys.map((key) =>
      key(chunk, chunk.selection, this.#run)
    );
    const columns = [...chunk.columns, ...keys];
    // The rows know the types: a node without rows needs no store.
    if (this.#store === undefined) this.#begin(columns);
    let rows = chunk.selection;
    if (this.#last !== undefined) {
      const { compare } = this.#plan;
      const last = this.#last;
      rows = rowsWhere(
        rows,
        chunk.rowCount,
        (row) => compare(keys, row, last, 0) < 0,
      );
    }
    const store = this.#store!;
    store.append(columns, rows, chunk.rowCount);
    if (store.count > 2 * this.#wanted + CHUNK_ROWS) this.#cut();
    if (this.#memory!.isFull) this.#spill();
  }

  #begin(columns: readonly Column[]): void {
    const types = columns.map(({ type }) => type);
    const spills = this.#plan.shapeOf(types) !== undefined;
    this.#memory = new HeldMemory(this.#run, spills);
    this.#store = new RowStore(types, this.#run, this.#memory);
  }

  /** Puts the rows that are there into a run. */
  #spill(): void {
    const store = this.#store!;
    const { count } = store;
    if (count === 0) return;
    const columns = store.take();
    const types = columns.map(({ type }) => type);
    this.#runs ??= new SortedRuns(
      this.#plan.shapeOf(types)!,
      this.#width,
      this.#plan.compare,
      this.#memory!,
    );
    this.#runs.add(columns, this.#first(columns, count));
    store.release();
  }

  /** Keeps the rows that may still be wanted. */
  #cut(): void {
    const store = this.#store!;
    const { count } = store;
    const columns = store.take();
    const order = this.#first(columns, count);
    const last = order.subarray(order.length - 1);
    this.#last = columns.slice(this.#width).map((key) => gather(key, last));
    store.restore(columns, order);
  }

  /** The rows that may be wanted, in order. */
  #first(columns: readonly Column[], count: number): Uint32Array {
    const keys = columns.slice(this.#width);
    const { compare } = this.#plan;
    const order = new Uint32Array(count);
    for (let row = 0; row < count; row++) order[row] = row;
    order.sort((a, b) => compare(keys, a, keys, b) || a - b);
    return this.#wanted < count ? order.subarray(0, this.#wanted) : order;
  }

  #finish(): void {
    if (this.#runs !== undefined) this.#spill();
    const count = this.#store?.count ?? 0;
    this.#columns = this.#store?.take() ?? [];
    this.#order = this.#first(this.#columns, count);
    this.#given = this.#runs === undefined ? this.#offset : 0;
  }

  /** The next rows of the runs, from the offset to the limit. */
  #merged(runs: SortedRuns): Chunk | undefined {
    for (;;) {
      this.#run.checkAborted();
      const before = this.#given;
      if (before >= this.#wanted) return undefined;
      const chunk = runs.next();
      if (chunk === undefined) return undefined;
      this.#given += chunk.rowCount;
      const from = Math.max(0, this.#offset - before);
      const to = Math.min(chunk.rowCount, this.#wanted - before);
      if (from >= to) continue;
      const columns = chunk.columns.slice(0, this.#width);
      if (to - from === chunk.rowCount) return { ...chunk, columns };
      const selection = Uint32Array.from(
        { length: to - from },
        (_, i) => from + i,
      );
      return { columns, rowCount: chunk.rowCount, selection };
    }
  }

  #give(): Chunk | undefined {
    if (this.#runs !== undefined) return this.#merged(this.#runs);
    const order = this.#order!;
    if (this.#given >= order.length) return undefined;
    const rows = order.subarray(this.#given, this.#given + CHUNK_ROWS);
    this.#given += rows.length;
    return {
      columns: this.#columns.slice(0, this.#width)
        .map((column) => gather(column, rows)),
      rowCount: rows.length,
    };
  }

  usage(): OperatorUsage {
    return this.#memory?.usage ?? NOTHING_USED;
  }

  close(): void {
    this.#input.close();
    this.#memory?.release();
    this.#store = undefined;
    this.#runs?.close();
    this.#runs = undefined;
    this.#columns = [];
    this.#order = new Uint32Array(0);
    this.#given = 0;
  }
}
