/**
 * The types of the columns that a node gives: for who needs columns where there
 * are no rows to tell.
 *
 * @module
 */
import { unreachable } from "../../base/invariant.ts";
import type { AppendNode, LogicalPlan } from "../planner/logical_plan.ts";
import { functionColumns, outputOf } from "../planner/plan_tree.ts";
import type { DataType, TypeRef } from "../types/data_type.ts";
import { int4 } from "../types/int_types.ts";
import { TableColumns } from "./table_columns.ts";

/** The types of a node's columns, in order. */
export function typesOf(plan: LogicalPlan): DataType[] {
  switch (plan.kind) {
    case "result":
      return [];
    case "values":
      return typesIn(plan.values.values.columns);
    case "scan":
    case "index_lookup":
    case "index_scan":
    case "bitmap_scan":
    case "custom_scan":
      return [...new TableColumns(plan.table.table, plan.columns).types];
    case "append":
      return [
        ...new TableColumns(plan.table.table, plan.columns).types,
        ...computedTypes(plan),
      ];
    case "knn":
      return [
        ...new TableColumns(plan.table.table, plan.columns).types,
        ...(plan.distanceColumn === undefined ? [] : [plan.distance.type.type]),
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
      return typesOf(plan.input);
    case "project_set":
      return [
        ...typesOf(plan.input),
        ...typesIn(plan.calls.flatMap(({ columns }) => columns)),
      ];
    case "window":
      return [...typesOf(plan.input), ...typesIn(plan.calls)];
    case "function_scan":
      return typesIn(functionColumns(plan));
    case "compute":
      return [...typesOf(plan.input), ...typesIn(plan.expressions)];
    case "apply":
      return [...typesOf(plan.input), ...typesIn(plan.subqueries)];
    case "project":
      return typesIn(plan.expressions);
    case "aggregate":
      return [
        ...typesIn(plan.groups),
        ...typesIn(plan.aggregates),
        ...plan.groupings.map(() => int4),
      ];
    case "join":
      return [...typesOf(plan.left), ...typesOf(plan.right)]
        .slice(0, outputOf(plan).length);
    case "set_operation":
    case "recursive":
      return typesOf(plan.left);
    case "cte_scan":
    case "external":
      return plan.types.map(({ type }) => type);
    case "insert":
    case "update":
    case "delete":
    case "merge":
      return typesIn(plan.returning);
    default:
      return unreachable(plan);
  }
}

/** The types of the columns that the inputs of an append compute. */
function computedTypes({ more = [], inputs }: AppendNode): DataType[] {
  const [first] = inputs;
  if (first === undefined) return [];
  const types = typesOf(first);
  const ids = outputOf(first);
  return more.map(({ relation, column }) =>
    types[
      ids.findIndex((id) => id.relation === relation && id.column === column)
    ]!
  );
}

function typesIn(all: readonly { readonly type: TypeRef }[]): DataType[] {
  return all.map(({ type }) => type.type);
}
