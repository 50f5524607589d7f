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
 * A range:
 *
 * | size | field |
 * | ---: | --- |
 * | 1 | bit 0: it is empty; bits 1 and 2: the lower, the upper bound is inclusive; bits 3 and 4: it is infinite |
 * | … | each bound that is finite: its length as varint, its bytes |
 *
 * A multirange: each range, its length as varint before it.
 *
 * A row:
 *
 * | size | field |
 * | ---: | --- |
 * | varint | how many fields it has: those that its type got later are NULL |
 * | ⌈n/8⌉ | bit i is set when field i has a value |
 * | … | each field that has one: its length as varint, its bytes |
 *
 * A varint may have more bytes than it needs: where a part ends is known only
 * when it is written.
 *
 * @module
 */
import type { SqlArray } from "../types/array/array_value.ts";
import type { SqlMultirange, SqlRange } from "../types/range/range_value.ts";
import type { SqlRow } from "../types/row/row_value.ts";
import type { Nullable } from "../types/data_type.ts";
import type { ColumnValues } from "../chunk/chunk.ts";
import type { CompoundKind, RowKind, ValueKind } from "./value_kind.ts";

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

/** The most places that a row has. */
export const FIELDS_MAX = 1600;

/** The bits of a range's first byte. */
export const RANGE_BITS = {
  empty: 1,
  lowerInclusive: 2,
  upperInclusive: 4,
  lowerInfinite: 8,
  upperInfinite: 16,
} as const;

/** Bytes that a compound value cannot take more of. */
export function compoundBytesMax(
  kind: CompoundKind,
  value: unknown,
  parts: PartWriter,
): number {
  switch (kind.form) {
    case "array": {
      const { elements, dims } = value as SqlArray;
      const shape = 1 + dims.length * 9 + ((elements.length + 7) >>> 3);
      return shape + partsBytesMax(kind.element, elements, parts);
    }
    case "row": {
      const { values } = value as SqlRow;
      const count = slotCount(kind, values);
      let size = varintBytes(count) + ((count + 7) >>> 3);
      for (let i = 0; i < values.length; i++) {
        if (values[i] === null) continue;
        const of = kind.kinds[i]!;
        const part = parts.bytesMax(of, values as ColumnValues, i);
        size += part + varintBytes(part);
      }
      return size;
    }
    case "range":
      return 1 + partsBytesMax(kind.bound, boundsOf(value as SqlRange), parts);
    case "multirange":
      return partsBytesMax(kind.range, (value as SqlMultirange).ranges, parts);
  }
}

function partsBytesMax(
  kind: ValueKind,
  values: readonly Nullable[],
  parts: PartWriter,
): number {
  let size = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) continue;
    const part = parts.bytesMax(kind, values as ColumnValues, i);
    size += part + varintBytes(part);
  }
  return size;
}

/** The values of both bounds. */
function boundsOf({ lower, upper }: SqlRange): readonly Nullable[] {
  return [lower.value, upper.value];
}

/** Where a compound value is written. */
interface Target {
  readonly parts: PartWriter;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Writes a compound value at `at`, where there is room; returns its end. */
export function writeCompound(
  kind: CompoundKind,
  value: unknown,
  parts: PartWriter,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): number {
  const target: Target = { parts, bytes, view };
  switch (kind.form) {
    case "array":
      return writeArray(kind.element, value as SqlArray, target, at);
    case "row":
      return writeRow(kind, value as SqlRow, target, at);
    case "range": {
      const range = value as SqlRange;
      bytes[at] = rangeBits(range);
      return writeParts(kind.bound, boundsOf(range), target, at + 1);
    }
    case "multirange":
      return writeParts(
        kind.range,
        (value as SqlMultirange).ranges,
        target,
        at,
      );
  }
}

function rangeBits({ isEmpty, lower, upper }: SqlRange): number {
  if (isEmpty) return RANGE_BITS.empty;
  return (lower.inclusive ? RANGE_BITS.lowerInclusive : 0) |
    (upper.inclusive ? RANGE_BITS.upperInclusive : 0) |
    (lower.value === null ? RANGE_BITS.lowerInfinite : 0) |
    (upper.value === null ? RANGE_BITS.upperInfinite : 0);
}

function writeArray(
  kind: ValueKind,
  { elements, dims, lowerBounds }: SqlArray,
  target: Target,
  start: number,
): number {
  const { bytes, view } = target;
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
  return writeParts(kind, elements, target, at);
}

/** How many places a row takes. */
function slotCount(
  { slots }: RowKind,
  values: readonly Nullable[],
): number {
  if (slots === undefined) return values.length;
  return slots.length === 0 ? 0 : slots.at(-1)! + 1;
}

function writeRow(
  kind: RowKind,
  { values }: SqlRow,
  target: Target,
  start: number,
): number {
  const { bytes } = target;
  const { kinds, slots } = kind;
  const count = slotCount(kind, values);
  const size = varintBytes(count);
  writeVarint(count, size, bytes, start);
  let placed = values;
  if (slots !== undefined) {
    const all: Nullable[] = new Array(count).fill(null);
    slots.forEach((slot, i) => all[slot] = values[i]!);
    placed = all;
  }
  let at = writeBitmap(placed, bytes, start + size);
  for (let i = 0; i < values.length; i++) {
    if (values[i] === null) continue;
    at = writePart(kinds[i]!, values as ColumnValues, i, target, at);
  }
  return at;
}

/** Writes each value that is not NULL, its length before it. */
function writeParts(
  kind: ValueKind,
  values: readonly Nullable[],
  target: Target,
  start: number,
): number {
  const column = values as ColumnValues;
  let at = start;
  for (let i = 0; i < values.length; i++) {
    if (values[i] !== null) at = writePart(kind, column, i, target, at);
  }
  return at;
}

/** Writes value `i`, its length before it; returns its end. */
function writePart(
  kind: ValueKind,
  values: ColumnValues,
  i: number,
  { parts, bytes, view }: Target,
  at: number,
): number {
  const size = varintBytes(parts.bytesMax(kind, values, i));
  const end = parts.write(kind, values, i, bytes, view, at + size);
  writeVarint(end - at - size, size, bytes, at);
  return end;
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
