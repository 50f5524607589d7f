/**
 * The left side of a join whose right side is read in blocks: its rows in a file, read
 * once for each block, and which of them have a partner so far.
 *
 * @module
 */
import type { SpillFile } from "../../access/temporary_files.ts";
import type { Chunk } from "../../chunk/chunk.ts";
import type { ChunkShape } from "./chunk_bytes.ts";
import type { HeldMemory } from "./held_memory.ts";
import { SpilledRows } from "./spilled_rows.ts";

/** Rows that are read again and again. */
export class LeftRows {
  readonly #memory: HeldMemory;
  readonly #file: SpillFile;
  readonly #rows: SpilledRows;
  readonly #matched: Uint8Array[] = [];
  #next = 0;

  /** No rows yet. */
  constructor(shape: ChunkShape, memory: HeldMemory) {
    this.#memory = memory;
    this.#file = memory.createFile();
    this.#rows = new SpilledRows(shape, this.#file, memory);
  }

  /** Adds the rows of a chunk. */
  append({ columns, selection, rowCount }: Chunk): void {
    this.#rows.append(columns, selection, rowCount);
  }

  /** Begins with the first row again. */
  rewind(): void {
    this.#next = 0;
  }

  /** The next rows; nothing at the end. */
  next(): Chunk | undefined {
    if (this.#next === this.#rows.count) return undefined;
    const chunk = this.#rows.piece(this.#next);
    if (this.#matched.length === this.#next) {
      this.#matched.push(new Uint8Array(chunk.rowCount));
      this.#memory.take(chunk.rowCount);
    }
    this.#next++;
    return chunk;
  }

  /** Which rows of the chunk that came last have a partner. */
  get matched(): Uint8Array {
    return this.#matched[this.#next - 1]!;
  }

  /** Lets go of them. */
  close(): void {
    this.#file.close();
  }
}
