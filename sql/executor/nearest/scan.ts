/**
 * Operator: the nearest rows by a vector index, while it runs: see
 * `vector_scan.ts`.
 *
 * @module
 */
import { type MaybePromise, then } from "../../../base/maybe_promise.ts";
import {
  newCounters,
  type SearchCounters,
} from "../../../vector/segments/search_counters.ts";
import type { NearestBatch, NearestCursor } from "../../access/index_access.ts";
import type { LocatedChunk } from "../../access/table_access.ts";
import { type Chunk, CHUNK_ROWS, type Column } from "../../chunk/chunk.ts";
import {
  isHopeless,
  type KnnChoice,
  type KnnWay,
} from "../../optimizer/knn/cost.ts";
import type { KnnNode } from "../../planner/logical_plan.ts";
import type { ColumnExpression } from "../column_expression.ts";
import { gather } from "../column_tools.ts";
import type { Filter } from "../filter_expression.ts";
import type { RowWindow } from "../limits.ts";
import type { Operator, OperatorReport } from "../operator.ts";
import type { CompareRows } from "../row_order.ts";
import { RowStore } from "../row_store.ts";
import type { RunState } from "../run_state.ts";
import type { TableColumns } from "../table_columns.ts";
import type { BegunSearch } from "./batch.ts";
import {
  type FilteredRows,
  firstRows,
  openSearch,
  type Search,
} from "./search.ts";
import { NearestTies } from "./ties.ts";

/** How many more rows are fetched of those that matched far away. */
const ASSURING_SHARE = 1 / 3;

/** The share of a search that has to lie beyond the bound. */
const BEYOND_SHARE = 0.25;

/** How much further than the bound is beyond it: distances are rounded. */
const BEYOND = 1e-4;

/** What a scan is made of. */
export interface ScanParts {
  readonly node: KnnNode;
  readonly columns: TableColumns;
  readonly filter: Filter | undefined;
  readonly distance: ColumnExpression;
  readonly compare: CompareRows;
  /** Opens the exact way. */
  openExact(run: RunState): Operator;
  /** The rows that other indexes find for the filter. */
  filteredRows(run: RunState): Promise<FilteredRows>;
}

/** See the module. */
export class VectorScan implements Operator {
  readonly #plan: ScanParts;
  readonly #run: RunState;
  readonly #search: Search;
  /** What was begun before, until it is gone on with. */
  #begun: BegunSearch | undefined;
  readonly #window: RowWindow;
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
    plan: ScanParts,
    run: RunState,
    begun: BegunSearch | { readonly search: Search },
  ) {
    const { window, choice, bound } = begun.search;
    this.#plan = plan;
    this.#run = run;
    this.#search = begun.search;
    this.#begun = "cursor" in begun ? begun : undefined;
    this.#window = window;
    this.#choice = choice;
    this.#bound = bound;
    this.#wanted = window.limit + window.offset;
    this.#ties = plan.node.isTied ? new NearestTies(this.#wanted) : undefined;
    this.#isFiltered = choice.way === "filtered index";
    const types = [...plan.columns.types, plan.node.distance.type.type];
    this.#store = new RowStore(types, run);
    this.#counters = this.#begun?.counters ?? (run.observe && newCounters());
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#exact !== undefined) return this.#exact.next();
    if (this.#result !== undefined) return this.#give();
    if (this.#begun !== undefined) return this.#resume(this.#begun);
    return this.#isFiltered ? this.#openFiltered() : this.#open(undefined);
  }

  /** Searches among the rows that other indexes find for the filter. */
  async #openFiltered(): Promise<Chunk | undefined> {
    return await this.#open(await this.#plan.filteredRows(this.#run));
  }

  #open(rows: FilteredRows | undefined): MaybePromise<Chunk | undefined> {
    const { node } = this.#plan;
    this.#ways.push(rows === undefined ? "index" : "filtered index");
    const facts = { ...rows, counters: this.#counters };
    const cursor = openSearch(node, this.#search, facts, this.#run);
    return then(cursor, (opened) => {
      this.#cursor = opened;
      const search = this.#search;
      return this.#pull(firstRows(node, search, rows?.allowed, this.#run));
    });
  }

  /** Goes on with what was begun with other searches. */
  #resume(
    { cursor, batch, located }: BegunSearch,
  ): MaybePromise<Chunk | undefined> {
    this.#begun = undefined;
    this.#ways.push(this.#choice.way);
    this.#cursor = cursor;
    const goesOn = batch.count === 0
      ? this.#end()
      : this.#weigh(batch, located);
    return goesOn ? this.#pull(this.#nextSize()) : this.#settle();
  }

  /** Pulls batches until enough rows match. */
  #pull(first: number): MaybePromise<Chunk | undefined> {
    let size = first;
    for (;;) {
      this.#run.checkAborted();
      const taken = then(
        this.#cursor!.next(Math.min(size, this.#allowance())),
        (batch) => this.#take(batch),
      );
      if (taken instanceof Promise) {
        return taken.then((goesOn) =>
          goesOn ? this.#pull(this.#nextSize()) : this.#settle()
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
    if (batch.count === 0) return this.#end();
    const { table } = this.#plan.node.table;
    const { access, transaction, signal } = this.#run.context;
    const located = access.table(table.accessMethod).fetch(
      table,
      transaction,
      batch.locators.slice(0, batch.count),
      { columns: this.#plan.columns.wanted, signal },
    );
    return then(located, (rows) => this.#weigh(batch, rows));
  }

  /** The index has no more: whether to go on. */
  #end(): boolean {
    // Rows without a vector are in no index, and not within any distance.
    this.#isComplete = this.#bound !== undefined;
    return false;
  }

  /** Keeps the rows of a batch that match; whether to go on. */
  #weigh(batch: NearestBatch, located: LocatedChunk): boolean {
    this.#countBeyond(batch);
    this.#fetched += batch.count;
    this.#rechecked += batch.count;
    this.#keep(located);
    if (this.#store.count >= this.#wanted) {
      return this.#isFarther() || this.#lacksTies(batch);
    }
    this.#isComplete = this.#beyond > BEYOND_SHARE * this.#fetched ||
      this.#isAtLimit();
    return !this.#isComplete && (this.#isFiltered || !this.#isHopeless());
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
    this.#begun?.cursor.close();
    this.#begun = undefined;
    this.#cursor?.close();
    this.#cursor = undefined;
    this.#exact?.close();
    this.#store.release();
    this.#result = { columns: [], order: new Uint32Array(0) };
  }
}
