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
import { constantColumn } from "./column_tools.ts";
import { GroupTable } from "./group_table.ts";
import type { RunState } from "./run_state.ts";

/** About what the state of one aggregate of one group takes. */
const STATE_BYTES = 96;

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

  /** No groups yet; one where it is of no group. */
  constructor(shape: GroupingShape, members: readonly number[], run: RunState) {
    this.#shape = shape;
    this.members = members;
    this.#table = new GroupTable(members.map((group) => shape.types[group]!));
    this.#aggregates = shape.aggregates.map((aggregate) =>
      new AggregateColumn(aggregate, run)
    );
    if (members.length === 0) this.#addGroup();
  }

  /** How many groups there are. */
  get count(): number {
    return this.#count;
  }

  /** Takes the rows of a chunk; `keys` are all groups' values. Returns bytes. */
  take(chunk: Chunk, keys: readonly Column[]): number {
    const { selection, rowCount } = chunk;
    const before = this.#count;
    const bytesBefore = this.#table.bytes;
    let into: ChunkGroups = { groups: undefined, parts: undefined };
    if (this.members.length > 0) {
      const groups = this.#table.groupsOf(
        this.members.map((group) => keys[group]!),
        selection,
        rowCount,
        () => this.#addGroup(),
      );
      const parts = this.#aggregates.length === 0
        ? undefined
        : this.#table.partsOf(groups, selection, rowCount);
      into = { groups, parts };
    }
    let bytes = this.#table.bytes - bytesBefore +
      (this.#count - before) * STATE_BYTES * (1 + this.#aggregates.length);
    for (const aggregate of this.#aggregates) {
      aggregate.step(chunk, selection, into);
      bytes += aggregate.takenBytes();
    }
    return bytes;
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

  #addGroup(): void {
    this.#count++;
    for (const aggregate of this.#aggregates) aggregate.addGroup();
  }
}
