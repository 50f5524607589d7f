/**
 * Operator: the nearest rows by a vector index, exactly ordered; or, where that
 * is cheaper or the index has too few, by looking at every row.
 *
 * ```text
 * cursor --locators--> fetch --rows--> filter --rows--> exact distance
 *    ^                                                      |
 *    +--------- more, until LIMIT + OFFSET rows match ------+--> sort --> rows
 * ```
 *
 * Invariants:
 * 1. As many rows come out as the exact way would give: when the cursor ends
 *    before there are enough (rows without a vector are in no index), the exact
 *    way is taken after all.
 * 2. The order is that of the SQL operator's own distances, whatever the index
 *    thinks they are; rows at one distance stay in the order of the cursor.
 * 3. A search that would cost more than another way, by the share of the rows it
 *    has fetched that matched, is given up for it: for a search among the rows
 *    that other indexes find, or the exact way.
 * 4. Where a bound on the distance is known, a search is complete when the last
 *    quarter of all that it gave is beyond it: what the index finds of the
 *    nearest rows, a third more than are within, it finds of those within.
 * 5. Where those as near as the last are wanted too, none of them is left out.
 *
 * @module
 */
import { type MaybePromise, then } from "../../base/maybe_promise.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import type { Chunk } from "../chunk/chunk.ts";
import { SqlError } from "../errors/sql_error.ts";
import { chooseKnn } from "../optimizer/knn/cost.ts";
import { KnnShares } from "../optimizer/knn/shares.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { KnnNode } from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";
import type { Nullable } from "../types/data_type.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { compileExpression, type Layout } from "./expression_compiler.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { layoutOf } from "./layout.ts";
import { rowWindow } from "./limits.ts";
import { type BatchedScan, NearestBatches } from "./nearest/batch.ts";
import { type ScanParts, VectorScan } from "./nearest/scan.ts";
import {
  type FilteredRows,
  filteredRows,
  type Search,
} from "./nearest/search.ts";
import type { Operator, OperatorReport } from "./operator.ts";
import {
  type AheadPlan,
  openInput,
  type PhysicalPlan,
} from "./physical_plan.ts";
import { compareByKeys, type CompareRows } from "./row_order.ts";
import type { RunState } from "./run_state.ts";
import { TableColumns } from "./table_columns.ts";

/** A compiled KNN scan. */
export class VectorScanPlan implements AheadPlan, BatchedScan, ScanParts {
  readonly ahead: AheadPlan = this;
  readonly node: KnnNode;
  readonly columns: TableColumns;
  readonly filter: Filter | undefined;
  readonly distance: ColumnExpression;
  readonly compare: CompareRows;
  /** Where the exact plan's chunks have our columns. */
  readonly exactPositions: readonly number[];
  readonly exact: PhysicalPlan;
  readonly #shares: KnnShares;
  /** Searches that were begun for rows of a join that are to come. */
  readonly #batches = new WeakMap<RunState, NearestBatches>();

  /** Compiles a KNN scan; `exact` is the compiled `node.exact`. */
  constructor(node: KnnNode, exact: PhysicalPlan) {
    this.node = node;
    this.exact = exact;
    this.#shares = new KnnShares(node);
    this.columns = new TableColumns(node.table.table, node.columns);
    const layout: Layout = layoutOf(node);
    this.filter = node.filter === undefined
      ? undefined
      : compileFilter(node.filter, layout);
    this.distance = compileExpression(node.distance, layout);
    this.compare = compareByKeys([node.distance.type.type], [
      { descending: false, nullsFirst: false },
    ]);
    const exactLayout = layoutOf(node.exact);
    this.exactPositions = outputOf(node).map((id) => exactLayout(id));
  }

  /** Decides between the index and the exact way, and opens it. */
  open(run: RunState): Operator {
    const begun = this.#batches.get(run)?.take();
    if (begun !== undefined) return new VectorScan(this, run, begun);
    const search = this.#planned(run);
    if (search === undefined) return this.openExact(run);
    const { choice } = search;
    if (choice.way !== "exact") return new VectorScan(this, run, { search });
    const report = (): OperatorReport => ({ choice, facts: [] });
    return { ...this.openExact(run), report };
  }

  /** What to search for, unless the exact way is all there is. */
  #planned(run: RunState): Search | undefined {
    const window = rowWindow(this.node, run);
    const query = evaluate(this.node.query, run);
    const bound = boundOf(this.node, run);
    const isEndless = window.limit === Infinity && bound === undefined;
    if (isEndless || query === null) return undefined;
    const wanted = window.limit === 0 ? 0 : window.limit + window.offset;
    const node = this.#shares.at((part) => valueIn(part, run), run.context);
    const choice = chooseKnn(node, wanted, run.context);
    return { window, query, choice, bound };
  }

  searchOf(run: RunState): Search | undefined {
    const search = this.#planned(run);
    return search?.choice.way === "exact" ? undefined : search;
  }

  beginAhead(
    run: RunState,
    rows: number,
    show: (row: number) => void,
  ): Promise<number> {
    let batches = this.#batches.get(run);
    if (batches === undefined) {
      batches = new NearestBatches(this, run);
      this.#batches.set(run, batches);
    }
    return batches.begin(rows, show);
  }

  endAhead(run: RunState): void {
    this.#batches.get(run)?.close();
    this.#batches.delete(run);
  }

  filteredRows(run: RunState): Promise<FilteredRows> {
    return this.#batches.get(run)?.filteredRows() ??
      filteredRows(this.node, run);
  }

  /** Opens the exact way. */
  openExact(run: RunState): Operator {
    const input = openInput(this.exact, run);
    const positions = this.exactPositions;
    return {
      next: (): MaybePromise<Chunk | undefined> =>
        then(input.next(), (chunk) =>
          chunk && {
            ...chunk,
            columns: positions.map((position) => chunk.columns[position]!),
          }),
      close: (): void => input.close(),
    };
  }
}

/** A value of this run; one that could not be computed is not known yet. */
function valueIn(part: BoundExpression, run: RunState): Nullable | undefined {
  try {
    return evaluate(part, run);
  } catch (error) {
    if (part.kind === "outer" && error instanceof SqlError) return undefined;
    throw error;
  }
}

/** The distance that no row of the result is beyond, if one is known. */
function boundOf({ bound }: KnnNode, run: RunState): number | undefined {
  const value = bound === undefined ? null : evaluate(bound, run);
  const number = value === null ? NaN : Number(String(value));
  return Number.isNaN(number) ? undefined : number;
}
