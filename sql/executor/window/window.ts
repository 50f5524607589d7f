/**
 * Operator: calls over windows of one partitioning and order.
 *
 * All rows are gathered, with the keys and the arguments of the calls; sorted
 * once, unless they came in order; then each call gives its column. Rows come out
 * in the window's order.
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
import type { Operator } from "../operator.ts";
import { openInput, type PhysicalPlan, pullAll } from "../physical_plan.ts";
import { compareByKeys, type CompareRows } from "../row_order.ts";
import { RowStore } from "../row_store.ts";
import type { RunState } from "../run_state.ts";
import { Peers } from "./partition.ts";
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
  #store: RowStore | undefined;
  #rowCount = 0;
  #columns: readonly Column[] | undefined;
  #given = 0;

  constructor(plan: WindowPlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#columns !== undefined) return this.#give(this.#columns);
    return pullAll(
      () => {
        this.#run.checkAborted();
        return this.#input.next();
      },
      (chunk) => this.#gather(chunk),
      () => {
        this.#columns = this.#finish();
        return this.#give(this.#columns);
      },
    );
  }

  #gather(chunk: Chunk): void {
    const computed = this.#plan.expressions.map((expression) =>
      expression(chunk, chunk.selection, this.#run)
    );
    const columns = [...chunk.columns, ...computed];
    this.#store ??= new RowStore(columns.map(({ type }) => type), this.#run);
    this.#store.append(columns, chunk.selection, chunk.rowCount);
    this.#rowCount += chunk.selection?.length ?? chunk.rowCount;
  }

  /** The columns of the result. */
  #finish(): readonly Column[] {
    const { node, comparePartitions, compareOrders } = this.#plan;
    const rowCount = this.#rowCount;
    if (rowCount === 0) return [];
    const all = this.#sorted(this.#store!.take(), rowCount);
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
    return [...all.slice(0, inputCount), ...results];
  }

  #sorted(columns: readonly Column[], rowCount: number): readonly Column[] {
    const { node, compareAll } = this.#plan;
    const inputCount = outputOf(node.input).length;
    const keyCount = node.partitionBy.length + node.orderBy.length;
    if (node.sorted || keyCount === 0) return columns;
    const keys = columns.slice(inputCount, inputCount + keyCount);
    const order = new Uint32Array(rowCount);
    for (let row = 0; row < rowCount; row++) order[row] = row;
    order.sort((a, b) => compareAll(keys, a, keys, b) || a - b);
    return columns.map((column) => gather(column, order));
  }

  #give(columns: readonly Column[]): Chunk | undefined {
    const rowCount = Math.min(CHUNK_ROWS, this.#rowCount - this.#given);
    if (rowCount <= 0) return undefined;
    const rows = new Uint32Array(rowCount);
    for (let i = 0; i < rowCount; i++) rows[i] = this.#given + i;
    this.#given += rowCount;
    return { columns: columns.map((column) => gather(column, rows)), rowCount };
  }

  close(): void {
    this.#input.close();
    this.#store?.release();
    this.#store = undefined;
    this.#columns = [];
    this.#rowCount = 0;
  }
}
