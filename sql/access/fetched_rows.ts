/**
 * Rows that are read one by one, put together into a chunk.
 *
 * @module
 */
import { ColumnBuilder } from "../chunk/chunk.ts";
import type { RowCodec, RowReader } from "../encoding/row_encoding.ts";
import type { DataType } from "../types/data_type.ts";
import type { LocatedChunk } from "./table_access.ts";

/** Reads certain columns of a table's rows. */
export interface ColumnsReader {
  readonly codec: RowCodec;
  readonly rows: RowReader;
  readonly types: readonly DataType[];
}

/** Rows of one chunk. */
export class FetchedRows {
  readonly #reader: RowReader;
  readonly #builders: readonly ColumnBuilder[];
  readonly #locators: Float64Array;
  #count = 0;

  /** Room for up to `rowsMax` rows. */
  constructor({ rows, types }: ColumnsReader, rowsMax: number) {
    this.#reader = rows;
    this.#builders = types.map((type) => new ColumnBuilder(type, rowsMax));
    this.#locators = new Float64Array(rowsMax);
  }

  /** Adds the row that lies in `bytes`. */
  add(locator: number, bytes: Uint8Array): void {
    this.#reader.decodeInto(bytes, 0, bytes.length, this.#builders);
    this.#locators[this.#count++] = locator;
  }

  /** The chunk; nothing can be added afterwards. */
  finish(): LocatedChunk {
    const rowCount = this.#count;
    return {
      chunk: {
        columns: this.#builders.map((builder) => builder.finish()),
        rowCount,
      },
      locators: this.#locators.subarray(0, rowCount),
    };
  }
}
