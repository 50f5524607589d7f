/**
 * Scans of an index for the order in which it gives rows.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { sameExpression } from "../../analyzer/walk.ts";
import type { IndexColumn } from "../../catalog/entries.ts";
import { conjunctsOf } from "../../planner/conjuncts.ts";
import type {
  IndexScanNode,
  LogicalPlan,
  ScanNode,
  SortKey,
} from "../../planner/logical_plan.ts";
import { estimate } from "../estimate.ts";
import type { PlanFacts } from "../facts.ts";
import { indexRange } from "./index_range.ts";
import { filterAfter, selectIndexes } from "./index_selection.ts";
import { type TableIndex, usableIndexes } from "./table_index.ts";

/** The cheaper of a plan as it would be and another. */
export function cheaper(
  plan: LogicalPlan,
  other: LogicalPlan | undefined,
  facts: PlanFacts,
): LogicalPlan {
  if (other === undefined) return plan;
  const now = estimate(selectIndexes(plan, facts), facts).total;
  return estimate(other, facts).total < now ? other : plan;
}

/** The cheapest scan of an index that gives rows in the order of `keys`. */
export function orderedScan(
  scan: ScanNode,
  keys: readonly SortKey[],
  facts: PlanFacts,
): IndexScanNode | undefined {
  if (facts.ways?.indexScans === false) return undefined;
  return cheapestScan(scan, facts, (index) => orderedBy(scan, keys, index));
}

/** The cheapest of the scans that `scanBy` makes of a table's indexes. */
export function cheapestScan(
  scan: ScanNode,
  facts: PlanFacts,
  scanBy: (index: TableIndex) => IndexScanNode | undefined,
): IndexScanNode | undefined {
  let best: IndexScanNode | undefined;
  let least = Infinity;
  for (const index of usableIndexes(scan, facts)) {
    const node = scanBy(index);
    if (node === undefined) continue;
    const { total } = estimate(node, facts);
    if (total >= least) continue;
    best = node;
    least = total;
  }
  return best;
}

function orderedBy(
  scan: ScanNode,
  keys: readonly SortKey[],
  index: TableIndex,
): IndexScanNode | undefined {
  const { entry, method } = index;
  if (method.openRange === undefined) return undefined;
  const found = indexRange(scan, index);
  if (found.fixedKeys < found.range.equal.length) return undefined;
  const backward = directionOf(scan, keys, index, found.fixedKeys);
  if (backward === undefined) return undefined;
  return {
    kind: "index_scan",
    table: scan.table,
    range: { ...found.range, index: entry },
    ordered: true,
    backward,
    columns: scan.columns,
    filter: filterAfter(scan, index, found.taken),
  };
}

/**
 * Whether the index must be read backward for the order, where its first
 * `fixedKeys` keys have one value; absent: neither way gives it.
 */
export function directionOf(
  scan: ScanNode,
  wanted: readonly SortKey[],
  { entry, keys }: TableIndex,
  fixedKeys: number,
): boolean | undefined {
  let backward: boolean | undefined;
  let at = 0;
  for (const sortKey of wanted) {
    while (
      at < fixedKeys && !sameExpression(keys[at]!, sortKey.expression)
    ) at++;
    const key = keys[at];
    if (key === undefined || !sameExpression(key, sortKey.expression)) {
      return undefined;
    }
    const isFixed = at < fixedKeys;
    const turned = isTurned(scan, key, entry.columns[at]!, sortKey);
    at++;
    if (isFixed) continue;
    if (turned === undefined) return undefined;
    if (backward !== undefined && turned !== backward) return undefined;
    backward = turned;
  }
  return backward ?? false;
}

/** Whether a sort key goes the other way than a key column; absent: neither. */
function isTurned(
  scan: ScanNode,
  key: BoundExpression,
  { descending, nullsFirst }: IndexColumn,
  wanted: SortKey,
): boolean | undefined {
  const turned = descending !== wanted.descending;
  const nullsAgree = (nullsFirst !== wanted.nullsFirst) === turned;
  return nullsAgree || hasNoNulls(scan, key) ? turned : undefined;
}

/** Whether a key is NULL in no row that the scan gives. */
export function hasNoNulls(scan: ScanNode, key: BoundExpression): boolean {
  if (
    key.kind === "column" &&
    scan.table.table.columns[key.column]?.notNull === true
  ) return true;
  return conjunctsOf(scan.filter).some((condition) =>
    condition.kind === "null_test" && condition.negated &&
    sameExpression(condition.operand, key)
  );
}
