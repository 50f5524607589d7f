/**
 * Operator: groups and their aggregates, in a hash table. Groups come out in
 * the order in which their first rows came in.
 *
 * Without GROUP BY there is one group, even where there is no row. A chunk's
 * rows are sorted into their groups first; a group with many rows in it is
 * given to the aggregate's column form, others row by row.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { BoundAggregate } from "../analyzer/bound_expression.ts";
import {
  type Chunk,
  CHUNK_ROWS,
  type Column,
  ColumnBuilder,
  isNull,
  valueAt,
} from "../chunk/chunk.ts";
import type { AggregateState } from "../functions/registry.ts";
import type { AggregateNode } from "../planner/logical_plan.ts";
import type { Nullable } from "../types/data_type.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { forEachRow, trueRows } from "./column_tools.ts";
import { compileExpression, type Layout } from "./expression_compiler.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan, pullAll } from "./physical_plan.ts";
import { isOrdered, OrderedState } from "./ordered_state.ts";
import { bytesOfKey, type RowKey, rowKey } from "./row_key.ts";
import type { RunState } from "./run_state.ts";

/** From how many rows on the column form pays. */
const COLUMN_ROWS_MIN = 8;
/** About what the state of one aggregate of one group takes. */
const STATE_BYTES = 96;

/** A compiled aggregate. */
interface CompiledAggregate {
  readonly bound: BoundAggregate;
  readonly args: readonly ColumnExpression[];
  /** The keys of its ORDER BY. */
  readonly keys: readonly ColumnExpression[];
  readonly filter: ColumnExpression | undefined;
}

/** A compiled aggregation. */
export class HashAggregatePlan implements PhysicalPlan {
  readonly node: AggregateNode;
  readonly groups: readonly ColumnExpression[];
  readonly aggregates: readonly CompiledAggregate[];
  readonly #input: PhysicalPlan;

  /** Compiles an aggregation over `input`. */
  constructor(node: AggregateNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    const layout = layoutOf(node.input);
    this.groups = node.groups.map((group) => compileExpression(group, layout));
    this.aggregates = node.aggregates.map((bound) =>
      compileAggregate(bound, layout)
    );
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new HashAggregate(this, openInput(this.#input, run), run);
  }
}

function compileAggregate(
  bound: BoundAggregate,
  layout: Layout,
): CompiledAggregate {
  return {
    bound,
    args: bound.args.map((arg) => compileExpression(arg, layout)),
    keys: bound.orderBy.map(({ expression }) =>
      compileExpression(expression, layout)
    ),
    filter: bound.filter === undefined
      ? undefined
      : compileExpression(bound.filter, layout),
  };
}

/** One aggregate of one group. */
interface GroupState {
  readonly state: AggregateState;
  /** What it has seen, if it is DISTINCT. */
  readonly seen: Set<RowKey> | undefined;
  /** What it has gathered, if it takes its rows in an order. */
  readonly ordered: OrderedState | undefined;
}

class HashAggregate implements Operator {
  readonly #plan: HashAggregatePlan;
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #groups = new Map<RowKey, number>();
  readonly #keys: readonly ColumnBuilder[];
  /** By aggregate, then by group. */
  readonly #states: readonly GroupState[][];
  #columns: readonly Column[] | undefined;
  #count = 0;
  #given = 0;
  #bytes = 0;

  constructor(plan: HashAggregatePlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    this.#keys = plan.node.groups.map(({ type }) =>
      new ColumnBuilder(type.type)
    );
    this.#states = plan.aggregates.map(() => []);
    if (plan.groups.length === 0) this.#addGroup();
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#columns !== undefined) return this.#give();
    return pullAll(
      () => {
        this.#run.checkAborted();
        return this.#input.next();
      },
      (chunk) => this.#take(chunk),
      () => {
        this.#columns = this.#finish();
        return this.#give();
      },
    );
  }

  /** Adds a group; its number. */
  #addGroup(): number {
    this.#plan.aggregates.forEach(({ bound }, i) => {
      this.#states[i]!.push({
        state: bound.definition.create(),
        seen: bound.distinct ? new Set() : undefined,
        ordered: isOrdered(bound) ? new OrderedState(bound) : undefined,
      });
    });
    this.#account(STATE_BYTES * (1 + this.#states.length));
    return this.#count++;
  }

  #account(bytes: number): void {
    this.#bytes += bytes;
    this.#run.account(bytes);
  }

  #take(chunk: Chunk): void {
    const { selection, rowCount } = chunk;
    if (this.#plan.groups.length === 0) {
      this.#step(chunk, 0, selection);
      return;
    }
    const keys = this.#plan.groups.map((group) =>
      group(chunk, selection, this.#run)
    );
    const rowsOf = new Map<number, number[]>();
    forEachRow(selection, rowCount, (row) => {
      const group = this.#groupOf(keys, row);
      const rows = rowsOf.get(group);
      if (rows === undefined) rowsOf.set(group, [row]);
      else rows.push(row);
    });
    if (this.#plan.aggregates.length === 0) return;
    const evaluated = this.#evaluate(chunk, selection);
    for (const [group, rows] of rowsOf) {
      this.#stepAll(evaluated, group, Uint32Array.from(rows), rowCount);
    }
  }

  #groupOf(keys: readonly Column[], row: number): number {
    const key = rowKey(keys, row);
    const known = this.#groups.get(key);
    if (known !== undefined) return known;
    const group = this.#addGroup();
    this.#groups.set(key, group);
    this.#account(bytesOfKey(key));
    keys.forEach((column, i) => this.#keys[i]!.append(valueAt(column, row)));
    return group;
  }

  #step(chunk: Chunk, group: number, rows: Uint32Array | undefined): void {
    const evaluated = this.#evaluate(chunk, rows);
    this.#stepAll(evaluated, group, rows, chunk.rowCount);
  }

  /** The arguments and filters of all aggregates. */
  #evaluate(
    chunk: Chunk,
    rows: Uint32Array | undefined,
  ): readonly EvaluatedAggregate[] {
    return this.#plan.aggregates.map(({ args, keys, filter }) => {
      // Arguments are evaluated for the rows that the filter leaves.
      const passing = filter === undefined ? rows : trueRows(
        filter(chunk, rows, this.#run),
        rows,
        chunk.rowCount,
      );
      return {
        columns: args.map((arg) => arg(chunk, passing, this.#run)),
        keys: keys.map((key) => key(chunk, passing, this.#run)),
        passing: filter === undefined ? undefined : new Set(passing),
      };
    });
  }

  #stepAll(
    evaluated: readonly EvaluatedAggregate[],
    group: number,
    rows: Uint32Array | undefined,
    rowCount: number,
  ): void {
    evaluated.forEach(({ columns, keys, passing }, i) => {
      const { bound } = this.#plan.aggregates[i]!;
      const target = this.#states[i]![group]!;
      let taken = rows;
      if (passing !== undefined) {
        taken = taken === undefined
          ? Uint32Array.from(passing)
          : taken.filter((row) => passing.has(row));
      }
      if (target.ordered === undefined) {
        this.#stepRows(bound, target, columns, taken, rowCount);
      } else {
        this.#gather(target.ordered, columns, keys, taken, rowCount, bound);
      }
    });
  }

  #stepRows(
    { definition }: BoundAggregate,
    { state, seen }: GroupState,
    columns: readonly Column[],
    rows: Uint32Array | undefined,
    rowCount: number,
  ): void {
    const count = rows === undefined ? rowCount : rows.length;
    if (
      seen === undefined && state.stepColumns !== undefined &&
      count >= COLUMN_ROWS_MIN
    ) {
      state.stepColumns(columns, rowCount, rows);
      return;
    }
    const args: Nullable[] = new Array(columns.length).fill(null);
    const { strict } = definition;
    forEachRow(rows, rowCount, (row) => {
      for (let i = 0; i < columns.length; i++) {
        const column = columns[i]!;
        if (strict && isNull(column, row)) return;
        args[i] = valueAt(column, row);
      }
      if (seen !== undefined) {
        const key = rowKey(columns, row);
        if (seen.has(key)) return;
        seen.add(key);
        this.#account(bytesOfKey(key));
      }
      state.step(args);
    });
  }

  #gather(
    ordered: OrderedState,
    columns: readonly Column[],
    keys: readonly Column[],
    rows: Uint32Array | undefined,
    rowCount: number,
    { definition: { strict } }: BoundAggregate,
  ): void {
    let bytes = 0;
    forEachRow(rows, rowCount, (row) => {
      if (strict && columns.some((column) => isNull(column, row))) return;
      bytes += ordered.add(
        keys.map((key) => valueAt(key, row)),
        columns.map((column) => valueAt(column, row)),
        rowKey(columns, row),
      );
    });
    this.#account(bytes);
  }

  #finish(): Column[] {
    const results = this.#plan.aggregates.map(({ bound }, i) => {
      const builder = new ColumnBuilder(bound.type.type, this.#count);
      for (const { state, ordered } of this.#states[i]!) {
        builder.append((ordered ?? state).finish());
      }
      return builder.finish();
    });
    return [...this.#keys.map((builder) => builder.finish()), ...results];
  }

  #give(): Chunk | undefined {
    const from = this.#given;
    if (from >= this.#count) return undefined;
    const to = Math.min(this.#count, from + CHUNK_ROWS);
    this.#given = to;
    if (from === 0 && to === this.#count) {
      return { columns: this.#columns!, rowCount: to };
    }
    const columns = this.#columns!.map(({ type, values, validity }) => ({
      type,
      values: values.slice(from, to) as Column["values"],
      validity: validity?.subarray(from >>> 5),
    }));
    return { columns, rowCount: to - from };
  }

  close(): void {
    this.#input.close();
    this.#run.account(-this.#bytes);
    this.#bytes = 0;
    this.#groups.clear();
    this.#columns = [];
    this.#given = this.#count;
  }
}

/** The arguments of an aggregate over one chunk. */
interface EvaluatedAggregate {
  readonly columns: readonly Column[];
  readonly keys: readonly Column[];
  /** The rows that its filter leaves; absent without one. */
  readonly passing: ReadonlySet<number> | undefined;
}
