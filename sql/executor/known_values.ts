/**
 * Values of a query in an expression, by what it took from around it: rows that are
 * alike there ask once.
 *
 * Where rows are hardly ever alike, nothing is kept any more: after a thousand values
 * of which less than a tenth was asked for again.
 *
 * @module
 */
import type { Nullable } from "../types/data_type.ts";
import { bytesOf } from "./column_tools.ts";
import { bytesOfKey, type RowKey } from "./row_key.ts";
import type { RunState } from "./run_state.ts";
import { HeldMemory } from "./spill/held_memory.ts";

/** After how many values it is seen whether keeping them pays. */
const TRIAL = 1000;

/** How many values there are at most. */
const COUNT_MAX = 100_000;

/** How many bytes they take at most. */
const BYTES_MAX = 8 * 1024 * 1024;

/** Values that are known. */
export class KnownValues {
  readonly #memory: HeldMemory;
  readonly #values = new Map<RowKey, Nullable>();
  #hits = 0;
  #isOff = false;

  /** None yet. */
  constructor(run: RunState) {
    this.#memory = new HeldMemory(run);
  }

  /** The value for a key; `undefined` if it is not known. */
  get(key: RowKey): Nullable | undefined {
    const value = this.#values.get(key);
    if (value !== undefined) this.#hits++;
    return value;
  }

  /** Keeps a value, while that pays. */
  keep(key: RowKey, value: Nullable): void {
    if (this.#isOff) return;
    const count = this.#values.size;
    if (count === TRIAL && this.#hits * 10 < TRIAL) {
      this.#isOff = true;
      this.release();
      return;
    }
    const bytes = bytesOfKey(key) + bytesOf(value);
    if (count >= COUNT_MAX || this.#memory.bytes + bytes > BYTES_MAX) return;
    this.#memory.take(bytes);
    this.#values.set(key, value);
  }

  /** Lets go of them. */
  release(): void {
    this.#values.clear();
    this.#memory.release();
  }
}
