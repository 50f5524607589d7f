/**
 * Searches for the nearest rows of several rows at once: those of the other side
 * of a join whose turn comes next.
 *
 * ```text
 * rows of the left --queries--> index, one after the other --locators-->
 *   one fetch for all --rows--> each search goes on when its row's turn comes
 * ```
 *
 * Invariants:
 * 1. What a row is given is what it would be given alone: a search that was
 *    begun goes on as any other. An error is told when its row's turn comes, if
 *    it comes; what follows it is not searched ahead.
 * 2. Rows that a filter allows are looked up once for all searches whose filter
 *    is the same, as long as the join runs.
 * 3. So many rows are fetched ahead as a chunk has, about.
 *
 * @module
 */
import { isPromise } from "../../../base/maybe_promise.ts";
import {
  newCounters,
  type SearchCounters,
} from "../../../vector/segments/search_counters.ts";
import type { NearestBatch, NearestCursor } from "../../access/index_access.ts";
import type { LocatedChunk } from "../../access/table_access.ts";
import { someExpression } from "../../analyzer/walk.ts";
import { CHUNK_ROWS } from "../../chunk/chunk.ts";
import { expressionsOf } from "../../planner/expressions_of.ts";
import type { KnnNode } from "../../planner/logical_plan.ts";
import { gather } from "../column_tools.ts";
import type { RunState } from "../run_state.ts";
import type { TableColumns } from "../table_columns.ts";
import {
  type FilteredRows,
  filteredRows,
  firstRows,
  openSearch,
  type Search,
} from "./search.ts";

/** A search that was begun. */
export interface BegunSearch {
  readonly search: Search;
  readonly cursor: NearestCursor;
  readonly counters: SearchCounters | undefined;
  /** What the cursor gave first … */
  readonly batch: NearestBatch;
  /** … and the rows of it. */
  readonly located: LocatedChunk;
}

/** What searches are begun of. */
export interface BatchedScan {
  readonly node: KnnNode;
  readonly columns: TableColumns;
  /** What is to be searched for with the values that are set; not the exact way. */
  searchOf(run: RunState): Search | undefined;
}

/** A search whose rows are not fetched yet. */
type FoundSearch = Omit<BegunSearch, "located">;

/** The searches that were begun for rows to come. */
export class NearestBatches {
  readonly #scan: BatchedScan;
  readonly #run: RunState;
  /** For each row to come its search; `undefined` where none was begun. */
  #begun: (BegunSearch | undefined)[] = [];
  /** Whether the rows that a filter allows are the same for every row. */
  readonly #sharesFilter: boolean;
  #filtered: Promise<FilteredRows> | undefined;

  /** None yet. */
  constructor(scan: BatchedScan, run: RunState) {
    this.#scan = scan;
    this.#run = run;
    this.#sharesFilter = !dependsOnRow(scan.node);
  }

  /**
   * Begins the searches of the next `rows` rows, or of the first of them; gives
   * how many. `show` sets the values of one.
   */
  async begin(rows: number, show: (row: number) => void): Promise<number> {
    const found: (FoundSearch | undefined)[] = [];
    let fetched = 0;
    try {
      for (let row = 0; row < rows && fetched < CHUNK_ROWS; row++) {
        this.#run.checkAborted();
        show(row);
        const begun = this.#find();
        const search = isPromise(begun) ? await begun : begun;
        if (search === "failed") break;
        found.push(search);
        fetched += search?.batch.count ?? 0;
      }
      const located = await this.#fetch(found);
      this.#begun = found.map((each) =>
        each && { ...each, located: rowsOf(each.batch, located) }
      );
    } catch (error) {
      for (const each of found) each?.cursor.close();
      throw error;
    }
    return found.length;
  }

  /** What the index finds first of the row whose values are set. */
  #find(): Promise<FoundSearch | undefined | "failed"> | undefined | "failed" {
    try {
      const search = this.#asKnown(this.#scan.searchOf(this.#run));
      if (search === undefined) return undefined;
      const isFiltered = search.choice.way === "filtered index";
      if (isFiltered && !this.#sharesFilter) return undefined;
      return this.#open(search, isFiltered).catch(() => "failed" as const);
    } catch {
      return "failed";
    }
  }

  /** Where the rows of the filter are known, to search among them is cheapest. */
  #asKnown(search: Search | undefined): Search | undefined {
    if (this.#filtered === undefined || search === undefined) return search;
    const { choice, window: { limit, offset } } = search;
    if (
      choice.way !== "index" || choice.isForced === true || limit === Infinity
    ) return search;
    const candidates = limit + offset;
    return {
      ...search,
      choice: { ...choice, way: "filtered index", candidates },
    };
  }

  async #open(search: Search, isFiltered: boolean): Promise<FoundSearch> {
    const { node } = this.#scan;
    const run = this.#run;
    const rows = isFiltered ? await this.filteredRows() : undefined;
    const counters = run.observe && newCounters();
    const facts = { ...rows, counters };
    const cursor = await openSearch(node, search, facts, run);
    try {
      const batch = await cursor.next(
        firstRows(node, search, rows?.allowed, run),
      );
      return { search, cursor, counters, batch };
    } catch (error) {
      cursor.close();
      throw error;
    }
  }

  /** The rows that the filter allows, if they are the same for all. */
  filteredRows(): Promise<FilteredRows> | undefined {
    if (!this.#sharesFilter) return undefined;
    return this.#filtered ??= filteredRows(this.#scan.node, this.#run)
      .then(({ allowed }) => ({ allowed, shared: new Map() }));
  }

  /** The rows that searches have found, each once. */
  async #fetch(
    found: readonly (FoundSearch | undefined)[],
  ): Promise<LocatedChunk> {
    const { table } = this.#scan.node.table;
    const { access, transaction, signal } = this.#run.context;
    const locators = new Set<number>();
    for (const each of found) {
      if (each === undefined) continue;
      const { batch } = each;
      for (let i = 0; i < batch.count; i++) locators.add(batch.locators[i]!);
    }
    return await access.table(table.accessMethod).fetch(
      table,
      transaction,
      Float64Array.from(locators).sort(),
      { columns: this.#scan.columns.wanted, signal },
    );
  }

  /** The search of the next row, if it was begun. */
  take(): BegunSearch | undefined {
    return this.#begun.shift();
  }

  /** Gives up what was begun and not taken. */
  close(): void {
    for (const each of this.#begun) each?.cursor.close();
    this.#begun = [];
  }
}

/** The rows of a batch, in its order, of those that were fetched. */
function rowsOf(
  { locators, count }: NearestBatch,
  { chunk, locators: fetched }: LocatedChunk,
): LocatedChunk {
  const rows = new Uint32Array(count);
  let rowCount = 0;
  for (let i = 0; i < count; i++) {
    const row = placeOf(fetched, chunk.rowCount, locators[i]!);
    if (row >= 0) rows[rowCount++] = row;
  }
  const kept = rows.subarray(0, rowCount);
  return {
    chunk: {
      columns: chunk.columns.map((column) => gather(column, kept)),
      rowCount,
    },
    locators: Float64Array.from(kept, (row) => fetched[row]!),
  };
}

/** Where a locator is among `count` ascending ones, or -1. */
function placeOf(
  locators: Float64Array,
  count: number,
  locator: number,
): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (locators[middle]! < locator) low = middle + 1;
    else high = middle;
  }
  return low < count && locators[low] === locator ? low : -1;
}

/** Whether what a filter allows may be another for another row of the join. */
function dependsOnRow({ bitmap, table }: KnnNode): boolean {
  if (bitmap === undefined) return false;
  const { source, condition } = bitmap;
  return expressionsOf({
    kind: "bitmap_scan",
    table,
    source,
    condition,
    columns: [],
    filter: undefined,
  }).some((each) => someExpression(each, ({ kind }) => kind === "outer"));
}
