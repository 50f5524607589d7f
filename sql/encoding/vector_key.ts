/**
 * Vectors in keys: `vector` and `halfvec` as their components, `sparsevec` as
 * the elements it has (see `key_bytes.ts`).
 *
 * @module
 */
import type { ByteWriter } from "../../base/bytes.ts";
import type { SparseVector } from "../../vector/types/sparse_vector.ts";

/** Writes a `float4`, its sign bit flipped, all bits if it is negative. */
export function writeFloat4(writer: ByteWriter, value: number): void {
  const at = writer.reserve(4);
  const view = writer.memoryView;
  view.setFloat32(at, value !== value ? NaN : value + 0);
  const bits = view.getInt32(at);
  view.setInt32(at, bits < 0 ? ~bits : bits ^ 0x8000_0000);
}

/** Writes a vector: 1 and a `float4` a component, then 0. */
export function writeKeyVector(writer: ByteWriter, value: Float32Array): void {
  for (let i = 0; i < value.length; i++) {
    writer.u8(1);
    writeFloat4(writer, value[i]!);
  }
  writer.u8(0);
}

/**
 * What begins an element of a sparse vector in a key. Where two vectors part,
 * the one that ends or goes below zero first is less, and the one that goes
 * above zero first is greater; so a place counts up after `low` and down after
 * `high`, 4 bytes big-endian. After the place of `low` stands 0 for the end, 1
 * for a value; a value is as `float4`.
 */
export const SPARSE_MARK = { low: 1, high: 3 } as const;

/** Writes a sparse vector: its elements, then its dimensions. */
export function writeKeySparse(
  writer: ByteWriter,
  { dims, indices, values, count }: SparseVector,
): void {
  const place = (index: number): void => {
    const at = writer.reserve(4);
    writer.memoryView.setUint32(at, index);
  };
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value < 0) {
      writer.u8(SPARSE_MARK.low);
      place(indices[i]!);
      writer.u8(1);
    } else {
      writer.u8(SPARSE_MARK.high);
      place(~indices[i]! >>> 0);
    }
    writeFloat4(writer, value);
  }
  writer.u8(SPARSE_MARK.low);
  place(dims);
  writer.u8(0);
}
