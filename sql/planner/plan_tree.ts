/**
 * Logical plans as trees: what a node gives, what stands below it, and plans
 * with nodes replaced. A new kind of node says here what it gives, and, where
 * its inputs are not just `input`, which they are.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import type {
  BoundColumn,
  BoundExpression,
} from "../analyzer/bound_expression.ts";
import type { TableRelation } from "../analyzer/bound_tree.ts";
import type { SetColumn } from "../functions/sets/set_source.ts";
import { int8 } from "../types/int_types.ts";
import type {
  ColumnId,
  FunctionScanNode,
  LateRows,
  LogicalPlan,
} from "./logical_plan.ts";

/** The columns that a node gives, in their order in chunks. */
export function outputOf(plan: LogicalPlan): ColumnId[] {
  switch (plan.kind) {
    case "result":
      return [];
    case "values": {
      const { relation, values } = plan.values;
      return numbered(relation, values.columns.length);
    }
    case "scan":
    case "index_lookup":
    case "index_scan":
    case "bitmap_scan":
    case "custom_scan":
      return columnsOf(plan.table, plan.columns);
    case "append":
      return [...columnsOf(plan.table, plan.columns), ...plan.more ?? []];
    case "knn":
      return [
        ...columnsOf(plan.table, plan.columns),
        ...(plan.distanceColumn === undefined ? [] : [plan.distanceColumn]),
      ];
    case "filter":
    case "sort":
    case "top_n":
    case "limit":
    case "distinct":
    case "distinct_on":
    case "lock_rows":
    case "init":
    case "materialize":
    case "with":
    case "gather":
      return outputOf(plan.input);
    case "join":
      return plan.join === "semi" || plan.join === "anti"
        ? outputOf(plan.left)
        : [...outputOf(plan.left), ...outputOf(plan.right)];
    case "set_operation":
    case "recursive":
      return numbered(plan.relation, plan.columnCount);
    case "cte_scan":
    case "external":
      return numbered(plan.relation, plan.types.length);
    case "apply":
      return [
        ...outputOf(plan.input),
        ...numbered(plan.relation, plan.subqueries.length),
      ];
    case "project_set":
    case "window":
      return [
        ...outputOf(plan.input),
        ...numbered(plan.relation, plan.calls.length),
      ];
    case "function_scan":
      return numbered(plan.relation, functionColumns(plan).length);
    case "compute":
      return [
        ...outputOf(plan.input),
        ...numbered(plan.relation, plan.expressions.length),
      ];
    case "project":
      return numbered(plan.relation, plan.expressions.length);
    case "aggregate":
      return numbered(
        plan.relation,
        plan.groups.length + plan.aggregates.length + plan.groupings.length,
      );
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return numbered(plan.relation, plan.returning.length);
    default:
      return unreachable(plan);
  }
}

/** The columns of functions in FROM, that of their ordinality too. */
export function functionColumns(
  { functions, ordinality }: FunctionScanNode,
): SetColumn[] {
  const columns = functions.flatMap((each) => each.columns);
  const type = { type: int8, typmod: -1 };
  return ordinality ? [...columns, { name: "ordinality", type }] : columns;
}

function numbered(relation: number, count: number): ColumnId[] {
  return Array.from({ length: count }, (_, column) => ({ relation, column }));
}

function columnsOf(
  { relation }: TableRelation,
  columns: readonly number[],
): ColumnId[] {
  return columns.map((column) => ({ relation, column }));
}

/** The nodes below, those of queries in expressions too. */
export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  const inputs: LogicalPlan[] = [];
  mapInputs(plan, (input) => {
    inputs.push(input);
    return input;
  });
  return inputs;
}

/** `plan` with the nodes below replaced by what `map` makes of them. */
export function mapInputs(
  plan: LogicalPlan,
  map: (input: LogicalPlan) => LogicalPlan,
): LogicalPlan {
  switch (plan.kind) {
    case "knn": {
      const exact = map(plan.exact);
      return exact === plan.exact ? plan : { ...plan, exact };
    }
    case "append": {
      const inputs = plan.inputs.map(map);
      return inputs.every((input, i) => input === plan.inputs[i])
        ? plan
        : { ...plan, inputs };
    }
    case "join":
    case "set_operation":
    case "recursive": {
      const left = map(plan.left);
      const right = map(plan.right);
      return left === plan.left && right === plan.right
        ? plan
        : { ...plan, left, right };
    }
    case "apply":
    case "init": {
      const subqueries = mapPlans(plan.subqueries, map);
      const input = map(plan.input);
      return input === plan.input && subqueries === plan.subqueries
        ? plan
        : { ...plan, input, subqueries };
    }
    case "with": {
      const ctes = mapPlans(plan.ctes, map);
      const input = map(plan.input);
      return input === plan.input && ctes === plan.ctes
        ? plan
        : { ...plan, input, ctes };
    }
    case "insert":
    case "update":
    case "delete":
    case "merge": {
      const input = map(plan.input);
      const late = plan.late && mapLate(plan.late, map);
      const lateUpdate = plan.kind === "insert" && plan.lateUpdate !== undefined
        ? mapLate(plan.lateUpdate, map)
        : undefined;
      return {
        ...plan,
        input,
        ...late === undefined ? {} : { late },
        ...lateUpdate === undefined ? {} : { lateUpdate },
      };
    }
    default: {
      if (!("input" in plan)) return plan;
      const input = map(plan.input);
      return input === plan.input ? plan : { ...plan, input };
    }
  }
}

function mapLate(
  late: LateRows,
  map: (plan: LogicalPlan) => LogicalPlan,
): LateRows {
  return { ...late, plan: map(late.plan) };
}

/** Objects with their plans mapped; the same list where none changed. */
function mapPlans<T extends { readonly plan: LogicalPlan }>(
  all: readonly T[],
  map: (plan: LogicalPlan) => LogicalPlan,
): readonly T[] {
  const mapped = all.map((each) => {
    const plan = map(each.plan);
    return plan === each.plan ? each : { ...each, plan };
  });
  return mapped.every((each, i) => each === all[i]) ? all : mapped;
}

/** `plan` with `map` applied to every node, the lowest first. */
export function mapPlan(
  plan: LogicalPlan,
  map: (plan: LogicalPlan) => LogicalPlan,
): LogicalPlan {
  return map(mapInputs(plan, (input) => mapPlan(input, map)));
}

/** A reference to a column that a node gives. */
export function columnRef(
  { relation, column }: ColumnId,
  expression: BoundExpression,
  name = "",
): BoundColumn {
  const { type, offset } = expression;
  return { kind: "column", relation, column, type, name, offset };
}
