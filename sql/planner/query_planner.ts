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
 * What ORDER BY computes is computed once, below the sort, and the select list
 * refers to it: `SELECT e <-> $1 AS d … ORDER BY d` has one distance a row, and
 * `SELECT random() AS r … ORDER BY r` one number.
 *
 * A query in an expression becomes a column that an `apply` node below computes
 * for each row; or, where it depends on no row, a value that an `init` node at the
 * top of its query computes first; or, as a condition, a join (`semi_join.ts`).
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  BoundAggregate,
  BoundCell,
  BoundCte,
  BoundExpression,
  BoundFrom,
  BoundQuery,
  BoundSubquery,
  BoundTarget,
  Capture,
  JoinRelation,
  SetSide,
  ValuesRelation,
} from "../analyzer/bound_expression.ts";
import {
  childrenOf,
  replaceExpressions,
  sameExpression,
  someExpression,
} from "../analyzer/walk.ts";
import { conjunction, conjunctsOf } from "./conjuncts.ts";
import { collectGrouped } from "./grouped_columns.ts";
import {
  type ColumnId,
  columnRef,
  type JoinNode,
  type LogicalPlan,
  outputOf,
  type PlannedCte,
  type PlannedSubquery,
  type SortKey,
} from "./logical_plan.ts";
import { scanOf } from "./table_rows.ts";
import { semiJoinOf } from "./semi_join.ts";
import { waits } from "./volatility.ts";
import { separateWaits } from "./waiting_columns.ts";
import { hasColumn, hasSubquery, isSame } from "./subquery_parts.ts";
import { replaceComputed } from "./computed_columns.ts";

/** Relations that the planner makes have numbers from here on. */
const FIRST_PLAN_RELATION = 1_000_000;

/** A part of FROM, and what it takes from what stands before it. */
interface PlannedFrom {
  readonly plan: LogicalPlan;
  readonly captures: readonly Capture[];
}

/** Queries that a query needs the values of before its first row. */
interface Inits {
  readonly slots: number[];
  readonly sources: BoundSubquery[];
  readonly subqueries: PlannedSubquery[];
}

/** Plans queries, those in others too. */
export class QueryPlanner {
  #relations = FIRST_PLAN_RELATION;
  /** The next slot: the analyzer has the even ones. */
  #slot = 1;
  #inits: Inits = { slots: [], sources: [], subqueries: [] };
  readonly #ctes = new Map<number, BoundCte>();

  /** A number for a relation that the plan makes. */
  newRelation(): number {
    return this.#relations++;
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
    const ctes: PlannedCte[] = [];
    for (const cte of query.ctes) {
      this.#ctes.set(cte.id, cte);
      if (!cte.inlined) ctes.push(this.#cte(cte));
    }
    const input = this.level(() => this.#query(query, relation));
    return ctes.length === 0 ? input : { kind: "with", input, ctes };
  }

  #cte({ id, name, query, recursive }: BoundCte): PlannedCte {
    if (recursive === undefined) {
      return { id, name, plan: this.query(query, this.newRelation()) };
    }
    const plan: LogicalPlan = {
      kind: "recursive",
      id: recursive.id,
      all: recursive.all,
      relation: this.newRelation(),
      columnCount: recursive.left.columns.length,
      left: this.#side(recursive.left),
      right: this.#side(recursive.right),
    };
    return { id, name, plan };
  }

  #query(query: BoundQuery, relation: number): LogicalPlan {
    let plan = this.#from(query.from).plan;
    if (query.where !== undefined) plan = this.where(plan, query.where);
    let targets = query.targets;
    if (query.grouped) {
      const grouped = this.#group(plan, query);
      plan = grouped.plan;
      targets = grouped.targets;
    }
    return query.distinct
      ? this.#distinct(plan, query, targets, relation)
      : this.#ordered(plan, query, targets, relation);
  }

  #from(from: BoundFrom | undefined): PlannedFrom {
    if (from === undefined) return { plan: { kind: "result" }, captures: [] };
    switch (from.kind) {
      case "table":
        return { plan: scanOf(from, []), captures: [] };
      case "values":
        return { plan: this.values(from), captures: [] };
      case "subquery":
        return {
          plan: this.query(from.query, from.relation),
          captures: from.captures,
        };
      case "set_operation": {
        const { operation, all, relation, columnNames } = from;
        const plan: LogicalPlan = {
          kind: "set_operation",
          operation,
          all,
          relation,
          columnCount: columnNames.length,
          left: this.#side(from.left),
          right: this.#side(from.right),
        };
        return { plan, captures: [] };
      }
      case "cte": {
        const cte = this.#ctes.get(from.id);
        if (cte?.inlined === true) {
          return { plan: this.query(cte.query, from.relation), captures: [] };
        }
        const { id, name, alias, relation, types, working } = from;
        const plan: LogicalPlan = {
          kind: "cte_scan",
          id,
          name,
          alias,
          relation,
          types,
          working,
        };
        return { plan, captures: [] };
      }
      case "join":
        return this.#join(from);
    }
  }

  #side({ query, relation, columns }: SetSide): LogicalPlan {
    return {
      kind: "project",
      input: this.query(query, relation),
      relation: this.newRelation(),
      expressions: columns,
    };
  }

  /** A VALUES list. */
  values(values: ValuesRelation): LogicalPlan {
    const mapCell = (cell: BoundCell): BoundCell => {
      const [, [expression]] = this.extract({ kind: "result" }, [
        cell.expression,
      ]);
      return { ...cell, expression: expression! };
    };
    const columns = values.values.columns.map((column) =>
      column.cells.length === 0
        ? column
        : { ...column, cells: column.cells.map(mapCell) }
    );
    return {
      kind: "values",
      values: { ...values, values: { ...values.values, columns } },
    };
  }

  #join(from: JoinRelation): PlannedFrom {
    const left = this.#from(from.left);
    const right = this.#from(from.right);
    const available = outputOf(left.plan);
    const isOurs = ({ expression }: Capture): boolean =>
      !someExpression(
        expression,
        (part) => part.kind === "column" && !isAmong(available, part),
      );
    const captures = right.captures.filter(isOurs);
    const outer = [
      ...left.captures,
      ...right.captures.filter((capture) => !isOurs(capture)),
    ];
    const swapped = from.join === "right";
    const sides = swapped
      ? { left: right.plan, right: left.plan }
      : { left: left.plan, right: right.plan };
    const conditions = conjunctsOf(from.condition);
    const plain = conditions.filter((each) => !hasSubquery(each));
    const others = conditions.filter(hasSubquery);
    const join: JoinNode = {
      kind: "join",
      join: from.join === "right" ? "left" : from.join,
      ...sides,
      condition: conjunction(plain),
      captures,
    };
    if (others.length === 0) return { plan: join, captures: outer };
    if (from.join === "inner") {
      return { plan: this.where(join, conjunction(others)!), captures: outer };
    }
    const [below, rest] = this.extract({ kind: "result" }, others);
    if (below.kind !== "result") {
      throw new SqlError(
        "0A000",
        "a subquery over the rows of an outer join is not supported in its condition",
      );
    }
    const condition = conjunction([...plain, ...rest]);
    return { plan: { ...join, condition }, captures: outer };
  }

  /** The rows for which a condition is true; queries in it become joins. */
  where(input: LogicalPlan, where: BoundExpression): LogicalPlan {
    const conditions = conjunctsOf(where);
    const plain = conditions.filter((each) => !hasSubquery(each));
    let plan = filtered(input, plain);
    const others: BoundExpression[] = [];
    for (const condition of conditions.filter(hasSubquery)) {
      const join = semiJoinOf(
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
   * `expressions` without queries: each became a column of the plan, or, where no
   * row is needed for it, a value that is computed first.
   */
  extract(
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
        const known = sources.findIndex((each) => isSame(each, part));
        if (known >= 0) return columnRef({ relation, column: known }, part);
        const [below, operands] = this.extract(plan, part.operands);
        plan = below;
        const subquery = { ...part, operands };
        if (!childrenOf(subquery).some(hasColumn)) return this.#init(subquery);
        subqueries.push(this.#planned(subquery));
        return columnRef({ relation, column: sources.push(part) - 1 }, part);
      })
    );
    if (subqueries.length > 0) {
      plan = { kind: "apply", input: plan, relation, subqueries };
    }
    return [plan, replaced];
  }

  #planned(subquery: BoundSubquery): PlannedSubquery {
    const { form, captures, operands, test, operandRelation } = subquery;
    const plan = this.query(subquery.query, subquery.relation);
    const { type } = subquery;
    return { form, plan, captures, operands, test, operandRelation, type };
  }

  /** A value that is computed before the first row. */
  #init(subquery: BoundSubquery): BoundExpression {
    const inits = this.#inits;
    let position = inits.sources.findIndex((each) => isSame(each, subquery));
    if (position < 0) {
      const planned = this.#planned(subquery);
      position = inits.sources.push(subquery) - 1;
      inits.slots.push(this.#slot);
      this.#slot += 2;
      inits.subqueries.push(planned);
    }
    const { type, offset } = subquery;
    const slot = inits.slots[position]!;
    return { kind: "outer", slot, type, name: "InitPlan", offset };
  }

  #group(
    input: LogicalPlan,
    query: BoundQuery,
  ): { plan: LogicalPlan; targets: BoundTarget[] } {
    const relation = this.newRelation();
    const groups = [...query.groupBy];
    const aggregates: BoundAggregate[] = [];
    const upper = query.targets.map(({ expression }) => expression);
    if (query.having !== undefined) upper.push(query.having);
    for (const expression of upper) {
      collectGrouped(expression, groups, aggregates);
    }
    const map = (expression: BoundExpression): BoundExpression =>
      replaceExpressions(expression, (part) => {
        const group = groups.findIndex((other) => sameExpression(other, part));
        if (group >= 0) return columnRef({ relation, column: group }, part);
        if (part.kind !== "aggregate") return undefined;
        const position = aggregates.findIndex((other) =>
          sameExpression(other, part)
        );
        const column = groups.length + position;
        return columnRef({ relation, column }, part);
      });
    const [below, inner] = this.extract(input, [...groups, ...aggregates]);
    let plan: LogicalPlan = {
      kind: "aggregate",
      input: below,
      relation,
      groups: inner.slice(0, groups.length),
      aggregates: inner.slice(groups.length) as BoundAggregate[],
    };
    if (query.having !== undefined) {
      plan = this.where(plan, map(query.having));
    }
    const targets = query.targets.map((target) => ({
      ...target,
      expression: map(target.expression),
    }));
    return { plan, targets };
  }

  /** Distinct rows first, then their order: both over the result's columns. */
  #distinct(
    input: LogicalPlan,
    query: BoundQuery,
    targets: readonly BoundTarget[],
    relation: number,
  ): LogicalPlan {
    const visible = targets.filter((target) => target.visible);
    const [below, expressions] = separateWaits(
      () => this.newRelation(),
      ...this.extract(input, visible.map(({ expression }) => expression)),
    );
    let plan: LogicalPlan = {
      kind: "distinct",
      input: { kind: "project", input: below, relation, expressions },
    };
    const keys = query.orderBy.map(({ target, ...order }): SortKey => {
      const column = visible.indexOf(targets[target]!);
      return {
        expression: columnRef(
          { relation, column },
          targets[target]!.expression,
          targets[target]!.name,
        ),
        ...order,
      };
    });
    if (keys.length > 0) plan = { kind: "sort", input: plan, keys };
    return this.#limited(plan, query, keys);
  }

  /** The order first, then the select list, for the rows that are left. */
  #ordered(
    input: LogicalPlan,
    query: BoundQuery,
    targets: readonly BoundTarget[],
    relation: number,
  ): LogicalPlan {
    let plan = input;
    let expressions = targets.map(({ expression }) => expression);
    const sorted = query.orderBy.map(({ target }) => target);
    if (sorted.some((target) => hasSubquery(expressions[target]!))) {
      [plan, expressions] = this.extract(plan, expressions);
    }
    if (sorted.some((target) => waits(expressions[target]!))) {
      [plan, expressions] = separateWaits(
        () => this.newRelation(),
        plan,
        expressions,
      );
    }
    const computed = sorted
      .map((target) => expressions[target]!)
      .filter(({ kind }) => kind !== "column");
    if (computed.length > 0) {
      const extra = this.newRelation();
      plan = {
        kind: "compute",
        input: plan,
        relation: extra,
        expressions: computed,
        waits: false,
      };
      expressions = expressions.map((expression, i) =>
        replaceComputed(expression, computed, extra, targets[i]!.name)
      );
    }
    const keys = query.orderBy.map(({ target, ...order }): SortKey => ({
      expression: expressions[target]!,
      ...order,
    }));
    if (keys.length > 0) plan = { kind: "sort", input: plan, keys };
    plan = this.#limited(plan, query, keys);
    const visible = expressions.filter((_, i) => targets[i]!.visible);
    const [below, last] = separateWaits(
      () => this.newRelation(),
      ...this.extract(plan, visible),
    );
    return { kind: "project", input: below, relation, expressions: last };
  }

  #limited(
    input: LogicalPlan,
    { limit, offset, withTies }: BoundQuery,
    keys: readonly SortKey[],
  ): LogicalPlan {
    if (limit === undefined && offset === undefined) return input;
    const ties = withTies ? keys : undefined;
    return {
      kind: "limit",
      input,
      limit: this.#value(limit),
      offset: this.#value(offset),
      ties,
    };
  }

  /** An expression that no row is needed for. */
  #value(expression: BoundExpression | undefined): BoundExpression | undefined {
    return expression === undefined
      ? undefined
      : this.extract({ kind: "result" }, [expression])[1][0];
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

function isAmong(
  ids: readonly ColumnId[],
  { relation, column }: ColumnId,
): boolean {
  return ids.some((id) => id.relation === relation && id.column === column);
}
