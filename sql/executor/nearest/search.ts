/**
 * One search for the nearest rows: what it is for, and how it begins.
 *
 * @module
 */
import type { MaybePromise } from "../../../base/maybe_promise.ts";
import type { SearchCounters } from "../../../vector/segments/search_counters.ts";
import type { SharedRows } from "../../../vector/segments/row_set.ts";
import type { NearestCursor } from "../../access/index_access.ts";
import { firstFetches, type KnnChoice } from "../../optimizer/knn/cost.ts";
import type { KnnNode } from "../../planner/logical_plan.ts";
import type { SqlValue } from "../../types/data_type.ts";
import type { RowWindow } from "../limits.ts";
import { locatorsOf } from "../bitmap_locators.ts";
import { indexKeysIn } from "../modify/index_keys.ts";
import type { RunState } from "../run_state.ts";
import { TIES_FETCHED } from "./ties.ts";

/** What a search is for. */
export interface Search {
  /** LIMIT and OFFSET. */
  readonly window: RowWindow;
  /** What rows are to be near. */
  readonly query: SqlValue;
  /** The way that was chosen: an index. */
  readonly choice: KnnChoice;
  /** The distance that no row wanted is beyond, if one is known. */
  readonly bound: number | undefined;
}

/** The rows that other indexes find for a filter. */
export interface FilteredRows {
  /** Their locators, ascending. */
  readonly allowed: Float64Array;
  /** What searches among them have found out. */
  readonly shared?: SharedRows | undefined;
}

/** Finds them. */
export async function filteredRows(
  { bitmap, table }: KnnNode,
  run: RunState,
): Promise<FilteredRows> {
  const { transaction } = run.context;
  const { source } = bitmap!;
  return {
    allowed: await locatorsOf(source, table.table, transaction, run),
  };
}

/** What a search is told besides; without rows: all. */
export interface SearchFacts extends Partial<FilteredRows> {
  /** Where what it does is counted. */
  readonly counters: SearchCounters | undefined;
}

/** How many rows more are wanted where ties are. */
export function moreForTies({ isTied }: KnnNode): number {
  return isTied === true ? TIES_FETCHED : 0;
}

/** How many rows a search fetches first, by what may be found and is set. */
export function firstRows(
  node: KnnNode,
  { choice }: Search,
  allowed: Float64Array | undefined,
  run: RunState,
): number {
  const more = moreForTies(node);
  if (allowed !== undefined) return choice.candidates + more;
  const { searchRowsMax = Infinity } = run.context.settings;
  return Math.min(firstFetches(choice) + more, searchRowsMax);
}

/** Opens the index for a search. */
export function openSearch(
  node: KnnNode,
  { query, choice }: Search,
  { allowed, shared, counters }: SearchFacts,
  run: RunState,
): MaybePromise<NearestCursor> {
  const { access, transaction, settings } = run.context;
  const method = access.index(node.index.accessMethod);
  return method.openNearest!(node.index, node.table.table, transaction, {
    operator: node.operator,
    query,
    expectedRows: choice.candidates + moreForTies(node),
    searchWidth: settings.searchWidth,
    probes: settings.probes,
    allowed,
    shared,
    counters,
    help: {
      keysOf: indexKeysIn(run),
      warn: (message) => run.context.warn?.(message),
    },
  });
}
