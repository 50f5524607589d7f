/**
 * Operator: the rows that several ranges or searches of indexes find together.
 *
 * The locators of all of them come first, ascending, joined and intersected;
 * then the rows are fetched in that order, and looked at again.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import { intersection, union } from "../access/locator_sets.ts";
import type { SearchCondition } from "../access/index_access.ts";
import { type Chunk, CHUNK_ROWS } from "../chunk/chunk.ts";
import { evaluate } from "../planner/evaluate.ts";
import type {
  BitmapScanNode,
  BitmapSource,
  IndexRange,
} from "../planner/logical_plan.ts";
import { viewOf } from "../transaction/transaction_view.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { rangeRequests } from "./index_ranges.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { applyFilter } from "./seq_scan.ts";
import { TableColumns } from "./table_columns.ts";

const NONE = new Float64Array(0);

/** A compiled bitmap scan. */
export class BitmapScanPlan implements PhysicalPlan {
  readonly node: BitmapScanNode;
  readonly columns: TableColumns;
  readonly filter: Filter | undefined;

  /** Compiles a scan. */
  constructor(node: BitmapScanNode) {
    this.node = node;
    this.columns = new TableColumns(node.table.table, node.columns);
    this.filter = node.filter === undefined
      ? undefined
      : compileFilter(node.filter, layoutOf(node));
  }

  /** Opens the scan. */
  open(run: RunState): Operator {
    return new BitmapScan(this, run);
  }
}

class BitmapScan implements Operator {
  readonly #plan: BitmapScanPlan;
  readonly #run: RunState;
  readonly #transaction: TransactionHandle;
  #locators: Float64Array | undefined;
  #fetched = 0;

  constructor(plan: BitmapScanPlan, run: RunState) {
    this.#plan = plan;
    this.#run = run;
    this.#transaction = viewOf(run.context.transaction);
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#locators === undefined) {
      return this.#find(this.#plan.node.source).then((found) => {
        this.#locators = found;
        return this.next();
      });
    }
    return pullUntil(
      () => this.#fetch(),
      (chunk) =>
        chunk.rowCount === 0
          ? undefined
          : applyFilter(chunk, this.#plan.filter, this.#run),
    );
  }

  #fetch(): MaybePromise<Chunk | undefined> {
    this.#run.checkAborted();
    const all = this.#locators!;
    if (this.#fetched >= all.length) return undefined;
    const some = all.subarray(this.#fetched, this.#fetched + CHUNK_ROWS);
    this.#fetched += some.length;
    const { columns, node: { table: { table } } } = this.#plan;
    const { access, signal } = this.#run.context;
    const located = access.table(table.accessMethod).fetch(
      table,
      this.#transaction,
      some,
      { columns: columns.wanted, signal },
    );
    return then(located, (rows) => columns.chunkOf(rows));
  }

  async #find(source: BitmapSource): Promise<Float64Array> {
    this.#run.checkAborted();
    switch (source.kind) {
      case "search": {
        const { index, terms } = source;
        const { access } = this.#run.context;
        const conditions: SearchCondition[] = [];
        for (const { key, operator, value } of terms) {
          const wanted = evaluate(value, this.#run);
          if (wanted === null) return NONE;
          conditions.push({ key, operator, value: wanted });
        }
        return await access.index(index.accessMethod).search!(
          index,
          this.#plan.node.table.table,
          this.#transaction,
          conditions,
        );
      }
      case "range":
        return await this.#inRange(source.range);
      case "and": {
        let all: Float64Array | undefined;
        for (const input of source.inputs) {
          const found = await this.#find(input);
          all = all === undefined ? found : intersection(all, found);
          if (all.length === 0) break;
        }
        return all!;
      }
      case "or": {
        let any: Float64Array = NONE;
        for (const input of source.inputs) {
          any = union(any, await this.#find(input));
        }
        return any;
      }
    }
  }

  async #inRange(range: IndexRange): Promise<Float64Array> {
    const { access } = this.#run.context;
    const method = access.index(range.index.accessMethod);
    const parts: Float64Array[] = [];
    for (const request of rangeRequests(range, this.#run)) {
      this.#run.checkAborted();
      const cursor = method.openRange!(
        range.index,
        this.#plan.node.table.table,
        this.#transaction,
        { ...request, backward: false, wantsKeys: false },
      );
      try {
        for (
          let batch = await cursor.next();
          batch;
          batch = await cursor.next()
        ) parts.push(batch.locators);
      } finally {
        cursor.close();
      }
    }
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const all = new Float64Array(length);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all.sort();
  }

  close(): void {
    this.#locators = NONE;
    this.#fetched = 0;
  }
}
