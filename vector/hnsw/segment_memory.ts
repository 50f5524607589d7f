/**
 * The memory of one segment, as `segment_layout.ts` draws it, and its rows.
 *
 * Under `cosine` a zero vector has no direction: no search finds it, and every
 * exact scan puts it last.
 *
 * @module
 */
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
} from "../kernels/kernels.ts";
import { createKernels } from "./create_kernels.ts";
import { growMemory } from "./grow_memory.ts";
import { type RowForm, type RowMemory, strideOfElements } from "./row_form.ts";
import {
  align,
  formOf,
  type GraphPlace,
  type GraphSize,
  type HeadPlace,
  placeGraph,
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
  /** Rows there is room for, if the others are elsewhere (default: all). */
  readonly rowsMax?: number | undefined;
}

/** Rows, room to search them, and perhaps a graph: see the module's table. */
export class SegmentMemory {
  /** How rows lie. */
  readonly form: RowForm;
  /** Who computes, on this memory. */
  readonly kernels: Kernels;
  /** Widest search. */
  readonly efMax: number;
  /** Rows there is room for: fewer than the graph's are a window on others. */
  readonly rowsMax: number;
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
  #codeRowsAt = 0;
  #codesEnd = 0;
  #hasCodeQuery = false;
  #bytes = new Uint8Array(0);
  #floats = new Float32Array(0);
  #numbers = new Uint32Array(0);
  #loadedStamp = 0;

  /** Creates a memory without rows. */
  constructor(options: SegmentMemoryOptions) {
    this.form = formOf(options);
    this.efMax = options.efMax ?? 1024;
    this.rowsMax = options.rowsMax ?? Infinity;
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
    if (growMemory(this.kernels.memory, bytes)) this.#view();
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
    const rows = Math.min(capacity, this.rowsMax) + 3;
    return align(this.#head.rows + this.#stride * rows, 16);
  }

  /**
   * Lays out a graph over rows 0 to `count`, of which `levels` gives the
   * layers. Its lists are empty once all nodes were inserted, or their bytes
   * were put in place. REQUIRES: the rows are all there.
   */
  addGraph(levels: Uint8Array, m: number): GraphPlace {
    const count = levels.length;
    let upperCount = 0;
    for (let i = 0; i < count; i++) upperCount += levels[i]! * m;
    const { place, end } = this.#placeGraph({ count, m, upperCount });
    this.#bytes.fill(0xff, place.duplicates, place.duplicates + 4 * count);
    this.#bytes.fill(0, place.visited, place.visited + count);
    let next = 0;
    for (let i = 0; i < count; i++) {
      this.#numbers[place.upperAt / 4 + i] = next;
      next += levels[i]! * m;
    }
    this.#graph = place;
    this.#graphEnd = end;
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

  /**
   * Makes room for a graph of this size, and gives where `addGraph` will lay
   * it. REQUIRES: rows do not get wider before.
   */
  reserveGraph(size: GraphSize): GraphPlace {
    return this.#placeGraph(size).place;
  }

  #placeGraph(
    size: GraphSize,
  ): { readonly place: GraphPlace; readonly end: number } {
    invariant(this.#graph === undefined, "a second graph in a segment");
    this.reserveRows(size.count);
    const begin = this.#bitsOffset(this.#capacity) +
      align(this.#capacity, 64) / 8;
    const placed = placeGraph(size, begin);
    this.#grow(placed.end);
    return placed;
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
    this.#codeRowsAt = this.#reserveCodes(quantization);
    const memory = this.#memory;
    const rows: CodedRows = {
      count,
      dims,
      metric,
      read: (index, out) =>
        form.readComponents(memory, this.rowOffset(index), out),
    };
    const codes = RowCodes.train(quantization, rows);
    const isCoded = yield* codes.encode(rows, memory, this.#codeRowsAt);
    if (isCoded) this.#useCodes(codes);
    return isCoded;
  }

  /**
   * Lays out codes that were made before, whose bytes are to be put at the
   * offset that it gives. REQUIRES: there is a graph.
   */
  layCodes(
    quantization: Exclude<Quantization, "none">,
    mean: Float64Array,
  ): number {
    this.dropCodes();
    this.#codeRowsAt = this.#reserveCodes(quantization);
    this.#useCodes(RowCodes.of(quantization, mean, this.metric));
    return this.#codeRowsAt;
  }

  /** Makes room for codes; gives where those of rows begin. */
  #reserveCodes(quantization: Quantization): number {
    const { query, stride } = codeBytes(quantization, this.dims);
    const at = this.#codeQueryOffset + align(query, 64);
    this.#grow(at + stride * this.graph.count);
    return at;
  }

  #useCodes(codes: RowCodes): void {
    const at = this.#codeRowsAt;
    this.kernels.setupCodes(codes.kind, at, codes.stride, codes.chunks);
    this.#codes = codes;
    this.#codesEnd = at + codes.stride * this.graph.count;
  }

  /** What codes were made with; `undefined` if there are none. */
  get codeMean(): Float64Array | undefined {
    return this.#codes?.mean;
  }

  /** The codes of all rows; valid until rows or a graph are added. */
  get codeRows(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(
      this.#codeRowsAt,
      this.#codes === undefined ? this.#codeRowsAt : this.#codesEnd,
    );
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
    this.#hasCodeQuery = false;
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
    this.#hasCodeQuery = made !== undefined;
  }

  /** Whether walks look at codes of the query that was set. */
  get hasCodeQuery(): boolean {
    return this.#hasCodeQuery;
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

  /** Puts a row as it is stored. REQUIRES: rows are dense. */
  setStoredRow(index: number, stored: Uint8Array): void {
    const at = this.rowOffset(index);
    this.#used = Math.max(this.#used, index + 1);
    this.#bytes.set(stored, at);
    this.#bytes.fill(0, at + stored.length, at + this.#stride);
    this.completeRow(index);
  }

  /** Completes row `index`, whose stored bytes were put in place. */
  completeRow(index: number): void {
    this.form.complete(this.#memory, this.rowOffset(index));
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
