/**
 * Pass: the least and the greatest value are the first of an index.
 *
 * ```text
 * before  aggregate min(a), max(b)     after  project min(a), max(b)
 *           scan t                              join
 *                                                 aggregate min(a)
 *                                                   limit 1
 *                                                     index_scan t by t_a_idx, ordered
 *                                                 aggregate max(b)
 *                                                   limit 1
 *                                                     index_scan t by t_b_idx, backward
 * ```
 *
 * Of several tables (partitions) the first of each is looked at.
 *
 * @module
 */
import type {
  BoundAggregate,
  BoundExpression,
} from "../../analyzer/bound_expression.ts";
import { conjunction, conjunctsOf } from "../../planner/conjuncts.ts";
import type {
  AggregateNode,
  LimitNode,
  LogicalPlan,
  ScanNode,
} from "../../planner/logical_plan.ts";
import { columnRef, mapPlan } from "../../planner/plan_tree.ts";
import { bool } from "../../types/bool_type.ts";
import { int8 } from "../../types/int_types.ts";
import type { PlanFacts } from "../facts.ts";
import { newRelations } from "../new_relation.ts";
import { cheaper, orderedScan } from "./ordered_scan.ts";

/** The most aggregates that get a scan each. */
const AGGREGATES_MAX = 8;

/** Looks for `min` and `max` of all rows in indexes where that is cheaper. */
export function useExtremes(plan: LogicalPlan, facts: PlanFacts): LogicalPlan {
  const newRelation = newRelations(plan);
  return mapPlan(plan, (node) => {
    if (node.kind !== "aggregate") return node;
    const other = extremes(node, newRelation, facts);
    return other === undefined ? node : cheaper(node, other, facts);
  });
}

function extremes(
  plan: AggregateNode,
  newRelation: () => number,
  facts: PlanFacts,
): LogicalPlan | undefined {
  const { aggregates, groups, sets, groupings, relation } = plan;
  if (
    aggregates.length === 0 || aggregates.length > AGGREGATES_MAX ||
    groups.length > 0 || sets !== undefined || groupings.length > 0
  ) return undefined;
  const parts: AggregateNode[] = [];
  for (const aggregate of aggregates) {
    const input = firstRows(plan.input, aggregate, facts);
    if (input === undefined) return undefined;
    parts.push({ ...plan, input, aggregates: [aggregate] });
  }
  if (parts.length === 1) return parts[0];
  const own = parts.map((part) => ({ ...part, relation: newRelation() }));
  return {
    kind: "project",
    relation,
    expressions: own.map((part, i) =>
      columnRef({ relation: part.relation, column: 0 }, aggregates[i]!)
    ),
    input: own.slice(1).reduce<LogicalPlan>((left, right) => ({
      kind: "join",
      join: "inner",
      left,
      right,
      condition: undefined,
      captures: [],
    }), own[0]!),
  };
}

/** The rows among which the extreme is; absent: no index knows. */
function firstRows(
  input: LogicalPlan,
  aggregate: BoundAggregate,
  facts: PlanFacts,
): LogicalPlan | undefined {
  const { filter, args, definition: { name } } = aggregate;
  if (
    filter !== undefined || args.length !== 1 ||
    (name !== "min" && name !== "max")
  ) return undefined;
  const expression = args[0]!;
  const isMax = name === "max";
  if (input.kind === "scan") return firstRow(input, expression, isMax, facts);
  if (input.kind !== "append" || (input.more?.length ?? 0) > 0) {
    return undefined;
  }
  const inputs = input.inputs.map((each) =>
    each.kind === "scan"
      ? firstRow(each, expression, isMax, facts) ?? each
      : each
  );
  return inputs.some((each) => each.kind === "limit")
    ? { ...input, inputs }
    : undefined;
}

function firstRow(
  scan: ScanNode,
  expression: BoundExpression,
  descending: boolean,
  facts: PlanFacts,
): LimitNode | undefined {
  const known: ScanNode = {
    ...scan,
    filter: conjunction([
      ...conjunctsOf(scan.filter),
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
  const input = orderedScan(known, keys, facts);
  return input && {
    kind: "limit",
    input,
    limit: {
      kind: "constant",
      value: 1,
      type: { type: int8, typmod: -1 },
      offset: -1,
    },
    offset: undefined,
    ties: undefined,
  };
}
