/**
 * One segment's part of a search, where the vectors are not in memory: what a
 * walk finds by codes is put in order by its vectors, which are read.
 *
 * | which rows may be found | candidates |
 * | --- | --- |
 * | about as few as would be read anyway | all of them |
 * | all, or many | a walk's, by codes |
 * | others | the nearest by codes, of all of them |
 *
 * How many of the candidates are read is calibrated with the width
 * (`windowFor`). As in memory, whoever wants more rows than a search stands for
 * gets a wider one, and in the end all rows, read in order.
 *
 * A read may take its time: nothing is kept in the segment's memory over it.
 *
 * @module
 */
import {
  forEachOf,
  type MaybePromise,
  then,
} from "../../base/maybe_promise.ts";
import { clearVisits, countVisits } from "../hnsw/graph_visits.ts";
import { windowFor } from "./calibration.ts";
import { DistanceHeap } from "./distance_heap.ts";
import { hasBit, makeBits, type RowSet, setBit } from "./row_set.ts";
import { cheapestPlan, type SearchPlan, walkBudget } from "./search_cost.ts";
import {
  rowsFor,
  type SearchableSegment,
  searchWidth,
  SegmentCursor,
  type SegmentQuery,
} from "./segment_cursor.ts";
import type { SegmentSource } from "./segment_source.ts";
import { ROWS_A_READ, type StoredRows } from "./stored_rows.ts";

/** As many as there may be. */
const BUDGET_MAX = 0x7fff_ffff;

/** Of how many times the candidates all rows that may be found are read. */
const FEW_SHARE = 2;

/** Rows whose vectors are to be read. */
interface Candidates {
  readonly plan: SearchPlan;
  readonly ids: Uint32Array;
  /** How many of the nearest they stand for. */
  readonly reach: number;
}

/** Nearest rows of one segment: see the module. */
export class StoredCursor implements SegmentSource {
  readonly #segment: SearchableSegment;
  readonly #stored: StoredRows;
  readonly #query: SegmentQuery;
  #rows: RowSet | undefined;
  #heap = new DistanceHeap(new Uint32Array(0), new Float32Array(0), 0);
  #givenBits: Uint8Array | undefined;
  #given = 0;
  #reach = 0;
  #plan: SearchPlan | undefined;

  /** Creates a cursor; nothing is searched before rows are asked for. */
  constructor(
    segment: SearchableSegment,
    stored: StoredRows,
    query: SegmentQuery,
  ) {
    this.#segment = segment;
    this.#stored = stored;
    this.#query = query;
  }

  get plan(): SearchPlan | undefined {
    return this.#plan;
  }

  get isEmpty(): boolean {
    return this.#heap.count === 0;
  }

  get distance(): number {
    return this.#heap.distance;
  }

  get locator(): number {
    return this.#segment.versions.locatorOf(this.#heap.id);
  }

  advance(): void {
    this.#givenBits ??= makeBits(this.#segment.versions.count);
    setBit(this.#givenBits, this.#heap.id);
    this.#given++;
    this.#heap.pop();
  }

  prepare(count: number): MaybePromise<void> {
    const total = this.#given + count;
    if (total <= this.#reach) return;
    const rows = this.#rows ??= this.#visible();
    const reach = this.#reach === 0
      ? Math.max(total, this.#query.k)
      : Math.max(total, 2 * this.#reach);
    const { plan, ids, reach: stands } = this.#candidates(rows, reach, total) ??
      { plan: "exact", ids: this.#notGiven(rows), reach: Infinity };
    return then(this.#distances(ids), (distances) => {
      this.#plan = plan;
      this.#reach = stands;
      this.#heap = new DistanceHeap(ids, distances, ids.length);
    });
  }

  /** The rows that may be found. */
  #visible(): RowSet {
    return rowsFor(this.#segment, this.#query);
  }

  /**
   * Finds candidates for the nearest `reach` rows by codes; `undefined` if all
   * rows are to be read, because they are few or codes are no good.
   */
  #candidates(
    rows: RowSet,
    reach: number,
    total: number,
  ): Candidates | undefined {
    const { memory, versions, calibration } = this.#segment;
    const { plan } = this.#query;
    if (plan === "exact" || total >= rows.count) return undefined;
    if (calibration === undefined) return undefined;
    const ef = searchWidth(calibration, { ...this.#query, reach });
    const isForced = plan === "graph";
    if (ef > memory.efMax && !isForced) return undefined;
    const width = Math.min(ef, memory.efMax);
    const window = windowFor(calibration, { k: reach, ef: width });
    if (window > memory.efMax) return undefined;
    if (!isForced && rows.count <= FEW_SHARE * window) return undefined;
    memory.setQuery(this.#query.vector);
    if (!memory.hasCodeQuery) return undefined;
    const facts = { count: versions.count, rows: rows.count, efMax: Infinity };
    const isWalk = isForced ||
      cheapestPlan({ ...facts, ef: width }).plan !== "exact";
    const found = isWalk ? this.#walk(rows, width, isForced) : -1;
    const isEnough = found >= Math.min(window, rows.count) || isForced;
    const count = isEnough ? found : this.#scan(rows, window);
    if (count < total) return undefined;
    return {
      plan: !isEnough
        ? "codes"
        : versions.isAll(rows)
        ? "graph"
        : "filtered graph",
      ids: this.#nearest(Math.min(count, Math.max(window, total))),
      reach: Math.min(reach, count),
    };
  }

  /** Walks by codes; gives how many rows that led to, -1 if it was given up. */
  #walk(rows: RowSet, ef: number, isForced: boolean): number {
    const { memory, versions } = this.#segment;
    const { counters } = this.#query;
    if (counters !== undefined) clearVisits(memory);
    const found = versions.isAll(rows)
      ? memory.kernels.search(ef, 0)
      : memory.kernels.searchFiltered(
        ef,
        memory.loadBits(rows.bits, rows.stamp),
        isForced ? BUDGET_MAX : walkBudget(rows.count),
        0,
      );
    if (counters !== undefined) {
      const visited = countVisits(memory);
      counters.nodes += visited;
      counters.distances += visited;
    }
    return found;
  }

  /** Finds the nearest by codes of all rows. */
  #scan(rows: RowSet, wanted: number): number {
    const { memory, versions } = this.#segment;
    const { counters } = this.#query;
    if (counters !== undefined) counters.distances += rows.count;
    return memory.kernels.scanCodes(
      wanted,
      memory.loadBits(rows.bits, rows.stamp),
      Math.min(rows.bits.length / 8, Math.ceil(versions.count / 64)),
    );
  }

  /** The first of what was found, without what was given already. */
  #nearest(count: number): Uint32Array {
    const ids = this.#segment.memory.outIds(count);
    return ids.filter((id) => !this.#isGiven(id));
  }

  #isGiven(id: number): boolean {
    return this.#givenBits !== undefined && hasBit(this.#givenBits, id);
  }

  /** All rows that may be found and were not given. */
  #notGiven({ bits, count }: RowSet): Uint32Array {
    const ids = new Uint32Array(count);
    let found = 0;
    for (let byte = 0; byte < bits.length; byte++) {
      if (bits[byte] === 0) continue;
      for (let id = 8 * byte; id < 8 * byte + 8; id++) {
        if (hasBit(bits, id) && !this.#isGiven(id)) ids[found++] = id;
      }
    }
    return ids.subarray(0, found);
  }

  /** Reads vectors, and computes their distances; the rows are sorted. */
  #distances(ids: Uint32Array): MaybePromise<Float32Array> {
    const { counters } = this.#query;
    if (counters !== undefined) counters.distances += ids.length;
    ids.sort();
    const distances = new Float32Array(ids.length);
    const starts: number[] = [];
    for (let at = 0; at < ids.length; at += ROWS_A_READ) starts.push(at);
    const done = forEachOf(starts, 1, (from) => {
      const part = ids.subarray(from, from + ROWS_A_READ);
      const read = this.#stored.read(part, counters);
      return then(read, (rows) => this.#compute(rows, distances, from));
    });
    return then(done, () => distances);
  }

  #compute(
    rows: readonly Uint8Array[],
    distances: Float32Array,
    from: number,
  ): void {
    const { memory } = this.#segment;
    memory.setQuery(this.#query.vector);
    for (let at = 0; at < rows.length; at += memory.rowsMax) {
      const size = Math.min(memory.rowsMax, rows.length - at);
      for (let i = 0; i < size; i++) memory.setStoredRow(i, rows[at + i]!);
      memory.kernels.distanceRange(0, size);
      distances.set(memory.distances.subarray(0, size), from + at);
    }
  }
}

/** A search of a segment, wherever its vectors are. */
export function openSegment(
  segment: SearchableSegment,
  query: SegmentQuery,
): SegmentSource {
  return segment.stored === undefined
    ? new SegmentCursor(segment, query)
    : new StoredCursor(segment, segment.stored, query);
}
