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

/** Rows that came, in the account of a run's memory. */
export class SeenRows {
  readonly #run: RunState;
  readonly #seen = new Set<RowKey>();
  #bytes = 0;

  /** None yet. */
  constructor(run: RunState) {
    this.#run = run;
  }

  /** The rows of a chunk that did not come before; `undefined` for none. */
  take({ columns, rowCount, selection }: Chunk): Chunk | undefined {
    let bytes = 0;
    const rows = rowsWhere(selection, rowCount, (row) => {
      const key = rowKey(columns, row);
      if (this.#seen.has(key)) return false;
      this.#seen.add(key);
      bytes += bytesOfKey(key);
      return true;
    });
    this.#bytes += bytes;
    this.#run.account(bytes);
    if (rows.length === 0) return undefined;
    return { columns, rowCount, selection: rows };
  }

  /** Forgets them. */
  clear(): void {
    this.#seen.clear();
    this.#run.account(-this.#bytes);
    this.#bytes = 0;
  }
}
