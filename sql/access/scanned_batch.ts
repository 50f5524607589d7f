/**
 * A batch of rows as a filter sees it: each column is read once, when it is first
 * asked for.
 *
 * @module
 */
import type { Column } from "../chunk/chunk.ts";
import type { RowBatch } from "../encoding/row_batch.ts";
import type { ScannedRows } from "./table_access.ts";

/** Rows that are looked at, see the module. */
export class ScannedBatch implements ScannedRows {
  readonly #batch: RowBatch;
  readonly #read: (Column | undefined)[];

  /** The rows of `batch`, which has `columnCount` columns. */
  constructor(batch: RowBatch, columnCount: number) {
    this.#batch = batch;
    this.#read = new Array(columnCount).fill(undefined);
  }

  get rowCount(): number {
    return this.#batch.rowCount;
  }

  column(index: number, rows: Uint32Array | undefined): Column {
    // A filter only ever wants fewer rows than before.
    return this.#read[index] ??= this.#batch.column(index, rows);
  }

  /** The batch has other rows now. */
  forget(): void {
    this.#read.fill(undefined);
  }
}
