/**
 * Chunks kept beyond the call that gave them: in memory, and in a file where they are
 * more than memory is for.
 *
 * @module
 */
import type { SpillFile } from "../access/temporary_files.ts";
import { type Chunk, type Column, valueAt } from "../chunk/chunk.ts";
import { bytesOf, gather } from "./column_tools.ts";
import type { OperatorUsage } from "./operator.ts";
import type { RunState } from "./run_state.ts";
import { type ChunkShape, chunkShape } from "./spill/chunk_bytes.ts";
import { HeldMemory, NOTHING_USED } from "./spill/held_memory.ts";
import { SpilledRows } from "./spill/spilled_rows.ts";

/** Keeps chunks, and accounts for them. */
export class KeptChunks {
  readonly #run: RunState;
  #memory: HeldMemory | undefined;
  #shape: ChunkShape | undefined;
  #file: SpillFile | undefined;
  /** The first chunks, a piece each. */
  #spilled: SpilledRows | undefined;
  /** Those behind them. */
  #chunks: Chunk[] = [];

  /** Nothing yet. */
  constructor(run: RunState) {
    this.#run = run;
  }

  /** How many chunks there are. */
  get count(): number {
    return (this.#spilled?.count ?? 0) + this.#chunks.length;
  }

  /** The chunk of that number, without selection; nothing behind the last. */
  chunk(index: number): Chunk | undefined {
    const spilled = this.#spilled?.count ?? 0;
    return index < spilled
      ? this.#spilled!.piece(index)
      : this.#chunks[index - spilled];
  }

  /** What was used so far. */
  get usage(): OperatorUsage {
    return this.#memory?.usage ?? NOTHING_USED;
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
    this.#memory ??= this.#newMemory(kept);
    this.#memory.take(bytes);
    if (this.#memory.isFull) this.#spill();
  }

  #newMemory(columns: readonly Column[]): HeldMemory {
    this.#shape = chunkShape(columns.map(({ type }) => type));
    return new HeldMemory(this.#run, this.#shape !== undefined);
  }

  /** Puts the chunks that are in memory into the file. */
  #spill(): void {
    const memory = this.#memory!;
    this.#file ??= memory.createFile();
    const spilled = this.#spilled ??= new SpilledRows(
      this.#shape!,
      this.#file,
      memory,
    );
    for (const { columns, rowCount } of this.#chunks) {
      spilled.write(
        columns,
        Uint32Array.from({ length: rowCount }, (_, i) => i),
      );
    }
    this.#chunks = [];
    memory.release();
  }

  /** Lets go of them. */
  release(): void {
    this.#memory?.release();
    this.#file?.close();
    this.#spilled = undefined;
    this.#chunks = [];
  }
}
