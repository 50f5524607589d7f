/**
 * The memory of one segment, as `segment_layout.ts` draws it, and its rows.
 *
 * Under `cosine` a zero vector has no direction: no search finds it, and every
 * exact scan puts it last.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import type { Quantization } from "../codes/quantization.ts";
import { codeBytes, type CodedRows, RowCodes } from "../codes/row_codes.ts";
import type { AnyVector, Metric, VectorElement } from "../distance/metric.ts";
import {
  BATCH_MAX,
  type Kernels,
  type KernelVariant,
  NONE,
  PAGE_BYTES,
  PAGES_MAX,
} from "../kernels/kernels.ts";
import { createKernels } from "./create_kernels.ts";
import { type RowForm, type RowMemory, strideOfElements } from "./row_form.ts";
import {
  align,
  formOf,
  type GraphPlace,
  type HeadPlace,
  placeHead,
  setupArguments,
} from "./segment_layout.ts";

/** What a {@linkcode SegmentMemory} is made for. */
export interface SegmentMemoryOptions {
  /** Dimensions of every vector. */
  readonly dims: number;
  /** The metric. */
  readonly metric: Metric;
  /** What vectors are made of (default `float32`). */
  readonly element?: VectorElement | undefined;
  /** Who computes (default: the best that runs here). */
  readonly variant?: KernelVariant | undefined;
  /** Widest search (default 1024). */
  readonly efMax?: number | undefined;
  /** Most links per node above layer 0, while building (default 16). */
  readonly m?: number | undefined;
  /** Whether threads are to share it, if they can (default false). */
  readonly isShared?: boolean | undefined;
}

/** Rows, room to search them, and perhaps a graph: see the module's table. */
export class SegmentMemory {
  /** How rows lie. */
  readonly form: RowForm;
  /** Who computes, on this memory. */
  readonly kernels: Kernels;
  /** Widest search. */
  readonly efMax: number;
  readonly #head: HeadPlace;
  /** Bytes of a row. */
  #stride: number;
  #capacity = 0;
  /** Rows that were put. */
  #used = 0;
  #graph: GraphPlace | undefined;
  /** Where the graph ends: codes come after it. */
  #graphEnd = 0;
  #codes: RowCodes | undefined;
  #codesEnd = 0;
  #bytes = new Uint8Array(0);
  #floats = new Float32Array(0);
  #numbers = new Uint32Array(0);
  #loadedStamp = 0;

  /** Creates a memory without rows. */
  constructor(options: SegmentMemoryOptions) {
    this.form = formOf(options);
    this.efMax = options.efMax ?? 1024;
    this.#stride = this.form.strideMin;
    const { strideMax } = this.form;
    this.#head = placeHead(strideMax, this.efMax, options.m ?? 16);
    const pages = Math.ceil(this.#head.rows / PAGE_BYTES) + 1;
    this.kernels = createKernels(options.variant, pages, options.isShared);
    this.#view();
    this.#setup();
    this.kernels.setEntry(NONE, -1);
  }

  #setup(): void {
    const { form, efMax } = this;
    const place = setupArguments(form, this.#stride, this.#head, efMax);
    this.kernels.setup(...place);
  }

  /** Dimensions of every vector. */
  get dims(): number {
    return this.form.dims;
  }

  /** The metric. */
  get metric(): Metric {
    return this.form.metric;
  }

  /** Bytes of a row. */
  get stride(): number {
    return this.#stride;
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
    return align(this.#head.rows + this.#stride * (capacity + 3), 16);
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
    this.#graphEnd = at;
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

  /** Forgets what walks have looked at. */
  clearVisits(): void {
    const { visited, count } = this.graph;
    this.#bytes.fill(0, visited, visited + count);
  }

  /** How many nodes walks have looked at since. */
  countVisits(): number {
    const { visited, count } = this.graph;
    let visits = 0;
    for (let at = visited; at < visited + count; at++) {
      if (this.#bytes[at] !== 0) visits++;
    }
    return visits;
  }

  /** The codes that walks look at; `none`: at rows. */
  get quantization(): Quantization {
    return this.#codes?.quantization ?? "none";
  }

  /**
   * Makes codes of all rows, for walks to look at; gives false if there is a
   * row that cannot have any, and walks look at rows. REQUIRES: there is a
   * graph, and rows are dense.
   */
  *addCodes(quantization: Quantization): Generator<void, boolean> {
    this.dropCodes();
    if (quantization === "none") return true;
    const { dims, metric, form } = this;
    const { count } = this.graph;
    const { query, stride } = codeBytes(quantization, dims);
    const at = this.#codeQueryOffset + align(query, 64);
    this.#grow(at + stride * count);
    const memory = this.#memory;
    const rows: CodedRows = {
      count,
      dims,
      metric,
      read: (index, out) =>
        form.readComponents(memory, this.rowOffset(index), out),
    };
    const codes = RowCodes.train(quantization, rows);
    if (!(yield* codes.encode(rows, memory, at))) return false;
    this.kernels.setupCodes(codes.kind, at, stride, codes.chunks);
    this.#codes = codes;
    this.#codesEnd = at + stride * count;
    return true;
  }

  /**
   * Makes room for `bytes` behind all that is there, and gives where it is.
   * REQUIRES: there is a graph; codes are not made again.
   */
  reserveTail(bytes: number): number {
    const at = align(Math.max(this.#graphEnd, this.#codesEnd), 64);
    this.#grow(at + bytes);
    this.#bytes.fill(0, at, at + bytes);
    return at;
  }

  /** Lets walks look at rows again. */
  dropCodes(): void {
    this.#codes = undefined;
    this.kernels.setupCodes(0, 0, 0, 0);
  }

  get #codeQueryOffset(): number {
    return align(this.#graphEnd, 64);
  }

  /** Makes the codes of the query, if there are codes. */
  #encodeQuery(): void {
    if (this.#codes === undefined) return;
    const at = this.#codeQueryOffset;
    const { query } = this.#head;
    const memory = this.#memory;
    const made = this.#codes.encodeQuery(
      (out) => this.form.readComponents(memory, query, out),
      memory,
      at,
    );
    const { alpha, beta, gamma } = made ?? { alpha: 0, beta: 0, gamma: 0 };
    this.kernels.setCodeQuery(made ? at : 0, alpha, beta, gamma);
  }

  /** Row `index` as floats: a view, valid until rows or a graph are added. */
  row(index: number): Float32Array<ArrayBuffer> {
    const at = this.rowOffset(index) / 4;
    return this.#floats.subarray(at, at + this.dims);
  }

  /** Offset of row `index`. */
  rowOffset(index: number): number {
    return this.#head.rows + index * this.#stride;
  }

  /** Bytes of row `index`: a view, valid until rows or a graph are added. */
  rowBytes(index: number): Uint8Array<ArrayBuffer> {
    const at = this.rowOffset(index);
    return this.#bytes.subarray(at, at + this.#stride);
  }

  /** Stores a vector as row `index`, as the form wants it. */
  setRow(index: number, vector: AnyVector): void {
    this.widenRows(this.form.strideFor(vector));
    this.#used = Math.max(this.#used, index + 1);
    this.form.put(this.#memory, this.rowOffset(index), this.#stride, vector);
  }

  /** Makes `vector` the query of the next searches. */
  setQuery(vector: AnyVector): void {
    const { strideMax } = this.form;
    this.form.put(this.#memory, this.#head.query, strideMax, vector);
    this.#encodeQuery();
  }

  get #memory(): RowMemory {
    return { bytes: this.#bytes, floats: this.#floats, numbers: this.#numbers };
  }

  /**
   * Makes rows `stride` bytes long at least: all of them, from the last on.
   * REQUIRES: there is no graph yet, if they are not.
   */
  widenRows(stride: number): void {
    const before = this.#stride;
    if (stride <= before) return;
    invariant(this.#graph === undefined, "rows widened below a graph");
    const { strideMax } = this.form;
    // By a quarter at least, so that few rows of rising length move all.
    const after = Math.min(
      strideMax,
      Math.max(stride, align(before * 1.25, 16)),
    );
    const capacity = this.#capacity;
    this.#stride = after;
    this.#grow(this.#bitsOffset(capacity) + align(capacity, 64) / 8);
    const { rows } = this.#head;
    for (let i = this.#used - 1; i >= 0; i--) {
      const from = rows + i * before;
      const at = rows + i * after;
      this.#bytes.copyWithin(at, from, from + before);
      this.#bytes.fill(0, at + before, at + after);
    }
    this.#loadedStamp = 0;
    this.#setup();
  }

  /** Makes row `index` the query, as it is. */
  setQueryToRow(index: number): void {
    const at = this.rowOffset(index);
    this.#bytes.copyWithin(this.#head.query, at, at + this.#stride);
    this.#encodeQuery();
  }

  /** Copies a row of another memory of the same form, as it is. */
  copyRow(index: number, from: SegmentMemory, fromIndex: number): void {
    this.widenRows(from.usedBytes(fromIndex));
    this.#used = Math.max(this.#used, index + 1);
    const bytes = Math.min(this.#stride, from.stride);
    const at = this.rowOffset(index);
    this.#bytes.set(from.rowBytes(fromIndex).subarray(0, bytes), at);
    this.#bytes.fill(0, at + bytes, at + this.#stride);
  }

  /** Bytes that row `index` needs. */
  usedBytes(index: number): number {
    return this.form.element === "sparse"
      ? strideOfElements(this.elementsOf(index))
      : this.#stride;
  }

  /** How many elements row `index` has. REQUIRES: rows are sparse. */
  elementsOf(index: number): number {
    return this.#numbers[this.rowOffset(index) / 4]!;
  }

  /** Row `index` as a vector; under `cosine` one in the same direction. */
  vectorAt(index: number): AnyVector {
    return this.form.read(this.#memory, this.rowOffset(index));
  }

  /** Completes row `index`, whose stored bytes were put in place. */
  completeRow(index: number): void {
    this.form.complete(this.#memory, this.rowOffset(index));
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
      const first = bytes.slice(at, at + this.#stride);
      let place = start;
      for (; order[place] !== start; place = order[place]!) {
        const from = this.rowOffset(order[place]!);
        bytes.copyWithin(this.rowOffset(place), from, from + this.#stride);
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
    return this.form.isNowhere(this.#memory, at);
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
