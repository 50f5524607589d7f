/**
 * Rows of a run, read column by column.
 *
 * A scan has the bytes of many rows side by side. Their headers are looked at
 * once; then a column is read when it is asked for, of all rows or of those that
 * are left of them, in one loop over its kind (`column_reader.ts`). The forms
 * are those of `row_encoding.ts`, and so is what is checked; `RowReader` there
 * is the plain form, row by row.
 *
 * | array | of each row |
 * | --- | --- |
 * | `#ends` | where its ends begin |
 * | `#bases` | where its values begin |
 * | `#stops` | where it ends |
 * | `#bitmaps` | where its bits of NULL begin; 0: no column is NULL |
 * | `#highest` | the highest column number written |
 * | `#widths` | the logarithm of the bytes that an end takes |
 *
 * @module
 */
import { KriyaError } from "../../base/errors.ts";
import type { Column } from "../chunk/chunk.ts";
import type { DataType, Nullable } from "../types/data_type.ts";
import { MISSING_VALUE, NULL_VALUE, readColumn } from "./column_reader.ts";
import {
  COLUMN_NUMBER_MAX,
  HAS_NULLS,
  VERSION,
  WIDTH_SHIFT,
} from "./row_encoding.ts";
import type { RowColumn } from "./row_encoding.ts";
import { type ValueKind, valueKindOf } from "./value_kind.ts";

const VERSION_MASK = 0x0f;

/** The bytes of rows: as the values of a run of entries are. */
export interface RowBytes {
  /** Holds the rows. */
  readonly values: Uint8Array;
  /** Where each starts in `values`. */
  readonly valueStarts: Uint32Array;
  /** Where each ends. */
  readonly valueEnds: Uint32Array;
}

/** A column that is read. */
interface ReadColumn {
  readonly number: number;
  readonly type: DataType;
  readonly kind: ValueKind;
  readonly missing: Nullable;
}

/** Some rows of a run, see the module. */
export class RowBatch {
  readonly #columns: readonly ReadColumn[];
  readonly #source: string;
  readonly #ends: Uint32Array;
  readonly #bases: Uint32Array;
  readonly #stops: Uint32Array;
  readonly #bitmaps: Uint32Array;
  readonly #highest: Uint16Array;
  readonly #widths: Uint8Array;
  /** Of the column that is read: where each value begins and ends. */
  readonly #froms: Int32Array;
  readonly #tos: Int32Array;
  /** No row has NULLs, all have ends of one byte and columns up to this one. */
  #plainHighest = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #rowCount = 0;

  /** A batch of up to `rowsMax` rows; `source` names the bytes in errors. */
  constructor(
    columns: readonly RowColumn[],
    rowsMax: number,
    source = "row",
  ) {
    this.#columns = columns.map(({ number, type, missing = null }) => ({
      number,
      type,
      kind: valueKindOf(type),
      missing,
    }));
    this.#source = source;
    this.#ends = new Uint32Array(rowsMax);
    this.#bases = new Uint32Array(rowsMax);
    this.#stops = new Uint32Array(rowsMax);
    this.#bitmaps = new Uint32Array(rowsMax);
    this.#highest = new Uint16Array(rowsMax);
    this.#widths = new Uint8Array(rowsMax);
    this.#froms = new Int32Array(rowsMax);
    this.#tos = new Int32Array(rowsMax);
  }

  /** How many rows there are. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /**
   * Takes the rows that are the values `first` to `end` of a run; those before
   * are gone. Valid as long as the run is.
   *
   * REQUIRES: at most as many as there is room for.
   *
   * @throws {KriyaError} `corrupt`.
   */
  take(run: RowBytes, first: number, end: number): void {
    const { values: bytes, valueStarts, valueEnds } = run;
    if (bytes !== this.#bytes) this.#setBytes(bytes);
    const rowCount = this.#rowCount = end - first;
    let plain = -1;
    let lastHeader = -1;
    let lastHighest = -1;
    let toEnds = 0;
    let toBase = 0;
    let toBitmap = 0;
    for (let row = 0; row < rowCount; row++) {
      const start = valueStarts[first + row]!;
      const stop = valueEnds[first + row]!;
      const header = bytes[start]!;
      let highest = bytes[start + 1]!;
      // Rows of a table are mostly of one shape.
      if (header !== lastHeader || highest !== lastHighest || highest >= 128) {
        if (
          stop - start < 2 || stop > bytes.length ||
          (header & VERSION_MASK) !== VERSION || header >= 0x80 ||
          (header >>> WIDTH_SHIFT & 3) === 3
        ) throw this.corrupt("bad header of a row", start);
        lastHeader = header;
        lastHighest = highest;
        let at = 2;
        if (highest >= 128) {
          highest = (highest & 127) | (bytes[start + at++]! << 7);
          if (highest > COLUMN_NUMBER_MAX) {
            throw this.corrupt(`row of ${highest} columns`, start);
          }
        }
        const hasNulls = (header & HAS_NULLS) !== 0;
        toBitmap = hasNulls ? at : 0;
        toEnds = hasNulls ? at + ((highest + 7) >>> 3) : at;
        toBase = toEnds + (highest << (header >>> WIDTH_SHIFT & 3));
        const isPlain = !hasNulls && (header >>> WIDTH_SHIFT & 3) === 0;
        plain = isPlain && (plain < 0 || plain === highest) ? highest : 0;
      }
      if (stop - start < toBase || stop > bytes.length) {
        throw this.corrupt(`row of ${highest} columns is cut short`, start);
      }
      this.#ends[row] = start + toEnds;
      this.#bases[row] = start + toBase;
      this.#stops[row] = stop;
      this.#bitmaps[row] = toBitmap === 0 ? 0 : start + toBitmap;
      this.#highest[row] = highest;
      this.#widths[row] = header >>> WIDTH_SHIFT & 3;
    }
    this.#plainHighest = Math.max(0, plain);
  }

  /**
   * The column at `index` of those read, for the rows `rows` (default all); its
   * other places hold anything.
   *
   * @throws {KriyaError} `corrupt`.
   */
  column(index: number, rows: Uint32Array | undefined): Column {
    const { number, type, kind, missing } = this.#columns[index]!;
    const count = rows === undefined ? this.#rowCount : rows.length;
    const isPlain = number <= this.#plainHighest;
    if (isPlain) this.#placePlain(number, rows, count);
    else this.#place(number, rows, count);
    return readColumn(
      { type, kind, missing },
      this,
      {
        froms: this.#froms,
        tos: this.#tos,
        rows,
        count,
        hasMarks: !isPlain,
      },
      this.#rowCount,
    );
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
    return this.#view;
  }

  /** An error that names the source and the byte. */
  corrupt(what: string, at: number): KriyaError {
    return new KriyaError(
      "corrupt",
      `Cannot read "${this.#source}" at byte ${at}: ${what}`,
    );
  }

  /** Where the values of a column are, in rows of the plain shape. */
  #placePlain(
    number: number,
    rows: Uint32Array | undefined,
    count: number,
  ): void {
    const bytes = this.#bytes;
    const ends = this.#ends;
    const bases = this.#bases;
    const stops = this.#stops;
    const froms = this.#froms;
    const tos = this.#tos;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      const base = bases[row]!;
      const end = ends[row]! + number - 1;
      const from = number === 1 ? base : base + bytes[end - 1]!;
      const to = base + bytes[end]!;
      if (from > to || to > stops[row]!) throw this.#misplaced(number, row);
      froms[i] = from;
      tos[i] = to;
    }
  }

  /** Where the values of a column are, in rows of any shape. */
  #place(number: number, rows: Uint32Array | undefined, count: number): void {
    const bytes = this.#bytes;
    const froms = this.#froms;
    const tos = this.#tos;
    const bit = number - 1;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      if (number > this.#highest[row]!) {
        froms[i] = MISSING_VALUE;
        continue;
      }
      const bitmap = this.#bitmaps[row]!;
      if (
        bitmap !== 0 &&
        ((bytes[bitmap + (bit >>> 3)]! >>> (bit & 7)) & 1) === 0
      ) {
        froms[i] = NULL_VALUE;
        continue;
      }
      const base = this.#bases[row]!;
      const from = number === 1 ? base : base + this.#end(row, number - 2);
      const to = base + this.#end(row, number - 1);
      if (from > to || to > this.#stops[row]!) {
        throw this.#misplaced(number, row);
      }
      froms[i] = from;
      tos[i] = to;
    }
  }

  /** Where the value at `index` ends, from the start of the values. */
  #end(row: number, index: number): number {
    const width = this.#widths[row]!;
    const place = this.#ends[row]! + (index << width);
    if (width === 0) return this.#bytes[place]!;
    return width === 1
      ? this.#view.getUint16(place, true)
      : this.#view.getUint32(place, true);
  }

  #misplaced(number: number, row: number): KriyaError {
    return this.corrupt(
      `column ${number} ends out of place`,
      this.#ends[row]!,
    );
  }

  #setBytes(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(
      bytes.buffer,
      bytes.byteOffset,
      bytes.byteLength,
    );
  }
}
