/**
 * Rows in a temporary file, in pieces of at most a chunk, in the order they came.
 *
 * Pieces are small where rows are large: whoever reads several at once holds one
 * piece of each. Several may share a file.
 *
 * @module
 */
import type { SpillFile } from "../../access/temporary_files.ts";
import { type Chunk, CHUNK_ROWS, type Column } from "../../chunk/chunk.ts";
import type { Nullable } from "../../types/data_type.ts";
import { bytesOf, countOf } from "../column_tools.ts";
import type { Operator } from "../operator.ts";
import { type ChunkShape, decodeRows, encodeRows } from "./chunk_bytes.ts";
import type { HeldMemory } from "./held_memory.ts";

/** About how many bytes of values a piece has. */
export const PIECE_BYTES: number = 64 * 1024;

/** Rows in a file. */
export class SpilledRows {
  readonly #shape: ChunkShape;
  readonly #file: SpillFile;
  readonly #memory: HeldMemory;
  /** Where each piece begins. */
  readonly #pieces: number[] = [];
  #rowCount = 0;

  /** No rows yet in `file`; what is written counts for `memory`. */
  constructor(shape: ChunkShape, file: SpillFile, memory: HeldMemory) {
    this.#shape = shape;
    this.#file = file;
    this.#memory = memory;
  }

  /** How many rows there are. */
  get rowCount(): number {
    return this.#rowCount;
  }

  /** How many pieces there are. */
  get count(): number {
    return this.#pieces.length;
  }

  /** Adds rows of columns, all below `rowCount` where `rows` is absent. */
  append(
    columns: readonly Column[],
    rows: Uint32Array | undefined,
    rowCount: number,
  ): void {
    const count = countOf(rows, rowCount);
    const all = rows ?? Uint32Array.from({ length: count }, (_, i) => i);
    const sized = columns.filter(({ type }) => type.storage === "reference");
    const fixed = 8 * (columns.length - sized.length);
    let from = 0;
    let size = 0;
    for (let i = 0; i < count; i++) {
      size += fixed;
      for (const { values } of sized) {
        size += bytesOf(values[all[i]!] as Nullable);
      }
      if (size < PIECE_BYTES && i + 1 - from < CHUNK_ROWS) continue;
      this.write(columns, all.subarray(from, i + 1));
      from = i + 1;
      size = 0;
    }
    if (from < count) this.write(columns, all.subarray(from));
  }

  /** Adds rows as one piece, whatever its size. */
  write(columns: readonly Column[], rows: Uint32Array): void {
    const bytes = encodeRows(this.#shape, columns, rows);
    this.#memory.spilled(bytes.length);
    this.#pieces.push(this.#file.append(bytes));
    this.#rowCount += rows.length;
  }

  /** The piece of that number. */
  piece(index: number): Chunk {
    return decodeRows(this.#shape, this.#file.read(this.#pieces[index]!));
  }

  /** Its rows, from the first, as an operator gives them. */
  read(): Operator {
    let next = 0;
    return {
      next: () => next < this.count ? this.piece(next++) : undefined,
      close: () => {
        next = this.count;
      },
    };
  }
}
