/**
 * The rows of one side of a join, by the values that must be equal. A NULL equals
 * nothing: such rows are kept, but no key finds them.
 *
 * @module
 */
import { type Chunk, type Column, isNull } from "../chunk/chunk.ts";
import type { DataType } from "../types/data_type.ts";
import { countOf } from "./column_tools.ts";
import { bytesOfKey, type RowKey, rowKey } from "./row_key.ts";
import { RowStore } from "./row_store.ts";
import type { RunState } from "./run_state.ts";
import type { HeldMemory } from "./spill/held_memory.ts";

/** About what a row takes beside its values, until that is known. */
const KEY_BYTES = 68;

/** Keeps rows by key; without keys, every row is a partner of every other. */
export class JoinTable {
  readonly #width: number;
  readonly #keyCount: number;
  readonly #store: RowStore;
  readonly #memory: HeldMemory;
  readonly #first = new Map<RowKey, number>();
  /** The next row with the same key, by row; -1 at the end. */
  #next = new Int32Array(0);
  #matched: Uint8Array | undefined;
  readonly #tracksMatches: boolean;
  #columns: readonly Column[] = [];
  #count = 0;
  #bytes = 0;

  /** A table of rows with columns and keys of these types. */
  constructor(
    types: readonly DataType[],
    keyTypes: readonly DataType[],
    tracksMatches: boolean,
    run: RunState,
    memory: HeldMemory,
  ) {
    this.#width = types.length;
    this.#keyCount = keyTypes.length;
    this.#tracksMatches = tracksMatches;
    this.#memory = memory;
    this.#store = new RowStore([...types, ...keyTypes], run, memory);
  }

  /** How many rows there are. */
  get count(): number {
    return this.#count;
  }

  /** The rows. */
  get columns(): readonly Column[] {
    return this.#columns;
  }

  /** Adds the rows of a chunk. */
  append(chunk: Chunk, keys: readonly Column[]): void {
    const { columns, selection, rowCount } = chunk;
    this.#store.append([...columns, ...keys], selection, rowCount);
    if (this.#keyCount > 0) {
      this.#take(KEY_BYTES * countOf(selection, rowCount));
    }
  }

  #take(bytes: number): void {
    this.#bytes += bytes;
    this.#memory.take(bytes);
  }

  /** The rows that were added and their keys; there are none afterwards. */
  takeRows(): {
    readonly columns: readonly Column[];
    readonly keys: readonly Column[];
    readonly rowCount: number;
  } {
    const rowCount = this.#store.count;
    const all = this.#store.take();
    this.#store.release();
    this.#take(-this.#bytes);
    const columns = all.slice(0, this.#width);
    return { columns, keys: all.slice(this.#width), rowCount };
  }

  /** Makes the rows findable; no more can be added. */
  finish(): void {
    const count = this.#store.count;
    const columns = this.#store.take();
    this.#count = count;
    this.#columns = columns.slice(0, this.#width);
    if (this.#tracksMatches) this.#matched = new Uint8Array(count);
    if (this.#keyCount === 0) return;
    const keys = columns.slice(this.#width);
    this.#next = new Int32Array(count).fill(-1);
    let bytes = 4 * count;
    // From the last to the first, so that partners come in order.
    for (let row = count - 1; row >= 0; row--) {
      if (hasNull(keys, row)) continue;
      const key = rowKey(keys, row);
      const next = this.#first.get(key);
      if (next === undefined) bytes += bytesOfKey(key);
      else this.#next[row] = next;
      this.#first.set(key, row);
    }
    this.#take(bytes - this.#bytes);
  }

  /** The first row whose key is that of row `row` of `keys`; -1 if none. */
  first(keys: readonly Column[], row: number): number {
    if (this.#keyCount === 0) return this.#count > 0 ? 0 : -1;
    if (hasNull(keys, row)) return -1;
    return this.#first.get(rowKey(keys, row)) ?? -1;
  }

  /** The next row with the same key; -1 if there is none. */
  after(row: number): number {
    if (this.#keyCount > 0) return this.#next[row]!;
    return row + 1 < this.#count ? row + 1 : -1;
  }

  /** Notes that a row has a partner. */
  match(row: number): void {
    if (this.#matched !== undefined) this.#matched[row] = 1;
  }

  /** Whether a row has a partner. */
  isMatched(row: number): boolean {
    return this.#matched?.[row] === 1;
  }

  /** Lets go of the rows. */
  release(): void {
    this.#store.release();
    this.#take(-this.#bytes);
    this.#first.clear();
    this.#columns = [];
    this.#matched = undefined;
    this.#count = 0;
  }
}

function hasNull(keys: readonly Column[], row: number): boolean {
  for (let i = 0; i < keys.length; i++) {
    if (isNull(keys[i]!, row)) return true;
  }
  return false;
}
