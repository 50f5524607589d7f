/**
 * The type `vector`: 1 to 16000 finite 32-bit floats. Text, bytes, and the
 * checks that every operator makes.
 *
 * Text is pgvector's: `[1,2.5,-3e-7]`, blanks allowed around brackets and
 * numbers; printed without blanks, each number in its shortest form. Messages
 * and SQLSTATEs are pgvector's too.
 *
 * Bytes of {@linkcode encodeVector}:
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    2 | dimensions, 1 to 16000, little-endian |
 * |      2 |   4n | the components, float32 little-endian |
 *
 * Invariants:
 * 1. No component of a vector is NaN or infinite.
 * 2. Bytes are valid if and only if their length is 2 + 4n and invariant 1
 *    holds; anything else is corrupt.
 *
 * In memory a vector is a `Float32Array`; it keeps -0, as pgvector does.
 *
 * @module
 */
import { ByteReader, type ByteWriter } from "../../base/bytes.ts";
import {
  type DenseForm,
  formatDense,
  parseDense,
  VECTOR_DIMS_MAX,
} from "./dense_text.ts";
import {
  checkEqualDims,
  checkExpectedDims,
  checkFinite,
  noDimension,
  notANumber,
  tooManyDims,
} from "./vector_errors.ts";

export { VECTOR_DIMS_MAX } from "./dense_text.ts";

const FORM: DenseForm = { type: "vector", round: (value) => value };

/** What {@linkcode toVector} accepts as a vector. */
export type VectorLike = Float32Array | Float64Array | readonly number[];

/**
 * Reads the text form of a vector; with `dims`, it must have so many.
 *
 * @throws {KriyaError} of kind `invalid`: 22P02 for text that is no vector,
 * 22000 for NaN, infinity or the wrong dimensions, 22003 for a number out of
 * range, 54000 for more than 16000 dimensions.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseVector } from "./vector.ts";
 *
 * assertEquals(parseVector("[1, 2.5, -3e2]"), new Float32Array([1, 2.5, -300]));
 * ```
 */
export function parseVector(text: string, dims?: number): Float32Array {
  return parseDense(text, FORM, dims);
}

/**
 * The text form of a vector.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatVector } from "./vector.ts";
 *
 * assertEquals(formatVector(new Float32Array([0.1, -0, 1e20])), "[0.1,-0,1e+20]");
 * ```
 */
export function formatVector(vector: Float32Array): string {
  return formatDense(vector);
}

/**
 * A vector from numbers, as a fresh copy rounded to 32 bits; with `dims`, it
 * must have so many.
 *
 * @throws {KriyaError} of kind `invalid` as pgvector when it casts an array:
 * 22000 for no dimension, NaN, infinity (also a number too large for 32
 * bits) or the wrong dimensions, 22004 for a null, 54000 for too many.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toVector } from "./vector.ts";
 *
 * assertEquals(toVector([1, 2, 3]), new Float32Array([1, 2, 3]));
 * ```
 */
export function toVector(value: VectorLike, dims?: number): Float32Array {
  if (value.length === 0) throw noDimension("vector");
  if (value.length > VECTOR_DIMS_MAX) {
    throw tooManyDims("vector", VECTOR_DIMS_MAX);
  }
  const vector = new Float32Array(value.length);
  for (let i = 0; i < vector.length; i++) {
    const component: unknown = value[i];
    if (typeof component !== "number") throw notANumber("vector", component);
    vector[i] = component;
    checkFinite("vector", vector[i]!);
  }
  if (dims !== undefined) checkDims(vector, dims);
  return vector;
}

/** Writes the bytes of a vector. REQUIRES: it is valid. */
export function encodeVector(vector: Float32Array, writer: ByteWriter): void {
  writer.u16(vector.length);
  for (let i = 0; i < vector.length; i++) writer.f32(vector[i]!);
}

/**
 * Reads a vector from bytes that hold nothing else; `source` names them in
 * errors.
 *
 * @throws {KriyaError} of kind `corrupt` if the bytes are not a vector.
 */
export function decodeVector(bytes: Uint8Array, source: string): Float32Array {
  const reader = new ByteReader(bytes, source);
  const dims = reader.u16();
  if (dims < 1 || dims > VECTOR_DIMS_MAX) {
    throw reader.corrupt(`${dims} dimensions`, 0);
  }
  if (reader.remaining !== 4 * dims) {
    throw reader.corrupt(
      `${dims} dimensions in ${reader.remaining} bytes`,
    );
  }
  const vector = new Float32Array(dims);
  for (let i = 0; i < dims; i++) {
    vector[i] = reader.f32();
    if (!Number.isFinite(vector[i])) {
      throw reader.corrupt("component is not finite", reader.offset - 4);
    }
  }
  return vector;
}

/**
 * Orders vectors component by component, a prefix before what it begins: the
 * order of `=`, `<` and of sorting in SQL.
 */
export function compareVectors(a: Float32Array, b: Float32Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    if (a[i]! < b[i]!) return -1;
    if (a[i]! > b[i]!) return 1;
  }
  return a.length - b.length;
}

/** Fails (22000) unless `vector` has `dims` dimensions. */
export function checkDims(vector: Float32Array, dims: number): void {
  checkExpectedDims(vector.length, dims);
}

/** Fails (22000) unless both vectors have the same dimensions. */
export function checkSameDims(a: Float32Array, b: Float32Array): void {
  checkEqualDims("vector", a.length, b.length);
}
