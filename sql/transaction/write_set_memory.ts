/**
 * The memory that the write sets of all open transactions take together.
 *
 * A write set is in memory until its transaction ends (`docs/decisions/002`), so
 * it has a bound: half of what the database may take.
 *
 * @module
 */
import { MEMTABLE_BYTES_MAX } from "../../storage/memtable/entry_table.ts";
import { SqlError } from "../errors/sql_error.ts";

/** Bytes that a write takes besides its key and its value. */
export const WRITE_BYTES = 48;

/** Counts write sets. */
export class WriteSetMemory {
  readonly #bytesMax: () => number;
  #bytes = 0;

  /** Nobody has written; together they may take `bytesMax`. */
  constructor(bytesMax: () => number) {
    this.#bytesMax = bytesMax;
  }

  /** The bytes taken now. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Makes room for an entry of `length` bytes in a write set that has taken
   * `taken`; gives what it has taken then.
   *
   * @throws {SqlError} `53200` when it is too much.
   */
  take(length: number, taken: number): number {
    const bytes = length + WRITE_BYTES;
    const max = this.#bytesMax();
    if (this.#bytes + bytes > max || taken + bytes > MEMTABLE_BYTES_MAX) {
      throw new SqlError("53200", "out of memory", {
        detail:
          `The transaction has written ${taken} bytes; what open transactions have written may take ${
            Math.min(max, MEMTABLE_BYTES_MAX)
          } bytes.`,
        hint:
          "Commit in smaller parts, or set lsm_s3.max_memory_mb to a larger value.",
      });
    }
    this.#bytes += bytes;
    return taken + bytes;
  }

  /** A write set of so many bytes is gone. */
  release(taken: number): void {
    this.#bytes -= taken;
  }
}
