/**
 * The memory that the write sets of all open transactions take together.
 *
 * A write set has a bound of its own (`kriya.write_set_mem`), and all together
 * have one: half of what the database may take. Beyond its own, it goes on in
 * temporary files; beyond that of all, the largest does, whoever asks.
 *
 * @module
 */
import { MEMTABLE_BYTES_MAX } from "../../storage/memtable/entry_table.ts";
import type { SpillFiles } from "../../storage/spill/spill_space.ts";
import { SqlError } from "../errors/sql_error.ts";

/** Bytes that a write takes besides its key and its value. */
export const WRITE_BYTES = 48;

/** What is worth a run of its own, in bytes. */
const SPILL_BYTES_MIN = 64 * 1024;

/** Where a write set goes on, and when. */
export interface WriteSetSpill {
  /** The temporary files of its session. */
  readonly files: SpillFiles;
  /** Bytes that it may take in memory. */
  readonly bytesMax: number;
}

/** A write set as the memory sees it. */
export interface Spillable {
  /** The bytes that it has taken, of those that can be written out. */
  taken: number;
  /** The bytes that it may take, unless it cannot be written out. */
  readonly takenMax: number;
  /**
   * Gives memory back by writing out; false where there is nothing, or no
   * place, to write.
   *
   * @throws {KriyaError} `53100`, `53400`.
   */
  spill(): boolean;
}

/** Counts write sets. */
export class WriteSetMemory {
  readonly #bytesMax: () => number;
  readonly #sets = new Set<Spillable>();
  #bytes = 0;

  /** Nobody has written; together they may take `bytesMax`. */
  constructor(bytesMax: () => number) {
    this.#bytesMax = bytesMax;
  }

  /** The bytes taken now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Somebody has begun to write. */
  add(set: Spillable): void {
    this.#sets.add(set);
  }

  /** Somebody has ended. */
  remove(set: Spillable): void {
    this.#sets.delete(set);
  }

  /**
   * Makes room for an entry of `length` bytes in a write set, and counts it.
   *
   * @throws {SqlError} `53200` when it is too much.
   */
  take(length: number, set: Spillable): void {
    const bytes = length + WRITE_BYTES;
    if (
      this.#bytes + bytes > this.#bytesMax() ||
      set.taken + bytes > set.takenMax
    ) this.#makeRoom(bytes, set);
    this.#bytes += bytes;
    set.taken += bytes;
  }

  #makeRoom(bytes: number, set: Spillable): void {
    if (set.taken + bytes > set.takenMax) {
      set.spill();
    }
    const max = this.#bytesMax();
    while (this.#bytes + bytes > max && this.#spillLargest(set)) {
      // There may be room now.
    }
    const most = Math.min(max, MEMTABLE_BYTES_MAX);
    if (
      this.#bytes + bytes <= max && set.taken + bytes <= MEMTABLE_BYTES_MAX
    ) return;
    throw new SqlError("53200", "out of memory", {
      detail:
        `The transaction has written ${set.taken} bytes; what open transactions have written may take ${most} bytes.`,
      hint:
        "Commit in smaller parts, set lsm_s3.max_memory_mb to a larger value, or open the database with temporaryFiles in a folder that it may write to.",
    });
  }

  /** Whether the largest write set that can be was written out. */
  #spillLargest(asking: Spillable): boolean {
    const sets = [...this.#sets].filter(({ taken }) => taken > SPILL_BYTES_MIN)
      .sort((a, b) => b.taken - a.taken);
    for (const set of sets) {
      const { taken } = set;
      try {
        if (set.spill() && set.taken < taken) return true;
      } catch (error) {
        // What ails the files of others is for them to hear.
        if (set === asking) throw error;
      }
    }
    return false;
  }

  /** A write set gives back so many bytes. */
  release(bytes: number): void {
    this.#bytes -= bytes;
  }
}
