/**
 * The type `halfvec`: 1 to 16000 finite 16-bit floats.
 *
 * In memory it is a `Float32Array` of which every component is a 16-bit float:
 * what computes with vectors computes with these. Stored, a component takes 2
 * bytes. Text is as that of `vector`, each number in its shortest form as a
 * 32-bit float; messages and SQLSTATEs are pgvector's.
 *
 * @module
 */
import { type DenseForm, parseDense, VECTOR_DIMS_MAX } from "./dense_text.ts";
import {
  FLOAT16_MAX,
  float16Bits,
  float16OfBits,
  roundToFloat16,
} from "./float16.ts";
import { formatFloat32 } from "./float32_text.ts";
import type { VectorLike } from "./vector.ts";
import {
  checkExpectedDims,
  checkFinite,
  noDimension,
  notANumber,
  outOfRange,
  tooManyDims,
} from "./vector_errors.ts";

const FORM: DenseForm = { type: "halfvec", round: roundToFloat16 };

/**
 * Reads the text form; with `dims`, it must have so many.
 *
 * @throws {KriyaError} of kind `invalid`, as `parseVector`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseHalfvec } from "./halfvec.ts";
 *
 * assertEquals(parseHalfvec("[1, 0.1]"), new Float32Array([1, 0.0999755859375]));
 * ```
 */
export function parseHalfvec(text: string, dims?: number): Float32Array {
  return parseDense(text, FORM, dims);
}

/**
 * A half vector from numbers, as a fresh copy, each rounded to 32 and then to
 * 16 bits; with `dims`, it must have so many.
 *
 * @throws {KriyaError} of kind `invalid`, as `toVector`; 22003 for a number
 * that is too large for 16 bits.
 */
export function toHalfvec(value: VectorLike, dims?: number): Float32Array {
  if (value.length === 0) throw noDimension("halfvec");
  if (value.length > VECTOR_DIMS_MAX) {
    throw tooManyDims("halfvec", VECTOR_DIMS_MAX);
  }
  const vector = new Float32Array(value.length);
  for (let i = 0; i < vector.length; i++) {
    const component: unknown = value[i];
    if (typeof component !== "number") throw notANumber("halfvec", component);
    vector[i] = component;
    vector[i] = halfOf(vector[i]!);
  }
  if (dims !== undefined) checkExpectedDims(vector.length, dims);
  return vector;
}

/** A finite component from a 32-bit float. */
function halfOf(value: number): number {
  const half = roundToFloat16(value);
  if (Math.abs(half) <= FLOAT16_MAX) return half;
  if (Number.isFinite(value)) throw outOfRange("halfvec", formatFloat32(value));
  checkFinite("halfvec", half);
  return half;
}

/** Writes the components of a half vector, 2 bytes each, at `at`. */
export function writeHalves(
  vector: Float32Array,
  view: DataView,
  at: number,
): void {
  for (let i = 0; i < vector.length; i++) {
    view.setUint16(at + 2 * i, float16Bits(vector[i]!), true);
  }
}

/**
 * Reads `dims` components of 2 bytes at `at`; throws what `corrupt` makes of
 * the place of one that is not finite.
 */
export function readHalves(
  view: DataView,
  at: number,
  dims: number,
  corrupt: (what: string, at: number) => Error,
): Float32Array {
  const vector = new Float32Array(dims);
  for (let i = 0; i < dims; i++) {
    vector[i] = float16OfBits(view.getUint16(at + 2 * i, true));
    if (!Number.isFinite(vector[i])) {
      throw corrupt("component is not finite", at + 2 * i);
    }
  }
  return vector;
}
