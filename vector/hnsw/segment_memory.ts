/**
 * The memory of one segment: where its parts lie, and its rows.
 *
 * | part | bytes | |
 * | --- | --- | --- |
 * | reserved | 1024 | for the compiler's static data |
 * | query | stride | laid out as a row |
 * | ids, distances | 4 (1024 + 4) each | a batch |
 * | pool, results | 8 (efMax + 2) each | sorted keys of a search |
 * | outIds, outDistances | 4 efMax each | what a search gives back |
 * | scratch | see `assembly/link.ts` | used while linking |
 * | rows | stride (capacity + 3) | float32, zeros up to 16 bytes |
 * | bits | capacity / 8, up | a bitmap of rows: who may be in a result |
 * | level0 | 8 m count | 2m neighbours of each node, `NONE` after the last |
 * | upper | 4 upperCount | m neighbours per node and layer above 0 |
 * | upperAt | 4 count | where a node's lists in `upper` begin, in numbers |
 * | duplicates | 4 count | the next node with the same vector, or `NONE` |
 * | visited | count | the epoch that saw the node last |
 *
 * The parts from `bits` on move when rows are added beyond the capacity, so a
 * memory has a graph only once its rows are complete. Three rows past the
 * last are there because rows are read four at a time.
 *
 * Under `cosine` rows have length one; a zero vector has no direction and is
 * a row of NaN, which no search finds and every exact scan puts last.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import { type Metric, metricCode } from "../distance/metric.ts";
import { norm } from "../distance/reference.ts";
import {
  BATCH_MAX,
  type Kernels,
  type KernelVariant,
  LEVEL_MAX,
  NONE,
  PAGE_BYTES,
  PAGES_MAX,
} from "../kernels/kernels.ts";
import { createKernels } from "./create_kernels.ts";

/** What a {@linkcode SegmentMemory} is made for. */
export interface SegmentMemoryOptions {
  /** Dimensions of every vector. */
  readonly dims: number;
  /** The metric. */
  readonly metric: Metric;
  /** Who computes (default: the best that runs here). */
  readonly variant?: KernelVariant | undefined;
  /** Widest search (default 1024). */
  readonly efMax?: number | undefined;
  /** Most links per node above layer 0, while building (default 16). */
  readonly m?: number | undefined;
}

/** Where the graph lies. */
export interface GraphPlace {
  /** Nodes. */
  readonly count: number;
  /** Most links per node above layer 0; twice as many on layer 0. */
  readonly m: number;
  /** Offset of the lists of layer 0. */
  readonly level0: number;
  /** Offset of the lists above layer 0. */
  readonly upper: number;
  /** Numbers in `upper`. */
  readonly upperCount: number;
  /** Offset of where each node's lists in `upper` begin. */
  readonly upperAt: number;
  /** Offset of the chains of duplicates. */
  readonly duplicates: number;
  /** Offset of the visited marks. */
  readonly visited: number;
}

/** Bytes up to the rows, and the offsets there. */
interface HeadPlace {
  readonly query: number;
  readonly ids: number;
  readonly distances: number;
  readonly pool: number;
  readonly results: number;
  readonly outIds: number;
  readonly outDistances: number;
  readonly scratch: number;
  readonly rows: number;
}

const align = (offset: number, to: number): number =>
  Math.ceil(offset / to) * to;

/** Bytes of a row in memory. */
function strideOf(dims: number): number {
  return align(4 * dims, 16);
}

function placeHead(stride: number, efMax: number, m: number): HeadPlace {
  let at = 1024;
  const take = (bytes: number): number => {
    const offset = at;
    at = align(at + bytes, 16);
    return offset;
  };
  return {
    query: take(stride),
    ids: take(4 * (BATCH_MAX + 4)),
    distances: take(4 * (BATCH_MAX + 4)),
    pool: take(8 * (efMax + 2)),
    results: take(8 * (efMax + 2)),
    outIds: take(4 * efMax),
    outDistances: take(4 * efMax),
    scratch: take(12 * (2 * m + 4) + 8 * (LEVEL_MAX + 1) * (m + 3)),
    rows: align(at, 64),
  };
}

/** How wide a search of so many nodes may be asked to be. */
export function efMaxFor(count: number): number {
  let ef = 1024;
  while (ef < 16_384 && ef < count / 32) ef *= 2;
  return ef;
}

/**
 * About how many bytes of memory a graph over `count` vectors takes; exact but
 * for the layers above 0, whose size is drawn.
 */
export function estimateGraphBytes(
  options: {
    readonly count: number;
    readonly dims: number;
    readonly m: number;
  },
): number {
  const { count, dims, m } = options;
  const stride = strideOf(dims);
  const upper = 4 * m * count / (m - 1);
  return placeHead(stride, efMaxFor(count), m).rows +
    stride * (count + 3) + count * (8 * m + 9.125) + upper + PAGE_BYTES;
}

/** The most vectors that one segment can hold: its memory ends at 4 GiB. */
export function segmentEntriesMax(dims: number, m: number): number {
  const perEntry = strideOf(dims) + 8 * m + 9.125 + 4 * m / (m - 1);
  // A tenth and 16 MiB are left for layers drawn larger, and for the head.
  return Math.floor((PAGES_MAX * PAGE_BYTES - 2 ** 24) / perEntry * 0.9);
}

/** Rows, room to search them, and perhaps a graph: see the module's table. */
export class SegmentMemory {
  /** Dimensions of every vector. */
  readonly dims: number;
  /** The metric. */
  readonly metric: Metric;
  /** Who computes, on this memory. */
  readonly kernels: Kernels;
  /** Bytes of a row. */
  readonly stride: number;
  /** Widest search. */
  readonly efMax: number;
  readonly #head: HeadPlace;
  #capacity = 0;
  #graph: GraphPlace | undefined;
  #bytes = new Uint8Array(0);
  #floats = new Float32Array(0);
  #numbers = new Uint32Array(0);
  #loadedStamp = 0;

  /** Creates a memory without rows. */
  constructor(options: SegmentMemoryOptions) {
    this.dims = options.dims;
    this.metric = options.metric;
    this.efMax = options.efMax ?? 1024;
    this.stride = strideOf(options.dims);
    this.#head = placeHead(this.stride, this.efMax, options.m ?? 16);
    const pages = Math.ceil(this.#head.rows / PAGE_BYTES) + 1;
    this.kernels = createKernels(options.variant, pages);
    this.#view();
    const head = this.#head;
    this.kernels.setup(
      metricCode(this.metric),
      head.rows,
      this.stride,
      this.stride / 16,
      head.query,
      head.ids,
      head.distances,
      head.pool,
      head.results,
      this.efMax,
      head.outIds,
      head.outDistances,
      head.scratch,
    );
    this.kernels.setEntry(NONE, -1);
  }

  /** Bytes of the memory. */
  get byteLength(): number {
    return this.#bytes.length;
  }

  /** The memory as bytes; valid until rows or a graph are added. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  /** The memory as numbers; valid until rows or a graph are added. */
  get numbers(): Uint32Array<ArrayBuffer> {
    return this.#numbers;
  }

  /** Where the graph lies. REQUIRES: {@linkcode addGraph} was called. */
  get graph(): GraphPlace {
    invariant(this.#graph !== undefined, "segment memory without a graph");
    return this.#graph;
  }

  #view(): void {
    const buffer = this.kernels.memory.buffer;
    this.#bytes = new Uint8Array(buffer);
    this.#floats = new Float32Array(buffer);
    this.#numbers = new Uint32Array(buffer);
  }

  /** Makes the memory `bytes` long at least. */
  #grow(bytes: number): void {
    const pages = Math.ceil((bytes - this.#bytes.length) / PAGE_BYTES);
    if (pages <= 0) return;
    if (bytes > PAGES_MAX * PAGE_BYTES) {
      throw new KriyaError(
        "invalid",
        `Cannot make a vector segment of ${bytes} bytes: over 4 GiB`,
        { code: "54000" },
      );
    }
    try {
      this.kernels.memory.grow(pages);
    } catch (cause) {
      throw new KriyaError(
        "unavailable",
        `Cannot make a vector segment of ${bytes} bytes: out of memory`,
        { code: "53200", cause },
      );
    }
    this.#view();
  }

  /** Makes room for `count` rows. REQUIRES: there is no graph yet. */
  reserveRows(count: number): void {
    if (count <= this.#capacity) return;
    invariant(this.#graph === undefined, "rows added to a finished graph");
    this.#grow(this.#bitsOffset(count) + align(count, 64) / 8);
    this.#capacity = count;
    this.#loadedStamp = 0;
  }

  /** Gives room for rows back, down to `count`, for the graph to use. */
  trimRows(count: number): void {
    invariant(this.#graph === undefined, "rows trimmed below a graph");
    this.#capacity = Math.min(this.#capacity, count);
    this.#loadedStamp = 0;
  }

  #bitsOffset(capacity: number): number {
    return align(this.#head.rows + this.stride * (capacity + 3), 16);
  }

  /**
   * Lays out a graph over rows 0 to `count`, of which `levels` gives the
   * layers. Its lists are empty once all nodes were inserted, or their bytes
   * were put in place. REQUIRES: the rows are all there.
   */
  addGraph(levels: Uint8Array, m: number): GraphPlace {
    const count = levels.length;
    invariant(this.#graph === undefined, "a second graph in a segment");
    this.reserveRows(count);
    let upperCount = 0;
    for (let i = 0; i < count; i++) upperCount += levels[i]! * m;
    let at = this.#bitsOffset(this.#capacity) + align(this.#capacity, 64) / 8;
    const take = (bytes: number): number => {
      at = align(at, 64);
      const offset = at;
      at += bytes;
      return offset;
    };
    const place: GraphPlace = {
      count,
      m,
      level0: take(8 * m * count),
      upper: take(4 * upperCount),
      upperCount,
      upperAt: take(4 * count),
      duplicates: take(4 * count),
      visited: take(count),
    };
    this.#grow(at);
    this.#bytes.fill(0xff, place.duplicates, place.duplicates + 4 * count);
    this.#bytes.fill(0, place.visited, place.visited + count);
    let next = 0;
    for (let i = 0; i < count; i++) {
      this.#numbers[place.upperAt / 4 + i] = next;
      next += levels[i]! * m;
    }
    this.#graph = place;
    this.kernels.setupGraph(
      count,
      m,
      place.level0,
      place.upper,
      place.upperAt,
      place.duplicates,
      place.visited,
    );
    return place;
  }

  /** Row `index` as floats: a view, valid until rows or a graph are added. */
  row(index: number): Float32Array<ArrayBuffer> {
    const at = (this.#head.rows + index * this.stride) / 4;
    return this.#floats.subarray(at, at + this.dims);
  }

  /** Offset of row `index`. */
  rowOffset(index: number): number {
    return this.#head.rows + index * this.stride;
  }

  /** Stores a vector as row `index`, made as long as the metric wants. */
  setRow(index: number, vector: Float32Array): void {
    this.#put(this.rowOffset(index) / 4, vector);
  }

  /** Makes `vector` the query of the next searches. */
  setQuery(vector: Float32Array): void {
    this.#put(this.#head.query / 4, vector);
  }

  #put(at: number, vector: Float32Array): void {
    const floats = this.#floats;
    // A bitmap may have been where the row is now.
    floats.fill(0, at + this.dims, at + this.stride / 4);
    if (this.metric !== "cosine") {
      floats.set(vector, at);
      return;
    }
    const length = norm(vector);
    if (length === 0) {
      floats.fill(NaN, at, at + this.dims);
      return;
    }
    const dims = this.dims;
    for (let i = 0; i < dims; i++) floats[at + i] = vector[i]! / length;
  }

  /** Makes row `index` the query, as it is. */
  setQueryToRow(index: number): void {
    const at = this.rowOffset(index);
    this.#bytes.copyWithin(this.#head.query, at, at + this.stride);
  }

  /** Copies a row of another memory of the same form, as it is. */
  copyRow(index: number, from: SegmentMemory, fromIndex: number): void {
    const at = from.rowOffset(fromIndex);
    const row = from.#bytes.subarray(at, at + this.stride);
    this.#bytes.set(row, this.rowOffset(index));
  }

  /**
   * Puts rows in another order: place p takes row `order[p]`. Yields now and
   * then; the rows are in no order until it is done.
   */
  *permuteRows(order: Uint32Array): Generator<void, void> {
    const bytes = this.#bytes;
    const moved = new Uint8Array(order.length);
    let moves = 0;
    for (let start = 0; start < order.length; start++) {
      if (moved[start] === 1) continue;
      const at = this.rowOffset(start);
      const first = bytes.slice(at, at + this.stride);
      let place = start;
      for (; order[place] !== start; place = order[place]!) {
        const from = this.rowOffset(order[place]!);
        bytes.copyWithin(this.rowOffset(place), from, from + this.stride);
        moved[place] = 1;
        if (++moves % BATCH_MAX === 0) yield;
      }
      bytes.set(first, this.rowOffset(place));
      moved[place] = 1;
    }
  }

  /** Whether row `index`, or the query, has no direction. */
  isNowhere(index: number | "query"): boolean {
    const at = index === "query" ? this.#head.query : this.rowOffset(index);
    return Number.isNaN(this.#floats[at / 4]!);
  }

  /** Node numbers for a batch: write them here, at most `BATCH_MAX`. */
  get ids(): Uint32Array<ArrayBuffer> {
    return this.#numbers.subarray(
      this.#head.ids / 4,
      this.#head.ids / 4 + BATCH_MAX,
    );
  }

  /** Distances of the last batch; valid until the next call. */
  get distances(): Float32Array<ArrayBuffer> {
    const at = this.#head.distances / 4;
    return this.#floats.subarray(at, at + BATCH_MAX);
  }

  /** Numbers that the last search gave; valid until the next. */
  outIds(count: number): Uint32Array<ArrayBuffer> {
    const at = this.#head.outIds / 4;
    return this.#numbers.subarray(at, at + count);
  }

  /** Distances that the last search gave; valid until the next. */
  outDistances(count: number): Float32Array<ArrayBuffer> {
    const at = this.#head.outDistances / 4;
    return this.#floats.subarray(at, at + count);
  }

  /**
   * Puts a bitmap in place and gives its offset. Equal stamps name equal
   * bitmaps: one that is there is not copied again. Bits beyond the reserved
   * rows are cut off.
   */
  loadBits(bits: Uint8Array, stamp: number): number {
    const offset = this.#bitsOffset(this.#capacity);
    if (this.#loadedStamp !== stamp) {
      const room = align(this.#capacity, 64) / 8;
      this.#bytes.set(bits.subarray(0, room), offset);
      this.#loadedStamp = stamp;
    }
    return offset;
  }
}
