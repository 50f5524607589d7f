/**
 * Operator: groups and their aggregates, in hash tables, one for each grouping
 * set. Groups of a set come out in the order in which their first rows came in,
 * the sets one after the other.
 *
 * A set without groups (no GROUP BY, or `()`) has one, even where there is no
 * row.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { BoundAggregate } from "../analyzer/bound_expression.ts";
import { replaceExpressions, sameExpression } from "../analyzer/walk.ts";
import { type Chunk, CHUNK_ROWS, type Column } from "../chunk/chunk.ts";
import type { AggregateNode } from "../planner/logical_plan.ts";
import {
  compileAggregate,
  type CompiledAggregate,
} from "./aggregate_column.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { compileExpression } from "./expression_compiler.ts";
import { GroupingSet } from "./grouping_set.ts";
import { layoutOf } from "./layout.ts";
import type { Operator } from "./operator.ts";
import { openInput, type PhysicalPlan, pullAll } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";

/** A compiled aggregation. */
export class HashAggregatePlan implements PhysicalPlan {
  readonly node: AggregateNode;
  readonly groups: readonly ColumnExpression[];
  /** The sets of groups, by number, and the aggregates over each. */
  readonly sets: readonly {
    readonly members: readonly number[];
    readonly aggregates: readonly CompiledAggregate[];
  }[];
  readonly #input: PhysicalPlan;

  /** Compiles an aggregation over `input`. */
  constructor(node: AggregateNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    const layout = layoutOf(node.input);
    this.groups = node.groups.map((group) => compileExpression(group, layout));
    const aggregates = node.aggregates.map((bound) =>
      compileAggregate(bound, layout)
    );
    const sets = node.sets ?? [node.groups.map((_, group) => group)];
    this.sets = sets.map((members) => ({
      members,
      aggregates: node.aggregates.map((bound, i) =>
        bound.directCount === 0 || members.length === node.groups.length
          ? aggregates[i]!
          : compileAggregate(withinSet(bound, node, members), layout)
      ),
    }));
  }

  /** Opens it. */
  open(run: RunState): Operator {
    return new HashAggregate(this, openInput(this.#input, run), run);
  }
}

/** An aggregate whose direct arguments see the groups of other sets as NULL. */
function withinSet(
  aggregate: BoundAggregate,
  { groups }: AggregateNode,
  members: readonly number[],
): BoundAggregate {
  const { args, directCount } = aggregate;
  const direct = args.slice(0, directCount).map((arg) =>
    replaceExpressions(arg, (part) => {
      const group = groups.findIndex((each) => sameExpression(each, part));
      if (group < 0 || members.includes(group)) return undefined;
      const { type, offset } = part;
      return { kind: "constant", type, value: null, offset };
    })
  );
  return { ...aggregate, args: [...direct, ...args.slice(directCount)] };
}

class HashAggregate implements Operator {
  readonly #plan: HashAggregatePlan;
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #sets: GroupingSet[];
  /** The set that is given, its columns, and how many of its groups were. */
  #columns: readonly Column[] | undefined;
  #count = 0;
  #given = 0;
  #isRead = false;
  #bytes = 0;

  constructor(plan: HashAggregatePlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    const { node, sets } = plan;
    const types = node.groups.map(({ type }) => type.type);
    const { groupings } = node;
    this.#sets = sets.map(({ members, aggregates }) =>
      new GroupingSet({ types, aggregates, groupings }, members, run)
    );
  }

  next(): MaybePromise<Chunk | undefined> {
    if (this.#isRead) return this.#give();
    return pullAll(
      () => {
        this.#run.checkAborted();
        return this.#input.next();
      },
      (chunk) => this.#take(chunk),
      () => {
        this.#isRead = true;
        return this.#give();
      },
    );
  }

  #take(chunk: Chunk): void {
    const keys = this.#plan.groups.map((group) =>
      group(chunk, chunk.selection, this.#run)
    );
    let bytes = 0;
    for (const set of this.#sets) bytes += set.take(chunk, keys);
    this.#bytes += bytes;
    this.#run.account(bytes);
  }

  #give(): Chunk | undefined {
    while (this.#given >= this.#count) {
      const set = this.#sets.shift();
      if (set === undefined) return undefined;
      this.#columns = set.finish();
      this.#count = set.count;
      this.#given = 0;
    }
    const from = this.#given;
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
    this.#isRead = true;
    this.#columns = [];
    this.#sets.length = 0;
    this.#given = this.#count;
  }
}
