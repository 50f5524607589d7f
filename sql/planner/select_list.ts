/**
 * Select lists with DISTINCT, ORDER BY and LIMIT to logical plans.
 *
 * What ORDER BY computes is computed once, below the sort, and the select list
 * refers to it: `SELECT e <-> $1 AS d … ORDER BY d` has one distance a row, and
 * `SELECT random() AS r … ORDER BY r` one number.
 *
 * @module
 */
import { inOrderOf, withoutOrder } from "../analyzer/collations/collated.ts";
import type {
  BoundExpression,
  BoundQuery,
  BoundTarget,
} from "../analyzer/bound_expression.ts";
import { hasSetCall } from "../analyzer/set_calls.ts";
import { replaceComputed } from "./computed_columns.ts";
import type { LogicalPlan, SortKey } from "./logical_plan.ts";
import { columnRef } from "./plan_tree.ts";
import type { Planning } from "./planning.ts";
import { separateSets } from "./set_columns.ts";
import { hasSubquery } from "./subquery_parts.ts";
import { waits } from "./volatility.ts";
import { separateWaits } from "./waiting_columns.ts";

/** Distinct rows first, then their order: both over the result's columns. */
export function planDistinct(
  planning: Planning,
  input: LogicalPlan,
  query: BoundQuery,
  targets: readonly BoundTarget[],
  relation: number,
): LogicalPlan {
  const visible = targets.filter((target) => target.visible);
  const newRelation = (): number => planning.newRelation();
  const [below, expressions] = separateWaits(
    newRelation,
    ...separateSets(
      newRelation,
      ...planning.extract(input, visible.map(({ expression }) => expression)),
    ),
  );
  let plan: LogicalPlan = {
    kind: "distinct",
    input: { kind: "project", input: below, relation, expressions },
  };
  const keys = query.orderBy.map((sort): SortKey => {
    const { target, collation, ...order } = sort;
    const column = visible.indexOf(targets[target]!);
    const expression = columnRef(
      { relation, column },
      targets[target]!.expression,
      targets[target]!.name,
    );
    return {
      expression: inOrderOf(expression, collation),
      ...order,
    };
  });
  if (keys.length > 0) plan = { kind: "sort", input: plan, keys };
  return limited(planning, plan, query, keys);
}

/** The order first, then the select list, for the rows that are left. */
export function planOrdered(
  planning: Planning,
  input: LogicalPlan,
  query: BoundQuery,
  targets: readonly BoundTarget[],
  relation: number,
): LogicalPlan {
  let plan = input;
  let expressions = targets.map(({ expression }) => expression);
  const sorted = query.orderBy.map(({ target }) => target);
  const newRelation = (): number => planning.newRelation();
  const isSorted = (test: (expression: BoundExpression) => boolean): boolean =>
    sorted.some((target) => test(expressions[target]!));
  // Rows of sets are rows before DISTINCT ON leaves out any.
  const expands = query.distinctOn > 0
    ? expressions.some(hasSetCall)
    : isSorted(hasSetCall);
  if (isSorted(hasSubquery) || expands) {
    [plan, expressions] = planning.extract(plan, expressions);
  }
  if (expands) {
    [plan, expressions] = separateSets(newRelation, plan, expressions);
  }
  if (isSorted(waits)) {
    [plan, expressions] = separateWaits(newRelation, plan, expressions);
  }
  const computed = sorted
    .map((target) => expressions[target]!)
    .filter(({ kind }) => kind !== "column");
  if (computed.length > 0) {
    const extra = planning.newRelation();
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
  const keys = query.orderBy.map((sort): SortKey => {
    const { target, collation, ...order } = sort;
    return { expression: inOrderOf(expressions[target]!, collation), ...order };
  });
  if (keys.length > 0) plan = { kind: "sort", input: plan, keys };
  if (query.distinctOn > 0) {
    const first = keys.slice(0, query.distinctOn);
    plan = {
      kind: "distinct_on",
      input: plan,
      keys: first.map(({ expression }) => withoutOrder(expression)),
    };
  }
  let visible = expressions.filter((_, i) => targets[i]!.visible);
  if (visible.some(hasSetCall)) {
    // Each row of a set counts for LIMIT.
    [plan, visible] = planning.extract(plan, visible);
    [plan, visible] = separateSets(newRelation, plan, visible);
  }
  plan = limited(planning, locked(planning, plan, query), query, keys);
  const [below, last] = separateWaits(
    newRelation,
    ...planning.extract(plan, visible),
  );
  return { kind: "project", input: below, relation, expressions: last };
}

/** The rows with locks on those of tables that they come from. */
function locked(
  planning: Planning,
  input: LogicalPlan,
  { locks, limit, offset, withTies }: BoundQuery,
): LogicalPlan {
  if (locks.length === 0) return input;
  planning.locks = true;
  return {
    kind: "lock_rows",
    input,
    locks,
    limit: valueOf(planning, limit),
    offset: valueOf(planning, offset),
    withTies,
  };
}

function limited(
  planning: Planning,
  input: LogicalPlan,
  { limit, offset, withTies }: BoundQuery,
  keys: readonly SortKey[],
): LogicalPlan {
  if (limit === undefined && offset === undefined) return input;
  const ties = withTies ? keys : undefined;
  return {
    kind: "limit",
    input,
    limit: valueOf(planning, limit),
    offset: valueOf(planning, offset),
    ties,
  };
}

/** An expression that no row is needed for. */
function valueOf(
  planning: Planning,
  expression: BoundExpression | undefined,
): BoundExpression | undefined {
  return expression === undefined
    ? undefined
    : planning.extract({ kind: "result" }, [expression])[1][0];
}
