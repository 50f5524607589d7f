/**
 * The groups of an aggregation: which group each row of a chunk belongs to, and
 * the values that make the groups.
 *
 * @module
 */
import { type Column, ColumnBuilder, valueAt } from "../chunk/chunk.ts";
import type { DataType } from "../types/data_type.ts";
import { bytesOf, countOf } from "./column_tools.ts";
import { KeyIndex, keyStorageOf } from "./hashing/key_index.ts";

/** The rows of a chunk in one group. */
export interface GroupRows {
  readonly group: number;
  readonly rows: Uint32Array;
}

/** From how many rows a group on average it pays to part a chunk by groups. */
const ROWS_A_GROUP_MIN = 8;

/** Groups, numbered in the order they come. */
export class GroupTable {
  readonly #index: KeyIndex;
  readonly #keys: readonly ColumnBuilder[];
  /** How many rows of the current chunk each group has. */
  #rowsIn = new Uint32Array(64);
  #count = 0;
  #keyBytes = 0;

  /** A table of groups made by values of these types. */
  constructor(types: readonly DataType[]) {
    this.#keys = types.map((type) => new ColumnBuilder(type));
    this.#index = new KeyIndex(types.map((type) => keyStorageOf(type)));
  }

  /** How many groups there are. */
  get count(): number {
    return this.#count;
  }

  /** About how many bytes the table holds. */
  get bytes(): number {
    return this.#index.bytes + this.#keyBytes;
  }

  /**
   * The group of each of the rows, by row number. With `isClosed` there are no new
   * groups, and rows of others get -1.
   */
  groupsOf(
    columns: readonly Column[],
    rows: Uint32Array | undefined,
    rowCount: number,
    isClosed = false,
  ): Int32Array {
    const groups = new Int32Array(rowCount);
    this.#index.numbersOf(columns, rows, rowCount, groups, isClosed);
    if (this.#index.count > this.#count) {
      this.#keepKeys(columns, rows, rowCount, groups);
    }
    return groups;
  }

  /** Keeps the values that make the new groups. */
  #keepKeys(
    columns: readonly Column[],
    rows: Uint32Array | undefined,
    rowCount: number,
    groups: Int32Array,
  ): void {
    const count = countOf(rows, rowCount);
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      if (groups[row] !== this.#count) continue;
      this.#count++;
      for (let k = 0; k < columns.length; k++) {
        const value = valueAt(columns[k]!, row);
        this.#keyBytes += bytesOf(value);
        this.#keys[k]!.append(value);
      }
    }
  }

  /**
   * The rows by group, in order; absent where groups have too few rows each for
   * that to pay.
   */
  partsOf(
    groups: Int32Array,
    rows: Uint32Array | undefined,
    rowCount: number,
  ): GroupRows[] | undefined {
    if (this.#rowsIn.length < this.count) {
      this.#rowsIn = new Uint32Array(2 * this.count);
    }
    const rowsIn = this.#rowsIn;
    const count = countOf(rows, rowCount);
    const present: number[] = [];
    for (let i = 0; i < count; i++) {
      const group = groups[rows === undefined ? i : rows[i]!]!;
      if (rowsIn[group]!++ === 0) present.push(group);
    }
    const pays = present.length * ROWS_A_GROUP_MIN <= count;
    const parts = pays
      ? present.map((group) => ({
        group,
        rows: new Uint32Array(rowsIn[group]!),
      }))
      : undefined;
    // From here on: the place of the group's part, then nothing.
    present.forEach((group, part) => rowsIn[group] = part);
    if (parts !== undefined) {
      const filled = new Uint32Array(parts.length);
      for (let i = 0; i < count; i++) {
        const row = rows === undefined ? i : rows[i]!;
        const part = rowsIn[groups[row]!]!;
        parts[part]!.rows[filled[part]!++] = row;
      }
    }
    for (const group of present) rowsIn[group] = 0;
    return parts;
  }

  /** The values that make the groups, a row each. The table is done with. */
  finish(): Column[] {
    return this.#keys.map((builder) => builder.finish());
  }
}
