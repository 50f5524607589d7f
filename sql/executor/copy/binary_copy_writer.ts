/**
 * Chunks to the rows that COPY … TO writes in the binary form; see
 * `binary_rows.ts`.
 *
 * @module
 */
import { type Chunk, selectedCount, valueAt } from "../../chunk/chunk.ts";
import { BinaryWriter } from "../../encoding/binary/binary_bytes.ts";
import { writeBinary } from "../../encoding/binary/binary_values.ts";
import type { DataType } from "../../types/data_type.ts";
import { COPY_SIGNATURE } from "./binary_rows.ts";

/** Writes chunks in the binary form. */
export class BinaryCopyWriter {
  readonly #types: readonly DataType[];
  readonly #writer = new BinaryWriter();

  /** A writer of rows with columns of these types. */
  constructor(types: readonly DataType[]) {
    this.#types = types;
  }

  /** What stands before the rows. */
  header(): Uint8Array {
    const writer = this.#writer;
    writer.raw(COPY_SIGNATURE);
    writer.i32(0);
    writer.i32(0);
    return this.#finish();
  }

  /** The selected rows. */
  lines(chunk: Chunk): Uint8Array {
    const { selection } = chunk;
    const count = selectedCount(chunk);
    for (let i = 0; i < count; i++) {
      this.#write(chunk, selection === undefined ? i : selection[i]!);
    }
    return this.#finish();
  }

  /** One row of a chunk. */
  row(chunk: Chunk, row: number): Uint8Array {
    this.#write(chunk, row);
    return this.#finish();
  }

  #write({ columns }: Chunk, row: number): void {
    const writer = this.#writer;
    writer.i16(columns.length);
    for (let column = 0; column < columns.length; column++) {
      const value = valueAt(columns[column]!, row);
      if (value === null) writer.i32(-1);
      else {
        writer.sized(() => writeBinary(writer, this.#types[column]!, value));
      }
    }
  }

  /** What stands behind the rows. */
  trailer(): Uint8Array {
    this.#writer.i16(-1);
    return this.#finish();
  }

  #finish(): Uint8Array {
    const bytes = this.#writer.finish();
    this.#writer.reset();
    return bytes;
  }
}
