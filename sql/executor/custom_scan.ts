/**
 * Operator: rows that a provider supplies, some at a time.
 *
 * Values become the types of the columns as parameters do. What the provider
 * does not answer is looked at here.
 *
 * @module
 */
import { isPromise, type MaybePromise } from "../../base/maybe_promise.ts";
import {
  type Chunk,
  CHUNK_ROWS,
  type Column,
  ColumnBuilder,
} from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import { inputContextOf } from "../functions/input_context.ts";
import type {
  CustomScanNode,
  ScanBound,
  ScanRow,
} from "../planner/custom_scan.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { InputContext } from "../types/data_type.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { FilteredRows } from "./filtered_rows.ts";
import { layoutOf } from "./layout.ts";
import { rowWindow } from "./limits.ts";
import type { Operator } from "./operator.ts";
import { type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** A compiled custom scan. */
export class CustomScanPlan implements PhysicalPlan {
  readonly node: CustomScanNode;
  readonly filter: Filter | undefined;

  /** Compiles a scan. */
  constructor(node: CustomScanNode) {
    this.node = node;
    this.filter = node.filter === undefined
      ? undefined
      : compileFilter(node.filter, layoutOf(node));
  }

  /** Opens the scan. */
  open(run: RunState): Operator {
    return new CustomScan(this, run);
  }
}

type Batches =
  | Iterator<readonly ScanRow[]>
  | AsyncIterator<readonly ScanRow[]>;

class CustomScan implements Operator {
  readonly #plan: CustomScanPlan;
  readonly #run: RunState;
  readonly #filtered: FilteredRows;
  readonly #input: InputContext;
  readonly #names: readonly string[];
  /** Tells the provider that nobody waits for it any more. */
  readonly #stop = new AbortController();
  #batches: Batches | undefined;
  #isOpen = false;
  #isDone = false;
  /** Rows that came, and how many of them were given. */
  #rows: readonly ScanRow[] = [];
  #given = 0;

  constructor(plan: CustomScanPlan, run: RunState) {
    this.#plan = plan;
    this.#run = run;
    this.#filtered = new FilteredRows(plan.filter, run);
    this.#input = inputContextOf(run.context.functions);
    const { columns, table: { table } } = plan.node;
    this.#names = columns.map((column) => table.columns[column]!.name);
  }

  next(): MaybePromise<Chunk | undefined> {
    return pullUntil(
      () => this.#pull(),
      (chunk) => this.#filtered.of(chunk),
    );
  }

  #pull(): MaybePromise<Chunk | undefined> {
    this.#run.checkAborted();
    if (this.#given < this.#rows.length) return this.#chunk();
    if (!this.#isOpen) this.#open();
    if (this.#batches === undefined || this.#isDone) return undefined;
    const next = this.#batches.next();
    if (!isPromise(next)) return this.#take(next);
    const { signal } = this.#run.context;
    const within = signal?.within === undefined
      ? next
      : signal.within((stop) => this.#unless(stop, next));
    return within.then((result) => this.#take(result));
  }

  /** What the provider gives, unless the statement is canceled before. */
  #unless<T>(stop: AbortSignal, next: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const aborted = (): void => {
        this.#stop.abort(stop.reason);
        reject(stop.reason);
      };
      if (stop.aborted) aborted();
      stop.addEventListener("abort", aborted, { once: true });
      next.then(resolve, reject);
    });
  }

  #open(): void {
    this.#isOpen = true;
    const conditions = this.#conditions();
    if (conditions === undefined) return;
    const { node } = this.#plan;
    const { limit, offset } = rowWindow(node, this.#run);
    const rows = node.offer.open({
      columns: this.#names,
      conditions,
      limit: limit === Infinity ? undefined : limit + offset,
      signal: this.#stop.signal,
    });
    this.#batches = Symbol.asyncIterator in rows
      ? rows[Symbol.asyncIterator]()
      : rows[Symbol.iterator]();
  }

  /** The conditions with their values; nothing where one is true of no row. */
  #conditions(): ScanBound[] | undefined {
    const bounds: ScanBound[] = [];
    for (const { condition, values } of this.#plan.node.told) {
      const known = values.flatMap((expression) => {
        const value = evaluate(expression, this.#run);
        return value === null ? [] : [expression.type.type.toJs(value)];
      });
      if (values.length > 0 && known.length === 0) return undefined;
      bounds.push(
        condition.operator === "in"
          ? { ...condition, value: known }
          : values.length === 0
          ? condition
          : { ...condition, value: known[0] },
      );
    }
    return bounds;
  }

  #take(
    { done, value }: IteratorResult<readonly ScanRow[], unknown>,
  ): Chunk | undefined {
    if (done === true) {
      this.#isDone = true;
      return undefined;
    }
    this.#rows = value as readonly ScanRow[];
    this.#given = 0;
    return this.#chunk();
  }

  /** The next rows of those that came. */
  #chunk(): Chunk {
    const from = this.#given;
    const to = Math.min(this.#rows.length, from + CHUNK_ROWS);
    this.#given = to;
    return {
      columns: this.#names.map((name, at) => this.#column(name, at, from, to)),
      rowCount: to - from,
    };
  }

  #column(name: string, at: number, from: number, to: number): Column {
    const { table: { table }, columns } = this.#plan.node;
    const { type: { type }, notNull } = table.columns[columns[at]!]!;
    const builder = new ColumnBuilder(type, to - from);
    for (let i = from; i < to; i++) {
      const row = this.#rows[i]!;
      const value = Array.isArray(row)
        ? row[at]
        : (row as Readonly<Record<string, unknown>>)[name];
      if (value !== null && value !== undefined) {
        builder.append(type.fromJs(value, this.#input));
        continue;
      }
      if (notNull) {
        throw new SqlError(
          "23502",
          `null value in column "${name}" of relation "${table.name}" violates not-null constraint`,
        );
      }
      builder.append(null);
    }
    return builder.finish();
  }

  removedRows(): number {
    return this.#filtered.removed;
  }

  close(): void {
    const batches = this.#batches;
    this.#batches = undefined;
    this.#rows = [];
    this.#given = 0;
    if (!this.#isDone) {
      this.#stop.abort();
      const ended = batches?.return?.();
      // Who ended the scan does not wait for the provider, nor hear its errors.
      if (isPromise(ended)) ended.then(undefined, () => undefined);
    }
    this.#isDone = true;
  }
}
