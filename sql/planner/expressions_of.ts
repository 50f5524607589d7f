/**
 * The expressions of a logical node: seen together, or all mapped.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import type { BoundExpression, Capture } from "../analyzer/bound_expression.ts";
import type {
  BoundAssignment,
  BoundConflict,
  BoundMergeClause,
} from "../analyzer/bound_tree.ts";
import type {
  BitmapSource,
  IndexRange,
  KeyEnd,
  LogicalPlan,
  Recheck,
  SortKey,
} from "./logical_plan.ts";

type Map = (expression: BoundExpression) => BoundExpression;

/** `plan` with its own expressions replaced by what `map` makes of them. */
export function mapExpressions(plan: LogicalPlan, map: Map): LogicalPlan {
  const maybe = (
    expression: BoundExpression | undefined,
  ): BoundExpression | undefined =>
    expression === undefined ? undefined : map(expression);
  const keys = (all: readonly SortKey[]): SortKey[] =>
    all.map((key) => ({ ...key, expression: map(key.expression) }));
  const captures = (all: readonly Capture[]): Capture[] =>
    all.map(({ slot, expression }) => ({ slot, expression: map(expression) }));
  switch (plan.kind) {
    case "result":
    case "distinct":
    case "set_operation":
    case "materialize":
    case "with":
    case "cte_scan":
    case "external":
    case "recursive":
      return plan;
    case "join":
      return {
        ...plan,
        condition: maybe(plan.condition),
        captures: captures(plan.captures),
      };
    case "apply":
    case "init":
      return {
        ...plan,
        subqueries: plan.subqueries.map((subquery) => ({
          ...subquery,
          operands: subquery.operands.map(map),
          captures: captures(subquery.captures),
        })),
      };
    case "window":
      return {
        ...plan,
        partitionBy: plan.partitionBy.map(map),
        orderBy: keys(plan.orderBy),
        calls: plan.calls.map((call) => {
          const mapped = map(call);
          return mapped.kind === "window" ? mapped : call;
        }),
      };
    case "project_set":
      return {
        ...plan,
        calls: plan.calls.map((call) => ({
          ...call,
          args: call.args.map(map),
        })),
      };
    case "function_scan":
      return {
        ...plan,
        functions: plan.functions.map((each) =>
          each.kind === "set"
            ? { ...each, args: each.args.map(map) }
            : { ...each, expression: map(each.expression) }
        ),
      };
    case "values":
      return mapCells(plan, map);
    case "append":
      return plan.pruning === undefined ? plan : {
        ...plan,
        pruning: {
          ...plan.pruning,
          conditions: plan.pruning.conditions.map(map),
        },
      };
    case "scan":
      return { ...plan, filter: maybe(plan.filter) };
    case "index_lookup":
      return {
        ...plan,
        keys: plan.keys.map((key) => key.map(map)),
        filter: maybe(plan.filter),
      };
    case "index_scan":
      return {
        ...plan,
        range: mapRange(plan.range, map),
        filter: maybe(plan.filter),
      };
    case "custom_scan":
      return {
        ...plan,
        told: plan.told.map((each) => ({
          ...each,
          values: each.values.map(map),
        })),
        filter: maybe(plan.filter),
        limit: maybe(plan.limit),
        offset: maybe(plan.offset),
      };
    case "bitmap_scan":
      return {
        ...plan,
        source: mapSource(plan.source, map),
        filter: maybe(plan.filter),
      };
    case "knn":
      return {
        ...plan,
        query: map(plan.query),
        distance: map(plan.distance),
        filter: maybe(plan.filter),
        bound: maybe(plan.bound),
        bitmap: plan.bitmap && {
          ...plan.bitmap,
          source: mapSource(plan.bitmap.source, map),
        },
        limit: maybe(plan.limit),
        offset: maybe(plan.offset),
      };
    case "filter":
      return { ...plan, condition: map(plan.condition) };
    case "compute":
    case "project":
      return { ...plan, expressions: plan.expressions.map(map) };
    case "aggregate":
      return {
        ...plan,
        groups: plan.groups.map(map),
        aggregates: plan.aggregates.map((aggregate) => {
          const mapped = map(aggregate);
          return mapped.kind === "aggregate" ? mapped : aggregate;
        }),
      };
    case "distinct_on":
      return { ...plan, keys: plan.keys.map(map) };
    case "sort":
      return { ...plan, keys: keys(plan.keys) };
    case "gather":
      return plan.keys === undefined
        ? plan
        : { ...plan, keys: keys(plan.keys) };
    case "top_n":
      return {
        ...plan,
        keys: keys(plan.keys),
        limit: map(plan.limit),
        offset: maybe(plan.offset),
      };
    case "lock_rows":
    case "limit":
      return { ...plan, limit: maybe(plan.limit), offset: maybe(plan.offset) };
    case "insert":
      return {
        ...plan,
        assigned: plan.assigned.map(map),
        where: maybe(plan.where),
        conflict: mapConflict(plan.conflict, map),
        returning: plan.returning.map(map),
      };
    case "update":
      return {
        ...plan,
        assignments: mapAssignments(plan.assignments, map),
        recheck: mapRecheck(plan.recheck, map),
        returning: plan.returning.map(map),
      };
    case "merge":
      return {
        ...plan,
        clauses: plan.clauses.map((clause) => mapMergeClause(clause, map)),
        returning: plan.returning.map(map),
      };
    case "delete":
      return {
        ...plan,
        recheck: mapRecheck(plan.recheck, map),
        returning: plan.returning.map(map),
      };
    default:
      return unreachable(plan);
  }
}

/** A range of an index with its values mapped. */
function mapRange(range: IndexRange, map: Map): IndexRange {
  const end = (key: KeyEnd | undefined): KeyEnd | undefined =>
    key && { ...key, value: map(key.value) };
  return {
    ...range,
    equal: range.equal.map((key) => ({
      ...key,
      values: key.values.map(map),
    })),
    lower: end(range.lower),
    upper: end(range.upper),
  };
}

function mapRecheck(recheck: Recheck, map: Map): Recheck {
  return typeof recheck === "string" ? recheck : map(recheck);
}

/** A source of locators with its values mapped. */
function mapSource(source: BitmapSource, map: Map): BitmapSource {
  switch (source.kind) {
    case "search":
      return {
        ...source,
        terms: source.terms.map((term) => ({
          ...term,
          value: map(term.value),
        })),
      };
    case "range":
      return { ...source, range: mapRange(source.range, map) };
    default:
      return {
        ...source,
        inputs: source.inputs.map((input) => mapSource(input, map)),
      };
  }
}

function mapAssignments(
  all: readonly BoundAssignment[],
  map: Map,
): BoundAssignment[] {
  return all.map(({ column, expression }) => ({
    column,
    expression: map(expression),
  }));
}

/** A WHEN of MERGE with its expressions mapped, in order. */
export function mapMergeClause(
  { match, condition, action }: BoundMergeClause,
  map: Map,
): BoundMergeClause {
  return {
    match,
    condition: condition === undefined ? undefined : map(condition),
    action: action.kind === "update"
      ? { ...action, assignments: mapAssignments(action.assignments, map) }
      : action.kind === "insert"
      ? { ...action, assigned: action.assigned.map(map) }
      : action,
  };
}

function mapConflict(
  conflict: BoundConflict | undefined,
  map: Map,
): BoundConflict | undefined {
  if (conflict?.update === undefined) return conflict;
  const { update } = conflict;
  return {
    ...conflict,
    update: {
      ...update,
      assignments: mapAssignments(update.assignments, map),
      where: update.where === undefined ? undefined : map(update.where),
    },
  };
}

function mapCells(
  plan: Extract<LogicalPlan, { kind: "values" }>,
  map: Map,
): LogicalPlan {
  const { values } = plan.values;
  if (values.columns.every(({ cells }) => cells.length === 0)) return plan;
  const columns = values.columns.map((column) => ({
    ...column,
    cells: column.cells.map((cell) => ({
      ...cell,
      expression: map(cell.expression),
    })),
  }));
  return {
    ...plan,
    values: { ...plan.values, values: { ...values, columns } },
  };
}

/** The node's own expressions. */
export function expressionsOf(plan: LogicalPlan): BoundExpression[] {
  const all: BoundExpression[] = [];
  mapExpressions(plan, (expression) => {
    all.push(expression);
    return expression;
  });
  return all;
}
