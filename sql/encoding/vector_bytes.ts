/**
 * Vectors and bit strings of a row as bytes.
 *
 * | type | bytes |
 * | --- | --- |
 * | `vector` | 4 bytes a component, float32 little-endian |
 * | `halfvec` | 2 bytes a component, float16 little-endian |
 * | `sparsevec` | dimensions u32, then the indices u32, then the values float32, all little-endian |
 * | bit strings | how many bits of the last byte do not count (0 to 7), then the bits, packed from the highest; nothing for the empty one |
 *
 * Rows of before have bit strings as text: `0` and `1`, which no count is.
 *
 * @module
 */
import {
  readHalves as readHalfComponents,
  writeHalves as writeHalfComponents,
} from "../../vector/types/halfvec.ts";
import { BitVector } from "../../vector/types/bit_vector.ts";
import {
  SPARSE_DIMS_MAX,
  SPARSE_ELEMENTS_MAX,
  SparseVector,
} from "../../vector/types/sparse_vector.ts";
import { VECTOR_DIMS_MAX } from "../../vector/types/vector.ts";
import type { KriyaError } from "../../base/errors.ts";
import { readText } from "./text_bytes.ts";
import type { ValueSource } from "./value_source.ts";

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function badLength(
  source: ValueSource,
  what: string,
  from: number,
  to: number,
): KriyaError {
  return source.corrupt(`${what} of ${to - from} bytes`, from);
}

/** Writes a `vector`; gives its end. */
export function writeVector(
  vector: Float32Array,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): number {
  if (LITTLE_ENDIAN) {
    bytes.set(
      new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength),
      at,
    );
  } else {
    for (let i = 0; i < vector.length; i++) {
      view.setFloat32(at + i * 4, vector[i]!, true);
    }
  }
  return at + vector.length * 4;
}

/** Reads a `vector`. */
export function readVector(
  source: ValueSource,
  from: number,
  to: number,
): Float32Array {
  const dims = (to - from) / 4;
  if (!Number.isInteger(dims) || dims < 1 || dims > VECTOR_DIMS_MAX) {
    throw badLength(source, "vector", from, to);
  }
  const vector = new Float32Array(dims);
  if (LITTLE_ENDIAN) {
    new Uint8Array(vector.buffer).set(source.bytes.subarray(from, to));
  } else {
    for (let i = 0; i < dims; i++) {
      vector[i] = source.view.getFloat32(from + i * 4, true);
    }
  }
  return vector;
}

/** Writes a `halfvec`; gives its end. */
export function writeHalfvec(
  vector: Float32Array,
  view: DataView,
  at: number,
): number {
  writeHalfComponents(vector, view, at);
  return at + 2 * vector.length;
}

/** Reads a `halfvec`. */
export function readHalfvec(
  source: ValueSource,
  from: number,
  to: number,
): Float32Array {
  const dims = (to - from) / 2;
  if (!Number.isInteger(dims) || dims < 1 || dims > VECTOR_DIMS_MAX) {
    throw badLength(source, "halfvec", from, to);
  }
  return readHalfComponents(
    source.view,
    from,
    dims,
    (what, at) => source.corrupt(what, at),
  );
}

/** Bytes of a `sparsevec`. */
export function sparseBytes(vector: SparseVector): number {
  return 4 + 8 * vector.count;
}

/** Writes a `sparsevec`; gives its end. */
export function writeSparse(
  { dims, indices, values, count }: SparseVector,
  view: DataView,
  at: number,
): number {
  view.setUint32(at, dims, true);
  const first = at + 4;
  for (let i = 0; i < count; i++) {
    view.setUint32(first + 4 * i, indices[i]!, true);
    view.setFloat32(first + 4 * (count + i), values[i]!, true);
  }
  return first + 8 * count;
}

/** Reads a `sparsevec`. */
export function readSparse(
  source: ValueSource,
  from: number,
  to: number,
): SparseVector {
  const count = (to - from - 4) / 8;
  if (!Number.isInteger(count) || count < 0 || count > SPARSE_ELEMENTS_MAX) {
    throw badLength(source, "sparsevec", from, to);
  }
  const { view } = source;
  const dims = view.getUint32(from, true);
  if (dims < 1 || dims > SPARSE_DIMS_MAX) {
    throw source.corrupt(`sparsevec of ${dims} dimensions`, from);
  }
  const indices = new Uint32Array(count);
  const values = new Float32Array(count);
  let before = -1;
  for (let i = 0; i < count; i++) {
    const index = view.getUint32(from + 4 + 4 * i, true);
    const value = view.getFloat32(from + 4 + 4 * (count + i), true);
    if (
      index <= before || index >= dims || !Number.isFinite(value) || value === 0
    ) {
      throw source.corrupt("bad element of a sparsevec", from + 4 + 4 * i);
    }
    indices[i] = before = index;
    values[i] = value;
  }
  return new SparseVector(dims, indices, values);
}

/** Bytes of a bit string. */
export function bitsBytes(bits: string): number {
  return bits === "" ? 0 : 1 + Math.ceil(bits.length / 8);
}

/** Writes a bit string; gives its end. */
export function writeBits(bits: string, bytes: Uint8Array, at: number): number {
  if (bits === "") return at;
  const packed = BitVector.parse(bits).bytes;
  bytes[at] = 8 * packed.length - bits.length;
  bytes.set(packed, at + 1);
  return at + 1 + packed.length;
}

/** Reads a bit string. */
export function readBits(
  source: ValueSource,
  from: number,
  to: number,
): string {
  if (from === to) return "";
  const { bytes } = source;
  const unused = bytes[from]!;
  if (unused === 0x30 || unused === 0x31) {
    for (let i = from; i < to; i++) {
      if ((bytes[i]! & 0xfe) !== 0x30) throw source.corrupt("no bit", i);
    }
    return readText(
      bytes,
      from,
      to,
      (what, at) => source.corrupt(what, at),
    );
  }
  if (unused > 7 || to - from < 2) throw badLength(source, "bits", from, to);
  const dims = 8 * (to - from - 1) - unused;
  if ((bytes[to - 1]! & ((1 << unused) - 1)) !== 0) {
    throw source.corrupt("bits after the last", to - 1);
  }
  return String(new BitVector(dims, bytes.subarray(from + 1, to)));
}
