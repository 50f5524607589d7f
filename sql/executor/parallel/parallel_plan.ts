/**
 * Pass, the last: parts of a plan that several threads run.
 *
 * ```text
 * before  aggregate avg(a)         after  aggregate (final) over states
 *           scan t, b > 1                   gather, 2 workers
 *                                             aggregate (partial) states of avg(a)
 *                                               scan t, b > 1, parallel
 * ```
 *
 * A part is a chain of filters and projections over the scan of one table, and at
 * its top an aggregate in two steps, a sort, or nothing. It is run in several
 * threads if it can (`plan_data.ts`), if its table is large enough, and if that is
 * cheaper by the costs that PostgreSQL has for it.
 *
 * Statements that change or lock rows have no such parts, and neither has what
 * runs for each row of something else.
 *
 * @module
 */
import type {
  BoundAggregate,
  BoundExpression,
} from "../../analyzer/bound_expression.ts";
import { someExpression } from "../../analyzer/walk.ts";
import type { RoutineEntry } from "../../catalog/entries.ts";
import { isTemporaryId } from "../../catalog/temporary_schema.ts";
import { partialForm } from "../../functions/aggregates/partial_aggregates.ts";
import type { FunctionDefinition } from "../../functions/registry.ts";
import { estimate } from "../../optimizer/estimate.ts";
import { parallelDivisor } from "../../optimizer/gather_cost.ts";
import type { ParallelSettings, PlanFacts } from "../../optimizer/facts.ts";
import { newRelations } from "../../optimizer/new_relation.ts";
import {
  type AggregateNode,
  type GatherNode,
  isChange,
  type LogicalPlan,
  type ScanNode,
  type SortNode,
  type TopNNode,
} from "../../planner/logical_plan.ts";
import { expressionsOf } from "../../planner/expressions_of.ts";
import { inputsOf, mapInputs } from "../../planner/plan_tree.ts";
import { int8 } from "../../types/int_types.ts";
import { isOrdered } from "../ordered_state.ts";
import { planData } from "./plan_data.ts";

/** A page, as tables are measured. */
const PAGE_BYTES = 8192;

/** `plan` with parts that several threads run. */
export function parallelize(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  const { parallel } = facts;
  if (parallel === undefined || parallel.workersMax === 0) return plan;
  if (someNode(plan, isAlone)) return plan;
  return new Parallelizer(facts, parallel, newRelations(plan)).part(plan);
}

/** Whether a node wants its whole plan in one thread. */
function isAlone(plan: LogicalPlan): boolean {
  return isChange(plan) || plan.kind === "lock_rows" ||
    plan.kind === "external" || plan.kind === "compute" && plan.waits ||
    expressionsOf(plan).some((expression) =>
      someExpression(
        expression,
        (part) => part.kind === "call" && isUnsafe(part.function),
      )
    );
}

/** Whether a function is PARALLEL UNSAFE, which routines are unless they say. */
function isUnsafe({ name, routine }: FunctionDefinition): boolean {
  return routine === undefined
    ? name === "nextval" || name === "setval"
    : (routine.entry as RoutineEntry).parallel === "unsafe";
}

function someNode(
  plan: LogicalPlan,
  test: (plan: LogicalPlan) => boolean,
): boolean {
  return test(plan) || inputsOf(plan).some((input) => someNode(input, test));
}

class Parallelizer {
  readonly #facts: PlanFacts;
  readonly #settings: ParallelSettings;
  readonly #newRelation: () => number;

  constructor(
    facts: PlanFacts,
    settings: ParallelSettings,
    newRelation: () => number,
  ) {
    this.#facts = facts;
    this.#settings = settings;
    this.#newRelation = newRelation;
  }

  /** The plan, with what of it runs in several threads. */
  part(plan: LogicalPlan): LogicalPlan {
    switch (plan.kind) {
      case "aggregate":
        return this.#chosen(plan, (workers) => this.#aggregate(plan, workers));
      case "sort":
      case "top_n":
        return this.#chosen(plan, (workers) => this.#sort(plan, workers));
      case "scan":
      case "filter":
      case "project":
      case "compute":
        return this.#chosen(plan, (workers) => this.#rows(plan, workers));
      case "join": {
        if (plan.captures.length === 0 && plan.merged !== true) break;
        const left = plan.merged === true ? plan.left : this.part(plan.left);
        return left === plan.left ? plan : { ...plan, left };
      }
      case "limit":
        // The first rows are there before a thread has begun.
        return this.#isForced ? this.#below(plan) : this.#belowLimit(plan);
      case "apply":
      case "init": {
        const input = this.part(plan.input);
        const subqueries = plan.subqueries.map((each) =>
          each.captures.length > 0 || plan.kind === "apply"
            ? each
            : { ...each, plan: this.part(each.plan) }
        );
        return { ...plan, input, subqueries };
      }
      case "recursive":
      case "knn":
        return plan;
    }
    return this.#below(plan);
  }

  get #isForced(): boolean {
    return this.#settings.forced;
  }

  #below(plan: LogicalPlan): LogicalPlan {
    return mapInputs(plan, (input) => this.part(input));
  }

  /** What is below a LIMIT, where all of it is read in any case. */
  #belowLimit(plan: LogicalPlan): LogicalPlan {
    return mapInputs(plan, (input) => {
      const { kind } = input;
      if (kind === "project" || kind === "compute" || kind === "filter") {
        return this.#belowLimit(input);
      }
      return kind === "scan" ? input : this.part(input);
    });
  }

  /** The node done by threads, where that can be and pays. */
  #chosen(
    plan: LogicalPlan,
    make: (workers: number) => LogicalPlan | undefined,
  ): LogicalPlan {
    const scan = scanBelow(plan);
    const workers = scan === undefined ? 0 : this.#workersFor(scan);
    const made = workers === 0 ? undefined : make(workers);
    if (made === undefined) return this.#below(plan);
    if (this.#isForced) return made;
    const alone = estimate(plan, this.#facts).total;
    return estimate(made, this.#facts).total < alone
      ? made
      : plan.kind === "scan"
      ? plan
      : this.#below(plan);
  }

  /**
   * How many threads help with a scan: one more for each time that the table is three
   * times as large (PostgreSQL's `compute_parallel_worker`).
   */
  #workersFor({ table: { table, tree } }: ScanNode): number {
    const { workersMax, pagesMin } = this.#settings;
    const { access, transaction } = this.#facts;
    const method = access.table(table.accessMethod);
    if (
      method.runs === undefined || isTemporaryId(table.id) ||
      (tree !== undefined && tree.length === 0)
    ) return 0;
    if (this.#isForced) return workersMax;
    const rows = method.estimateRows(table, transaction);
    const width = table.columns.reduce(
      (sum, { type: { type: { length } } }) => sum + (length > 0 ? length : 32),
      0,
    );
    const pages = rows * width / PAGE_BYTES;
    if (pages < pagesMin) return 0;
    const steps = pages / Math.max(1, pagesMin);
    return Math.min(workersMax, 1 + Math.floor(Math.log(steps) / Math.log(3)));
  }

  #gather(
    input: LogicalPlan,
    workers: number,
    keys?: GatherNode["keys"],
  ): LogicalPlan | undefined {
    const data = planData(input);
    if (data === undefined) return undefined;
    const { setupCost, tupleCost } = this.#settings;
    return {
      kind: "gather",
      input: shared(input, parallelDivisor(workers)),
      workers,
      keys,
      costs: { setup: setupCost, tuple: tupleCost },
      data,
    };
  }

  #rows(plan: LogicalPlan, workers: number): LogicalPlan | undefined {
    return this.#gather(plan, workers);
  }

  /** Sorted by each thread, then merged. */
  #sort(
    plan: SortNode | TopNNode,
    workers: number,
  ): LogicalPlan | undefined {
    if (plan.kind === "sort") return this.#gather(plan, workers, plan.keys);
    const { keys, limit, offset } = plan;
    const wanted = sumOf(limit, offset);
    if (wanted === undefined) return undefined;
    const input = this.#gather(
      { ...plan, limit: wanted, offset: undefined },
      workers,
      keys,
    );
    return input && { kind: "limit", input, limit, offset, ties: undefined };
  }

  /** States of each thread, then what they make together. */
  #aggregate(plan: AggregateNode, workers: number): LogicalPlan | undefined {
    const { groups, aggregates, groupings } = plan;
    if (plan.sets !== undefined || groupings.length > 0) return undefined;
    const relation = this.#newRelation();
    const states: BoundAggregate[] = [];
    const finals: BoundAggregate[] = [];
    const column = (place: number, of: BoundExpression): BoundExpression => ({
      kind: "column",
      relation,
      column: place,
      type: of.type,
      name: "",
      offset: of.offset,
    });
    for (const aggregate of aggregates) {
      const form = partialForm(aggregate.definition);
      if (
        form === undefined || aggregate.distinct || isOrdered(aggregate) ||
        aggregate.directCount > 0
      ) return undefined;
      const args = form.states.map((definition) => {
        const state: BoundAggregate = {
          ...aggregate,
          definition,
          type: { type: definition.returnType, typmod: -1 },
        };
        states.push(state);
        return column(groups.length + states.length - 1, state);
      });
      finals.push({
        ...aggregate,
        definition: form.final,
        args,
        star: false,
        filter: undefined,
      });
    }
    const input = this.#gather(
      { ...plan, relation, aggregates: states, phase: "partial" },
      workers,
    );
    return input && {
      ...plan,
      phase: "final",
      input,
      groups: groups.map((group, place) => column(place, group)),
      aggregates: finals,
    };
  }
}

/** The scan of a chain of nodes that each thread can do by itself. */
function scanBelow(plan: LogicalPlan): ScanNode | undefined {
  switch (plan.kind) {
    case "scan":
      return plan;
    case "filter":
    case "project":
      return scanInChain(plan.input);
    case "compute":
      return plan.waits ? undefined : scanInChain(plan.input);
    case "aggregate":
    case "sort":
    case "top_n":
      return scanInChain(plan.input);
    default:
      return undefined;
  }
}

function scanInChain(plan: LogicalPlan): ScanNode | undefined {
  const { kind } = plan;
  return kind === "scan" || kind === "filter" || kind === "project" ||
      kind === "compute"
    ? scanBelow(plan)
    : undefined;
}

/** The chain with its scan said to be shared. */
function shared(plan: LogicalPlan, parallel: number): LogicalPlan {
  return plan.kind === "scan"
    ? { ...plan, parallel }
    : mapInputs(plan, (input) => shared(input, parallel));
}

/** How many rows are wanted, those left out included, where that is known. */
function sumOf(
  limit: BoundExpression,
  offset: BoundExpression | undefined,
): BoundExpression | undefined {
  if (offset === undefined) return limit;
  if (limit.kind !== "constant" || offset.kind !== "constant") return undefined;
  if (limit.value === null) return limit;
  const value = Number(limit.value) + Number(offset.value ?? 0);
  if (!Number.isSafeInteger(value)) return undefined;
  return { ...limit, type: { type: int8, typmod: -1 }, value };
}
