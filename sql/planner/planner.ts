/**
 * Bound statements to logical plans, one to one and without any choice: the
 * optimizer's passes make them better.
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
 * @module
 */
import {
  type BoundAggregate,
  type BoundColumn,
  type BoundExpression,
  CTID_COLUMN,
  TABLEOID_COLUMN,
} from "../analyzer/bound_expression.ts";
import type {
  BoundDelete,
  BoundFrom,
  BoundInsert,
  BoundPlannable,
  BoundQuery,
  BoundTarget,
  BoundUpdate,
  TableRelation,
} from "../analyzer/bound_tree.ts";
import {
  childrenOf,
  replaceExpressions,
  sameExpression,
  someExpression,
} from "../analyzer/walk.ts";
import { columnRef, type LogicalPlan, type SortKey } from "./logical_plan.ts";

/** Relations that the planner makes have numbers from here on. */
const FIRST_PLAN_RELATION = 1000;

/**
 * The column number under which a scan gives the row's locator itself, a
 * number; `ctid` is its text.
 */
export const LOCATOR_COLUMN = -100;

/** The logical plan of a statement. */
export function planLogically(statement: BoundPlannable): LogicalPlan {
  const planner = new Planner();
  switch (statement.kind) {
    case "select":
      return planner.query(statement.query, planner.newRelation());
    case "insert":
      return planner.insert(statement);
    case "update":
      return planner.update(statement);
    case "delete":
      return planner.delete(statement);
  }
}

/** Whether evaluating the expression twice may give two results. */
export function isVolatile(expression: BoundExpression): boolean {
  return someExpression(expression, (part) =>
    part.kind === "call" &&
    (part.function.volatility === "volatile" ||
      part.function.async !== undefined));
}

function waits(expression: BoundExpression): boolean {
  return someExpression(expression, isWaitingCall);
}

function isWaitingCall(expression: BoundExpression): boolean {
  return expression.kind === "call" && expression.function.async !== undefined;
}

class Planner {
  #relations = FIRST_PLAN_RELATION;

  newRelation(): number {
    return this.#relations++;
  }

  /** A query whose result columns belong to `relation`. */
  query(query: BoundQuery, relation: number): LogicalPlan {
    let plan = planFrom(query.from);
    if (query.where !== undefined) {
      plan = { kind: "filter", input: plan, condition: query.where };
    }
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
    let plan: LogicalPlan = {
      kind: "aggregate",
      input,
      relation,
      groups,
      aggregates,
    };
    if (query.having !== undefined) {
      plan = { kind: "filter", input: plan, condition: map(query.having) };
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
    const [below, expressions] = this.#wait(
      input,
      visible.map(({ expression }) => expression),
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
    return limited(plan, query, keys);
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
    if (sorted.some((target) => waits(expressions[target]!))) {
      [plan, expressions] = this.#wait(plan, expressions);
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
    plan = limited(plan, query, keys);
    const visible = expressions.filter((_, i) => targets[i]!.visible);
    const [below, last] = this.#wait(plan, visible);
    return { kind: "project", input: below, relation, expressions: last };
  }

  /** Calls that wait for storage get a node of their own, inner ones first. */
  #wait(
    input: LogicalPlan,
    expressions: readonly BoundExpression[],
  ): [LogicalPlan, BoundExpression[]] {
    let plan = input;
    let current = [...expressions];
    while (current.some(waits)) {
      const relation = this.newRelation();
      const calls: BoundExpression[] = [];
      current = current.map((expression) =>
        replaceExpressions(expression, (part) => {
          if (!isWaitingCall(part) || childrenOf(part).some(waits)) {
            return undefined;
          }
          const column = calls.push(part) - 1;
          return columnRef({ relation, column }, part);
        })
      );
      plan = {
        kind: "compute",
        input: plan,
        relation,
        expressions: calls,
        waits: true,
      };
    }
    return [plan, current];
  }

  insert(statement: BoundInsert): LogicalPlan {
    const { table, assigned, newRelation, source, sourceRelation } = statement;
    return {
      kind: "insert",
      input: this.#source(source, sourceRelation),
      table,
      assigned,
      newRelation,
      relation: this.newRelation(),
      returning: statement.returning.map(({ expression }) => expression),
    };
  }

  #source(source: BoundInsert["source"], relation: number): LogicalPlan {
    if (source === undefined) return { kind: "result" };
    if ("rowCount" in source) {
      const values = { kind: "values", relation, values: source } as const;
      return { kind: "values", values };
    }
    return this.query(source, relation);
  }

  update(statement: BoundUpdate): LogicalPlan {
    return {
      kind: "update",
      input: changedRows(statement),
      table: statement.from,
      assignments: statement.assignments,
      relation: this.newRelation(),
      returning: statement.returning.map(({ expression }) => expression),
    };
  }

  delete(statement: BoundDelete): LogicalPlan {
    return {
      kind: "delete",
      input: changedRows(statement),
      table: statement.from,
      relation: this.newRelation(),
      returning: statement.returning.map(({ expression }) => expression),
    };
  }
}

/** The rows that UPDATE or DELETE changes: all columns, and the locator. */
function changedRows({ from, where }: BoundUpdate | BoundDelete): LogicalPlan {
  const scan: LogicalPlan = {
    kind: "scan",
    table: from,
    // Pruning leaves of the last two what is used.
    columns: [
      ...allColumns(from),
      LOCATOR_COLUMN,
      CTID_COLUMN,
      TABLEOID_COLUMN,
    ],
    filter: undefined,
  };
  return where === undefined
    ? scan
    : { kind: "filter", input: scan, condition: where };
}

function allColumns({ table }: TableRelation): number[] {
  return table.columns.map((_, position) => position);
}

function planFrom(from: BoundFrom | undefined): LogicalPlan {
  if (from === undefined) return { kind: "result" };
  if (from.kind === "values") return { kind: "values", values: from };
  return {
    kind: "scan",
    table: from,
    // Pruning leaves what is used.
    columns: [...allColumns(from), CTID_COLUMN, TABLEOID_COLUMN],
    filter: undefined,
  };
}

/**
 * The aggregates in an expression above groups, and the columns that depend on
 * a grouped primary key: they become groups too, which changes no group.
 */
function collectGrouped(
  expression: BoundExpression,
  groups: BoundExpression[],
  aggregates: BoundAggregate[],
): void {
  if (groups.some((group) => sameExpression(group, expression))) return;
  if (expression.kind === "aggregate") {
    if (!aggregates.some((other) => sameExpression(other, expression))) {
      aggregates.push(expression);
    }
    return;
  }
  if (expression.kind === "column") {
    groups.push(expression);
    return;
  }
  for (const child of childrenOf(expression)) {
    collectGrouped(child, groups, aggregates);
  }
}

/** `expression` with what the sort has computed taken from there. */
function replaceComputed(
  expression: BoundExpression,
  computed: readonly BoundExpression[],
  relation: number,
  name: string,
): BoundExpression {
  return replaceExpressions(expression, (part) => {
    const column = computed.findIndex((other) =>
      other === part || (sameExpression(other, part) && !isVolatile(part))
    );
    if (column < 0) return undefined;
    const ref: BoundColumn = columnRef({ relation, column }, part, name);
    return ref;
  });
}

function limited(
  input: LogicalPlan,
  { limit, offset, withTies }: BoundQuery,
  keys: readonly SortKey[],
): LogicalPlan {
  if (limit === undefined && offset === undefined) return input;
  const ties = withTies ? keys : undefined;
  return { kind: "limit", input, limit, offset, ties };
}
