/**
 * Chunks kept beyond the call that gave them.
 *
 * @module
 */
import { type Chunk, valueAt } from "../chunk/chunk.ts";
import { bytesOf, gather } from "./column_tools.ts";
import type { RunState } from "./run_state.ts";

/** Keeps chunks, and accounts for them. */
export class KeptChunks {
  readonly #run: RunState;
  #chunks: Chunk[] = [];
  #bytes = 0;

  /** Nothing yet. */
  constructor(run: RunState) {
    this.#run = run;
  }

  /** The chunks, without selections. */
  get chunks(): readonly Chunk[] {
    return this.#chunks;
  }

  /** Keeps the selected rows of a chunk. */
  append({ columns, rowCount, selection }: Chunk): void {
    const rows = selection ??
      Uint32Array.from({ length: rowCount }, (_, i) => i);
    const kept = columns.map((column) => gather(column, rows));
    let bytes = 0;
    for (const column of kept) {
      if (column.type.storage !== "reference") {
        bytes += 8 * rows.length;
        continue;
      }
      for (let row = 0; row < rows.length; row++) {
        bytes += bytesOf(valueAt(column, row));
      }
    }
    this.#chunks.push({ columns: kept, rowCount: rows.length });
    this.#bytes += bytes;
    this.#run.account(bytes);
  }

  /** Lets go of them. */
  release(): void {
    this.#run.account(-this.#bytes);
    this.#bytes = 0;
    this.#chunks = [];
  }
}
