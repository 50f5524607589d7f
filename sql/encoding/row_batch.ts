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
 * | `#starts`, `#stops` | where it lies |
 * | `#ends` | where its ends begin |
 * | `#bases` | where its values begin |
 * | `#bitmaps` | where its bits of NULL begin; 0: no column is NULL |
 * | `#highest` | the highest column number written |
 * | `#widths` | the logarithm of the bytes that an end takes |
 *
 * Most rows of a table have no NULLs and one shape. Then the last five are the
 * same distances from the starts, and are not written down: all that is read of
 * a row beforehand is its first two bytes, one row after the other, so that the
 * processor waits for many of them at once.
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
  #starts: Uint32Array = new Uint32Array(0);
  #stops: Uint32Array = new Uint32Array(0);
  readonly #ends: Uint32Array;
  readonly #bases: Uint32Array;
  readonly #bitmaps: Uint32Array;
  readonly #highest: Uint16Array;
  readonly #widths: Uint8Array;
  /** Of the column that is read: where each value begins and ends. */
  readonly #froms: Int32Array;
  readonly #tos: Int32Array;
  /** Whether all rows have no NULLs, and these in common. */
  #isUniform = false;
  #uniformWidth = 0;
  #uniformHighest = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Made when it is asked for: few kinds need it. */
  #view: DataView | undefined;
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
    if (bytes !== this.#bytes) {
      this.#bytes = bytes;
      this.#view = undefined;
    }
    this.#starts = valueStarts.subarray(first, end);
    this.#stops = valueEnds.subarray(first, end);
    this.#rowCount = end - first;
    this.#isUniform = this.#rowCount > 0 && this.#takeUniform();
    if (!this.#isUniform) this.#takeAny();
  }

  /** Whether all rows have the shape of the first, and no NULLs. */
  #takeUniform(): boolean {
    const bytes = this.#bytes;
    const starts = this.#starts;
    const stops = this.#stops;
    const { length } = bytes;
    const header = bytes[starts[0]!]!;
    const highest = bytes[starts[0]! + 1]!;
    const width = header >>> WIDTH_SHIFT & 3;
    if (
      (header & VERSION_MASK) !== VERSION || header >= HAS_NULLS ||
      width > 1 || highest >= 128
    ) return false;
    const base = 2 + (highest << width);
    for (let row = 0; row < starts.length; row++) {
      const start = starts[row]!;
      const stop = stops[row]!;
      if (
        bytes[start] !== header || bytes[start + 1] !== highest ||
        stop - start < base || stop > length
      ) return false;
    }
    this.#uniformWidth = width;
    this.#uniformHighest = highest;
    return true;
  }

  #takeAny(): void {
    const bytes = this.#bytes;
    for (let row = 0; row < this.#rowCount; row++) {
      const start = this.#starts[row]!;
      const stop = this.#stops[row]!;
      const header = bytes[start]!;
      const width = header >>> WIDTH_SHIFT & 3;
      if (
        stop - start < 2 || stop > bytes.length ||
        (header & VERSION_MASK) !== VERSION || header >= 0x80 || width === 3
      ) throw this.corrupt("bad header of a row", start);
      let at = start + 1;
      let highest = bytes[at++]!;
      if (highest >= 128) highest = (highest & 127) | (bytes[at++]! << 7);
      const hasNulls = (header & HAS_NULLS) !== 0;
      const ends = hasNulls ? at + ((highest + 7) >>> 3) : at;
      const base = ends + (highest << width);
      if (base > stop || highest > COLUMN_NUMBER_MAX) {
        throw this.corrupt(`row of ${highest} columns is cut short`, start);
      }
      this.#ends[row] = ends;
      this.#bases[row] = base;
      this.#bitmaps[row] = hasNulls ? at : 0;
      this.#highest[row] = highest;
      this.#widths[row] = width;
    }
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
    const isThere = this.#isUniform && number <= this.#uniformHighest;
    if (isThere) this.#placeUniform(number, rows, count);
    else if (this.#isUniform) this.#froms.fill(MISSING_VALUE, 0, count);
    else this.#place(number, rows, count);
    return readColumn(
      { type, kind, missing },
      this,
      {
        froms: this.#froms,
        tos: this.#tos,
        rows,
        count,
        hasMarks: !isThere,
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
    return this.#view ??= viewOf(this.#bytes);
  }

  /** An error that names the source and the byte. */
  corrupt(what: string, at: number): KriyaError {
    return new KriyaError(
      "corrupt",
      `Cannot read "${this.#source}" at byte ${at}: ${what}`,
    );
  }

  /** Where the values of a column are, in rows of one shape. */
  #placeUniform(
    number: number,
    rows: Uint32Array | undefined,
    count: number,
  ): void {
    const bytes = this.#bytes;
    const starts = this.#starts;
    const stops = this.#stops;
    const froms = this.#froms;
    const tos = this.#tos;
    const width = this.#uniformWidth;
    const toBase = 2 + (this.#uniformHighest << width);
    const toEnd = 2 + ((number - 1) << width);
    const toLast = toEnd - (1 << width);
    const isFirst = number === 1;
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      const start = starts[row]!;
      let from = start + toBase;
      let to = from;
      if (width === 0) {
        if (!isFirst) from += bytes[start + toLast]!;
        to += bytes[start + toEnd]!;
      } else {
        if (!isFirst) {
          from += bytes[start + toLast]! | bytes[start + toLast + 1]! << 8;
        }
        to += bytes[start + toEnd]! | bytes[start + toEnd + 1]! << 8;
      }
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
      ? this.view.getUint16(place, true)
      : this.view.getUint32(place, true);
  }

  #misplaced(number: number, row: number): KriyaError {
    const what = `column ${number} ends out of place`;
    return this.corrupt(what, this.#starts[row]!);
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}
