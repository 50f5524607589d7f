/**
 * Columns as bytes, for temporary files: what one run writes and reads, so that it
 * has no versions.
 *
 * | size | field |
 * | ---: | --- |
 * | 4 | rows |
 * | | then each column: |
 * | 4 | 1 when some are NULL |
 * | 4·⌈rows/32⌉ | if so: the validity |
 * | 1, 4 or 8·rows | the values of a typed array, as they lie in memory |
 * | 4·rows | else: where each value ends, counted from the first |
 * | … | the values, as in a row (`row_encoding.ts`) |
 *
 * @module
 */
import { KriyaError } from "../../../base/errors.ts";
import {
  allocateValidity,
  allocateValues,
  type Chunk,
  type Column,
  ColumnBuilder,
  type ColumnValues,
  isNull,
} from "../../chunk/chunk.ts";
import { type ValueKind, valueKindOf } from "../../encoding/value_kind.ts";
import { appendValue } from "../../encoding/value_reader.ts";
import type { ValueSource } from "../../encoding/value_source.ts";
import { valueBytesMax, writeValue } from "../../encoding/value_writer.ts";
import { SqlError } from "../../errors/sql_error.ts";
import type { DataType } from "../../types/data_type.ts";

/** The types of columns that go into files, and how their values are written. */
export interface ChunkShape {
  readonly types: readonly DataType[];
  /** Absent for types kept in typed arrays. */
  readonly kinds: readonly (ValueKind | undefined)[];
}

/** How columns of these types are written; nothing where some cannot be. */
export function chunkShape(types: readonly DataType[]): ChunkShape | undefined {
  try {
    const kinds = types.map((type) =>
      type.storage === "reference" ? valueKindOf(type) : undefined
    );
    return { types, kinds };
  } catch (error) {
    // A pseudo-type: its values have no bytes.
    if (error instanceof SqlError && error.code === "42P16") return undefined;
    throw error;
  }
}

/** The rows `rows` of columns as bytes. */
export function encodeRows(
  shape: ChunkShape,
  columns: readonly Column[],
  rows: Uint32Array,
): Uint8Array {
  const bytes = new Uint8Array(bytesMax(shape, columns, rows));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, rows.length, true);
  let at = 4;
  columns.forEach((column, c) => {
    const hasNulls = column.validity !== undefined;
    view.setUint32(at, hasNulls ? 1 : 0, true);
    at += 4;
    if (hasNulls) {
      const validity = validityOf(column, rows);
      bytes.set(new Uint8Array(validity.buffer), at);
      at += validity.byteLength;
    }
    const kind = shape.kinds[c];
    at = kind === undefined
      ? writeNumbers(column, rows, bytes, at)
      : writeReferences(kind, column, rows, bytes, view, at);
  });
  return bytes.subarray(0, at);
}

function bytesMax(
  { kinds }: ChunkShape,
  columns: readonly Column[],
  rows: Uint32Array,
): number {
  let size = 4;
  columns.forEach((column, c) => {
    const kind = kinds[c];
    size += 8 + ((rows.length + 31) >>> 5) * 4;
    if (kind === undefined) {
      size += 8 * rows.length;
      return;
    }
    size += 4 * rows.length;
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      if (!isNull(column, row)) size += valueBytesMax(kind, column.values, row);
    }
  });
  return size;
}

function validityOf(column: Column, rows: Uint32Array): Uint32Array {
  const validity = allocateValidity(rows.length);
  for (let i = 0; i < rows.length; i++) {
    if (!isNull(column, rows[i]!)) validity[i >>> 5]! |= 1 << (i & 31);
  }
  return validity;
}

function writeNumbers(
  { type, values }: Column,
  rows: Uint32Array,
  bytes: Uint8Array,
  at: number,
): number {
  const gathered = allocateValues(type, rows.length) as Float64Array;
  const from = values as Float64Array;
  for (let i = 0; i < rows.length; i++) gathered[i] = from[rows[i]!]!;
  bytes.set(new Uint8Array(gathered.buffer), at);
  return at + gathered.byteLength;
}

function writeReferences(
  kind: ValueKind,
  column: Column,
  rows: Uint32Array,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): number {
  const start = at + 4 * rows.length;
  let end = start;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (!isNull(column, row)) {
      end = writeValue(kind, column.values, row, bytes, view, end);
    }
    view.setUint32(at + 4 * i, end - start, true);
  }
  return end;
}

/**
 * The rows that `bytes` hold.
 *
 * @throws {KriyaError} `corrupt` when they are not what was written.
 */
export function decodeRows(shape: ChunkShape, bytes: Uint8Array): Chunk {
  const source = sourceOf(bytes);
  const { view } = source;
  let at = 0;
  const need = (length: number): number => {
    const from = at;
    at += length;
    if (at > bytes.length) throw source.corrupt("it ends too early", from);
    return from;
  };
  const rowCount = view.getUint32(need(4), true);
  const columns = shape.types.map((type, c): Column => {
    const hasNulls = view.getUint32(need(4), true) === 1;
    const validity = hasNulls
      ? wordsAt(bytes, need(4 * ((rowCount + 31) >>> 5)), rowCount)
      : undefined;
    const kind = shape.kinds[c];
    if (kind === undefined) {
      const size = BYTES_OF[type.storage as keyof typeof BYTES_OF];
      const from = need(size * rowCount);
      const part = bytes.slice(from, from + size * rowCount);
      return { type, values: numbersOf(type, part), validity };
    }
    const ends = need(4 * rowCount);
    const start = at;
    const builder = new ColumnBuilder(type, 0);
    let from = 0;
    for (let row = 0; row < rowCount; row++) {
      const end = view.getUint32(ends + 4 * row, true);
      if (
        validity !== undefined &&
        ((validity[row >>> 5]! >>> (row & 31)) & 1) === 0
      ) {
        builder.appendNull();
      } else {
        if (end < from || start + end > bytes.length) {
          throw source.corrupt("a value ends outside", ends + 4 * row);
        }
        appendValue(kind, source, start + from, start + end, builder);
      }
      from = end;
    }
    need(from);
    return builder.finish();
  });
  return { columns, rowCount };
}

const BYTES_OF = { boolean: 1, int32: 4, float64: 8 } as const;

function numbersOf(type: DataType, part: Uint8Array): ColumnValues {
  switch (type.storage) {
    case "int32":
      return new Int32Array(part.buffer);
    case "float64":
      return new Float64Array(part.buffer);
    default:
      return part;
  }
}

function wordsAt(bytes: Uint8Array, at: number, rowCount: number): Uint32Array {
  const length = 4 * ((rowCount + 31) >>> 5);
  return new Uint32Array(bytes.slice(at, at + length).buffer);
}

function sourceOf(bytes: Uint8Array): ValueSource {
  return {
    name: "temporary file",
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    corrupt: (what, at) =>
      new KriyaError("corrupt", `temporary file: ${what} (byte ${at})`),
  };
}
