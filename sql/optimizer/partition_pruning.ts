/**
 * Pass: partitions that can have no row that is wanted are not read.
 *
 * ```text
 * before  append p                 after  append p
 *           scan p1 filter a = 7            scan p2 filter a = 7
 *           scan p2 filter a = 7
 * ```
 *
 * Where the value is known only when the plan runs (a parameter, a row around
 * it), the condition stays with the node, which asks again then.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { someExpression } from "../analyzer/walk.ts";
import { conjunctsOf } from "../planner/conjuncts.ts";
import type { AppendNode, LogicalPlan } from "../planner/logical_plan.ts";
import { survivingTables } from "../planner/partitions/surviving_tables.ts";
import { mapPlan } from "../planner/plan_tree.ts";
import { isVolatile } from "../planner/volatility.ts";
import type { PlanFacts } from "./facts.ts";

/** Leaves partitions out that conditions exclude. */
export function prunePartitions(
  plan: LogicalPlan,
  facts: PlanFacts,
): LogicalPlan {
  if (facts.ways?.partitionPruning === false) return plan;
  return mapPlan(
    plan,
    (node) => node.kind === "append" ? prune(node, facts) : node,
  );
}

function prune(node: AppendNode, facts: PlanFacts): LogicalPlan {
  const { table: { table, relation } } = node;
  if (table.partitionKey === undefined || node.inputs.length === 0) return node;
  const conditions = filterOf(node.inputs[0]!);
  if (conditions.length === 0) return node;
  const { catalog } = facts.transaction;
  const left = survivingTables({
    catalog,
    table,
    relation,
    conditions,
    valueOf: (expression) =>
      expression.kind === "constant" ? expression.value : undefined,
  });
  const inputs = node.inputs.filter((input) => left.has(tableIdOf(input)));
  const late = conditions.filter(isLate);
  return {
    ...node,
    inputs,
    ...late.length > 0 && inputs.length > 1 && {
      pruning: { conditions: late, tableIds: inputs.map(tableIdOf) },
    },
  };
}

/** Conditions that say more once parameters and rows around are known. */
export function isLate(condition: BoundExpression): boolean {
  return !isVolatile(condition) && someExpression(
    condition,
    (part) => part.kind === "parameter" || part.kind === "outer",
  );
}

function filterOf(input: LogicalPlan): readonly BoundExpression[] {
  return input.kind === "scan"
    ? conjunctsOf(input.filter)
    : input.kind === "filter"
    ? conjunctsOf(input.condition)
    : [];
}

/** The id of the table that an input reads. */
export function tableIdOf(input: LogicalPlan): number {
  return "table" in input && "table" in input.table
    ? input.table.table.id
    : "input" in input
    ? tableIdOf(input.input)
    : 0;
}
