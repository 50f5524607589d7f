/**
 * One segment's part of a search: its visible rows, nearest first, as many as
 * are asked for.
 *
 * A cursor keeps no state in the segment's memory. When more rows are wanted
 * than the last search stands for, it searches again, wider, and leaves out
 * what it gave already; widths double, so that all searches together cost
 * about twice the last. (Keeping the frontier of the walk instead would need
 * a visited mark per node and cursor, and its later results would have the
 * recall of the first, narrow walk.) Once an exact scan is cheaper, or the
 * graph leads no further, the rest comes from an exact scan, whose rows are
 * ordered lazily: every visible row is reached in the end.
 *
 * @module
 */
import type { AnyVector } from "../distance/metric.ts";
import { invariant } from "../../base/invariant.ts";
import { clearVisits, countVisits } from "../hnsw/graph_visits.ts";
import type { SegmentMemory } from "../hnsw/segment_memory.ts";
import { BATCH_MAX } from "../kernels/kernels.ts";
import { rankedWindow } from "../codes/quantization.ts";
import { type Calibration, efFor } from "./calibration.ts";
import { DistanceHeap } from "./distance_heap.ts";
import {
  hasBit,
  makeBits,
  type RowSet,
  setBit,
  type SharedRows,
} from "./row_set.ts";
import { cheapestPlan, type SearchPlan, walkBudget } from "./search_cost.ts";
import type { SearchCounters } from "./search_counters.ts";
import type { SegmentSource } from "./segment_source.ts";
import type { StoredRows } from "./stored_rows.ts";
import type { VersionTable } from "./version_table.ts";

/** What a cursor needs of a segment. */
export interface SearchableSegment {
  /**
   * Vectors, and perhaps a graph.
   *
   * @internal
   */
  readonly memory: SegmentMemory;
  /** Whose they are, and since when. */
  readonly versions: VersionTable;
  /** What the graph's widths give; `undefined` if there is no graph. */
  readonly calibration: Calibration | undefined;
  /** Where vectors are, if not in memory. */
  readonly stored?: StoredRows | undefined;
}

/** What to search for. */
export interface SegmentQuery {
  /** The query; not changed while the cursor is used. */
  readonly vector: AnyVector;
  /** Whose versions are visible. */
  readonly snapshot: number;
  /** Sorted locators that may be found; `undefined` for all. */
  readonly allowed?: Float64Array | undefined;
  /** What searches of the same snapshot and locators have found out. */
  readonly shared?: SharedRows | undefined;
  /** The recall that widths are chosen for. */
  readonly minRecall: number;
  /** The width for the first rows, if it is set by hand. */
  readonly ef?: number | undefined;
  /** How many rows the first search should stand for. */
  readonly k: number;
  /** Whether the graph is walked: `auto` if that is cheaper. */
  readonly plan: "auto" | "graph" | "exact";
  /** What is done is added here; absent: nobody counts. */
  readonly counters?: SearchCounters | undefined;
}

/** Rows that an exact scan finds at least: asking for some more is common. */
const EXACT_MIN = 64;

/** As many as there may be. */
const BUDGET_MAX = 0x7fff_ffff;

/** How wide a walk has to be that stands for `reach` rows. */
export function searchWidth(
  calibration: Calibration,
  { ef, k, minRecall, reach }:
    & Pick<SegmentQuery, "ef" | "k" | "minRecall">
    & { readonly reach: number },
): number {
  if (ef === undefined) return efFor(calibration, { k: reach, minRecall });
  return Math.ceil(Math.max(ef, ef * reach / Math.max(1, k), reach));
}

/** The rows of a segment that may be found. */
export function rowsFor(
  { versions }: Pick<SearchableSegment, "versions">,
  { snapshot, allowed, shared }: Pick<
    SegmentQuery,
    "snapshot" | "allowed" | "shared"
  >,
): RowSet {
  const known = shared?.get(versions);
  if (known !== undefined) return known;
  const visible = versions.visibleAt(snapshot);
  if (allowed === undefined) return visible;
  const rows = versions.among(visible, allowed);
  shared?.set(versions, rows);
  return rows;
}

/** Nearest rows of one segment: see the module. */
export class SegmentCursor implements SegmentSource {
  readonly #segment: SearchableSegment;
  /** Its vectors, also after they have left the segment. */
  readonly #memory: SegmentMemory;
  readonly #query: SegmentQuery;
  #filtered: RowSet | undefined;
  #ids: Uint32Array = new Uint32Array(0);
  #distances: Float32Array = new Float32Array(0);
  #at = 0;
  /** Rows given, in all. */
  #given = 0;
  /** How many rows the last search stands for. */
  #reach = 0;
  /** Rows given before the last search, so that it leaves them out. */
  #givenBits: Uint8Array | undefined;
  #isExact = false;
  #heap: DistanceHeap | undefined;
  #plan: SearchPlan | undefined;

  /** Creates a cursor; nothing is searched before rows are asked for. */
  constructor(segment: SearchableSegment, query: SegmentQuery) {
    this.#segment = segment;
    this.#memory = segment.memory;
    this.#query = query;
  }

  /** How the last search was done; `undefined` before the first. */
  get plan(): SearchPlan | undefined {
    return this.#plan;
  }

  /** Whether no row is left among those prepared. */
  get isEmpty(): boolean {
    return this.#heap === undefined
      ? this.#at >= this.#ids.length
      : this.#heap.count === 0;
  }

  /** The next row's internal distance. REQUIRES: not `isEmpty`. */
  get distance(): number {
    return this.#heap?.distance ?? this.#distances[this.#at]!;
  }

  /** The next row's locator. REQUIRES: not `isEmpty`. */
  get locator(): number {
    return this.#segment.versions.locatorOf(
      this.#heap?.id ?? this.#ids[this.#at]!,
    );
  }

  /** Goes on to the next row. REQUIRES: not `isEmpty`. */
  advance(): void {
    this.#given++;
    if (this.#heap === undefined) this.#at++;
    else this.#heap.pop();
  }

  /** Makes the next `count` rows ready, or all that are left. */
  prepare(count: number): void {
    if (this.#heap !== undefined) return;
    const total = this.#given + count;
    if (total <= this.#reach) return;
    const rows = this.#rows();
    // Everything was given, or is ready, as long as no exact scan finds more.
    if (this.#isExact && this.#reach >= rows.count) return;
    this.#markGiven();
    const first = this.#reach === 0;
    const reach = first
      ? Math.max(total, this.#query.k)
      : Math.max(total, 2 * this.#reach);
    if (!this.#isExact && this.#walk(rows, reach, total)) return;
    this.#plan = "exact";
    this.#scan(rows, reach);
  }

  /** The rows that may be found. */
  #rows(): RowSet {
    if (this.#filtered !== undefined) return this.#filtered;
    const rows = rowsFor(this.#segment, this.#query);
    if (this.#query.allowed !== undefined) this.#filtered = rows;
    return rows;
  }

  /** Remembers which of the present results were given. */
  #markGiven(): void {
    if (this.#at === 0) return;
    this.#givenBits ??= makeBits(this.#segment.versions.count);
    for (let i = 0; i < this.#at; i++) setBit(this.#givenBits, this.#ids[i]!);
    this.#at = 0;
  }

  /**
   * Searches the graph for `reach` rows. Gives false, and changes nothing
   * that matters, if an exact scan is cheaper or not even `total` were found.
   */
  #walk(rows: RowSet, reach: number, total: number): boolean {
    const memory = this.#memory;
    const { versions, calibration } = this.#segment;
    const { plan, counters } = this.#query;
    if (calibration === undefined || total >= rows.count) return false;
    let ef = this.#width(reach, calibration);
    const isAll = versions.isAll(rows);
    if (plan === "graph") ef = Math.min(ef, memory.efMax);
    else if (plan === "exact") return false;
    else {
      const { efMax } = memory;
      const facts = { count: versions.count, rows: rows.count, ef, efMax };
      if (cheapestPlan(facts).plan === "exact") return false;
    }
    memory.setQuery(this.#query.vector);
    if (memory.isNowhere("query")) return false;
    const window = rankedWindow(memory.quantization, { reach, ef });
    if (counters !== undefined) clearVisits(memory);
    const found = isAll
      ? memory.kernels.search(ef, window)
      : memory.kernels.searchFiltered(
        ef,
        memory.loadBits(rows.bits, rows.stamp),
        plan === "graph" ? BUDGET_MAX : walkBudget(rows.count),
        window,
      );
    if (counters !== undefined) {
      const visited = countVisits(memory);
      counters.nodes += visited;
      const isRanked = memory.quantization !== "none";
      counters.distances += visited + (isRanked ? Math.max(found, 0) : 0);
    }
    if (found < total) return false;
    this.#plan = isAll ? "graph" : "filtered graph";
    this.#reach = Math.min(reach, found);
    this.#keep(found);
    return true;
  }

  #width(reach: number, calibration: Calibration): number {
    const { ef, k, minRecall } = this.#query;
    return searchWidth(calibration, { ef, k, minRecall, reach });
  }

  /** Takes the kernel's results, without those given already. */
  #keep(found: number): void {
    const memory = this.#memory;
    this.#ids = memory.outIds(found).slice();
    this.#distances = memory.outDistances(found).slice();
    const given = this.#givenBits;
    if (given === undefined) return;
    let count = 0;
    for (let i = 0; i < found; i++) {
      if (hasBit(given, this.#ids[i]!)) continue;
      this.#ids[count] = this.#ids[i]!;
      this.#distances[count++] = this.#distances[i]!;
    }
    this.#ids = this.#ids.subarray(0, count);
    this.#distances = this.#distances.subarray(0, count);
  }

  /** Finds the nearest `reach` rows exactly; the second time, all. */
  #scan(rows: RowSet, reach: number): void {
    const memory = this.#memory;
    const { versions } = this.#segment;
    const { counters } = this.#query;
    if (counters !== undefined) counters.distances += rows.count;
    memory.setQuery(this.#query.vector);
    const wanted = Math.max(reach, this.#given + EXACT_MIN);
    if (this.#isExact || wanted > memory.efMax) {
      this.#scanAll(rows);
      return;
    }
    this.#isExact = true;
    const found = versions.isAll(rows)
      ? memory.kernels.scan(wanted, versions.count)
      : memory.kernels.scanBits(
        wanted,
        memory.loadBits(rows.bits, rows.stamp),
        Math.min(rows.bits.length / 8, Math.ceil(versions.count / 64)),
      );
    this.#reach = wanted;
    this.#keep(found);
  }

  /** Computes all distances; from here on rows come from a heap. */
  #scanAll(rows: RowSet): void {
    const memory = this.#memory;
    const given = this.#givenBits;
    const ids = new Uint32Array(rows.count);
    let count = 0;
    for (let byte = 0; byte < rows.bits.length; byte++) {
      if (rows.bits[byte] === 0) continue;
      for (let id = 8 * byte; id < 8 * byte + 8; id++) {
        if (!hasBit(rows.bits, id)) continue;
        if (given !== undefined && hasBit(given, id)) continue;
        ids[count++] = id;
      }
    }
    const distances = new Float32Array(count);
    for (let from = 0; from < count; from += BATCH_MAX) {
      const batch = Math.min(BATCH_MAX, count - from);
      memory.ids.set(ids.subarray(from, from + batch));
      memory.kernels.distanceBatch(batch);
      distances.set(memory.distances.subarray(0, batch), from);
    }
    invariant(this.#at === 0, "rows given twice");
    this.#heap = new DistanceHeap(ids, distances, count);
  }
}
