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
import type { NearestBatch, NearestCursor } from "../access/index_access.ts";
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { SqlError } from "../errors/sql_error.ts";
import type { LocatedChunk } from "../access/table_access.ts";
import { type Chunk, CHUNK_ROWS, type Column } from "../chunk/chunk.ts";
import {
  chooseKnn,
  firstFetches,
  isHopeless,
  type KnnChoice,
  type KnnWay,
} from "../optimizer/knn/cost.ts";
import {
  newCounters,
  type SearchCounters,
} from "../../vector/segments/search_counters.ts";
import { KnnShares } from "../optimizer/knn/shares.ts";
import { evaluate } from "../planner/evaluate.ts";
import type { KnnNode } from "../planner/logical_plan.ts";
import { outputOf } from "../planner/plan_tree.ts";
import type { Nullable, SqlValue } from "../types/data_type.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { gather } from "./column_tools.ts";
import { compileExpression, type Layout } from "./expression_compiler.ts";
import { locatorsOf } from "./bitmap_locators.ts";
import { compileFilter, type Filter } from "./filter_expression.ts";
import { layoutOf } from "./layout.ts";
import { indexKeysIn } from "./modify/index_keys.ts";
import { type RowWindow, rowWindow } from "./limits.ts";
import { NearestTies, TIES_FETCHED } from "./nearest_ties.ts";
import type { Operator, OperatorReport } from "./operator.ts";
import { openInput, type PhysicalPlan } from "./physical_plan.ts";
import { compareByKeys, type CompareRows } from "./row_order.ts";
import { RowStore } from "./row_store.ts";
import type { RunState } from "./run_state.ts";
import { TableColumns } from "./table_columns.ts";

/** How many more rows are fetched of those that matched far away. */
const ASSURING_SHARE = 1 / 3;

/** The share of a search that has to lie beyond the bound. */
const BEYOND_SHARE = 0.25;

/** How much further than the bound is beyond it: distances are rounded. */
const BEYOND = 1e-4;

/** A compiled KNN scan. */
export class VectorScanPlan implements PhysicalPlan {
  readonly node: KnnNode;
  readonly columns: TableColumns;
  readonly filter: Filter | undefined;
  readonly distance: ColumnExpression;
  readonly compare: CompareRows;
  /** Where the exact plan's chunks have our columns. */
  readonly exactPositions: readonly number[];
  readonly exact: PhysicalPlan;
  readonly #shares: KnnShares;

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
    const window = rowWindow(this.node, run);
    const query = evaluate(this.node.query, run);
    const bound = boundOf(this.node, run);
    const isEndless = window.limit === Infinity && bound === undefined;
    if (isEndless || query === null) return this.openExact(run);
    const wanted = window.limit === 0 ? 0 : window.limit + window.offset;
    const node = this.#shares.at((part) => valueIn(part, run), run.context);
    const choice = chooseKnn(node, wanted, run.context);
    if (choice.way !== "exact") {
      return new VectorScan(this, run, { window, query, choice, bound });
    }
    const report = (): OperatorReport => ({ choice, facts: [] });
    return { ...this.openExact(run), report };
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

/** What a search is for. */
interface Search {
  readonly window: RowWindow;
  readonly query: SqlValue;
  readonly choice: KnnChoice;
  readonly bound: number | undefined;
}

class VectorScan implements Operator {
  readonly #plan: VectorScanPlan;
  readonly #run: RunState;
  readonly #window: RowWindow;
  readonly #query: SqlValue;
  readonly #choice: KnnChoice;
  readonly #bound: number | undefined;
  /** What is as near as the last row, if that is wanted. */
  readonly #ties: NearestTies | undefined;
  /** Rows that the cursor gave beyond the bound. */
  #beyond = 0;
  /** Whether more was fetched than was needed, so that little is missed. */
  #isAssured = false;
  /** Whether no row is missing, however few there are. */
  #isComplete = false;
  readonly #store: RowStore;
  readonly #wanted: number;
  /** Whether only rows that other indexes found for the filter are searched. */
  #isFiltered: boolean;
  #cursor: NearestCursor | undefined;
  /** The exact way, once the search was given up. */
  #exact: Operator | undefined;
  #fetched = 0;
  /** What the search did, where somebody looks on. */
  readonly #counters: SearchCounters | undefined;
  /** Rows fetched that were looked at again, all ways together. */
  #rechecked = 0;
  /** The ways that were gone, in order. */
  readonly #ways: KnnWay[] = [];
  #result:
    | { readonly columns: readonly Column[]; order: Uint32Array }
    | undefined;

  constructor(
    plan: VectorScanPlan,
    run: RunState,
    { window, query, choice, bound }: Search,
  ) {
    this.#plan = plan;
    this.#run = run;
    this.#window = window;
    this.#query = query;
    this.#choice = choice;
    this.#bound = bound;
    this.#wanted = window.limit + window.offset;
    this.#ties = plan.node.isTied ? new NearestTies(this.#wanted) : undefined;
    this.#isFiltered = choice.way === "filtered index";
    const types = [...plan.columns.types, plan.node.distance.type.type];
    this.#store = new RowStore(types, run);
    this.#counters = run.observe && newCounters();
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#exact !== undefined) return this.#exact.next();
    if (this.#result !== undefined) return this.#give();
    return this.#isFiltered ? this.#openFiltered() : this.#open(undefined);
  }

  /** Searches among the rows that other indexes find for the filter. */
  async #openFiltered(): Promise<Chunk | undefined> {
    const { node } = this.#plan;
    const allowed = await locatorsOf(
      node.bitmap!.source,
      node.table.table,
      this.#run.context.transaction,
      this.#run,
    );
    return await this.#open(allowed);
  }

  #open(allowed: Float64Array | undefined): MaybePromise<Chunk | undefined> {
    const { node } = this.#plan;
    this.#ways.push(allowed === undefined ? "index" : "filtered index");
    const { access, transaction, settings } = this.#run.context;
    const method = access.index(node.index.accessMethod);
    const cursor = method.openNearest!(
      node.index,
      node.table.table,
      transaction,
      {
        operator: node.operator,
        query: this.#query,
        expectedRows: this.#choice.candidates + this.#moreForTies,
        searchWidth: settings.searchWidth,
        probes: settings.probes,
        allowed,
        counters: this.#counters,
        help: {
          keysOf: indexKeysIn(this.#run),
          warn: (message) => this.#run.context.warn?.(message),
        },
      },
    );
    return then(cursor, (opened) => {
      this.#cursor = opened;
      const { candidates } = this.#choice;
      const first = allowed === undefined
        ? firstFetches(this.#choice)
        : candidates;
      return this.#search(first + this.#moreForTies);
    });
  }

  get #moreForTies(): number {
    return this.#ties === undefined ? 0 : TIES_FETCHED;
  }

  /** Pulls batches until enough rows match. */
  #search(first: number): MaybePromise<Chunk | undefined> {
    let size = first;
    for (;;) {
      this.#run.checkAborted();
      const taken = then(
        this.#cursor!.next(Math.min(size, this.#allowance())),
        (batch) => this.#take(batch),
      );
      if (taken instanceof Promise) {
        return taken.then((goesOn) =>
          goesOn ? this.#search(this.#nextSize()) : this.#settle()
        );
      }
      if (!taken) return this.#settle();
      size = this.#nextSize();
    }
  }

  /** How many candidates should give the rows that are missing. */
  #nextSize(): number {
    if (this.#wanted === Infinity) {
      return Math.min(Math.max(this.#fetched, 16), 4 * CHUNK_ROWS);
    }
    const missing = this.#wanted - this.#store.count;
    if (missing <= 0) return Math.ceil(ASSURING_SHARE * this.#fetched);
    const share = Math.max(this.#store.count, 0.5) / Math.max(this.#fetched, 1);
    const size = Math.ceil(1.2 * missing / share);
    return Math.min(Math.max(size, missing, 16), 4 * CHUNK_ROWS);
  }

  /** Takes a batch; whether to go on. */
  #take(batch: NearestBatch): MaybePromise<boolean> {
    if (batch.count === 0) {
      // Rows without a vector are in no index, and not within any distance.
      this.#isComplete = this.#bound !== undefined;
      return false;
    }
    this.#countBeyond(batch);
    const { table } = this.#plan.node.table;
    const { access, transaction, signal } = this.#run.context;
    const located = access.table(table.accessMethod).fetch(
      table,
      transaction,
      batch.locators.slice(0, batch.count),
      { columns: this.#plan.columns.wanted, signal },
    );
    this.#fetched += batch.count;
    this.#rechecked += batch.count;
    return then(located, (rows) => {
      this.#keep(rows);
      if (this.#store.count >= this.#wanted) {
        return this.#isFarther() || this.#lacksTies(batch);
      }
      this.#isComplete = this.#beyond > BEYOND_SHARE * this.#fetched ||
        this.#isAtLimit();
      return !this.#isComplete && (this.#isFiltered || !this.#isHopeless());
    });
  }

  /**
   * Whether rows that match began farther away than was thought: then what is
   * about as far is looked through once more, for some of it was missed.
   */
  #isFarther(): boolean {
    const isExpected = this.#fetched <= this.#choice.candidates;
    if (this.#isFiltered || isExpected || this.#isAssured) return false;
    this.#isAssured = true;
    return !this.#isAtLimit();
  }

  /** Whether rows may be missing that are as near as the last. */
  #lacksTies(batch: NearestBatch): boolean {
    return this.#ties?.isComplete(batch) === false && !this.#isAtLimit();
  }

  #isHopeless(): boolean {
    return isHopeless(this.#choice, {
      fetched: this.#fetched,
      matches: this.#store.count,
      wanted: this.#wanted,
    });
  }

  /** How many rows more the search may look at, by what is set. */
  #allowance(): number {
    const { searchRowsMax = Infinity } = this.#run.context.settings;
    return this.#isFiltered ? Infinity : searchRowsMax - this.#fetched;
  }

  /** Whether the search may not go on, by what is set. */
  #isAtLimit(): boolean {
    if (this.#isFiltered) return false;
    return this.#run.context.settings.searchesGoOn === false ||
      this.#allowance() <= 0;
  }

  #countBeyond({ distances, count }: NearestBatch): void {
    if (this.#bound === undefined || distances === undefined) return;
    const end = this.#bound + BEYOND * (1 + Math.abs(this.#bound));
    for (let i = count - 1; i >= 0 && !(distances[i]! <= end); i--) {
      this.#beyond++;
    }
  }

  /** Keeps the rows that match, with their distances. */
  #keep(located: LocatedChunk): void {
    const { columns, filter, distance } = this.#plan;
    if (located.chunk.rowCount === 0) return;
    const chunk = columns.chunkOf(located);
    const rows = filter === undefined ? undefined : filter(chunk, this.#run);
    if (rows !== undefined && rows.length === 0) return;
    const computed = distance(chunk, rows, this.#run);
    this.#ties?.keep(computed, rows, chunk.rowCount);
    this.#store.append([...chunk.columns, computed], rows, chunk.rowCount);
  }

  /** Sorts what was found, or takes the exact way if it is too little. */
  #settle(): MaybePromise<Chunk | undefined> {
    this.#cursor?.close();
    this.#cursor = undefined;
    const { count } = this.#store;
    if (count < this.#wanted && !this.#isComplete) {
      this.#store.take();
      this.#store.release();
      const { costs } = this.#choice;
      if (!this.#isFiltered && costs["filtered index"] < costs.exact) {
        // What matches is far: it is cheaper to search it alone.
        this.#isFiltered = true;
        this.#fetched = 0;
        this.#beyond = 0;
        return this.#openFiltered();
      }
      this.#ways.push("exact");
      this.#exact = this.#plan.openExact(this.#run);
      return this.#exact.next();
    }
    const columns = this.#store.take();
    const keys = columns.slice(-1);
    const { compare } = this.#plan;
    const order = new Uint32Array(count);
    for (let row = 0; row < count; row++) order[row] = row;
    order.sort((a, b) => compare(keys, a, keys, b) || a - b);
    const { distanceColumn, isTied } = this.#plan.node;
    this.#result = {
      columns: distanceColumn === undefined ? columns.slice(0, -1) : columns,
      order: isTied
        ? order.subarray(0, this.#tiedEnd(keys, order))
        : order.subarray(this.#window.offset, this.#wanted),
    };
    return this.#give();
  }

  /** Where the rows end that are as near as the last one wanted. */
  #tiedEnd(keys: readonly Column[], order: Uint32Array): number {
    const { compare } = this.#plan;
    let end = Math.min(this.#wanted, order.length);
    const last = order[end - 1]!;
    while (
      end < order.length && compare(keys, order[end]!, keys, last) === 0
    ) end++;
    return end;
  }

  #give(): Chunk | undefined {
    const { columns, order } = this.#result!;
    if (order.length === 0) return undefined;
    const rows = order.subarray(0, CHUNK_ROWS);
    this.#result = { columns, order: order.subarray(rows.length) };
    return {
      columns: columns.map((column) => gather(column, rows)),
      rowCount: rows.length,
    };
  }

  report(): OperatorReport {
    return { choice: this.#choice, facts: this.#facts() };
  }

  #facts(): (readonly [string, string])[] {
    const { nodes, clusters, distances, requests, bytes } = this.#counters ??
      newCounters();
    const counts = {
      "Nodes Visited": nodes,
      "Clusters Read": clusters,
      "Distances Computed": distances,
      "Vector Reads": requests,
      "Vector Bytes Read": bytes,
      "Rows Rechecked": this.#rechecked,
    };
    const facts = Object.entries(counts).filter(([, count]) => count > 0)
      .map(([name, count]) => [name, `${count}`] as const);
    const isOne = this.#ways.length <= 1;
    return isOne ? facts : [["Searched", this.#ways.join(", then ")], ...facts];
  }

  close(): void {
    this.#cursor?.close();
    this.#cursor = undefined;
    this.#exact?.close();
    this.#store.release();
    this.#result = { columns: [], order: new Uint32Array(0) };
  }
}
