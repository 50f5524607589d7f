/**
 * Rows kept by an operator: columns that grow, in the order rows came.
 *
 * @module
 */
import {
  type Chunk,
  type Column,
  ColumnBuilder,
  valueAt,
} from "../chunk/chunk.ts";
import type { DataType } from "../types/data_type.ts";
import { bytesOf, gather } from "./column_tools.ts";
import type { RunState } from "./run_state.ts";
import { HeldMemory } from "./spill/held_memory.ts";

/** Keeps rows. */
export class RowStore {
  readonly #types: readonly DataType[];
  readonly #memory: HeldMemory;
  #builders: ColumnBuilder[];
  #count = 0;
  #bytes = 0;

  /**
   * A store of rows with columns of these types; what they take is part of
   * `memory`, where it is given.
   */
  constructor(
    types: readonly DataType[],
    run: RunState,
    memory: HeldMemory = new HeldMemory(run),
  ) {
    this.#types = types;
    this.#memory = memory;
    this.#builders = this.#newBuilders();
  }

  /** How many rows there are. */
  get count(): number {
    return this.#count;
  }

  /** About how many bytes they take. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds rows of `columns`, all below `rowCount` where `rows` is absent. */
  append(
    columns: readonly Column[],
    rows: Uint32Array | undefined,
    rowCount: number,
  ): void {
    const count = rows === undefined ? rowCount : rows.length;
    let bytes = 0;
    for (let c = 0; c < columns.length; c++) {
      const column = columns[c]!;
      const builder = this.#builders[c]!;
      const sized = column.type.storage === "reference";
      if (!sized) bytes += 8 * count;
      for (let i = 0; i < count; i++) {
        const value = valueAt(column, rows === undefined ? i : rows[i]!);
        if (sized) bytes += bytesOf(value);
        builder.append(value);
      }
    }
    this.#count += count;
    this.#bytes += bytes;
    this.#memory.take(bytes);
  }

  /** Adds the selected rows of a chunk. */
  appendChunk(chunk: Chunk): void {
    this.append(chunk.columns, chunk.selection, chunk.rowCount);
  }

  /**
   * The columns as they are. The store is empty afterwards: what it held is
   * the caller's.
   */
  take(): Column[] {
    const columns = this.#builders.map((builder) => builder.finish());
    this.#builders = this.#newBuilders();
    this.#count = 0;
    return columns;
  }

  /** Puts back rows that were taken: `rows` of `columns`, in that order. */
  restore(columns: readonly Column[], rows: Uint32Array): void {
    this.#memory.take(-this.#bytes);
    this.#bytes = 0;
    this.append(
      columns.map((column) => gather(column, rows)),
      undefined,
      rows.length,
    );
  }

  /** Says that what was held is let go of. */
  release(): void {
    this.#memory.take(-this.#bytes);
    this.#bytes = 0;
  }

  #newBuilders(): ColumnBuilder[] {
    return this.#types.map((type) => new ColumnBuilder(type));
  }
}
