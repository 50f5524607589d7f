/**
 * Operator: calls over windows of one partitioning and order.
 *
 * All rows are gathered, with the keys and the arguments of the calls; sorted
 * once, unless they came in order; then each call gives its column. Rows come out
 * in the window's order. Where they are more than memory is for, they are sorted in
 * files, and one partition after the other is read from there.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import { type Chunk, CHUNK_ROWS, type Column } from "../../chunk/chunk.ts";
import type { WindowNode } from "../../planner/logical_plan.ts";
import { outputOf } from "../../planner/plan_tree.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { gather } from "../column_tools.ts";
import { compileExpression } from "../expression_compiler.ts";
import { layoutOf } from "../layout.ts";
import type { Operator, OperatorUsage } from "../operator.ts";
import { openInput, type PhysicalPlan, pullAll } from "../physical_plan.ts";
import { compareByKeys, type CompareRows } from "../row_order.ts";
import { RowStore } from "../row_store.ts";
import type { RunState } from "../run_state.ts";
import { chunkShape } from "../spill/chunk_bytes.ts";
import { HeldMemory, NOTHING_USED } from "../spill/held_memory.ts";
import { SortedRuns } from "../spill/sorted_runs.ts";
import { Peers } from "./partition.ts";
import { PartitionRows } from "./partition_rows.ts";
import { windowColumn } from "./window_call.ts";

/** Where the columns of a call stand behind those of the input. */
interface CallColumns {
  readonly args: readonly number[];
  readonly filter: number | undefined;
}

/** A compiled window. */
export class WindowPlan implements PhysicalPlan {
  readonly node: WindowNode;
  /** What is computed of each row: keys, then arguments and filters. */
  readonly expressions: readonly ColumnExpression[];
  readonly calls: readonly CallColumns[];
  readonly comparePartitions: CompareRows;
  readonly compareOrders: CompareRows;
  readonly compareAll: CompareRows;
  readonly #input: PhysicalPlan;

  /** Compiles the node over `input`. */
  constructor(node: WindowNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    const layout = layoutOf(node.input);
    const keys = [
      ...node.partitionBy.map((expression) => ({
        expression,
        descending: false,
        nullsFirst: false,
      })),
      ...node.orderBy,
    ];
    const expressions = keys.map(({ expression }) => expression);
    const types = expressions.map(({ type }) => type.type);
    const split = node.partitionBy.length;
    this.comparePartitions = compareByKeys(types.slice(0, split), keys);
    this.compareOrders = compareByKeys(types.slice(split), keys.slice(split));
    this.compareAll = compareByKeys(types, keys);
    const add = (expression: typeof expressions[number]): number =>
      expressions.push(expression) - 1;
    this.calls = node.calls.map(({ args, filter }) => ({
      args: args.map(add),
      filter: filter && add(filter),
    }));
    this.expressions = expressions.map((expression) =>
      compileExpression(expression, layout)
    );
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new Window(this, openInput(this.#input, run), run);
  }
}

class Window implements Operator {
  readonly #plan: WindowPlan;
  readonly #input: Operator;
  readonly #run: RunState;
  #memory: HeldMemory | undefined;
  #store: RowStore | undefined;
  #runs: SortedRuns | undefined;
  /** The partitions in the order of the runs. */
  #partitions: PartitionRows | undefined;
  #isRead = false;
  /** The result for the rows that are at hand, and how many of it were given. */
  #columns: readonly Column[] = [];
  #rowCount = 0;
  #given = 0;

  constructor(plan: WindowPlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#isRead) return this.#give();
    return pullAll(
      () => {
        this.#run.checkAborted();
        return this.#input.next();
      },
      (chunk) => this.#gather(chunk),
      () => {
        this.#isRead = true;
        this.#finish();
        return this.#give();
      },
    );
  }

  #gather(chunk: Chunk): void {
    const computed = this.#plan.expressions.map((expression) =>
      expression(chunk, chunk.selection, this.#run)
    );
    const columns = [...chunk.columns, ...computed];
    if (this.#store === undefined) this.#begin(columns);
    this.#store!.append(columns, chunk.selection, chunk.rowCount);
    if (this.#memory!.isFull) this.#spill();
  }

  #begin(columns: readonly Column[]): void {
    const types = columns.map(({ type }) => type);
    // Partitions have to be in memory, one at a time.
    const shape = this.#plan.node.partitionBy.length > 0
      ? chunkShape(types)
      : undefined;
    this.#memory = new HeldMemory(this.#run, shape !== undefined);
    this.#store = new RowStore(types, this.#run, this.#memory);
    if (shape === undefined) return;
    this.#runs = new SortedRuns(
      shape,
      outputOf(this.#plan.node.input).length,
      this.#plan.compareAll,
      this.#memory,
    );
  }

  /** Puts the rows that are there into a run. */
  #spill(): void {
    const store = this.#store!;
    const { count } = store;
    if (count === 0) return;
    const columns = store.take();
    this.#runs!.add(columns, this.#order(columns, count));
    store.release();
  }

  /** All rows are there. */
  #finish(): void {
    const store = this.#store;
    if (store === undefined) return;
    const runs = this.#runs;
    if (runs !== undefined && runs.count > 0) {
      this.#spill();
      const { comparePartitions, node } = this.#plan;
      const from = outputOf(node.input).length;
      this.#partitions = new PartitionRows(
        runs,
        { from, count: node.partitionBy.length, compare: comparePartitions },
        this.#run,
      );
      return;
    }
    const { count } = store;
    this.#compute(this.#sorted(store.take(), count), count);
  }

  /** Makes the columns of the result for rows in order, whole partitions. */
  #compute(all: readonly Column[], rowCount: number): void {
    const { node, comparePartitions, compareOrders } = this.#plan;
    this.#rowCount = rowCount;
    this.#given = 0;
    const inputCount = outputOf(node.input).length;
    const computed = all.slice(inputCount);
    const split = node.partitionBy.length;
    const partitionKeys = computed.slice(0, split);
    const orderKeys = computed.slice(split, split + node.orderBy.length);
    const peers = new Peers(
      { rowCount, partitionKeys, orderKeys },
      comparePartitions,
      compareOrders,
    );
    const [order] = node.orderBy;
    const rangeKey = order && { column: orderKeys[0]!, order };
    const results = this.#plan.calls.map(({ args, filter }, i) =>
      windowColumn({
        call: node.calls[i]!,
        args: args.map((position) => computed[position]!),
        filter: filter === undefined ? undefined : computed[filter],
        rowCount,
        peers,
        rangeKey,
        run: this.#run,
      })
    );
    this.#columns = [...all.slice(0, inputCount), ...results];
  }

  #sorted(columns: readonly Column[], rowCount: number): readonly Column[] {
    const { node } = this.#plan;
    const keyCount = node.partitionBy.length + node.orderBy.length;
    if (node.sorted || keyCount === 0) return columns;
    const order = this.#order(columns, rowCount);
    return columns.map((column) => gather(column, order));
  }

  /** The rows in the order of the window. */
  #order(columns: readonly Column[], rowCount: number): Uint32Array {
    const { node, compareAll } = this.#plan;
    const order = new Uint32Array(rowCount);
    for (let row = 0; row < rowCount; row++) order[row] = row;
    if (node.sorted) return order;
    const inputCount = outputOf(node.input).length;
    const keyCount = node.partitionBy.length + node.orderBy.length;
    const keys = columns.slice(inputCount, inputCount + keyCount);
    return order.sort((a, b) => compareAll(keys, a, keys, b) || a - b);
  }

  #give(): Chunk | undefined {
    if (this.#given === this.#rowCount) {
      this.#run.checkAborted();
      const next = this.#partitions?.next();
      if (next === undefined) return undefined;
      this.#compute(next.columns, next.rowCount);
    }
    const columns = this.#columns;
    const rowCount = Math.min(CHUNK_ROWS, this.#rowCount - this.#given);
    const rows = new Uint32Array(rowCount);
    for (let i = 0; i < rowCount; i++) rows[i] = this.#given + i;
    this.#given += rowCount;
    return { columns: columns.map((column) => gather(column, rows)), rowCount };
  }

  usage(): OperatorUsage {
    return this.#memory?.usage ?? NOTHING_USED;
  }

  close(): void {
    this.#input.close();
    this.#memory?.release();
    this.#store = undefined;
    this.#runs?.close();
    this.#partitions?.close();
    this.#partitions = undefined;
    this.#isRead = true;
    this.#columns = [];
    this.#rowCount = 0;
    this.#given = 0;
  }
}
