/**
 * How the rows of a segment lie in memory, by what vectors are made of.
 *
 * | element | a row | stored in a segment |
 * | --- | --- | --- |
 * | `float32` | the components, float32; under `cosine` of length one | the same |
 * | `float16` | the components, float16; under `cosine` then the inverse of the length, float32 in 16 bytes | the components |
 * | `bit` | the bits, packed from the highest | the same |
 * | `sparse` | count u32, mark float32, 8 zeros, then elements: index u32, value float32; under `cosine` of length one | the elements, their number apart |
 *
 * Everything is filled up to 16 bytes with zeros. A vector that has no direction
 * (zero under `cosine`) is found by no search: components, inverse or mark are
 * NaN.
 *
 * Sparse rows are all as long as the longest needs; the stride grows with it.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import {
  type AnyVector,
  type Metric,
  metricCode,
  metricsOf,
  type VectorElement,
} from "../distance/metric.ts";
import { norm } from "../distance/reference.ts";
import {
  BIT_DIMS_MAX,
  BitVector,
  checkBitLengths,
} from "../types/bit_vector.ts";
import { VECTOR_DIMS_MAX } from "../types/dense_text.ts";
import { float16OfBits } from "../types/float16.ts";
import { toHalfvec, writeHalves } from "../types/halfvec.ts";
import { SPARSE_DIMS_MAX, SparseVector } from "../types/sparse_vector.ts";
import { toVector, type VectorLike } from "../types/vector.ts";
import {
  checkEqualDims,
  checkExpectedDims,
  type VectorTypeName,
} from "../types/vector_errors.ts";

/** Elements that a sparse vector may have to be in an index: pgvector's. */
export const SPARSE_ROW_MAX = 1000;

/** Bytes of a sparse row before its elements. */
export const SPARSE_HEAD_BYTES = 16;

/** The type of vectors of an element, for errors. */
const TYPE_NAMES: Readonly<
  Record<Exclude<VectorElement, "bit">, VectorTypeName>
> = { float32: "vector", float16: "halfvec", sparse: "sparsevec" };

/** What can be given as a vector; the element says as what it is read. */
export type AnyVectorLike = VectorLike | BitVector | SparseVector;

/** The memory of rows. */
export interface RowMemory {
  /** As bytes. */
  readonly bytes: Uint8Array;
  /** As 32-bit floats. */
  readonly floats: Float32Array;
  /** As numbers. */
  readonly numbers: Uint32Array;
}

const align16 = (bytes: number): number => Math.ceil(bytes / 16) * 16;

/** The most dimensions that vectors of an element may have in an index. */
export function dimsMaxOf(element: VectorElement): number {
  if (element === "bit") return BIT_DIMS_MAX;
  return element === "sparse" ? SPARSE_DIMS_MAX : VECTOR_DIMS_MAX;
}

/** The form of rows: see the module. */
export class RowForm {
  /** What vectors are made of. */
  readonly element: VectorElement;
  /** The metric. */
  readonly metric: Metric;
  /** Dimensions of every vector. */
  readonly dims: number;

  /** REQUIRES: the element has the metric. */
  constructor(element: VectorElement, metric: Metric, dims: number) {
    invariant(metricsOf(element).includes(metric), `${metric} of ${element}`);
    this.element = element;
    this.metric = metric;
    this.dims = dims;
  }

  /** The number of element and metric, for kernels. */
  get code(): number {
    return metricCode(this.metric, this.element);
  }

  /** Bytes of a row's components in memory; of a sparse row's head. */
  get componentBytes(): number {
    const { dims, element } = this;
    if (element === "float32") return align16(4 * dims);
    if (element === "float16") return align16(2 * dims);
    return element === "bit" ? align16(dims / 8) : SPARSE_HEAD_BYTES;
  }

  /** Bytes of a row at least. */
  get strideMin(): number {
    const hasInverse = this.element === "float16" && this.metric === "cosine";
    return this.componentBytes + (hasInverse ? 16 : 0);
  }

  /** Bytes of a row at most. */
  get strideMax(): number {
    return this.element === "sparse"
      ? SPARSE_HEAD_BYTES + 8 * SPARSE_ROW_MAX
      : this.strideMin;
  }

  /** Bytes of a stored row; `undefined` where each has its own. */
  get storedBytes(): number | undefined {
    const { dims, element } = this;
    if (element === "float32") return 4 * dims;
    if (element === "float16") return 2 * dims;
    return element === "bit" ? Math.ceil(dims / 8) : undefined;
  }

  /** Bytes of a row for `vector`. */
  strideFor(vector: AnyVector): number {
    return vector instanceof SparseVector
      ? strideOfElements(vector.count)
      : this.strideMin;
  }

  /**
   * Fails unless `vector` can be a row.
   *
   * @throws {KriyaError} 22000 for other dimensions, 54000 for a sparse vector
   * of too many elements.
   */
  check(vector: AnyVector): void {
    if (vector instanceof Float32Array) {
      checkExpectedDims(vector.length, this.dims);
    } else if (vector instanceof BitVector) {
      checkBitLengths(this.dims, vector.dims);
    } else {
      checkExpectedDims(vector.dims, this.dims);
      checkElements(vector);
    }
  }

  /**
   * A query as a vector.
   *
   * @throws {KriyaError} 22000 for other dimensions, or numbers that are not
   * finite.
   */
  queryOf(value: AnyVectorLike): AnyVector {
    const dims = "dims" in value ? value.dims : value.length;
    if (this.element === "bit") checkBitLengths(this.dims, dims);
    else checkEqualDims(TYPE_NAMES[this.element], this.dims, dims);
    if (value instanceof SparseVector) checkElements(value);
    const isOwn = this.element === "bit"
      ? value instanceof BitVector
      : this.element === "sparse"
      ? value instanceof SparseVector
      : !("dims" in value);
    invariant(isOwn, `a query of another element than ${this.element}`);
    if ("dims" in value) return value;
    return this.element === "float16" ? toHalfvec(value) : toVector(value);
  }

  /** Writes a vector as the row at byte `at`, `stride` bytes long. */
  put(
    memory: RowMemory,
    at: number,
    stride: number,
    vector: AnyVector,
  ): void {
    // A bitmap may have been where the row is now.
    memory.bytes.fill(0, at, at + stride);
    if (vector instanceof BitVector) memory.bytes.set(vector.bytes, at);
    else if (vector instanceof SparseVector) {
      this.#putSparse(memory, at / 4, vector);
    } else if (this.element === "float16") {
      const view = new DataView(memory.bytes.buffer);
      writeHalves(vector, view, at);
      if (this.metric === "cosine") this.#putInverse(memory, at, norm(vector));
    } else this.#putFloats(memory.floats, at / 4, vector);
  }

  #putFloats(floats: Float32Array, at: number, vector: Float32Array): void {
    if (this.metric !== "cosine") {
      floats.set(vector, at);
      return;
    }
    const length = norm(vector);
    const { dims } = this;
    if (length === 0) floats.fill(NaN, at, at + dims);
    else for (let i = 0; i < dims; i++) floats[at + i] = vector[i]! / length;
  }

  #putSparse(
    { floats, numbers }: RowMemory,
    at: number,
    { count, indices, values }: SparseVector,
  ): void {
    const isUnit = this.metric === "cosine";
    const length = isUnit ? norm(values) : 1;
    numbers[at] = count;
    floats[at + 1] = length === 0 ? NaN : 0;
    for (let i = 0; i < count; i++) {
      numbers[at + 4 + 2 * i] = indices[i]!;
      floats[at + 5 + 2 * i] = values[i]! / length;
    }
  }

  #putInverse({ floats }: RowMemory, at: number, length: number): void {
    floats[(at + this.componentBytes) / 4] = length === 0 ? NaN : 1 / length;
  }

  /** The vector of the row at byte `at`; under `cosine` its direction. */
  read({ bytes, floats, numbers }: RowMemory, at: number): AnyVector {
    const { dims, element } = this;
    if (element === "float32") return floats.slice(at / 4, at / 4 + dims);
    if (element === "float16") {
      const halves = new Uint16Array(bytes.buffer, at, dims);
      return Float32Array.from(halves, float16OfBits);
    }
    if (element === "bit") {
      return new BitVector(dims, bytes.slice(at, at + Math.ceil(dims / 8)));
    }
    const count = numbers[at / 4]!;
    const indices = new Uint32Array(count);
    const values = new Float32Array(count);
    for (let i = 0; i < count; i++) {
      indices[i] = numbers[at / 4 + 4 + 2 * i]!;
      values[i] = floats[at / 4 + 5 + 2 * i]!;
    }
    return new SparseVector(dims, indices, values);
  }

  /**
   * Copies the components of the row at byte `at` to `out`, under `cosine` at
   * length one; false for a row without direction. REQUIRES: it is dense.
   */
  readComponents(memory: RowMemory, at: number, out: Float64Array): boolean {
    if (this.isNowhere(memory, at)) return false;
    const { dims } = this;
    if (this.element === "float32") {
      for (let i = 0; i < dims; i++) out[i] = memory.floats[at / 4 + i]!;
      return true;
    }
    const inverse = this.metric === "cosine"
      ? memory.floats[(at + this.componentBytes) / 4]!
      : 1;
    const halves = new Uint16Array(memory.bytes.buffer, at, dims);
    for (let i = 0; i < dims; i++) out[i] = float16OfBits(halves[i]!) * inverse;
    return true;
  }

  /** Whether a row has more than its stored bytes. */
  get isMore(): boolean {
    return this.metric === "cosine" &&
      (this.element === "float16" || this.element === "sparse");
  }

  /** Completes a row whose stored bytes were put in place. */
  complete(memory: RowMemory, at: number): void {
    if (this.metric !== "cosine") return;
    if (this.element === "float16") {
      const halves = new Uint16Array(memory.bytes.buffer, at, this.dims);
      let sum = 0;
      for (const half of halves) sum += float16OfBits(half) ** 2;
      this.#putInverse(memory, at, Math.sqrt(sum));
    } else if (this.element === "sparse") {
      memory.floats[at / 4 + 1] = memory.numbers[at / 4] === 0 ? NaN : 0;
    }
  }

  /** Whether the row at byte `at` has no direction. */
  isNowhere({ floats }: RowMemory, at: number): boolean {
    if (this.metric !== "cosine") return false;
    const mark = this.element === "float16"
      ? this.componentBytes
      : this.element === "sparse"
      ? 4
      : 0;
    return Number.isNaN(floats[(at + mark) / 4]!);
  }
}

/** Bytes of a sparse row of so many elements. */
export function strideOfElements(count: number): number {
  return align16(SPARSE_HEAD_BYTES + 8 * count);
}

function checkElements(vector: SparseVector): void {
  if (vector.count <= SPARSE_ROW_MAX) return;
  throw new KriyaError(
    "invalid",
    `sparsevec cannot have more than ${SPARSE_ROW_MAX} non-zero elements for hnsw index`,
    { code: "54000" },
  );
}
