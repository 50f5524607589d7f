/**
 * Pass: rows come in order from an index that has them in order.
 *
 * ```text
 * before  limit 10                 after  limit 10
 *           sort by b, c                    index_scan t by t_a_b_c_idx, ordered
 *             scan t                          a = 1
 *               filter a = 1
 *
 * before  aggregate min(a)         after  aggregate min(a)
 *           scan t                          limit 1
 *                                             index_scan t by t_a_idx, ordered
 * ```
 *
 * The keys of the sort are those of the index, all in its directions or all in
 * the opposite ones; key columns with one value may stand between them.
 *
 * @module
 */
import type { BoundExpression } from "../../analyzer/bound_expression.ts";
import { sameExpression } from "../../analyzer/walk.ts";
import type { IndexColumn } from "../../catalog/entries.ts";
import { conjunction, conjunctsOf } from "../../planner/conjuncts.ts";
import type {
  AggregateNode,
  IndexScanNode,
  LimitNode,
  LogicalPlan,
  ScanNode,
  SortKey,
  SortNode,
} from "../../planner/logical_plan.ts";
import { mapInputs } from "../../planner/plan_tree.ts";
import { bool } from "../../types/bool_type.ts";
import { int8 } from "../../types/int_types.ts";
import { estimate } from "../estimate.ts";
import type { PlanFacts } from "../facts.ts";
import { indexRange } from "./index_range.ts";
import { filterAfter, selectIndexes } from "./index_selection.ts";
import { type TableIndex, usableIndexes } from "./table_index.ts";

/** Replaces sorts by ordered scans where that is cheaper. */
export function useIndexOrder(
  plan: LogicalPlan,
  facts: PlanFacts,
): LogicalPlan {
  const below = mapInputs(plan, (input) => {
    // A limit decides together with the sort below it.
    if (plan.kind === "limit" && input.kind === "sort") {
      return mapInputs(input, (each) => useIndexOrder(each, facts));
    }
    return useIndexOrder(input, facts);
  });
  switch (below.kind) {
    case "limit":
      return below.input.kind === "sort"
        ? orderedLimit(below, below.input, facts)
        : below;
    case "sort":
      return cheaper(below, inOrder(below.input, below.keys, facts), facts);
    case "aggregate":
      return extremeByIndex(below, facts) ?? below;
    default:
      return below;
  }
}

function orderedLimit(
  limit: LimitNode,
  sort: SortNode,
  facts: PlanFacts,
): LogicalPlan {
  const ordered = inOrder(sort.input, sort.keys, facts);
  return ordered === undefined
    ? limit
    : cheaper(limit, { ...limit, input: ordered }, facts);
}

/** The cheaper of a plan as it would be and another. */
function cheaper(
  plan: LogicalPlan,
  other: LogicalPlan | undefined,
  facts: PlanFacts,
): LogicalPlan {
  if (other === undefined) return plan;
  const now = estimate(selectIndexes(plan, facts), facts).total;
  return estimate(other, facts).total < now ? other : plan;
}

/** `plan` with its rows in the order of `keys`, by an index. */
function inOrder(
  plan: LogicalPlan,
  keys: readonly SortKey[],
  facts: PlanFacts,
): LogicalPlan | undefined {
  switch (plan.kind) {
    case "scan":
      return orderedScan(plan, keys, facts);
    case "filter":
    case "compute": {
      const input = inOrder(plan.input, keys, facts);
      return input && { ...plan, input };
    }
    default:
      return undefined;
  }
}

function orderedScan(
  scan: ScanNode,
  keys: readonly SortKey[],
  facts: PlanFacts,
): IndexScanNode | undefined {
  if (facts.ways?.indexScans === false) return undefined;
  let best: IndexScanNode | undefined;
  let least = Infinity;
  for (const index of usableIndexes(scan, facts)) {
    const node = orderedBy(scan, keys, index);
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

/** Whether the index must be read backward for the order; absent: neither. */
function directionOf(
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

function hasNoNulls(scan: ScanNode, key: BoundExpression): boolean {
  if (
    key.kind === "column" &&
    scan.table.table.columns[key.column]?.notNull === true
  ) return true;
  return conjunctsOf(scan.filter).some((condition) =>
    condition.kind === "null_test" && condition.negated &&
    sameExpression(condition.operand, key)
  );
}

/** `min` and `max` of all rows: the first row of an ordered scan. */
function extremeByIndex(
  plan: AggregateNode,
  facts: PlanFacts,
): LogicalPlan | undefined {
  const { aggregates, groups, sets, groupings, input } = plan;
  const [aggregate] = aggregates;
  if (
    aggregate === undefined || aggregates.length > 1 || groups.length > 0 ||
    sets !== undefined || groupings.length > 0 || input.kind !== "scan" ||
    aggregate.filter !== undefined || aggregate.args.length !== 1
  ) return undefined;
  const { name } = aggregate.definition;
  if (name !== "min" && name !== "max") return undefined;
  const expression = aggregate.args[0]!;
  const descending = name === "max";
  const scan: ScanNode = {
    ...input,
    filter: conjunction([
      ...conjunctsOf(input.filter),
      {
        kind: "null_test",
        operand: expression,
        negated: true,
        type: { type: bool, typmod: -1 },
        offset: -1,
      },
    ]),
  };
  const keys = [{ expression, descending, nullsFirst: descending }];
  const ordered = orderedScan(scan, keys, facts);
  if (ordered === undefined) return undefined;
  const limit: LimitNode = {
    kind: "limit",
    input: ordered,
    limit: {
      kind: "constant",
      value: 1,
      type: { type: int8, typmod: -1 },
      offset: -1,
    },
    offset: undefined,
    ties: undefined,
  };
  const better = cheaper(plan, { ...plan, input: limit }, facts);
  return better === plan ? undefined : better;
}
