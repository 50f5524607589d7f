/**
 * The rows that came so far, each once: what DISTINCT, and a recursion with
 * UNION, leave out when they come again.
 *
 * @module
 */
import type { Chunk } from "../chunk/chunk.ts";
import { rowsWhere } from "./column_tools.ts";
import { bytesOfKey, type RowKey, rowKey } from "./row_key.ts";
import type { RunState } from "./run_state.ts";
import { HeldMemory } from "./spill/held_memory.ts";
import type { Partitions } from "./spill/partitions.ts";

/** Rows that came, in the account of a run's memory. */
export class SeenRows {
  readonly #memory: HeldMemory;
  readonly #seen = new Set<RowKey>();
  #overflow: Partitions | undefined;
  #bytes = 0;

  /** None yet; what they take is part of `memory`, where it is given. */
  constructor(run: RunState, memory: HeldMemory = new HeldMemory(run)) {
    this.#memory = memory;
  }

  /** From now on rows that did not come before go into `overflow`. */
  overflowInto(overflow: Partitions): void {
    this.#overflow = overflow;
  }

  /** The rows of a chunk that did not come before; `undefined` for none. */
  take({ columns, rowCount, selection }: Chunk): Chunk | undefined {
    const overflow = this.#overflow;
    if (overflow !== undefined) {
      const others = rowsWhere(
        selection,
        rowCount,
        (row) => !this.#seen.has(rowKey(columns, row)),
      );
      const keyOf = (row: number): RowKey => rowKey(columns, row);
      overflow.add(columns, others, rowCount, keyOf);
      return undefined;
    }
    let bytes = 0;
    const rows = rowsWhere(selection, rowCount, (row) => {
      const key = rowKey(columns, row);
      if (this.#seen.has(key)) return false;
      this.#seen.add(key);
      bytes += bytesOfKey(key);
      return true;
    });
    this.#bytes += bytes;
    this.#memory.take(bytes);
    if (rows.length === 0) return undefined;
    return { columns, rowCount, selection: rows };
  }

  /** Forgets them. */
  clear(): void {
    this.#seen.clear();
    this.#memory.take(-this.#bytes);
    this.#bytes = 0;
    this.#overflow = undefined;
  }
}
