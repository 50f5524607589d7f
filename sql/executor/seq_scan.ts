/**
 * Operator: all rows of a table, filtered as they are read.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { LocatedChunk, TableScan } from "../access/table_access.ts";
import type { Chunk } from "../chunk/chunk.ts";
import type { ScanNode } from "../planner/logical_plan.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { FilteredRows } from "./filtered_rows.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { compileScanFilter, type ScanFilter } from "./scan_filter.ts";
import { TableColumns } from "./table_columns.ts";

/** A compiled scan. */
export class SeqScanPlan implements PhysicalPlan {
  readonly node: ScanNode;
  readonly columns: TableColumns;
  /** What is asked of rows while they are read … */
  readonly scanFilter: ScanFilter | undefined;
  /** … or afterwards. */
  readonly filter: Filter | undefined;

  /** Compiles a scan. */
  constructor(node: ScanNode) {
    this.node = node;
    this.columns = new TableColumns(node.table.table, node.columns);
    this.scanFilter = compileScanFilter(node, this.columns.wanted);
    this.filter = node.filter === undefined
      ? undefined
      : compileFilter(node.filter, layoutOf(node));
  }

  /** Opens the scan. */
  open(run: RunState): Operator {
    return new SeqScan(this, run);
  }
}

class SeqScan implements Operator {
  readonly #plan: SeqScanPlan;
  readonly #run: RunState;
  #scan: TableScan | undefined;
  /** What rows that come have to pass still. */
  readonly #filtered: FilteredRows;

  constructor(plan: SeqScanPlan, run: RunState) {
    this.#plan = plan;
    this.#run = run;
    const { table } = plan.node.table;
    const { access, transaction, signal } = run.context;
    // Opened at once: what the statement itself changes is not seen.
    const method = access.table(table.accessMethod);
    const filter = method.filters === true ? plan.scanFilter : undefined;
    const filtered = this.#filtered = new FilteredRows(
      filter === undefined ? plan.filter : undefined,
      run,
    );
    const passing = filter?.(run);
    this.#scan = method.scan(table, transaction, {
      columns: plan.columns.wanted,
      filter: passing && ((scanned) => {
        const rows = passing(scanned);
        if (rows !== undefined) {
          filtered.removed += scanned.rowCount - rows.length;
        }
        return rows;
      }),
      signal,
    });
  }

  next(): MaybePromise<Chunk | undefined> {
    return pullUntil(
      () => {
        this.#run.checkAborted();
        const pause = this.#run.pause();
        return pause === undefined
          ? this.#scan?.next()
          : pause.then(() => this.#scan?.next());
      },
      (located) => this.#take(located),
    );
  }

  #take(located: LocatedChunk): Chunk | undefined {
    if (located.chunk.rowCount === 0) return undefined;
    return this.#filtered.of(this.#plan.columns.chunkOf(located));
  }

  removedRows(): number {
    return this.#filtered.removed;
  }

  close(): void {
    this.#scan?.close();
    this.#scan = undefined;
  }
}
