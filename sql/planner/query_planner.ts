/**
 * Queries to logical plans, one to one and without any choice: the optimizer's
 * passes make them better.
 *
 * ```text
 * SELECT a, count(*) AS n FROM t WHERE b > 1 GROUP BY a ORDER BY n LIMIT 3
 *
 *   project (a, n) - limit 3 - sort n - aggregate a, count(*) - filter b > 1 - scan t
 * ```
 *
 * A query in an expression becomes a column that an `apply` node below computes
 * for each row; or, where it depends on no row, a value that an `init` node at the
 * top of its query computes first; or, as a condition, a join (`semi_join.ts`).
 *
 * @module
 */
import type {
  BoundCte,
  BoundExpression,
  BoundQuery,
  BoundSubquery,
} from "../analyzer/bound_expression.ts";
import { childrenOf, replaceExpressions } from "../analyzer/walk.ts";
import { bareExists } from "./bare_exists.ts";
import { conjunction, conjunctsOf } from "./conjuncts.ts";
import type { BoundChange } from "../analyzer/bound_tree.ts";
import { planChange } from "./change_planner.ts";
import { planFrom, planSide } from "./from_planner.ts";
import { planGroups } from "./group_planner.ts";
import type {
  LogicalPlan,
  PlannedCte,
  PlannedSubquery,
} from "./logical_plan.ts";
import { columnRef } from "./plan_tree.ts";
import type { Planning } from "./planning.ts";
import { planDistinct, planOrdered } from "./select_list.ts";
import { semiJoinOf } from "./semi_join.ts";
import { planWindows } from "./window_planner.ts";
import { hasColumn, hasSubquery, isSame } from "./subquery_parts.ts";
import { waits } from "./volatility.ts";
import { replaceWaiting, separateWaiting } from "./waiting_columns.ts";

/** Relations that the planner makes have numbers from here on. */
const FIRST_PLAN_RELATION = 1_000_000;

/** Queries that a query needs the values of before its first row. */
interface Inits {
  readonly slots: number[];
  /** What they come of; absent for calls that wait. */
  readonly sources: (BoundSubquery | undefined)[];
  readonly subqueries: PlannedSubquery[];
}

/** Plans queries, those in others too. */
export class QueryPlanner implements Planning {
  #relations = FIRST_PLAN_RELATION;
  /** The next slot: the analyzer has the even ones. */
  #slot = 1;
  #inits: Inits = { slots: [], sources: [], subqueries: [] };
  readonly #ctes = new Map<number, BoundCte>();
  readonly severalChanges: boolean;
  locks = false;

  /** A planner of a statement that may change tables in several places. */
  constructor(severalChanges: boolean) {
    this.severalChanges = severalChanges;
  }

  /** A number for a relation that the plan makes. */
  newRelation(): number {
    return this.#relations++;
  }

  /** A slot that nobody has: the analyzer gives the even ones. */
  newSlot(): number {
    const slot = this.#slot;
    this.#slot += 2;
    return slot;
  }

  /** A plan made by `make`, after the values that it turns out to need. */
  level(make: () => LogicalPlan): LogicalPlan {
    const outer = this.#inits;
    const inits: Inits = { slots: [], sources: [], subqueries: [] };
    this.#inits = inits;
    const input = make();
    this.#inits = outer;
    const { slots, subqueries } = inits;
    return slots.length === 0
      ? input
      : { kind: "init", input, slots, subqueries };
  }

  /** A query whose result columns belong to `relation`. */
  query(query: BoundQuery, relation: number): LogicalPlan {
    return this.withCtes(query.ctes, () => this.#query(query, relation));
  }

  /** A plan of its own level that reads the queries of a WITH. */
  withCtes(all: readonly BoundCte[], make: () => LogicalPlan): LogicalPlan {
    const ctes: PlannedCte[] = [];
    for (const cte of all) {
      this.#ctes.set(cte.id, cte);
      if (!cte.inlined) ctes.push(this.#cte(cte));
    }
    const input = this.level(make);
    return ctes.length === 0 ? input : { kind: "with", input, ctes };
  }

  cte(id: number): BoundCte | undefined {
    return this.#ctes.get(id);
  }

  #cte({ id, name, query, recursive }: BoundCte): PlannedCte {
    if ("kind" in query) {
      const plan = planChange(this, query as BoundChange, { counted: false });
      return { id, name, plan };
    }
    if (recursive === undefined) {
      return { id, name, plan: this.query(query, this.newRelation()) };
    }
    const plan: LogicalPlan = {
      kind: "recursive",
      id: recursive.id,
      all: recursive.all,
      relation: this.newRelation(),
      columnCount: recursive.left.columns.length,
      left: planSide(this, recursive.left),
      right: planSide(this, recursive.right),
    };
    return { id, name, plan };
  }

  #query(query: BoundQuery, relation: number): LogicalPlan {
    let plan = planFrom(this, query.from).plan;
    if (query.where !== undefined) plan = this.where(plan, query.where);
    let targets = query.targets;
    if (query.grouped) {
      const grouped = planGroups(this, plan, query);
      plan = grouped.plan;
      targets = grouped.targets;
    }
    const over = planWindows(this, plan, targets);
    plan = over.plan;
    targets = over.targets;
    return query.distinct
      ? planDistinct(this, plan, query, targets, relation)
      : planOrdered(this, plan, query, targets, relation);
  }

  /** The rows for which a condition is true; queries in it become joins. */
  where(input: LogicalPlan, where: BoundExpression): LogicalPlan {
    const conditions = conjunctsOf(where);
    const isApart = (each: BoundExpression): boolean =>
      hasSubquery(each) || waits(each);
    const plain = conditions.filter((each) => !isApart(each));
    let plan = filtered(input, plain);
    const others: BoundExpression[] = [];
    for (const condition of conditions.filter(isApart)) {
      const join = waits(condition) ? undefined : semiJoinOf(
        plan,
        condition,
        (query, relation) => this.query(query, relation),
      );
      if (join === undefined) others.push(condition);
      else plan = join;
    }
    const [below, rest] = this.extract(plan, others);
    return filtered(below, rest);
  }

  /**
   * `expressions` without queries and calls that wait: each became a column of
   * the plan, or, where no row is needed for it, a value that is computed first.
   */
  extract(
    input: LogicalPlan,
    expressions: readonly BoundExpression[],
  ): [LogicalPlan, BoundExpression[]] {
    const [plan, without] = this.#extractQueries(input, expressions);
    if (!without.some(waits)) return [plan, without];
    const needsRow = without.some((each) => waits(each) && hasColumn(each));
    if (input.kind !== "result" || needsRow) {
      return separateWaiting(() => this.newRelation(), plan, without);
    }
    return [
      plan,
      without.map((each) =>
        replaceWaiting(each, (part) => this.#initWaiting(part))
      ),
    ];
  }

  /** A value that has to be waited for, and that no row is needed for. */
  #initWaiting(expression: BoundExpression): BoundExpression {
    const { type, offset } = expression;
    const [relation, output] = [this.newRelation(), this.newRelation()];
    const computed: LogicalPlan = {
      kind: "compute",
      input: { kind: "result" },
      relation,
      expressions: [expression],
      waits: true,
    };
    const plan: LogicalPlan = {
      kind: "project",
      input: computed,
      relation: output,
      expressions: [columnRef({ relation, column: 0 }, expression)],
    };
    const slot = this.newSlot();
    this.#inits.slots.push(slot);
    this.#inits.sources.push(undefined);
    this.#inits.subqueries.push({
      form: "scalar",
      plan,
      captures: [],
      operands: [],
      test: undefined,
      operandRelation: this.newRelation(),
      type,
    });
    return { kind: "outer", slot, type, name: "InitPlan", offset };
  }

  #extractQueries(
    input: LogicalPlan,
    expressions: readonly BoundExpression[],
  ): [LogicalPlan, BoundExpression[]] {
    if (!expressions.some(hasSubquery)) return [input, [...expressions]];
    let plan = input;
    const relation = this.newRelation();
    const sources: BoundSubquery[] = [];
    const subqueries: PlannedSubquery[] = [];
    const replaced = expressions.map((expression) =>
      replaceExpressions(expression, (part) => {
        if (part.kind !== "subquery") return undefined;
        const bare = bareExists(part);
        const known = sources.findIndex((each) => isSame(each, bare));
        if (known >= 0) return columnRef({ relation, column: known }, part);
        const [below, operands] = this.extract(plan, bare.operands);
        plan = below;
        const subquery = { ...bare, operands };
        if (!childrenOf(subquery).some(hasColumn)) return this.#init(subquery);
        subqueries.push(this.#planned(subquery));
        return columnRef({ relation, column: sources.push(bare) - 1 }, part);
      })
    );
    if (subqueries.length > 0) {
      plan = { kind: "apply", input: plan, relation, subqueries };
    }
    return [plan, replaced];
  }

  #planned(subquery: BoundSubquery): PlannedSubquery {
    const { form, gather, captures, operands, test, operandRelation } =
      subquery;
    const plan = this.query(subquery.query, subquery.relation);
    const { type } = subquery;
    return {
      form,
      ...(gather === undefined ? {} : { gather }),
      plan,
      captures,
      operands,
      test,
      operandRelation,
      type,
    };
  }

  /** A value that is computed before the first row. */
  #init(subquery: BoundSubquery): BoundExpression {
    const inits = this.#inits;
    let position = inits.sources.findIndex((each) =>
      each !== undefined && isSame(each, subquery)
    );
    if (position < 0) {
      const planned = this.#planned(subquery);
      position = inits.sources.push(subquery) - 1;
      inits.slots.push(this.newSlot());
      inits.subqueries.push(planned);
    }
    const { type, offset } = subquery;
    const slot = inits.slots[position]!;
    return { kind: "outer", slot, type, name: "InitPlan", offset };
  }
}

/** The rows for which all conditions are true. */
function filtered(
  input: LogicalPlan,
  conditions: readonly BoundExpression[],
): LogicalPlan {
  const condition = conjunction(conditions);
  return condition === undefined ? input : { kind: "filter", input, condition };
}
