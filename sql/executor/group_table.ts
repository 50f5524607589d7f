/**
 * The groups of an aggregation: which group each row of a chunk belongs to, and
 * the values that make the groups.
 *
 * @module
 */
import { type Column, ColumnBuilder, valueAt } from "../chunk/chunk.ts";
import type { DataType } from "../types/data_type.ts";
import { countOf } from "./column_tools.ts";
import { bytesOfKey, type RowKey, rowKey } from "./row_key.ts";

/** The rows of a chunk in one group. */
export interface GroupRows {
  readonly group: number;
  readonly rows: Uint32Array;
}

/** From how many rows a group on average it pays to part a chunk by groups. */
const ROWS_A_GROUP_MIN = 8;

/** Groups, numbered in the order they come. */
export class GroupTable {
  readonly #groups = new Map<RowKey, number>();
  readonly #keys: readonly ColumnBuilder[];
  /** How many rows of the current chunk each group has. */
  #rowsIn = new Uint32Array(64);
  #bytes = 0;

  /** A table of groups made by values of these types. */
  constructor(types: readonly DataType[]) {
    this.#keys = types.map((type) => new ColumnBuilder(type));
  }

  /** How many groups there are. */
  get count(): number {
    return this.#groups.size;
  }

  /** About how many bytes the table holds. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * The group of each of the rows, by row number. Calls `onGroup` for each new
   * group; with `isClosed` there are none, and rows of others get -1.
   */
  groupsOf(
    columns: readonly Column[],
    rows: Uint32Array | undefined,
    rowCount: number,
    onGroup: () => void,
    isClosed = false,
  ): Int32Array {
    const groups = new Int32Array(rowCount);
    const count = countOf(rows, rowCount);
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      const key = rowKey(columns, row);
      let group = this.#groups.get(key);
      if (group === undefined && isClosed) group = -1;
      if (group === undefined) {
        group = this.#groups.size;
        this.#groups.set(key, group);
        this.#bytes += bytesOfKey(key);
        for (let k = 0; k < columns.length; k++) {
          this.#keys[k]!.append(valueAt(columns[k]!, row));
        }
        onGroup();
      }
      groups[row] = group;
    }
    return groups;
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
    this.#groups.clear();
    return this.#keys.map((builder) => builder.finish());
  }
}
