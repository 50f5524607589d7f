/**
 * Pass: how joins find their pairs.
 *
 * ```text
 * before  join inner on a.id = b.a         after  join inner, $1 = a.id
 *           scan a  filter a.x = 1                  index_lookup a by a_x
 *           scan b                                  index_lookup b by b_a  keys ($1)
 * ```
 *
 * Few rows on the left and an index on the right: the index is asked for each of
 * them. Else the smaller side of an inner join goes to the right, where a hash
 * table is made of it.
 *
 * @module
 */
import type { BoundExpression, Capture } from "../analyzer/bound_expression.ts";
import { replaceExpressions } from "../analyzer/walk.ts";
import { conjunction, conjunctsOf } from "../planner/conjuncts.ts";
import { joinConditionOf, type JoinKey } from "../planner/join_keys.ts";
import type {
  AppendNode,
  JoinNode,
  LogicalPlan,
  ScanNode,
} from "../planner/logical_plan.ts";
import { mapInputs } from "../planner/plan_tree.ts";
import { estimate } from "./estimate.ts";
import type { PlanFacts } from "./facts.ts";
import { mergedJoin } from "./merge_selection.ts";
import { tableIdOf } from "./partition_pruning.ts";
import { repeatedCost, streamCost } from "./request_cost.ts";
import { indexPathOf } from "./indexes/index_selection.ts";

/** How many rows of a scan cost as much as one lookup. */
export const ROWS_PER_LOOKUP = 16;

/** What a row of a scan costs. */
const SCANNED_ROW = 0.01;

/** Chooses the way of each join. */
export function selectJoins(
  plan: LogicalPlan,
  facts: PlanFacts,
  newSlot: () => number,
): LogicalPlan {
  const below = mapInputs(plan, (input) => selectJoins(input, facts, newSlot));
  if (below.kind !== "join" || below.captures.length > 0) return below;
  const { keys } = joinConditionOf(below);
  if (keys.length === 0) return below;
  const left = estimate(below.left, facts).rows;
  const right = estimate(below.right, facts).rows;
  const lookup = lookupJoin(below, keys, facts, newSlot);
  const { hashJoins = true, nestedLoops = true } = facts.ways ?? {};
  const pays = (
    rows: number,
    table: LogicalPlan,
    { right }: JoinNode,
  ): boolean =>
    nestedLoops &&
    (!hashJoins ||
      rows * ROWS_PER_LOOKUP + repeatedCost(right, rows, facts) / SCANNED_ROW <
        tableRows(table, facts) + broughtRows(table, facts));
  if (lookup !== undefined && pays(left, below.right, lookup)) return lookup;
  const looped = hashJoins || !nestedLoops ? {} : { looped: true as const };
  const merged = mergedJoin(below, facts);
  if (below.join !== "inner") return merged ?? { ...below, ...looped };
  const swapped = { ...below, left: below.right, right: below.left };
  const other = lookupJoin(
    swapped,
    joinConditionOf(swapped).keys,
    facts,
    newSlot,
  );
  if (other !== undefined && pays(right, below.left, other)) return other;
  return merged ?? { ...(left < right ? swapped : below), ...looped };
}

/** What it costs to bring a table, in rows that are in memory. */
function broughtRows(plan: LogicalPlan, facts: PlanFacts): number {
  if (plan.kind === "append") {
    return plan.inputs.reduce((sum, each) => sum + broughtRows(each, facts), 0);
  }
  return plan.kind === "scan"
    ? streamCost(plan.table.table.storageId, 1, facts) / SCANNED_ROW
    : 0;
}

function tableRows(plan: LogicalPlan, facts: PlanFacts): number {
  if (plan.kind === "append") {
    return plan.inputs.reduce((sum, each) => sum + tableRows(each, facts), 0);
  }
  return plan.kind === "scan"
    ? estimate({ ...plan, filter: undefined }, facts).rows
    : 0;
}

/** The join that asks an index of the right side for each row of the left. */
function lookupJoin(
  join: JoinNode,
  keys: readonly JoinKey[],
  facts: PlanFacts,
  newSlot: () => number,
): JoinNode | undefined {
  const { right } = join;
  const isTable = right.kind === "scan" ||
    (right.kind === "append" &&
      right.inputs.every(({ kind }) => kind === "scan"));
  if (!isTable || join.join === "full") return undefined;
  const captures: Capture[] = [];
  const fixed = keys.map(({ left, right: key, condition }): BoundExpression => {
    const slot = newSlot();
    captures.push({ slot, expression: left });
    const { type, offset } = left;
    const value: BoundExpression = {
      kind: "outer",
      slot,
      type,
      name: "name" in left ? left.name : "?column?",
      offset,
    };
    return replaceExpressions(
      condition,
      (part) => part === left ? value : part === key ? key : undefined,
    );
  });
  const lookup = right.kind === "append"
    ? appendedLookups(right, fixed, facts)
    : keyLookup(right as ScanNode, fixed, facts);
  if (lookup === undefined) return undefined;
  const taken = new Set(keys.map(({ condition }) => condition));
  return {
    ...join,
    right: lookup,
    condition: conjunction(
      conjunctsOf(join.condition).filter((each) => !taken.has(each)),
    ),
    captures,
  };
}

/** The rows of a table for which `fixed` is true, by an index over it. */
function keyLookup(
  scan: ScanNode,
  fixed: readonly BoundExpression[],
  facts: PlanFacts,
): LogicalPlan | undefined {
  const filter = conjunction([...conjunctsOf(scan.filter), ...fixed]);
  const lookup = indexPathOf({ ...scan, filter }, facts);
  if (lookup === undefined) return undefined;
  // The lookup must be by the join's key, not by what was there before.
  const bounds = lookup.kind === "index_lookup"
    ? lookup.condition
    : lookup.range.condition;
  const byKey = conjunctsOf(bounds).some((each) => fixed.includes(each));
  return byKey ? lookup : undefined;
}

/** The same of all tables of a tree; partitions are left out row by row. */
function appendedLookups(
  append: AppendNode,
  fixed: readonly BoundExpression[],
  facts: PlanFacts,
): LogicalPlan | undefined {
  const inputs: LogicalPlan[] = [];
  for (const input of append.inputs) {
    const lookup = keyLookup(input as ScanNode, fixed, facts);
    if (lookup === undefined) return undefined;
    inputs.push(lookup);
  }
  const isPruned = append.table.table.partitionKey !== undefined &&
    facts.ways?.partitionPruning !== false;
  if (!isPruned) return { ...append, inputs };
  return {
    ...append,
    inputs,
    pruning: {
      conditions: [...append.pruning?.conditions ?? [], ...fixed],
      tableIds: append.inputs.map(tableIdOf),
    },
  };
}
