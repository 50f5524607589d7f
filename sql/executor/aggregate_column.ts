/**
 * One aggregate of an aggregation: its states, one a group.
 *
 * A group with many rows in a chunk is given to the aggregate's column form;
 * rows are taken one by one where groups are small, and where the aggregate is
 * DISTINCT or has an order of its own.
 *
 * @module
 */
import type { BoundAggregate } from "../analyzer/bound_expression.ts";
import {
  type Chunk,
  type Column,
  ColumnBuilder,
  isNull,
  valueAt,
} from "../chunk/chunk.ts";
import type { AggregateState, GroupStates } from "../functions/registry.ts";
import type { Nullable } from "../types/data_type.ts";
import type { CommonExpressions } from "./common_expressions.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { bytesOf, countOf, forEachRow, trueRows } from "./column_tools.ts";
import { compileExpression, type Layout } from "./expression_compiler.ts";
import type { GroupRows } from "./group_table.ts";
import { isOrdered, OrderedState } from "./ordered_state.ts";
import { bytesOfKey, type RowKey, rowKey } from "./row_key.ts";
import type { RunState } from "./run_state.ts";

/** About what the state of one group takes, where it is an object. */
const STATE_BYTES = 96;

/** From how many rows on the column form pays. */
const COLUMN_ROWS_MIN = 8;

/** A compiled aggregate. */
export interface CompiledAggregate {
  readonly bound: BoundAggregate;
  readonly args: readonly ColumnExpression[];
  /** The keys of its ORDER BY. */
  readonly keys: readonly ColumnExpression[];
  readonly filter: ColumnExpression | undefined;
}

/** Compiles an aggregate. */
export function compileAggregate(
  bound: BoundAggregate,
  layout: Layout,
  common?: CommonExpressions,
): CompiledAggregate {
  const compile = (
    expression: Parameters<typeof compileExpression>[0],
  ): ColumnExpression => compileExpression(expression, layout, common);
  return {
    bound,
    args: bound.args.map(compile),
    keys: bound.orderBy.map(({ expression }) => compile(expression)),
    filter: bound.filter === undefined ? undefined : compile(bound.filter),
  };
}

/** Where the rows of a chunk go. */
export interface ChunkGroups {
  /** The group of each row; absent: all of them are in the first. */
  readonly groups: Int32Array | undefined;
  /** The rows by group, where that pays. */
  readonly parts: readonly GroupRows[] | undefined;
}

/** The states of one aggregate. */
export class AggregateColumn {
  readonly #compiled: CompiledAggregate;
  readonly #run: RunState;
  readonly #states: AggregateState[] = [];
  /** What each group has seen, if the aggregate is DISTINCT. */
  readonly #seen: Set<RowKey>[] | undefined;
  /** What each group has gathered, if it takes its rows in an order. */
  readonly #ordered: OrderedState[] | undefined;
  /** The states of all groups, where the aggregate has such. */
  readonly #grouped: GroupStates | undefined;
  #count = 0;
  #bytes = 0;

  /** No group yet; there may be many, with `hasGroups`. */
  constructor(compiled: CompiledAggregate, run: RunState, hasGroups: boolean) {
    this.#compiled = compiled;
    this.#run = run;
    const { bound } = compiled;
    this.#ordered = isOrdered(bound) ? [] : undefined;
    this.#seen = bound.distinct && this.#ordered === undefined ? [] : undefined;
    this.#grouped = hasGroups && this.#ordered === undefined && !bound.distinct
      ? bound.definition.grouped?.()
      : undefined;
  }

  /** Whether it takes rows of many groups at once. */
  get isGrouped(): boolean {
    return this.#grouped !== undefined;
  }

  /** Adds groups, until there are `count`. */
  growTo(count: number): void {
    if (this.#grouped !== undefined) {
      this.#grouped.grow(count);
      this.#bytes += (count - this.#count) * this.#grouped.groupBytes;
    } else {
      for (let group = this.#count; group < count; group++) this.#addGroup();
      this.#bytes += (count - this.#count) * STATE_BYTES;
    }
    this.#count = count;
  }

  #addGroup(): void {
    const { bound } = this.#compiled;
    if (this.#ordered !== undefined) {
      this.#ordered.push(new OrderedState(bound, this.#run.functions));
      return;
    }
    this.#states.push(bound.definition.create(this.#run.functions));
    this.#seen?.push(new Set());
  }

  /** About how many bytes were taken since the last call. */
  takenBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    return bytes;
  }

  /** Takes the rows `rows` of a chunk. */
  step(
    chunk: Chunk,
    rows: Uint32Array | undefined,
    { groups, parts }: ChunkGroups,
  ): void {
    const { filter, args } = this.#compiled;
    const { rowCount } = chunk;
    // Arguments are evaluated for the rows that the filter leaves.
    const passing = filter === undefined
      ? rows
      : trueRows(filter(chunk, rows, this.#run), rows, rowCount);
    if (countOf(passing, rowCount) === 0) return;
    const columns = args.map((arg) => arg(chunk, passing, this.#run));
    if (this.#compiled.bound.definition.gathers === true) {
      this.#bytes += bytesIn(columns, passing, rowCount);
    }
    if (this.#grouped !== undefined) {
      this.#grouped.step(columns, rowCount, passing, groups!);
    } else if (this.#ordered !== undefined) {
      this.#gather(chunk, columns, passing, groups);
    } else if (this.#seen !== undefined) {
      this.#stepRows(columns, passing, rowCount, groups);
    } else if (groups === undefined) {
      this.#stepPart(columns, passing, rowCount, 0);
    } else if (parts !== undefined && filter === undefined) {
      for (const { group, rows } of parts) {
        this.#stepPart(columns, rows, rowCount, group);
      }
    } else {
      this.#stepRows(columns, passing, rowCount, groups);
    }
  }

  /** Takes rows of one group. */
  #stepPart(
    columns: readonly Column[],
    rows: Uint32Array | undefined,
    rowCount: number,
    group: number,
  ): void {
    const state = this.#states[group]!;
    if (
      state.stepColumns !== undefined &&
      countOf(rows, rowCount) >= COLUMN_ROWS_MIN
    ) {
      state.stepColumns(columns, rowCount, rows);
      return;
    }
    this.#stepRows(columns, rows, rowCount, undefined, group);
  }

  /** Takes rows one by one. */
  #stepRows(
    columns: readonly Column[],
    rows: Uint32Array | undefined,
    rowCount: number,
    groups: Int32Array | undefined,
    only = 0,
  ): void {
    const { strict } = this.#compiled.bound.definition;
    const args: Nullable[] = new Array(columns.length).fill(null);
    const count = countOf(rows, rowCount);
    next: for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      for (let c = 0; c < columns.length; c++) {
        const column = columns[c]!;
        if (strict && isNull(column, row)) continue next;
        args[c] = valueAt(column, row);
      }
      const group = groups === undefined ? only : groups[row]!;
      if (this.#seen !== undefined && !this.#isNew(columns, row, group)) {
        continue;
      }
      this.#states[group]!.step(args);
    }
  }

  /** Whether the arguments are new to the group; from now on they are not. */
  #isNew(columns: readonly Column[], row: number, group: number): boolean {
    const seen = this.#seen![group]!;
    const key = rowKey(columns, row);
    if (seen.has(key)) return false;
    seen.add(key);
    this.#bytes += bytesOfKey(key);
    return true;
  }

  #gather(
    chunk: Chunk,
    columns: readonly Column[],
    rows: Uint32Array | undefined,
    groups: Int32Array | undefined,
  ): void {
    const { bound, keys: compiledKeys } = this.#compiled;
    const { strict } = bound.definition;
    const keys = compiledKeys.map((key) => key(chunk, rows, this.#run));
    const count = countOf(rows, chunk.rowCount);
    for (let i = 0; i < count; i++) {
      const row = rows === undefined ? i : rows[i]!;
      if (strict && columns.some((column) => isNull(column, row))) continue;
      const group = groups === undefined ? 0 : groups[row]!;
      this.#bytes += this.#ordered![group]!.add(
        keys.map((key) => valueAt(key, row)),
        columns.map((column) => valueAt(column, row)),
        rowKey(columns, row),
      );
    }
  }

  /** The results, one a group. */
  finish(): Column {
    if (this.#grouped !== undefined) return this.#grouped.finish(this.#count);
    const states = this.#ordered ?? this.#states;
    const { type } = this.#compiled.bound.type;
    const builder = new ColumnBuilder(type, states.length);
    for (const state of states) builder.append(state.finish());
    return builder.finish();
  }
}

/** About what values take where they are kept. */
function bytesIn(
  columns: readonly Column[],
  rows: Uint32Array | undefined,
  rowCount: number,
): number {
  let bytes = 0;
  for (const column of columns) {
    forEachRow(rows, rowCount, (row) => bytes += bytesOf(valueAt(column, row)));
  }
  return bytes;
}
