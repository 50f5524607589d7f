/**
 * Operator: the rows that several ranges or searches of indexes find together.
 *
 * The locators of all of them come first, ascending, joined and intersected;
 * then the rows are fetched in that order, and looked at again.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import { type Chunk, CHUNK_ROWS } from "../chunk/chunk.ts";
import type { BitmapScanNode } from "../planner/logical_plan.ts";
import { viewOf } from "../transaction/transaction_view.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { locatorsOf } from "./bitmap_locators.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { FilteredRows } from "./filtered_rows.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
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
  readonly #filtered: FilteredRows;
  readonly #transaction: TransactionHandle;
  #locators: Float64Array | undefined;
  #fetched = 0;

  constructor(plan: BitmapScanPlan, run: RunState) {
    this.#plan = plan;
    this.#run = run;
    this.#filtered = new FilteredRows(plan.filter, run);
    this.#transaction = viewOf(run.context.transaction);
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#locators === undefined) {
      const { source, table: { table } } = this.#plan.node;
      const found = locatorsOf(source, table, this.#transaction, this.#run);
      return found.then((found) => {
        this.#locators = found;
        return this.next();
      });
    }
    return pullUntil(
      () => this.#fetch(),
      (chunk) => this.#filtered.of(chunk),
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

  removedRows(): number {
    return this.#filtered.removed;
  }

  close(): void {
    this.#locators = NONE;
    this.#fetched = 0;
  }
}
