/**
 * Operator: groups and their aggregates, in hash tables, one for each grouping
 * set. Groups of a set come out in the order in which their first rows came in,
 * the sets one after the other.
 *
 * Where the groups of a set are more than memory is for, rows of further groups go
 * into a file, parted by group, and the parts are aggregated when the groups that are
 * there were given.
 *
 * A set without groups (no GROUP BY, or `()`) has one, even where there is no
 * row.
 *
 * @module
 */
import type { MaybePromise } from "../../base/maybe_promise.ts";
import type { BoundAggregate } from "../analyzer/bound_expression.ts";
import { replaceExpressions, sameExpression } from "../analyzer/walk.ts";
import type { SpillFile } from "../access/temporary_files.ts";
import { type Chunk, CHUNK_ROWS, type Column } from "../chunk/chunk.ts";
import type { AggregateNode } from "../planner/logical_plan.ts";
import {
  compileAggregate,
  type CompiledAggregate,
} from "./aggregate_column.ts";
import { CommonExpressions } from "./common_expressions.ts";
import type { ColumnExpression } from "./column_expression.ts";
import { compileExpression } from "./expression_compiler.ts";
import { GroupingSet } from "./grouping_set.ts";
import { layoutOf } from "./layout.ts";
import type { Operator, OperatorUsage } from "./operator.ts";
import { typesOf } from "./output_types.ts";
import { openInput, type PhysicalPlan, pullAll } from "./physical_plan.ts";
import type { RunState } from "./run_state.ts";
import { type ChunkShape, chunkShape } from "./spill/chunk_bytes.ts";
import { HeldMemory } from "./spill/held_memory.ts";
import { LEVEL_MAX, Partitions } from "./spill/partitions.ts";
import type { SpilledRows } from "./spill/spilled_rows.ts";

/** A compiled aggregation. */
export class HashAggregatePlan implements PhysicalPlan {
  readonly node: AggregateNode;
  readonly groups: readonly ColumnExpression[];
  /** The sets of groups, by number, and the aggregates over each. */
  readonly sets: readonly {
    readonly members: readonly number[];
    readonly aggregates: readonly CompiledAggregate[];
  }[];
  /** How rows of the input go into files; nothing where they cannot. */
  readonly shape: ChunkShape | undefined;
  readonly #input: PhysicalPlan;

  /** Compiles an aggregation over `input`. */
  constructor(node: AggregateNode, input: PhysicalPlan) {
    this.node = node;
    this.#input = input;
    const layout = layoutOf(node.input);
    const common = new CommonExpressions([
      ...node.groups,
      ...node.aggregates.flatMap(({ args }) => args),
    ]);
    this.groups = node.groups.map((group) =>
      compileExpression(group, layout, common)
    );
    const aggregates = node.aggregates.map((bound) =>
      compileAggregate(bound, layout, common)
    );
    this.shape = chunkShape(typesOf(node.input));
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

/** Rows of a set that are to be aggregated later. */
interface LaterRows {
  readonly set: number;
  readonly rows: SpilledRows;
  /** How often they were parted. */
  readonly level: number;
}

class HashAggregate implements Operator {
  readonly #plan: HashAggregatePlan;
  readonly #input: Operator;
  readonly #run: RunState;
  readonly #memory: HeldMemory;
  #file: SpillFile | undefined;
  /** The sets that are aggregated, by number. */
  readonly #sets: (readonly [number, GroupingSet])[];
  #level = 0;
  #batches = 1;
  readonly #later: LaterRows[] = [];
  /** The set that is given, its columns, and how many of its groups were. */
  #columns: readonly Column[] | undefined;
  #count = 0;
  #given = 0;
  #isRead = false;

  constructor(plan: HashAggregatePlan, input: Operator, run: RunState) {
    this.#plan = plan;
    this.#input = input;
    this.#run = run;
    this.#memory = new HeldMemory(run, plan.shape !== undefined);
    this.#sets = plan.sets.map((_, set) => [set, this.#newSet(set)]);
  }

  #newSet(set: number): GroupingSet {
    const { node, sets } = this.#plan;
    const { members, aggregates } = sets[set]!;
    const types = node.groups.map(({ type }) => type.type);
    const { groupings } = node;
    return new GroupingSet(
      { types, aggregates, groupings },
      members,
      this.#run,
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
    for (const [, set] of this.#sets) bytes += set.take(chunk, keys);
    this.#memory.take(bytes);
    if (!this.#memory.isFull) return;
    if (this.#level < LEVEL_MAX) {
      for (const [, set] of this.#sets) {
        set.overflowInto(() => this.#newPartitions());
      }
    }
    // What a group gathers (array_agg, DISTINCT …) has to be in memory.
    this.#memory.requireRoom();
  }

  #newPartitions(): Partitions {
    this.#file ??= this.#memory.createFile();
    return new Partitions(
      this.#plan.shape!,
      this.#file,
      this.#level,
      this.#memory,
      this.#run,
    );
  }

  #give(): Chunk | undefined {
    while (this.#given >= this.#count) {
      if (this.#sets.length === 0 && !this.#readLater()) return undefined;
      const [number, set] = this.#sets.shift()!;
      for (const rows of set.takeOverflow()) {
        if (rows.rowCount === 0) continue;
        this.#later.push({ set: number, rows, level: this.#level + 1 });
      }
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

  /** Aggregates rows that were put off; false if there are none. */
  #readLater(): boolean {
    const later = this.#later.pop();
    if (later === undefined) return false;
    // The groups that were given are let go of.
    this.#memory.release();
    this.#columns = [];
    this.#level = later.level;
    this.#batches++;
    this.#sets.push([later.set, this.#newSet(later.set)]);
    for (let i = 0; i < later.rows.count; i++) {
      this.#run.checkAborted();
      this.#take(later.rows.piece(i));
    }
    return true;
  }

  usage(): OperatorUsage {
    return { ...this.#memory.usage, batches: this.#batches };
  }

  close(): void {
    this.#input.close();
    for (const [, set] of this.#sets) set.takeOverflow();
    this.#memory.release();
    this.#file?.close();
    this.#isRead = true;
    this.#columns = [];
    this.#sets.length = 0;
    this.#later.length = 0;
    this.#given = this.#count;
  }
}
