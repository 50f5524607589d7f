/**
 * Values made of values, as bytes of a row: the reading half. The forms are
 * drawn in `compound_writer.ts`; bytes are hostile.
 *
 * @module
 */
import {
  DIMENSIONS_MAX,
  ELEMENTS_MAX,
  SqlArray,
} from "../types/array/array_value.ts";
import type { Nullable, SqlValue } from "../types/data_type.ts";
import { SqlMultirange, SqlRange } from "../types/range/range_value.ts";
import { SqlRow } from "../types/row/row_value.ts";
import { FIELDS_MAX, HAS_NULLS, RANGE_BITS } from "./compound_writer.ts";
import type { ValueSource } from "./value_source.ts";
import type {
  CompoundKind,
  RangeValueKind,
  RowKind,
  ValueKind,
} from "./value_kind.ts";

/** What reads a part: the value that takes the bytes from `from` to `to`. */
export type ReadPart = (
  kind: ValueKind,
  source: ValueSource,
  from: number,
  to: number,
) => SqlValue;

/**
 * Reads the compound value that takes the bytes from `from` to `to`.
 *
 * @throws {KriyaError} `corrupt` when they have no form the kind allows.
 */
export function readCompound(
  kind: CompoundKind,
  source: ValueSource,
  from: number,
  to: number,
  readPart: ReadPart,
): SqlValue {
  const cursor = new Cursor(source, from, to);
  const part = (of: ValueKind): SqlValue => {
    const length = cursor.varint();
    const start = cursor.skip(length);
    return readPart(of, source, start, start + length);
  };
  switch (kind.form) {
    case "array":
      return readArray(cursor, to - from, () => part(kind.element));
    case "row":
      return readRow(cursor, kind, part);
    case "range":
      return readRange(cursor, kind, part);
    case "multirange": {
      const ranges: SqlRange[] = [];
      while (!cursor.atEnd) ranges.push(part(kind.range) as SqlRange);
      return SqlMultirange.of(kind.range.range, ranges);
    }
  }
}

function readRow(
  cursor: Cursor,
  kind: RowKind,
  part: (of: ValueKind) => SqlValue,
): SqlRow {
  const { fields, kinds, slots } = kind;
  const count = cursor.varint();
  if (slots !== undefined) return readSlots(cursor, kind, slots, count, part);
  if (count > fields.length) throw cursor.corrupt();
  const bitmap = cursor.skip((count + 7) >>> 3);
  const values = kinds.map((kind, i) =>
    i < count && cursor.bit(bitmap, i) ? part(kind) : null
  );
  cursor.finish();
  return new SqlRow(fields, values);
}

/** A row some of whose places are those of fields that are gone. */
function readSlots(
  cursor: Cursor,
  { fields, kinds }: RowKind,
  slots: readonly number[],
  count: number,
  part: (of: ValueKind) => SqlValue,
): SqlRow {
  if (count > FIELDS_MAX) throw cursor.corrupt();
  const bitmap = cursor.skip((count + 7) >>> 3);
  const values: Nullable[] = fields.map(() => null);
  let field = 0;
  for (let slot = 0; slot < count; slot++) {
    const isField = slots[field] === slot;
    if (cursor.bit(bitmap, slot)) {
      if (isField) values[field] = part(kinds[field]!);
      else cursor.skip(cursor.varint());
    }
    if (isField) field++;
  }
  cursor.finish();
  return new SqlRow(fields, values);
}

function readRange(
  cursor: Cursor,
  kind: RangeValueKind,
  part: (of: ValueKind) => SqlValue,
): SqlRange {
  const bits = cursor.byte();
  if (bits >= 32) throw cursor.corrupt();
  if ((bits & RANGE_BITS.empty) !== 0) {
    cursor.finish();
    return SqlRange.EMPTY;
  }
  const has = (bit: number): boolean => (bits & bit) !== 0;
  const lower = has(RANGE_BITS.lowerInfinite) ? null : part(kind.bound);
  const upper = has(RANGE_BITS.upperInfinite) ? null : part(kind.bound);
  cursor.finish();
  try {
    return SqlRange.between(
      kind.range,
      {
        value: lower,
        inclusive: has(RANGE_BITS.lowerInclusive),
        isLower: true,
      },
      {
        value: upper,
        inclusive: has(RANGE_BITS.upperInclusive),
        isLower: false,
      },
    );
  } catch {
    throw cursor.corrupt();
  }
}

function readArray(
  cursor: Cursor,
  bytesMax: number,
  part: () => SqlValue,
): SqlValue {
  const header = cursor.byte();
  const dimensions = header & 7;
  if (header >= 16 || dimensions > DIMENSIONS_MAX) throw cursor.corrupt();
  const dims: number[] = [];
  const lowerBounds: number[] = [];
  let count = dimensions === 0 ? 0 : 1;
  for (let i = 0; i < dimensions; i++) {
    const length = cursor.varint();
    const lowerBound = cursor.int32();
    count *= length;
    if (length === 0 || lowerBound + length > 0x7fff_ffff) {
      throw cursor.corrupt();
    }
    dims.push(length);
    lowerBounds.push(lowerBound);
  }
  // An element takes a bit at least.
  if (count > ELEMENTS_MAX || count > bytesMax * 8) throw cursor.corrupt();
  const bitmap = (header & HAS_NULLS) === 0
    ? -1
    : cursor.skip((count + 7) >>> 3);
  const elements: Nullable[] = [];
  for (let i = 0; i < count; i++) {
    if (
      bitmap >= 0 && !cursor.bit(bitmap, i)
    ) {
      elements.push(null);
      continue;
    }
    elements.push(part());
  }
  cursor.finish();
  return SqlArray.shaped(elements, dims, lowerBounds);
}

/** Goes through the bytes of one value. */
class Cursor {
  readonly #source: ValueSource;
  readonly #start: number;
  readonly #end: number;
  #at: number;

  constructor(source: ValueSource, start: number, end: number) {
    this.#source = source;
    this.#start = start;
    this.#end = end;
    this.#at = start;
  }

  corrupt(): Error {
    return this.#source.corrupt("bad compound value", this.#start);
  }

  get atEnd(): boolean {
    return this.#at === this.#end;
  }

  /** Bit `i` of the bytes from `start` on. */
  bit(start: number, i: number): boolean {
    return (this.#source.bytes[start + (i >>> 3)]! >>> (i & 7) & 1) === 1;
  }

  /** Passes over `count` bytes; returns where they begin. */
  skip(count: number): number {
    if (count > this.#end - this.#at) throw this.corrupt();
    const at = this.#at;
    this.#at += count;
    return at;
  }

  byte(): number {
    return this.#source.bytes[this.skip(1)]!;
  }

  int32(): number {
    return this.#source.view.getInt32(this.skip(4), true);
  }

  varint(): number {
    let value = 0;
    let factor = 1;
    for (let i = 0; i < 5; i++) {
      const byte = this.byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
    throw this.corrupt();
  }

  finish(): void {
    if (this.#at !== this.#end) throw this.corrupt();
  }
}
