/**
 * Pass: the nearest rows come from an index that knows their order.
 *
 * ```text
 * before  limit 10                       after  knn t by t_e_idx, 10 rows
 *           sort by d                             e <-> $1 AS d
 *             compute e <-> $1 AS d               filter b > 1
 *               scan t                            or: top_n 10 by d
 *                 filter b > 1                          compute e <-> $1 AS d …
 *
 * before  limit 10                       after  compute p.e <-> $1 AS d
 *           sort by d                             project p
 *             compute p.e <-> $1 AS d               knn t by t_e_idx, 10 rows
 *               project p
 *                 scan t
 *
 * before  limit 10                       after  limit 10
 *           sort by d, b                           sort by d, b
 *             compute e <-> $1 AS d                  compute e <-> $1 AS d
 *               scan t                                 knn t by t_e_idx,
 *                                                        10 rows with ties
 *
 * before  scan t                         after  knn t by t_e_idx, within $2
 *           filter e <-> $1 < $2                  filter e <-> $1 < $2
 * ```
 *
 * The sort's first key must be ascending with NULLs last: an operator between a
 * key of an index and a value that no row is needed for; and the index an
 * operator class that orders by that operator. Whether the index or the exact way
 * is taken is decided when the plan runs (`cost.ts`).
 *
 * A bound on the distance ends a search: with LIMIT, where no more rows can be
 * near enough; without, that is the whole search. Rows that are to be changed or
 * locked are never found that way, for an index may miss some.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { sameExpression } from "../../analyzer/walk.ts";
import type {
  KnnNode,
  LimitNode,
  LogicalPlan,
  ScanNode,
} from "../../planner/logical_plan.ts";
import { mapInputs, mapPlan } from "../../planner/plan_tree.ts";
import { LOCATOR_COLUMN } from "../../planner/table_rows.ts";
import type { PlanFacts } from "../facts.ts";
import { bitmapOf } from "../indexes/bitmap_selection.ts";
import { filterAfter } from "../indexes/index_selection.ts";
import {
  distanceBounds,
  type OrderingIndex,
  orderingIndex,
} from "./ordering.ts";
import { nearestQuery, nearestRows, queryOver } from "./query.ts";
import { nearConditions } from "./shares.ts";
import { selectivityOf } from "../selectivity.ts";

/** Replaces sorts by a distance, and bounds on one, by KNN scans. */
export function selectKnn(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  const nearest = mapPlan(
    plan,
    (node) => node.kind === "limit" ? nearestOf(node, facts) ?? node : node,
  );
  return facts.ways?.indexScans === false ? nearest : within(nearest, facts);
}

function nearestOf(
  node: LimitNode,
  facts: PlanFacts,
): LogicalPlan | undefined {
  const query = nearestQuery(node);
  if (query?.below.kind !== "scan") return undefined;
  const { compute, projects, below: scan, distance } = query;
  const found = orderingIndex(distance, scan, facts);
  if (found === undefined) return undefined;
  const { filter, share, bound, bitmap } = searchFilter(
    scan,
    distance,
    found,
    facts,
  );
  const knn: KnnNode = {
    kind: "knn",
    table: scan.table,
    index: found.index.entry,
    operator: found.operator,
    query: found.query,
    distance,
    distanceColumn: query.isTied || compute === undefined
      ? undefined
      : { relation: compute.relation, column: 0 },
    columns: scan.columns,
    filter,
    bound,
    limit: node.limit,
    offset: node.offset,
    isTied: query.isTied,
    selectivity: share,
    bitmap,
    exact: query.isTied
      ? scan
      : projects.length === 0
      ? node
      : nearestRows(node, query, scan),
  };
  if (query.isTied) return queryOver(node, query, knn);
  if (projects.length === 0) return knn;
  const projected = projects.reduceRight<LogicalPlan>(
    (input, project) => ({ ...project, input }),
    knn,
  );
  return compute === undefined ? projected : { ...compute, input: projected };
}

/**
 * The filter of a search, how much it leaves, what indexes know of it, and the
 * bound on the distance.
 */
function searchFilter(
  scan: ScanNode,
  distance: BoundExpression,
  { index }: OrderingIndex,
  facts: PlanFacts,
): Pick<KnnNode, "filter" | "bound" | "bitmap"> & { readonly share: number } {
  const { transaction, access } = facts;
  const { table } = scan.table;
  const filter = filterAfter(scan, index, new Set());
  const bounds = distanceBounds(filter).filter((each) =>
    sameExpression(each.distance, distance)
  );
  const method = access.table(table.accessMethod);
  const shareOf = (condition: BoundExpression | undefined): number =>
    selectivityOf(condition, {
      table: scan.table,
      catalog: transaction.catalog,
      rowCount: method.estimateRows(table, transaction),
    });
  // Rows come nearest first: those beyond the bound are not met before.
  const wanted = nearConditions(filter, distance);
  const found = access.index(index.entry.accessMethod).filtersNearest === true
    ? bitmapOf({ ...scan, filter: wanted }, facts)
    : undefined;
  return {
    filter,
    share: shareOf(wanted),
    bound: bounds[0]?.bound,
    bitmap: found && { ...found, share: shareOf(found.condition) },
  };
}

/** Scans of what is within a distance, but for those of exact ways. */
function within(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  if (plan.kind === "knn") return plan;
  if (plan.kind === "scan") return withinOf(plan, facts) ?? plan;
  return mapInputs(plan, (input) => within(input, facts));
}

function withinOf(scan: ScanNode, facts: PlanFacts): KnnNode | undefined {
  if (scan.columns.includes(LOCATOR_COLUMN)) return undefined;
  for (const { distance } of distanceBounds(scan.filter)) {
    const found = orderingIndex(distance, scan, facts);
    if (found === undefined) continue;
    const { filter, share, bound, bitmap } = searchFilter(
      scan,
      distance,
      found,
      facts,
    );
    return {
      kind: "knn",
      table: scan.table,
      index: found.index.entry,
      operator: found.operator,
      query: found.query,
      distance,
      distanceColumn: undefined,
      columns: scan.columns,
      filter,
      bound,
      limit: undefined,
      offset: undefined,
      isTied: false,
      selectivity: share,
      bitmap,
      exact: scan,
    };
  }
  return undefined;
}
