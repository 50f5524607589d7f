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
import { sameExpression, someExpression } from "../analyzer/walk.ts";
import type {
  ComputeNode,
  KnnNode,
  LimitNode,
  LogicalPlan,
  ScanNode,
} from "../planner/logical_plan.ts";
import { mapPlan } from "../planner/plan_tree.ts";
import type { PlanFacts } from "./facts.ts";
import { filterAfter } from "./indexes/index_selection.ts";
import { isFixed } from "./indexes/key_condition.ts";
import { type TableIndex, usableIndexes } from "./indexes/table_index.ts";
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
  let query: BoundExpression | undefined;
  const index = usableIndexes(scan, facts).find((each) => {
    query = queryFor(each, ordering);
    return query !== undefined;
  });
  if (index === undefined || query === undefined) return undefined;
  const filter = filterAfter(scan, index, new Set());
  const rowCount = access.table(table.accessMethod).estimateRows(
    table,
    transaction,
  );
  return {
    kind: "knn",
    table: scan.table,
    index: index.entry,
    operator: ordering.operator,
    query,
    distance,
    distanceColumn: { relation: compute.relation, column: 0 },
    columns: scan.columns,
    filter,
    ...limits,
    selectivity: selectivityOf(filter, {
      table: scan.table,
      catalog: transaction.catalog,
      rowCount,
    }),
    exact,
  };
}

/** `operand operator query`, or the other way round. */
interface Ordering {
  readonly operator: string;
  readonly operands: readonly [BoundExpression, BoundExpression];
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
  const isOver = (operand: BoundExpression): boolean =>
    someExpression(
      operand,
      (part) => part.kind === "column" && part.relation === table.relation,
    );
  return isOver(left) === isOver(right)
    ? undefined
    : { operator: distance.operator, operands: [left, right] };
}

/** What an index that gives that order is asked for. */
function queryFor(
  { entry, method, keys }: TableIndex,
  { operator, operands: [left, right] }: Ordering,
): BoundExpression | undefined {
  const [key] = keys;
  const [column] = entry.columns;
  if (
    entry.columns.length !== 1 || key === undefined ||
    method.openNearest === undefined ||
    !method.operatorClasses.some((each) =>
      each.name === column!.operatorClass &&
      each.typeName === key.type.type.name &&
      each.orderingOperators.includes(operator)
    )
  ) return undefined;
  for (const [operand, query] of [[left, right], [right, left]] as const) {
    if (sameExpression(operand, key) && isFixed(query)) return query;
  }
  return undefined;
}
