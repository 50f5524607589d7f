/**
 * Rows as bytes.
 *
 * A row says by itself where each column's value lies, so that a reader takes
 * the columns it wants and skips the others, and so that columns may be added
 * and dropped without touching old rows.
 *
 * | offset | size | field |
 * | -----: | ---: | --- |
 * |      0 |    1 | bits 0–3: version, 1; bits 4–5: w, 0 to 2: an end takes W = 2^w bytes; bit 6: some column is NULL; bit 7: 0 |
 * |      1 | varint | N: the highest column number written |
 * |      … | ⌈N/8⌉ | if bit 6: bit n-1 is set when column n has a value |
 * |      … |  N·W | where the value of column n ends, counted from the start of the values; little-endian |
 * |      … |      | the values of columns 1 to N, one behind the other |
 *
 * | type | value |
 * | --- | --- |
 * | `bool` | 1 byte, 0 or 1 |
 * | integers, `oid`, `date`, `time`, `money`, `xid` and its kin, `tid`, `pg_lsn` | two's complement little-endian in 0 (for zero), 1, 2, 4 or 8 bytes: a column may be widened without touching rows |
 * | `timestamp`, `timestamptz` | as integers; the extremes of 64 bits are the infinities |
 * | `float4` `float8` | 4 or 8 bytes little-endian |
 * | `numeric` | see `numeric_bytes.ts` |
 * | text, `json`, `jsonb` | UTF-8 |
 * | `uuid` | 16 bytes |
 * | `bytea`, `macaddr`, `macaddr8` | the bytes |
 * | `point` and its kin | see `shape_bytes.ts` |
 * | `inet`, `cidr` | see `network_value.ts` |
 * | vectors, bit strings | see `vector_bytes.ts` |
 * | `interval` | months and days, 4 bytes each, then microseconds, 8 bytes, little-endian; the extremes of 8 bytes are the infinities |
 * | arrays | see `compound_writer.ts` |
 *
 * A column number above N was added after the row was written: it has its
 * `missing` value. A number below that the codec does not know was dropped.
 *
 * Invariants:
 * 1. Ends do not decrease, and the last one is the length of the values.
 * 2. A NULL takes no bytes.
 * 3. Bytes are valid if and only if 1 and 2 hold and each value has a form its
 *    type allows. Whatever is read is checked; columns nobody asks for are not.
 *
 * Integrity against random damage is the business of the block that holds the
 * row (CRC-32C); this reader only promises never to fail other than as
 * `corrupt`, never to run out of bounds and never to allocate by a bad length.
 *
 * Rejected: fixed places for fixed-size columns. Which columns are fixed, and
 * which came before, is then a fact of the table at the time of writing, so
 * that every reader needs all earlier layouts; one byte an end buys that out.
 *
 * @module
 */
import type { ByteWriter } from "../../base/bytes.ts";
import { KriyaError } from "../../base/errors.ts";
import { invariant } from "../../base/invariant.ts";
import type { Column, ColumnBuilder } from "../chunk/chunk.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import { appendValue, readValue } from "./value_reader.ts";
import { type ValueKind, valueKindOf } from "./value_kind.ts";
import { valueBytesMax, writeValue } from "./value_writer.ts";

/** The version that is written. */
export const VERSION = 1;
const VERSION_MASK = 0x0f;
/** Where the width of ends is in the first byte. */
export const WIDTH_SHIFT = 4;
/** The bit of the first byte that says that a column is NULL. */
export const HAS_NULLS = 0x40;

/** The most columns a row can have; PostgreSQL's limit is 1600. */
export const COLUMN_NUMBER_MAX = 4096;

/** A column of a row. */
export interface RowColumn {
  /** 1-based, never reused in its table. */
  readonly number: number;
  /** The type of its values. */
  readonly type: DataType;
  /** The value in rows written before the column was added; default NULL. */
  readonly missing?: Nullable;
}

/**
 * Writes and reads rows of a table.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { ByteWriter } from "../../base/bytes.ts";
 * import { columnOf } from "../chunk/chunk.ts";
 * import { int4 } from "../types/int_types.ts";
 * import { text } from "../types/text_types.ts";
 * import { RowCodec } from "./row_encoding.ts";
 *
 * const codec = new RowCodec([
 *   { number: 1, type: int4 },
 *   { number: 2, type: text },
 * ]);
 * const writer = new ByteWriter();
 * codec.encodeRow(writer, [columnOf(int4, [7]), columnOf(text, ["seven"])], 0);
 * const bytes = writer.toBytes();
 * assertEquals(codec.decodeValue(bytes, 0, bytes.length, 1), "seven");
 * ```
 */
export class RowCodec {
  readonly #columns: readonly RowColumn[];
  readonly #kinds: readonly ValueKind[];
  /** The positions of the columns, by ascending numbers. */
  readonly #order: readonly number[];
  readonly #highest: number;

  /** A codec for columns, whose numbers may be in any order. */
  constructor(columns: readonly RowColumn[]) {
    const order = columns.map((_, position) => position)
      .sort((a, b) => columns[a]!.number - columns[b]!.number);
    let highest = 0;
    for (const position of order) {
      const { number } = columns[position]!;
      invariant(
        number > highest && number <= COLUMN_NUMBER_MAX,
        "the numbers of row columns differ, from 1",
      );
      highest = number;
    }
    this.#columns = columns;
    this.#kinds = columns.map((column) => valueKindOf(column.type));
    this.#order = order;
    this.#highest = highest;
  }

  /** The columns, in order. */
  get columns(): readonly RowColumn[] {
    return this.#columns;
  }

  /**
   * Writes row `row` of `values`, which are all the columns in order.
   */
  encodeRow(
    writer: ByteWriter,
    values: readonly Column[],
    row: number,
  ): void {
    const kinds = this.#kinds;
    const columns = this.#columns;
    const order = this.#order;
    const highest = this.#highest;
    let hasNulls = columns.length < highest;
    let valueBytes = 0;
    for (let i = 0; i < kinds.length; i++) {
      const column = values[i]!;
      const { validity } = column;
      if (
        validity !== undefined &&
        ((validity[row >>> 5]! >>> (row & 31)) & 1) === 0
      ) hasNulls = true;
      else valueBytes += valueBytesMax(kinds[i]!, column.values, row);
    }
    const widthLog = valueBytes < 0x100 ? 0 : valueBytes < 0x1_0000 ? 1 : 2;
    const width = 1 << widthLog;
    const bitmapBytes = hasNulls ? (highest + 7) >>> 3 : 0;
    const countBytes = highest < 128 ? 1 : 2;
    const start = writer.reserve(
      1 + countBytes + bitmapBytes + highest * width + valueBytes,
    );
    const bytes = writer.memory;
    const view = writer.memoryView;
    bytes[start] = VERSION | (widthLog << WIDTH_SHIFT) |
      (hasNulls ? HAS_NULLS : 0);
    if (countBytes === 1) bytes[start + 1] = highest;
    else {
      bytes[start + 1] = (highest & 127) | 128;
      bytes[start + 2] = highest >>> 7;
    }
    const bitmap = start + 1 + countBytes;
    if (hasNulls) bytes.fill(0, bitmap, bitmap + bitmapBytes);
    const ends = bitmap + bitmapBytes;
    const base = ends + highest * width;
    let at = base;
    let next = 0;
    for (let number = 1; number <= highest; number++) {
      const position = order[next]!;
      if (columns[position]!.number === number) {
        const column = values[position]!;
        const { validity } = column;
        if (
          validity === undefined ||
          ((validity[row >>> 5]! >>> (row & 31)) & 1) !== 0
        ) {
          at = writeValue(
            kinds[position]!,
            column.values,
            row,
            bytes,
            view,
            at,
          );
          if (hasNulls) {
            bytes[bitmap + ((number - 1) >>> 3)]! |= 1 << ((number - 1) & 7);
          }
        }
        next++;
      }
      const end = at - base;
      const place = ends + (number - 1) * width;
      if (widthLog === 0) bytes[place] = end;
      else if (widthLog === 1) view.setUint16(place, end, true);
      else view.setUint32(place, end, true);
    }
    writer.truncate(at);
  }

  /**
   * What reads the columns at positions `wanted` (in {@linkcode
   * RowCodec.columns}); `source` names the bytes in errors.
   */
  reader(wanted: readonly number[], source = "row"): RowReader {
    return new RowReader(
      wanted.map((position) => this.#columns[position]!),
      source,
    );
  }

  /** One value of a row that lies at `start` to `end`; for single look-ups. */
  decodeValue(
    bytes: Uint8Array,
    start: number,
    end: number,
    position: number,
  ): Nullable {
    return new RowReader([this.#columns[position]!], "row")
      .decode(bytes, start, end)[0]!;
  }
}

/** Reads certain columns of rows, each into its builder. */
export class RowReader {
  readonly #numbers: readonly number[];
  readonly #kinds: readonly ValueKind[];
  readonly #missing: readonly Nullable[];
  readonly #source: string;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Made when it is asked for: few kinds need it. */
  #view: DataView | undefined;
  // Of the row that was framed last.
  #start = 0;
  #stop = 0;
  #highest = 0;
  #widthLog = 0;
  /** Where the bits of NULL are; 0: no column is NULL. */
  #bitmap = 0;
  #ends = 0;
  #base = 0;

  /** A reader of these columns; `source` names the bytes in errors. */
  constructor(columns: readonly RowColumn[], source: string) {
    this.#numbers = columns.map((column) => column.number);
    this.#kinds = columns.map((column) => valueKindOf(column.type));
    this.#missing = columns.map((column) => column.missing ?? null);
    this.#source = source;
  }

  /**
   * Appends the wanted columns of the row that lies in `bytes` from `start` to
   * `end` to `builders`, one each. Nothing of `bytes` is kept.
   *
   * @throws {KriyaError} `corrupt`, builders of earlier columns filled then.
   */
  decodeInto(
    bytes: Uint8Array,
    start: number,
    end: number,
    builders: readonly ColumnBuilder[],
  ): void {
    this.frame(bytes, start, end);
    const highest = this.#highest;
    const numbers = this.#numbers;
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]!;
      if (number > highest) {
        builders[i]!.append(this.#missing[i]!);
        continue;
      }
      if (this.isNull(number)) {
        builders[i]!.appendNull();
        continue;
      }
      const from = this.startOf(number);
      const to = this.endOf(number, from);
      appendValue(this.#kinds[i]!, this, from, to, builders[i]!);
    }
  }

  /**
   * The wanted columns of one row, in the order wanted.
   *
   * @throws {KriyaError} `corrupt`.
   */
  decode(bytes: Uint8Array, start: number, end: number): Nullable[] {
    this.frame(bytes, start, end);
    const numbers = this.#numbers;
    const values: Nullable[] = [];
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i]!;
      if (number > this.#highest) values.push(this.#missing[i]!);
      else if (this.isNull(number)) values.push(null);
      else {
        const from = this.startOf(number);
        const to = this.endOf(number, from);
        values.push(readValue(this.#kinds[i]!, this, from, to));
      }
    }
    return values;
  }

  /**
   * Finds out where a row that lies at `start` to `end` has its columns, for
   * `isNull`, `startOf` and `endOf`.
   *
   * @throws {KriyaError} `corrupt`.
   */
  frame(bytes: Uint8Array, start: number, end: number): void {
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = undefined;
    }
    const header = bytes[start]!;
    if (
      start >= end || end > bytes.length ||
      (header & VERSION_MASK) !== VERSION || header >= 0x80 ||
      (header >>> WIDTH_SHIFT & 3) === 3
    ) throw this.corrupt("bad header of a row", start);
    let at = start + 1;
    let highest = at < end ? bytes[at++]! : 0;
    if (highest >= 128) highest = (highest & 127) | (bytes[at++]! << 7);
    const widthLog = header >>> WIDTH_SHIFT & 3;
    this.#start = start;
    this.#stop = end;
    this.#highest = highest;
    this.#widthLog = widthLog;
    this.#bitmap = (header & HAS_NULLS) === 0 ? 0 : at;
    this.#ends = this.#bitmap === 0 ? at : at + ((highest + 7) >>> 3);
    this.#base = this.#ends + (highest << widthLog);
    if (this.#base > end || highest > COLUMN_NUMBER_MAX) {
      throw this.corrupt(`row of ${highest} columns is cut short`, start);
    }
  }

  /** The highest column number in the row that was framed last. */
  get highest(): number {
    return this.#highest;
  }

  /** Whether the row has no value of a column, at most the highest. */
  isNull(number: number): boolean {
    const bitmap = this.#bitmap;
    const index = number - 1;
    return bitmap !== 0 &&
      ((this.#bytes[bitmap + (index >>> 3)]! >>> (index & 7)) & 1) === 0;
  }

  /** Where the value of a column begins. */
  startOf(number: number): number {
    return number === 1 ? this.#base : this.#base + this.#end(number - 2);
  }

  /**
   * Where the value of a column that begins at `from` ends.
   *
   * @throws {KriyaError} `corrupt` if that is not in the row, behind its begin.
   */
  endOf(number: number, from: number): number {
    const to = this.#base + this.#end(number - 1);
    if (from > to || to > this.#stop) {
      throw this.corrupt(`column ${number} ends out of place`, this.#start);
    }
    return to;
  }

  /** What the bytes are called in errors. */
  get name(): string {
    return this.#source;
  }

  /** The bytes being read. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** A view of them. */
  get view(): DataView {
    return this.#view ??= viewOf(this.#bytes);
  }

  /** An error that names the source and the byte. */
  corrupt(what: string, at: number): KriyaError {
    return new KriyaError(
      "corrupt",
      `Cannot read "${this.#source}" at byte ${at}: ${what}`,
    );
  }

  /** Where the value at `index` ends, from the start of the values. */
  #end(index: number): number {
    const widthLog = this.#widthLog;
    const place = this.#ends + (index << widthLog);
    if (widthLog === 0) return this.#bytes[place]!;
    return widthLog === 1
      ? this.view.getUint16(place, true)
      : this.view.getUint32(place, true);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
