/**
 * The rows of one side of a join, by the values that must be equal. A NULL equals
 * nothing: such rows are kept, but no key finds them.
 *
 * @module
 */
import { type Chunk, type Column, isNull } from "../chunk/chunk.ts";
import type { DataType } from "../types/data_type.ts";
import { countOf, forEachRow, rowsWhere } from "./column_tools.ts";
import { KeyIndex, type KeyStorage } from "./hashing/key_index.ts";
import { RowStore } from "./row_store.ts";
import type { RunState } from "./run_state.ts";
import type { HeldMemory } from "./spill/held_memory.ts";

/** About what a row takes beside its values, until that is known. */
const KEY_BYTES = 40;

/** Keeps rows by key; without keys, every row is a partner of every other. */
export class JoinTable {
  readonly #width: number;
  readonly #keyCount: number;
  readonly #store: RowStore;
  readonly #memory: HeldMemory;
  /** The numbers of the keys, and the first row of each. */
  readonly #index: KeyIndex | undefined;
  #first = new Int32Array(0);
  /** The next row with the same key, by row; -1 at the end. */
  #next = new Int32Array(0);
  #matched: Uint8Array | undefined;
  readonly #tracksMatches: boolean;
  #columns: readonly Column[] = [];
  #count = 0;
  #bytes = 0;

  /**
   * A table of rows with columns and keys of these types; `keys` is how those of both
   * sides are kept.
   */
  constructor(
    types: readonly DataType[],
    keyTypes: readonly DataType[],
    keys: readonly KeyStorage[],
    tracksMatches: boolean,
    run: RunState,
    memory: HeldMemory,
  ) {
    this.#width = types.length;
    this.#keyCount = keyTypes.length;
    this.#tracksMatches = tracksMatches;
    this.#memory = memory;
    this.#index = keys.length === 0 ? undefined : new KeyIndex(keys);
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
    const index = this.#index;
    if (index === undefined) return;
    const keys = columns.slice(this.#width);
    const rows = rowsWithoutNull(keys, undefined, count);
    const numbers = new Int32Array(count);
    index.numbersOf(keys, rows, count, numbers, false);
    this.#first = new Int32Array(index.count).fill(-1);
    this.#next = new Int32Array(count).fill(-1);
    // From the last to the first, so that partners come in order.
    for (let i = countOf(rows, count) - 1; i >= 0; i--) {
      const row = rows === undefined ? i : rows[i]!;
      const number = numbers[row]!;
      this.#next[row] = this.#first[number]!;
      this.#first[number] = row;
    }
    this.#take(index.bytes + 4 * (index.count + count) - this.#bytes);
  }

  /** The first partner of each of the rows with these keys, by row; -1 if none. */
  firstOf(
    keys: readonly Column[],
    selection: Uint32Array | undefined,
    rowCount: number,
  ): Int32Array {
    const partners = new Int32Array(rowCount);
    if (this.#index === undefined) {
      return partners.fill(this.#count > 0 ? 0 : -1);
    }
    // No row with NULL has a number here: such keys are not found.
    this.#index.numbersOf(keys, selection, rowCount, partners, true);
    const first = this.#first;
    forEachRow(selection, rowCount, (row) => {
      const number = partners[row]!;
      if (number >= 0) partners[row] = first[number]!;
    });
    return partners;
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
    this.#first = new Int32Array(0);
    this.#columns = [];
    this.#matched = undefined;
    this.#count = 0;
  }
}

/** The rows whose keys are all there; absent where those are all rows. */
function rowsWithoutNull(
  keys: readonly Column[],
  selection: Uint32Array | undefined,
  rowCount: number,
): Uint32Array | undefined {
  if (keys.every(({ validity }) => validity === undefined)) return selection;
  return rowsWhere(
    selection,
    rowCount,
    (row) => keys.every((key) => !isNull(key, row)),
  );
}
