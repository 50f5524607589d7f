/**
 * Rows in the order of a window: its partitions, and the rows that are peers
 * (equal in ORDER BY; all of a partition where there is none).
 *
 * @module
 */
import type { Column } from "../../chunk/chunk.ts";
import type { CompareRows } from "../row_order.ts";

/** A partition: rows from `start` to before `end`. */
export interface Partition {
  readonly start: number;
  readonly end: number;
}

/** The rows of a window's input, in order. */
export interface OrderedRows {
  readonly rowCount: number;
  readonly partitionKeys: readonly Column[];
  readonly orderKeys: readonly Column[];
}

/** Which rows are peers. */
export class Peers {
  /** The partitions, in order. */
  readonly partitions: readonly Partition[];
  /** The first row of each row's peer group. */
  readonly starts: Int32Array;
  /** The row behind each row's peer group. */
  readonly ends: Int32Array;
  /** The number of each row's peer group, from 0 in each partition. */
  readonly groups: Int32Array;

  /** The partitions and peers of `rows`, where keys compare as these do. */
  constructor(
    { rowCount, partitionKeys, orderKeys }: OrderedRows,
    comparePartitions: CompareRows,
    compareOrders: CompareRows,
  ) {
    this.starts = new Int32Array(rowCount);
    this.ends = new Int32Array(rowCount);
    this.groups = new Int32Array(rowCount);
    const partitions: Partition[] = [];
    let start = 0;
    let groupStart = 0;
    let group = 0;
    for (let row = 1; row <= rowCount; row++) {
      const isLast = row === rowCount ||
        comparePartitions(partitionKeys, row - 1, partitionKeys, row) !== 0;
      if (!isLast && compareOrders(orderKeys, row - 1, orderKeys, row) === 0) {
        continue;
      }
      this.starts.fill(groupStart, groupStart, row);
      this.ends.fill(row, groupStart, row);
      this.groups.fill(group++, groupStart, row);
      groupStart = row;
      if (!isLast) continue;
      partitions.push({ start, end: row });
      start = row;
      group = 0;
    }
    this.partitions = partitions;
  }
}
