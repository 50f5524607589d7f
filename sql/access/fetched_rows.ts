/**
 * Rows that are found one by one, read as one chunk.
 *
 * Where each lies is noted; once all are known they are read column by column
 * (`row_batch.ts`). Rows in several places are copied together first, unless
 * they are so long that copying costs more than it saves: those, and few rows,
 * are read row by row.
 *
 * @module
 */
import { copyBytes } from "../../base/bytes.ts";
import { CHUNK_ROWS, ColumnBuilder } from "../chunk/chunk.ts";
import { RowBatch } from "../encoding/row_batch.ts";
import type {
  RowCodec,
  RowColumn,
  RowReader,
} from "../encoding/row_encoding.ts";
import type { DataType } from "../types/data_type.ts";
import { ScannedBatch } from "./scanned_batch.ts";
import type { LocatedChunk, RowFilter } from "./table_access.ts";

/** Reads certain columns of a table's rows. */
export class ColumnsReader {
  /** The form of the rows. */
  readonly codec: RowCodec;
  /** Reads one row. */
  readonly rows: RowReader;
  /** The types of the columns. */
  readonly types: readonly DataType[];
  readonly #columns: readonly RowColumn[];
  #batch: RowBatch | undefined;

  /** Reads the columns at `positions`. */
  constructor(codec: RowCodec, positions: readonly number[]) {
    this.codec = codec;
    this.rows = codec.reader(positions);
    this.#columns = positions.map((position) => codec.columns[position]!);
    this.types = this.#columns.map(({ type }) => type);
  }

  /** Reads a chunk of rows; used again and again. */
  get batch(): RowBatch {
    return this.#batch ??= new RowBatch(this.#columns, CHUNK_ROWS);
  }
}

/** Fewer rows are read one by one. */
const BATCH_ROWS_MIN = 16;

/** Rows that are longer on average are not copied. */
const COPIED_ROW_BYTES = 1024;

/** Rows of one chunk, by the places of their locators. */
export class FetchedRows {
  readonly #reader: ColumnsReader;
  readonly #wanted: Float64Array;
  /** What holds each row; absent: the row is not there. */
  readonly #sources: (Uint8Array | undefined)[];
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;

  /** Room for the rows at `wanted`. */
  constructor(reader: ColumnsReader, wanted: Float64Array) {
    this.#reader = reader;
    this.#wanted = wanted;
    this.#sources = new Array(wanted.length).fill(undefined);
    this.#starts = new Uint32Array(wanted.length);
    this.#ends = new Uint32Array(wanted.length);
  }

  /** The row of a locator lies in `bytes`. */
  set(index: number, bytes: Uint8Array, start: number, end: number): void {
    this.#sources[index] = bytes;
    this.#starts[index] = start;
    this.#ends[index] = end;
  }

  /** The rows that are there, and that pass `filter`. */
  finish(filter: RowFilter | undefined): LocatedChunk {
    const { count, bytes, isOne } = this.#compact();
    const isLong = !isOne && bytes > count * COPIED_ROW_BYTES;
    const byRow = filter === undefined &&
      (count < BATCH_ROWS_MIN || isLong || count > CHUNK_ROWS);
    if (byRow) return this.#readRows(count);
    const located: LocatedChunk[] = [];
    for (let first = 0; first < count; first += CHUNK_ROWS) {
      const end = Math.min(count, first + CHUNK_ROWS);
      located.push(this.#readBatch(first, end, isOne, filter));
    }
    return located.length === 1 ? located[0]! : this.#joined(located);
  }

  /** Moves those that are there together. */
  #compact(): { count: number; bytes: number; isOne: boolean } {
    const sources = this.#sources;
    const starts = this.#starts;
    const ends = this.#ends;
    let count = 0;
    let bytes = 0;
    let isOne = true;
    let first: Uint8Array | undefined;
    const locators = this.#locators = new Float64Array(sources.length);
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i];
      if (source === undefined) continue;
      first ??= source;
      if (source !== first) isOne = false;
      sources[count] = source;
      bytes += (ends[count] = ends[i]!) - (starts[count] = starts[i]!);
      locators[count++] = this.#wanted[i]!;
    }
    return { count, bytes, isOne };
  }

  #locators: Float64Array = new Float64Array(0);

  #readRows(count: number): LocatedChunk {
    const { rows, types } = this.#reader;
    const builders = types.map((type) => new ColumnBuilder(type, count));
    for (let i = 0; i < count; i++) {
      const source = this.#sources[i]!;
      rows.decodeInto(source, this.#starts[i]!, this.#ends[i]!, builders);
    }
    return {
      chunk: {
        columns: builders.map((builder) => builder.finish()),
        rowCount: count,
      },
      locators: this.#locators.subarray(0, count),
    };
  }

  #readBatch(
    first: number,
    end: number,
    isOne: boolean,
    filter: RowFilter | undefined,
  ): LocatedChunk {
    const { batch, types } = this.#reader;
    const run = isOne
      ? {
        values: this.#sources[first]!,
        valueStarts: this.#starts,
        valueEnds: this.#ends,
      }
      : this.#copied(first, end);
    if (isOne) batch.take(run, first, end);
    else batch.take(run, 0, end - first);
    const scanned = new ScannedBatch(batch, types.length);
    const rows = filter?.(scanned);
    const locators = this.#locators.subarray(first, end);
    if (rows === undefined) {
      return {
        chunk: {
          columns: types.map((_, i) => scanned.column(i, undefined)),
          rowCount: end - first,
        },
        locators,
      };
    }
    const columns = types.map((type, i) => {
      const builder = new ColumnBuilder(type, rows.length);
      builder.appendColumn(scanned.column(i, rows), rows, rows.length);
      return builder.finish();
    });
    const passed = new Float64Array(rows.length);
    for (let i = 0; i < rows.length; i++) passed[i] = locators[rows[i]!]!;
    return { chunk: { columns, rowCount: rows.length }, locators: passed };
  }

  /** Rows in one array. */
  #copied(first: number, end: number): {
    values: Uint8Array;
    valueStarts: Uint32Array;
    valueEnds: Uint32Array;
  } {
    const starts = this.#starts;
    const ends = this.#ends;
    let length = 0;
    for (let i = first; i < end; i++) length += ends[i]! - starts[i]!;
    const values = new Uint8Array(length);
    const valueStarts = new Uint32Array(end - first);
    const valueEnds = new Uint32Array(end - first);
    let at = 0;
    for (let i = first; i < end; i++) {
      const start = starts[i]!;
      const stop = ends[i]!;
      copyBytes(this.#sources[i]!, start, stop, values, at);
      valueStarts[i - first] = at;
      valueEnds[i - first] = at += stop - start;
    }
    return { values, valueStarts, valueEnds };
  }

  /** Several batches as one; none: no rows. */
  #joined(parts: readonly LocatedChunk[]): LocatedChunk {
    let rowCount = 0;
    for (const { chunk } of parts) rowCount += chunk.rowCount;
    const locators = new Float64Array(rowCount);
    let at = 0;
    for (const part of parts) {
      locators.set(part.locators, at);
      at += part.chunk.rowCount;
    }
    const columns = this.#reader.types.map((type, i) => {
      const builder = new ColumnBuilder(type, rowCount);
      for (const { chunk } of parts) {
        const { rowCount: count } = chunk;
        builder.appendColumn(chunk.columns[i]!, undefined, count);
      }
      return builder.finish();
    });
    return { chunk: { columns, rowCount }, locators };
  }
}
