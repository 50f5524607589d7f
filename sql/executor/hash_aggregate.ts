/**
 * Operator: groups and their aggregates, in a hash table. Groups come out in
 * the order in which their first rows came in.
 *
 * Without GROUP BY there is one group, even where there is no row.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import { type Chunk, CHUNK_ROWS, type Column } from "../chunk/chunk.ts";
import type { AggregateNode } from "../planner/logical_plan.ts";
import {
  AggregateColumn,
  compileAggregate,
  type CompiledAggregate,
} from "./aggregate_column.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { compileExpression } from "./expression_compiler.ts";
import { GroupTable } from "./group_table.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan, pullAll } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** About what the state of one aggregate of one group takes. */
const STATE_BYTES = 96;

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

class HashAggregate implements Operator {
  readonly #plan: HashAggregatePlan;
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #table: GroupTable;
  readonly #aggregates: readonly AggregateColumn[];
  #columns: readonly Column[] | undefined;
  #count = 0;
  #given = 0;
  #bytes = 0;

  constructor(plan: HashAggregatePlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    this.#table = new GroupTable(plan.node.groups.map(({ type }) => type.type));
    this.#aggregates = plan.aggregates.map((aggregate) =>
      new AggregateColumn(aggregate, run)
    );
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
        const results = this.#aggregates.map((each) => each.finish());
        this.#columns = [...this.#table.finish(), ...results];
        return this.#give();
      },
    );
  }

  #addGroup(): void {
    this.#count++;
    for (const aggregate of this.#aggregates) aggregate.addGroup();
  }

  #take(chunk: Chunk): void {
    const { selection, rowCount } = chunk;
    const before = this.#count;
    const bytesBefore = this.#table.bytes;
    let groups: Int32Array | undefined;
    let parts: ReturnType<GroupTable["partsOf"]>;
    if (this.#plan.groups.length > 0) {
      const keys = this.#plan.groups.map((group) =>
        group(chunk, selection, this.#run)
      );
      groups = this.#table.groupsOf(
        keys,
        selection,
        rowCount,
        () => this.#addGroup(),
      );
      if (this.#aggregates.length > 0) {
        parts = this.#table.partsOf(groups, selection, rowCount);
      }
    }
    let bytes = this.#table.bytes - bytesBefore +
      (this.#count - before) * STATE_BYTES * (1 + this.#aggregates.length);
    for (const aggregate of this.#aggregates) {
      aggregate.step(chunk, selection, { groups, parts });
      bytes += aggregate.takenBytes();
    }
    this.#bytes += bytes;
    this.#run.account(bytes);
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
    this.#columns = [];
    this.#given = this.#count;
  }
}
