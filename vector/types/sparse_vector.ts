/**
 * The type `sparsevec`: a vector of up to 1,000,000,000 dimensions, of which at
 * most 16000 are not zero and are kept: their indices, from 0 and ascending, and
 * their values, finite 32-bit floats that are not zero.
 *
 * Text is pgvector's: `{1:0.5,4:2}/5`, indices from 1, and messages and
 * SQLSTATEs are pgvector's too.
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import { skipBlanks, VECTOR_DIMS_MAX } from "./dense_text.ts";
import { formatFloat32, parseFloat32 } from "./float32_text.ts";
import {
  badSyntax,
  checkEqualDims,
  checkExpectedDims,
  checkFinite,
  noDimension,
  outOfRange,
  tooManyDims,
} from "./vector_errors.ts";

/** The most dimensions a sparse vector may have. */
export const SPARSE_DIMS_MAX = 1_000_000_000;

/** The most components that are not zero. */
export const SPARSE_ELEMENTS_MAX = 16_000;

/**
 * A sparse vector.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { SparseVector } from "./sparse_vector.ts";
 *
 * const vector = SparseVector.parse("{4:2, 1:0.5}/5");
 * assertEquals(vector.indices, new Uint32Array([0, 3]));
 * assertEquals(String(vector), "{1:0.5,4:2}/5");
 * assertEquals(vector.toDense(), new Float32Array([0.5, 0, 0, 2, 0]));
 * ```
 */
export class SparseVector {
  /** Dimensions. */
  readonly dims: number;
  /** The dimensions that are not zero: from 0, ascending. */
  readonly indices: Uint32Array;
  /** Their values. */
  readonly values: Float32Array;

  /** REQUIRES: what the module says of indices and values. */
  constructor(dims: number, indices: Uint32Array, values: Float32Array) {
    this.dims = dims;
    this.indices = indices;
    this.values = values;
  }

  /** How many components are not zero. */
  get count(): number {
    return this.values.length;
  }

  /**
   * Reads the text form; with `dims`, it must have so many.
   *
   * @throws {KriyaError} of kind `invalid`: 22P02 for text that is no sparse
   * vector, 22000, 22003 and 54000 for what is out of bounds.
   */
  static parse(text: string, dims?: number): SparseVector {
    const vector = new SparseReader(text).read();
    if (dims !== undefined) checkExpectedDims(vector.dims, dims);
    return vector;
  }

  /**
   * A sparse vector from elements in any order; zeros are left out.
   *
   * @throws {KriyaError} of kind `invalid` for what is out of bounds.
   */
  static of(dims: number, elements: readonly SparseElement[]): SparseVector {
    if (elements.length > SPARSE_ELEMENTS_MAX) throw tooManyElements();
    if (dims < 1) throw noDimension("sparsevec");
    if (dims > SPARSE_DIMS_MAX) throw tooManyDims("sparsevec", SPARSE_DIMS_MAX);
    const sorted = elements
      .filter(({ value }) => {
        checkFinite("sparsevec", value);
        return value !== 0;
      })
      .sort((a, b) => a.index - b.index);
    let before = -1;
    for (const { index } of sorted) {
      if (!(index >= 0 && index < dims)) throw badIndex("out of bounds");
      if (index === before) throw badIndex("must not contain duplicates");
      before = index;
    }
    return new SparseVector(
      dims,
      Uint32Array.from(sorted, ({ index }) => index),
      Float32Array.from(sorted, ({ value }) => value),
    );
  }

  /** The components of a dense vector that are not zero. */
  static ofDense(vector: Float32Array): SparseVector {
    let count = 0;
    for (let i = 0; i < vector.length; i++) if (vector[i] !== 0) count++;
    const indices = new Uint32Array(count);
    const values = new Float32Array(count);
    count = 0;
    for (let i = 0; i < vector.length; i++) {
      if (vector[i] === 0) continue;
      indices[count] = i;
      values[count++] = vector[i]!;
    }
    return new SparseVector(vector.length, indices, values);
  }

  /**
   * All components.
   *
   * @throws {KriyaError} of kind `invalid` (54000) for more than 16000.
   */
  toDense(type: "vector" | "halfvec" = "vector"): Float32Array {
    if (this.dims > VECTOR_DIMS_MAX) throw tooManyDims(type, VECTOR_DIMS_MAX);
    const vector = new Float32Array(this.dims);
    for (let i = 0; i < this.count; i++) {
      vector[this.indices[i]!] = this.values[i]!;
    }
    return vector;
  }

  /** The text form. */
  toString(): string {
    let text = "{";
    for (let i = 0; i < this.count; i++) {
      if (i > 0) text += ",";
      text += `${this.indices[i]! + 1}:${formatFloat32(this.values[i]!)}`;
    }
    return `${text}}/${this.dims}`;
  }
}

/** A component of a sparse vector. */
export interface SparseElement {
  /** Its dimension, from 0. */
  readonly index: number;
  /** Its value. */
  readonly value: number;
}

/** Fails (22000) unless both have the same dimensions. */
export function checkSparseDims(a: SparseVector, b: SparseVector): void {
  checkEqualDims("sparsevec", a.dims, b.dims);
}

/** Orders sparse vectors as vectors with every component are ordered. */
export function compareSparse(a: SparseVector, b: SparseVector): number {
  const shared = Math.min(a.count, b.count);
  for (let i = 0; i < shared; i++) {
    const x = a.values[i]!;
    const y = b.values[i]!;
    const order = a.indices[i]! - b.indices[i]!;
    // The other one has a zero there.
    if (order < 0) return x < 0 ? -1 : 1;
    if (order > 0) return y < 0 ? 1 : -1;
    if (x !== y) return x < y ? -1 : 1;
  }
  if (a.count < b.count && b.indices[shared]! < a.dims) {
    return b.values[shared]! < 0 ? 1 : -1;
  }
  if (a.count > b.count && a.indices[shared]! < b.dims) {
    return a.values[shared]! < 0 ? -1 : 1;
  }
  return a.dims - b.dims;
}

/** Reads the text of a sparse vector. */
class SparseReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): SparseVector {
    if (this.#text.split(",").length > SPARSE_ELEMENTS_MAX) {
      throw tooManyElements();
    }
    if (this.#next() !== "{") {
      throw this.#bad('Vector contents must start with "{".');
    }
    this.#at++;
    const elements: SparseElement[] = [];
    if (this.#next() === "}") this.#at++;
    else {
      for (let goesOn = true; goesOn;) {
        elements.push(this.#element());
        const mark = this.#next();
        if (mark !== "," && mark !== "}") throw this.#bad();
        goesOn = mark === ",";
        this.#at++;
      }
    }
    if (this.#next() !== "/") throw this.#bad("Unexpected end of input.");
    this.#at++;
    const dims = this.#integer();
    if (this.#next() !== undefined) throw this.#bad("Junk after closing.");
    return SparseVector.of(dims, elements);
  }

  #bad(detail?: string): KriyaError {
    return badSyntax("sparsevec", this.#text, detail);
  }

  /** The next character that is no blank. */
  #next(): string | undefined {
    this.#at = skipBlanks(this.#text, this.#at);
    return this.#text[this.#at];
  }

  #element(): SparseElement {
    const index = this.#integer() - 1;
    if (this.#next() !== ":") throw this.#bad();
    this.#at++;
    this.#next();
    const at = this.#at;
    const { value, length, overflow } = parseFloat32(this.#text, at);
    if (length === 0) throw this.#bad();
    const number = this.#text.slice(at, at + length);
    // Zero that was not written as zero is too small a number.
    if (overflow || (value === 0 && /[1-9a-f]/i.test(mantissa(number)))) {
      throw outOfRange("sparsevec", number);
    }
    checkFinite("sparsevec", value);
    this.#at += length;
    return { index, value };
  }

  #integer(): number {
    this.#next();
    const digits = /[+-]?[0-9]+/y;
    digits.lastIndex = this.#at;
    const token = digits.exec(this.#text)?.[0];
    if (token === undefined) throw this.#bad();
    this.#at += token.length;
    return Number(token);
  }
}

/** The digits of a number, without prefix and exponent. */
function mantissa(number: string): string {
  const digits = number.replace(/^[+-]/, "");
  return /^0x/i.test(digits)
    ? digits.slice(2).split(/p/i)[0]!
    : digits.split(/e/i)[0]!;
}

function tooManyElements(): KriyaError {
  return new KriyaError(
    "invalid",
    `sparsevec cannot have more than ${SPARSE_ELEMENTS_MAX} non-zero elements`,
    { code: "54000" },
  );
}

function badIndex(what: string): KriyaError {
  return new KriyaError(
    "invalid",
    what === "out of bounds"
      ? "sparsevec index out of bounds"
      : `sparsevec indices ${what}`,
    { code: "22000" },
  );
}
