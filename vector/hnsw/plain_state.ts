/**
 * Where things lie in a segment's memory, for the plain kernels: the twin of
 * `kernels/assembly/state.ts`, over an `ArrayBuffer`.
 *
 * Offsets are kept in elements of the array they are read through, those of
 * codes in bytes.
 *
 * @module
 */
import { type LinearMemory, NONE, PAGE_BYTES } from "../kernels/kernels.ts";

/** Memory without WebAssembly: growing it copies it. */
class PlainMemory implements LinearMemory {
  #buffer: ArrayBuffer;

  constructor(pages: number) {
    this.#buffer = new ArrayBuffer(pages * PAGE_BYTES);
  }

  get buffer(): ArrayBuffer {
    return this.#buffer;
  }

  grow(pages: number): void {
    const grown = new ArrayBuffer(
      this.#buffer.byteLength + pages * PAGE_BYTES,
    );
    new Uint8Array(grown).set(new Uint8Array(this.#buffer));
    this.#buffer = grown;
  }
}

/** Metrics by number, as in `distance/metric.ts`. */
export const METRIC = {
  l2: 0,
  cosine: 1,
  innerProduct: 2,
  l1: 3,
  hamming: 4,
} as const;

/** Elements by number. */
export const ELEMENT = { float16: 1, bit: 2, sparse: 3 } as const;

/** The memory and the places in it. */
export class PlainState {
  readonly memory: LinearMemory;
  bytes: Uint8Array;
  floats: Float32Array;
  numbers: Uint32Array;
  #buffer: ArrayBuffer;

  /** See {@linkcode METRIC} and {@linkcode ELEMENT}. */
  metric = 0;
  element = 0;
  rows = 0;
  stride = 0;
  /** Components of a row, in 16 bytes each. */
  chunks = 0;
  query = 0;
  ids = 0;
  distances = 0;
  efMax = 0;
  outIds = 0;
  outDistances = 0;

  count = 0;
  m = 0;
  level0 = 0;
  upper = 0;
  upperAt = 0;
  duplicates = 0;
  visited = 0;
  epoch = 0;
  /** Codes: 1 for bytes, 2 for bits; offsets in bytes, 0 for no query. */
  codeKind = 0;
  codeRows = 0;
  codeStride = 0;
  codeChunks = 0;
  codeQuery = 0;
  alpha = 0;
  beta = 0;
  gamma = 0;
  entry = NONE;
  entryLevel = -1;

  /** Creates a memory of `pages` pages. */
  constructor(pages: number) {
    this.memory = new PlainMemory(pages);
    this.#buffer = this.memory.buffer;
    this.bytes = new Uint8Array(this.#buffer);
    this.floats = new Float32Array(this.#buffer);
    this.numbers = new Uint32Array(this.#buffer);
  }

  /** Takes the memory's present buffer; called first by every kernel. */
  refresh(): void {
    if (this.#buffer === this.memory.buffer) return;
    this.#buffer = this.memory.buffer;
    this.bytes = new Uint8Array(this.#buffer);
    this.floats = new Float32Array(this.#buffer);
    this.numbers = new Uint32Array(this.#buffer);
  }

  /** Begins a search: nothing is visited. Epoch 0 marks what never was. */
  nextEpoch(): number {
    if (++this.epoch === 256) {
      this.bytes.fill(0, this.visited, this.visited + this.count);
      this.epoch = 1;
    }
    return this.epoch;
  }

  /** Where row `id` begins, in floats. */
  rowAt(id: number): number {
    return this.rows + id * this.stride;
  }

  /** Where a node's neighbours on `level` begin, in numbers. */
  listAt(id: number, level: number): number {
    if (level === 0) return this.level0 + id * 2 * this.m;
    return this.upper + this.numbers[this.upperAt + id]! +
      (level - 1) * this.m;
  }

  /** How many neighbours a list has room for. */
  listMax(level: number): number {
    return level === 0 ? 2 * this.m : this.m;
  }
}
