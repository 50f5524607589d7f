/**
 * Operator: the rows in a range of an index.
 *
 * Where the key columns are all that is wanted, and their values can be read
 * from the keys as they were written, the table is not read at all.
 *
 * Rows in order are fetched a few at first, then more and more, since nobody
 * may want the rest; rows in any order by ascending locators, so that the
 * access method reads neighbours in one go.
 *
 * Everything is read as it was when the operator was opened: what the statement
 * itself changes is not seen.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { RangeBatch, RangeCursor } from "../access/index_access.ts";
import type { LocatedChunk } from "../access/table_access.ts";
import { type Chunk, CHUNK_ROWS } from "../chunk/chunk.ts";
import { keyPositions } from "../planner/index_only.ts";
import type { IndexScanNode } from "../planner/logical_plan.ts";
import { viewOf } from "../transaction/transaction_view.ts";
import type { TransactionHandle } from "../transaction/transaction_handle.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { FilteredRows } from "./filtered_rows.ts";
import { layoutOf } from "./layout.ts";
import { type KeyRangeRequest, rangeRequests } from "./index_ranges.ts";
import type { Operator } from "./operator.ts";
import { type PhysicalPlan, pullUntil } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { TableColumns } from "./table_columns.ts";

/** Rows that are fetched first. */
const FIRST_ROWS = 32;

/** A compiled scan of an index. */
export class IndexScanPlan implements PhysicalPlan {
  readonly node: IndexScanNode;
  readonly columns: TableColumns;
  readonly filter: Filter | undefined;
  /** The key columns that are wanted, if nothing else is. */
  readonly keyPositions: readonly number[] | undefined;

  /** Compiles a scan. */
  constructor(node: IndexScanNode) {
    this.node = node;
    this.columns = new TableColumns(node.table.table, node.columns);
    this.filter = node.filter === undefined
      ? undefined
      : compileFilter(node.filter, layoutOf(node));
    this.keyPositions = keyPositions(node);
  }

  /** Opens the scan. */
  open(run: RunState): Operator {
    return new IndexScan(this, run);
  }
}

class IndexScan implements Operator {
  readonly #plan: IndexScanPlan;
  readonly #run: RunState;
  readonly #filtered: FilteredRows;
  readonly #transaction: TransactionHandle;
  #ranges: readonly KeyRangeRequest[] | undefined;
  #rangesDone = 0;
  #cursor: RangeCursor | undefined;
  /** Locators that were found, and how many of them were fetched. */
  #found: Float64Array = new Float64Array(0);
  #fetched = 0;
  #fetchRows: number;
  /** Rows that somebody may still want. */
  #wantedRows = Infinity;
  #isClosed = false;

  constructor(plan: IndexScanPlan, run: RunState) {
    this.#plan = plan;
    this.#run = run;
    this.#filtered = new FilteredRows(plan.filter, run);
    this.#transaction = viewOf(run.context.transaction);
    this.#fetchRows = plan.node.ordered ? FIRST_ROWS : CHUNK_ROWS;
  }

  expect(rowsMax: number): void {
    // How many a filter leaves nobody knows.
    if (this.#plan.filter !== undefined) return;
    this.#wantedRows = rowsMax;
    this.#fetchRows = Math.min(rowsMax, CHUNK_ROWS);
  }

  next(): MaybePromise<Chunk | undefined> {
    return pullUntil(
      () => this.#pull(),
      (chunk) => this.#filtered.of(chunk),
    );
  }

  #pull(): MaybePromise<Chunk | undefined> {
    if (this.#isClosed) return undefined;
    this.#run.checkAborted();
    const pause = this.#run.pause();
    if (pause !== undefined) return pause.then(() => this.#pull());
    if (this.#fetched < this.#found.length) return this.#fetch();
    return then(this.#nextBatch(), (batch) => batch && this.#take(batch));
  }

  /** The next entries of the ranges; nothing when all were read. */
  #nextBatch(): MaybePromise<RangeBatch | undefined> {
    for (;;) {
      const cursor = this.#cursor ??= this.#openNext();
      if (cursor === undefined) return undefined;
      const batch = cursor.next();
      if (batch instanceof Promise) {
        return batch.then((some) => some ?? this.#afterRange());
      }
      if (batch !== undefined) return batch;
      this.#endRange();
    }
  }

  #afterRange(): MaybePromise<RangeBatch | undefined> {
    this.#endRange();
    return this.#nextBatch();
  }

  #endRange(): void {
    this.#cursor?.close();
    this.#cursor = undefined;
  }

  #openNext(): RangeCursor | undefined {
    const { node, keyPositions } = this.#plan;
    const { range, backward, leading, table } = node;
    this.#ranges ??= rangeRequests(range, this.#run);
    const request = this.#ranges[this.#rangesDone++];
    if (request === undefined) return undefined;
    const { access } = this.#run.context;
    return access.index(range.index.accessMethod).openRange!(
      range.index,
      table.table,
      this.#transaction,
      { ...request, backward, leading, wantsKeys: keyPositions !== undefined },
    );
  }

  #take({ locators, keys }: RangeBatch): MaybePromise<Chunk> {
    const { keyPositions, columns, node } = this.#plan;
    if (keyPositions !== undefined) {
      return columns.chunkOf({
        locators,
        chunk: {
          columns: keyPositions.map((position) => keys[position]!),
          rowCount: locators.length,
        },
      });
    }
    this.#found = node.ordered ? locators : locators.sort();
    this.#fetched = 0;
    return this.#fetch();
  }

  #fetch(): MaybePromise<Chunk> {
    const { columns, node: { table: { table } } } = this.#plan;
    const { access, signal } = this.#run.context;
    const some = this.#found.subarray(
      this.#fetched,
      this.#fetched + Math.min(this.#fetchRows, this.#wantedRows),
    );
    this.#fetched += some.length;
    this.#fetchRows = Math.min(this.#fetchRows * 4, CHUNK_ROWS);
    const located: MaybePromise<LocatedChunk> = access.table(table.accessMethod)
      .fetch(table, this.#transaction, some, {
        columns: columns.wanted,
        signal,
      });
    return then(located, (rows) => {
      // Nobody has to have told the truth.
      this.#wantedRows = Math.max(
        this.#wantedRows - rows.chunk.rowCount,
        FIRST_ROWS,
      );
      return columns.chunkOf(rows);
    });
  }

  removedRows(): number {
    return this.#filtered.removed;
  }

  close(): void {
    this.#isClosed = true;
    this.#endRange();
    this.#found = new Float64Array(0);
    this.#fetched = 0;
  }
}
