/**
 * Values made of values, as bytes of a row: the writing half. Each part is
 * written as its own type would be, so that whatever a column can hold a part
 * can hold too.
 *
 * An array:
 *
 * | size | field |
 * | ---: | --- |
 * | 1 | bits 0–2: the number of dimensions; bit 3: some element is NULL |
 * | varint, 4 | each dimension: its length, its lower bound (little-endian) |
 * | ⌈n/8⌉ | if bit 3: bit i is set when element i has a value |
 * | … | each element that has one: its length as varint, its bytes |
 *
 * A varint may have more bytes than it needs: where a part ends is known only
 * when it is written.
 *
 * @module
 */
import type { SqlArray } from "../types/array/array_value.ts";
import type { ColumnValues } from "../chunk/chunk.ts";
import type { CompoundKind, ValueKind } from "./value_kind.ts";

/** What writes a part; it stands in the file that knows all kinds. */
export interface PartWriter {
  /** Bytes that the value in `row` cannot take more of. */
  bytesMax(kind: ValueKind, values: ColumnValues, row: number): number;
  /** Writes the value in `row` at `at`; returns its end. */
  write(
    kind: ValueKind,
    values: ColumnValues,
    row: number,
    bytes: Uint8Array,
    view: DataView,
    at: number,
  ): number;
}

/** The bit of an array's first byte that says that some element is NULL. */
export const HAS_NULLS = 8;

/** Bytes that a compound value cannot take more of. */
export function compoundBytesMax(
  kind: CompoundKind,
  value: unknown,
  parts: PartWriter,
): number {
  const { elements, dims } = value as SqlArray;
  let size = 1 + dims.length * 9 + ((elements.length + 7) >>> 3);
  for (let i = 0; i < elements.length; i++) {
    if (elements[i] === null) continue;
    const part = parts.bytesMax(kind.element, elements as ColumnValues, i);
    size += part + varintBytes(part);
  }
  return size;
}

/** Writes a compound value at `at`, where there is room; returns its end. */
export function writeCompound(
  kind: CompoundKind,
  value: unknown,
  parts: PartWriter,
  bytes: Uint8Array,
  view: DataView,
  start: number,
): number {
  const { elements, dims, lowerBounds } = value as SqlArray;
  const hasNulls = elements.includes(null);
  let at = start;
  bytes[at++] = dims.length | (hasNulls ? HAS_NULLS : 0);
  for (let i = 0; i < dims.length; i++) {
    const size = varintBytes(dims[i]!);
    writeVarint(dims[i]!, size, bytes, at);
    view.setInt32(at + size, lowerBounds[i]!, true);
    at += size + 4;
  }
  if (hasNulls) at = writeBitmap(elements, bytes, at);
  for (let i = 0; i < elements.length; i++) {
    if (elements[i] === null) continue;
    at = writePart(
      parts,
      kind.element,
      elements as ColumnValues,
      i,
      bytes,
      view,
      at,
    );
  }
  return at;
}

/** Bit i for each value that is not NULL; returns the end. */
function writeBitmap(
  values: readonly unknown[],
  bytes: Uint8Array,
  at: number,
): number {
  const end = at + ((values.length + 7) >>> 3);
  bytes.fill(0, at, end);
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== null) bytes[at + (i >>> 3)]! |= 1 << (i & 7);
  }
  return end;
}

function writePart(
  parts: PartWriter,
  kind: ValueKind,
  values: ColumnValues,
  row: number,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): number {
  const size = varintBytes(parts.bytesMax(kind, values, row));
  const end = parts.write(kind, values, row, bytes, view, at + size);
  writeVarint(end - at - size, size, bytes, at);
  return end;
}

/** How many bytes a varint up to `max` takes. */
function varintBytes(max: number): number {
  let size = 1;
  for (let rest = max; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** Writes a varint in exactly `size` bytes. */
function writeVarint(
  value: number,
  size: number,
  bytes: Uint8Array,
  at: number,
): void {
  let rest = value;
  for (let i = 0; i < size; i++) {
    bytes[at + i] = (rest & 127) | (i < size - 1 ? 128 : 0);
    rest >>>= 7;
  }
}
