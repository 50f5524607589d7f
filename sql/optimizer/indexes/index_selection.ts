/**
 * Pass: rows are found by an index, where that is cheaper than looking at all.
 *
 * ```text
 * before  scan t                           after  index_lookup t by t_pkey
 *           filter id = $1 AND b > 1               keys ($1)
 *                                                   filter b > 1
 *
 * before  scan t                           after  index_scan t by t_a_b_idx
 *           filter a = 1 AND b < 9 AND c           a = 1, b < 9
 *                                                   filter c
 * ```
 *
 * A lookup needs a value for every key column; for an index of one column,
 * `IN (…)` and `= ANY (array)` give several. A scan of a range needs values for
 * the first columns, or an end for the next one, and an index that is in order.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { conjunction } from "../../planner/conjuncts.ts";
import type {
  IndexLookupNode,
  IndexScanNode,
  LogicalPlan,
  ScanNode,
} from "../../planner/logical_plan.ts";
import { mapPlan } from "../../planner/plan_tree.ts";
import { estimate } from "../estimate.ts";
import type { PlanFacts } from "../facts.ts";
import { bitmapPathOf } from "./bitmap_selection.ts";
import { type FoundRange, indexRange } from "./index_range.ts";
import {
  remainingFilter,
  type TableIndex,
  usableIndexes,
} from "./table_index.ts";

/** Rows that an index finds. */
export type IndexPath = IndexLookupNode | IndexScanNode;

/** Replaces scans by indexes where that is cheaper. */
export function selectIndexes(
  plan: LogicalPlan,
  facts: PlanFacts,
): LogicalPlan {
  return mapPlan(plan, (node) => {
    if (node.kind !== "scan") return node;
    const path = indexPathOf(node, facts);
    if (path !== undefined && isSure(path)) return path;
    const ways: (LogicalPlan | undefined)[] = [
      path,
      node.filter && bitmapPathOf(node, facts),
    ];
    let best: LogicalPlan = node;
    let least = estimate(node, facts).total;
    for (const way of ways) {
      const cost = way === undefined ? Infinity : estimate(way, facts).total;
      if (way === undefined || cost >= least) continue;
      best = way;
      least = cost;
    }
    return best;
  });
}

/** Whether it finds at most one row a key: no statistics can be wrong. */
function isSure(path: IndexPath): boolean {
  return path.kind === "index_lookup" && path.index.unique &&
    path.keys.length <= 100;
}

/** The cheapest way to what `scan` gives by an index, if there is one. */
export function indexPathOf(
  scan: ScanNode,
  facts: PlanFacts,
): IndexPath | undefined {
  if (scan.filter === undefined || facts.ways?.indexScans === false) {
    return undefined;
  }
  let best: IndexPath | undefined;
  let least = Infinity;
  for (const index of usableIndexes(scan, facts)) {
    const path = pathBy(scan, index);
    if (path === undefined) continue;
    const cost = isSure(path) ? -1 : estimate(path, facts).total;
    if (cost >= least) continue;
    best = path;
    least = cost;
  }
  return best;
}

function pathBy(scan: ScanNode, index: TableIndex): IndexPath | undefined {
  const found = indexRange(scan, index);
  return lookupBy(scan, index, found) ?? scanBy(scan, index, found);
}

/** A lookup of all key columns. */
function lookupBy(
  scan: ScanNode,
  index: TableIndex,
  { range: { equal }, used, taken }: FoundRange,
): IndexLookupNode | undefined {
  const { entry, method } = index;
  if (
    method.lookup === undefined || !findsEquals(index) ||
    equal.length !== entry.columns.length ||
    equal.some(({ isNull }) => isNull) ||
    (equal.length > 1 &&
      equal.some(({ values, isArray }) => isArray || values.length !== 1))
  ) return undefined;
  const [first] = equal;
  return {
    kind: "index_lookup",
    table: scan.table,
    index: entry,
    keys: equal.length === 1
      ? first!.values.map((value) => [value])
      : [equal.map(({ values }) => values[0]!)],
    ...first!.isArray ? { unnests: true } : {},
    condition: conjunction(used)!,
    columns: scan.columns,
    filter: filterAfter(
      scan,
      index,
      method.isLossy === true ? new Set() : taken,
    ),
  };
}

function scanBy(
  scan: ScanNode,
  index: TableIndex,
  { range, used, taken }: FoundRange,
): IndexScanNode | undefined {
  const { entry, method } = index;
  if (method.openRange === undefined) return undefined;
  if (used.length === 0 && entry.predicate === undefined) return undefined;
  return {
    kind: "index_scan",
    table: scan.table,
    range,
    ordered: false,
    backward: false,
    columns: scan.columns,
    filter: filterAfter(scan, index, taken),
  };
}

/** The conditions that an index has not seen to. */
export function filterAfter(
  scan: ScanNode,
  index: TableIndex,
  taken: ReadonlySet<BoundExpression>,
): BoundExpression | undefined {
  return conjunction(remainingFilter(scan, index, taken));
}

function findsEquals({ entry, method }: TableIndex): boolean {
  return entry.columns.every(({ operatorClass }) =>
    method.operatorClasses.some((each) =>
      each.name === operatorClass && each.searchOperators.includes("=")
    )
  );
}
