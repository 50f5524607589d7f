/**
 * Pass: of each group the first row of an index, where that is all a query asks
 * of the group.
 *
 * ```text
 * before  aggregate a, max(b)      after  aggregate a, max(b)
 *           scan t                          index_scan t by t_a_b_idx, backward
 *                                             the first of each a
 *
 * before  distinct                 after  distinct
 *           project a                       project a
 *             scan t                          index_scan t by t_a_idx
 *                                               the first of each a
 *
 * before  distinct_on a            after  distinct_on a
 *           sort a, b DESC                  index_scan t by t_a_b_idx, ordered
 *             scan t                          the first of each a
 * ```
 *
 * The groups are made by the first key columns of the index; those among them that
 * conditions fix need not be asked for. Whether it pays is a matter of how many
 * groups there are, so ANALYZE must know.
 *
 * @module
 */
import type {
  BoundAggregate,
  BoundExpression,
} from "../../analyzer/bound_expression.ts";
import { sameExpression } from "../../analyzer/walk.ts";
import type {
  AggregateNode,
  DistinctNode,
  DistinctOnNode,
  IndexScanNode,
  LogicalPlan,
  ScanNode,
  SortKey,
} from "../../planner/logical_plan.ts";
import { mapPlan } from "../../planner/plan_tree.ts";
import type { PlanFacts } from "../facts.ts";
import { type FoundRange, indexRange } from "./index_range.ts";
import { filterAfter } from "./index_selection.ts";
import {
  cheaper,
  cheapestScan,
  directionOf,
  hasNoNulls,
} from "./ordered_scan.ts";
import type { TableIndex } from "./table_index.ts";

/** What is asked of each group. */
interface Asked {
  /** What makes the groups: columns of the table. */
  readonly groups: readonly BoundExpression[];
  /** The extreme that its first row has to have. */
  readonly extreme?: Extreme | undefined;
  /** The order in which the rows have to come. */
  readonly order?: readonly SortKey[] | undefined;
}

interface Extreme {
  readonly expression: BoundExpression;
  readonly isMax: boolean;
}

/** Reads the first row of each group where that is cheaper. */
export function useLeadingRows(
  plan: LogicalPlan,
  facts: PlanFacts,
): LogicalPlan {
  if (facts.ways?.indexScans === false) return plan;
  return mapPlan(plan, (node) => {
    switch (node.kind) {
      case "aggregate":
        return ofAggregate(node, facts) ?? node;
      case "distinct":
        return ofDistinct(node, facts) ?? node;
      case "distinct_on":
        return ofDistinctOn(node, facts) ?? node;
      default:
        return node;
    }
  });
}

function ofAggregate(
  plan: AggregateNode,
  facts: PlanFacts,
): LogicalPlan | undefined {
  const { groups, aggregates, sets, groupings, input } = plan;
  if (sets !== undefined || groupings.length > 0) return undefined;
  const asked = groups.length === 0
    ? distinctArgument(aggregates)
    : extremesAsked(groups, aggregates);
  return asked && cheaperInput(plan, input, asked, facts);
}

/** Groups of which at most one extreme is asked; absent: more is. */
function extremesAsked(
  groups: readonly BoundExpression[],
  aggregates: readonly BoundAggregate[],
): Asked | undefined {
  const [first] = aggregates;
  if (first === undefined) return { groups };
  const { definition: { name }, args, filter } = first;
  if (
    (name !== "min" && name !== "max") || args.length !== 1 ||
    filter !== undefined || aggregates.length > 1
  ) return undefined;
  return { groups, extreme: { expression: args[0]!, isMax: name === "max" } };
}

/** The values of which an aggregate takes each once: `count(DISTINCT a)`. */
function distinctArgument(
  aggregates: readonly BoundAggregate[],
): Asked | undefined {
  const [first] = aggregates;
  const isAlone = first !== undefined && aggregates.length === 1 &&
    first.distinct && first.args.length === 1 && first.filter === undefined &&
    first.directCount === 0;
  return isAlone ? { groups: first.args } : undefined;
}

function ofDistinct(
  plan: DistinctNode,
  facts: PlanFacts,
): LogicalPlan | undefined {
  const { input } = plan;
  if (input.kind !== "project") return undefined;
  const groups = input.expressions.filter(({ kind }) => kind !== "constant");
  if (groups.length === 0) return undefined;
  const rows = leadingRows(input.input, { groups }, facts);
  return rows &&
    cheaper(plan, { ...plan, input: { ...input, input: rows } }, facts);
}

function ofDistinctOn(
  plan: DistinctOnNode,
  facts: PlanFacts,
): LogicalPlan | undefined {
  const { keys: groups, input: sort } = plan;
  if (sort.kind !== "sort" || sort.input.kind !== "scan") return undefined;
  return cheaperInput(plan, sort.input, { groups, order: sort.keys }, facts);
}

/** The plan over the first rows of the groups, if that is cheaper. */
function cheaperInput(
  plan: AggregateNode | DistinctOnNode,
  input: LogicalPlan,
  asked: Asked,
  facts: PlanFacts,
): LogicalPlan | undefined {
  const rows = leadingRows(input, asked, facts);
  return rows && cheaper(plan, { ...plan, input: rows }, facts);
}

/** The first rows of the groups, in each table by itself. */
function leadingRows(
  input: LogicalPlan,
  asked: Asked,
  facts: PlanFacts,
): LogicalPlan | undefined {
  if (input.kind === "scan") return leadingScan(input, asked, facts);
  if (
    input.kind !== "append" || asked.order !== undefined ||
    (input.more?.length ?? 0) > 0
  ) return undefined;
  const inputs = input.inputs.map((each) =>
    each.kind === "scan" ? leadingScan(each, asked, facts) ?? each : each
  );
  return inputs.some((each, i) => each !== input.inputs[i])
    ? { ...input, inputs }
    : undefined;
}

function leadingScan(
  scan: ScanNode,
  asked: Asked,
  facts: PlanFacts,
): IndexScanNode | undefined {
  return cheapestScan(scan, facts, (index) => leadingBy(scan, asked, index));
}

function leadingBy(
  scan: ScanNode,
  asked: Asked,
  index: TableIndex,
): IndexScanNode | undefined {
  const { entry, method } = index;
  if (method.openRange === undefined) return undefined;
  const found = indexRange(scan, index);
  // A row that a filter leaves out would stand for its group.
  if (filterAfter(scan, index, found.taken) !== undefined) return undefined;
  const count = leadingCount(asked.groups, index, found);
  if (count === undefined) return undefined;
  const way = wayOf(scan, asked, index, found, count);
  if (way === undefined) return undefined;
  const { backward, nullsApart } = way;
  return {
    kind: "index_scan",
    table: scan.table,
    range: { ...found.range, index: entry },
    ordered: true,
    backward,
    leading: { count, nullsApart },
    columns: scan.columns,
    filter: undefined,
  };
}

/** How an index is read. */
interface Way {
  readonly backward: boolean;
  readonly nullsApart: boolean;
}

/** How an index has what is asked first in each group; absent: it has not. */
function wayOf(
  scan: ScanNode,
  { extreme, order }: Asked,
  index: TableIndex,
  found: FoundRange,
  leading: number,
): Way | undefined {
  if (extreme !== undefined) {
    return extremeWay(scan, extreme, index, found, leading);
  }
  const { range, fixedKeys } = found;
  if (order === undefined) return { backward: false, nullsApart: false };
  if (fixedKeys < range.equal.length) return undefined;
  const backward = directionOf(scan, order, index, fixedKeys);
  return backward === undefined ? undefined : { backward, nullsApart: false };
}

/** How many key columns make the groups; absent: others than the first do. */
function leadingCount(
  groups: readonly BoundExpression[],
  { keys }: TableIndex,
  { range: { equal } }: FoundRange,
): number | undefined {
  const isGroup = (key: BoundExpression): boolean =>
    groups.some((group) => sameExpression(group, key));
  if (
    !groups.every((group) => keys.some((key) => sameExpression(group, key)))
  ) {
    return undefined;
  }
  const last = keys.findLastIndex(isGroup);
  const leading = keys.slice(0, last + 1);
  return leading.every((key, i) => i < equal.length || isGroup(key))
    ? last + 1
    : undefined;
}

/**
 * How an extreme is first in each group. Where NULLs may stand before it, the
 * first of them and the first of the others are given: the aggregate above knows
 * what to make of both.
 */
function extremeWay(
  scan: ScanNode,
  { expression, isMax }: Extreme,
  { entry, keys }: TableIndex,
  { range, fixedKeys }: FoundRange,
  leading: number,
): Way | undefined {
  // Between the groups and the key stand only columns with one value.
  const at = Math.max(leading, fixedKeys);
  const key = keys[at];
  if (key === undefined || !sameExpression(key, expression)) return undefined;
  const { descending, nullsFirst } = entry.columns[at]!;
  const backward = descending !== isMax;
  const isBounded = at === range.equal.length &&
    (range.lower !== undefined || range.upper !== undefined || range.notNull);
  const isSafe = nullsFirst === backward || isBounded || hasNoNulls(scan, key);
  if (!isSafe && at > leading) return undefined;
  return { backward, nullsApart: !isSafe };
}
