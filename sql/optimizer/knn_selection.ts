/**
 * Pass: the nearest rows come from an index that knows their order.
 *
 * ```text
 * before  limit 10                       after  knn t by t_e_idx, 10 rows
 *           sort by d                             e <-> $1 AS d
 *             compute e <-> $1 AS d               filter b > 1
 *               scan t                            or: top_n 10 by d
 *                 filter b > 1                          compute e <-> $1 AS d …
 * ```
 *
 * The sort must have one key, ascending with NULLs last: an operator between a
 * column and a value that no row is needed for; and the column an index whose
 * operator class orders by that operator. Whether the index or the exact way is
 * taken is decided when the plan runs (`knn_cost.ts`).
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { someExpression } from "../analyzer/walk.ts";
import type { IndexEntry } from "../catalog/entries.ts";
import type {
  ComputeNode,
  KnnNode,
  LimitNode,
  LogicalPlan,
  ScanNode,
} from "../planner/logical_plan.ts";
import { mapPlan } from "../planner/plan_tree.ts";
import { isVolatile } from "../planner/volatility.ts";
import type { PlanFacts } from "./facts.ts";
import { selectivityOf } from "./selectivity.ts";

/** Replaces sorts by a distance by KNN scans where that is possible. */
export function selectKnn(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  return mapPlan(
    plan,
    (node) => node.kind === "limit" ? knnOf(node, facts) ?? node : node,
  );
}

function knnOf(node: LimitNode, facts: PlanFacts): KnnNode | undefined {
  const { input: sort, limit, offset, ties } = node;
  if (limit === undefined || ties !== undefined || sort.kind !== "sort") {
    return undefined;
  }
  const [key, second] = sort.keys;
  const compute = sort.input;
  if (
    key === undefined || second !== undefined || key.descending ||
    key.nullsFirst || compute.kind !== "compute" || compute.waits ||
    compute.expressions.length !== 1 || compute.input.kind !== "scan"
  ) return undefined;
  const { expression } = key;
  if (
    expression.kind !== "column" || expression.relation !== compute.relation
  ) return undefined;
  return matchIndex(node, compute, compute.input, facts, { limit, offset });
}

function matchIndex(
  exact: LimitNode,
  compute: ComputeNode,
  scan: ScanNode,
  facts: PlanFacts,
  limits: Pick<KnnNode, "limit" | "offset">,
): KnnNode | undefined {
  const distance = compute.expressions[0]!;
  const ordering = orderingOf(distance, scan);
  if (ordering === undefined) return undefined;
  const { transaction, access } = facts;
  const { table } = scan.table;
  const index = transaction.catalog.indexesOf(table.id).find((entry) =>
    orders(entry, ordering, facts)
  );
  if (index === undefined) return undefined;
  const rowCount = access.table(table.accessMethod).estimateRows(
    table,
    transaction,
  );
  return {
    kind: "knn",
    table: scan.table,
    index,
    operator: ordering.operator,
    query: ordering.query,
    distance,
    distanceColumn: { relation: compute.relation, column: 0 },
    columns: scan.columns,
    filter: scan.filter,
    ...limits,
    selectivity: selectivityOf(scan.filter, {
      table: scan.table,
      catalog: transaction.catalog,
      rowCount,
    }),
    exact,
  };
}

/** `column operator query`. */
interface Ordering {
  readonly operator: string;
  /** The column's number in the catalog. */
  readonly number: number;
  readonly typeName: string;
  readonly query: BoundExpression;
}

function orderingOf(
  distance: BoundExpression,
  { table }: ScanNode,
): Ordering | undefined {
  if (distance.kind !== "call" || distance.operator === undefined) {
    return undefined;
  }
  const [left, right] = distance.args;
  if (left === undefined || right === undefined) return undefined;
  for (const [column, query] of [[left, right], [right, left]] as const) {
    if (column.kind !== "column" || column.relation !== table.relation) {
      continue;
    }
    const entry = table.table.columns[column.column];
    if (entry === undefined || !isFixed(query)) continue;
    return {
      operator: distance.operator,
      number: entry.number,
      typeName: entry.type.type.name,
      query,
    };
  }
  return undefined;
}

function isFixed(expression: BoundExpression): boolean {
  return !isVolatile(expression) &&
    !someExpression(expression, ({ kind }) => kind === "column");
}

/** Whether the index gives that order. */
function orders(
  entry: IndexEntry,
  { operator, number, typeName }: Ordering,
  { access }: PlanFacts,
): boolean {
  const [column] = entry.columns;
  if (entry.columns.length !== 1 || column?.columnNumber !== number) {
    return false;
  }
  const method = access.index(entry.accessMethod);
  return method.openNearest !== undefined &&
    method.operatorClasses.some((each) =>
      each.name === column.operatorClass && each.typeName === typeName &&
      each.orderingOperators.includes(operator)
    );
}
