/**
 * The groups of one grouping set, and their aggregates.
 *
 * @module
 */
import { type Chunk, type Column, ColumnBuilder } from "../chunk/chunk.ts";
import type { DataType } from "../types/data_type.ts";
import { int4 } from "../types/int_types.ts";
import {
  AggregateColumn,
  type ChunkGroups,
  type CompiledAggregate,
} from "./aggregate_column.ts";
import { constantColumn, rowsWhere } from "./column_tools.ts";
import { GroupTable } from "./group_table.ts";
import { rowKey } from "./row_key.ts";
import type { RunState } from "./run_state.ts";
import type { Partitions } from "./spill/partitions.ts";
import type { SpilledRows } from "./spill/spilled_rows.ts";

/** What all sets of an aggregation have in common. */
export interface GroupingShape {
  /** The types of all groups, those of the other sets too. */
  readonly types: readonly DataType[];
  readonly aggregates: readonly CompiledAggregate[];
  /** GROUPINGs: the groups that each asks for. */
  readonly groupings: readonly (readonly number[])[];
}

/** A set while rows come. */
export class GroupingSet {
  /** The groups that it is of, by number. */
  readonly members: readonly number[];
  readonly #shape: GroupingShape;
  readonly #table: GroupTable;
  readonly #aggregates: readonly AggregateColumn[];
  #count = 0;
  /** Rows of groups that came when there was no room for more. */
  #overflow: Partitions | undefined;

  /** No groups yet; one where it is of no group. */
  constructor(shape: GroupingShape, members: readonly number[], run: RunState) {
    this.#shape = shape;
    this.members = members;
    this.#table = new GroupTable(members.map((group) => shape.types[group]!));
    this.#aggregates = shape.aggregates.map((aggregate) =>
      new AggregateColumn(aggregate, run, members.length > 0)
    );
    if (members.length === 0) this.#growTo(1);
  }

  /** How many groups there are. */
  get count(): number {
    return this.#count;
  }

  /**
   * Takes the rows of a chunk; `keys` are all groups' values. Returns about how
   * many bytes more it holds.
   */
  take(chunk: Chunk, keys: readonly Column[]): number {
    if (this.members.length === 0) {
      return this.#step(chunk, { groups: undefined, parts: undefined });
    }
    const { selection, rowCount } = chunk;
    const own = this.members.map((group) => keys[group]!);
    const bytesBefore = this.#table.bytes;
    const groups = this.#table.groupsOf(
      own,
      selection,
      rowCount,
      this.#overflow !== undefined,
    );
    this.#growTo(this.#table.count);
    const rest = this.#withinGroups(chunk, own, groups);
    const parts = this.#aggregates.every(({ isGrouped }) => isGrouped)
      ? undefined
      : this.#table.partsOf(groups, rest.selection, rowCount);
    return this.#table.bytes - bytesBefore +
      this.#step(rest, { groups, parts });
  }

  #step(chunk: Chunk, into: ChunkGroups): number {
    let bytes = 0;
    for (const aggregate of this.#aggregates) {
      aggregate.step(chunk, chunk.selection, into);
      bytes += aggregate.takenBytes();
    }
    return bytes;
  }

  /** The rows of a chunk that are of groups; the others go into the overflow. */
  #withinGroups(
    chunk: Chunk,
    keys: readonly Column[],
    groups: Int32Array,
  ): Chunk {
    if (this.#overflow === undefined) return chunk;
    const { columns, selection, rowCount } = chunk;
    const others = rowsWhere(selection, rowCount, (row) => groups[row]! < 0);
    if (others.length === 0) return chunk;
    this.#overflow.add(columns, others, rowCount, (row) => rowKey(keys, row));
    return {
      columns,
      rowCount,
      selection: rowsWhere(selection, rowCount, (row) => groups[row]! >= 0),
    };
  }

  /** Takes no more groups: rows of others go into `overflow`. */
  overflowInto(overflow: () => Partitions): void {
    if (this.members.length > 0) this.#overflow ??= overflow();
  }

  /** The rows of groups that it did not take, parted by group. */
  takeOverflow(): readonly SpilledRows[] {
    const parts = this.#overflow?.finish() ?? [];
    this.#overflow?.release();
    this.#overflow = undefined;
    return parts;
  }

  /** The results: groups, NULL where they are of other sets; aggregates; bits. */
  finish(): Column[] {
    const count = this.#count;
    const { types, groupings } = this.#shape;
    const own = this.#table.finish();
    const groups = types.map((type, group) => {
      const place = this.members.indexOf(group);
      return place < 0 ? constantColumn(type, null, count) : own[place]!;
    });
    return [
      ...groups,
      ...this.#aggregates.map((aggregate) => aggregate.finish()),
      ...groupings.map((asked) => this.#bits(asked)),
    ];
  }

  /** A bit for each group asked for, the last the lowest: set if it is not here. */
  #bits(asked: readonly number[]): Column {
    const bits = asked.reduce(
      (sum, group) => 2 * sum + (this.members.includes(group) ? 0 : 1),
      0,
    );
    const builder = new ColumnBuilder(int4, this.#count);
    for (let i = 0; i < this.#count; i++) builder.appendNumber(bits);
    return builder.finish();
  }

  #growTo(count: number): void {
    if (count === this.#count) return;
    this.#count = count;
    for (const aggregate of this.#aggregates) aggregate.growTo(count);
  }
}
