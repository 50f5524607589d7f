/**
 * Conditions that a query has rows, as joins that keep a row or not:
 *
 * | condition | join |
 * | --- | --- |
 * | `EXISTS (…)` | semi |
 * | `NOT EXISTS (…)` | anti |
 * | `a op ANY (…)`, `a IN (…)` | semi, on the comparison |
 *
 * `NOT IN` is none of them, for a NULL on either side decides about all rows.
 *
 * @module
 */
import type {
  BoundExpression,
  BoundQuery,
  BoundSubquery,
} from "../analyzer/bound_expression.ts";
import { replaceExpressions, someExpression } from "../analyzer/walk.ts";
import { bareExists } from "./bare_exists.ts";
import type { JoinNode, LogicalPlan } from "./logical_plan.ts";

/** Plans a query whose columns belong to a relation. */
type PlanQuery = (query: BoundQuery, relation: number) => LogicalPlan;

/** The join that `condition` is, or nothing. */
export function semiJoinOf(
  left: LogicalPlan,
  condition: BoundExpression,
  plan: PlanQuery,
): JoinNode | undefined {
  if (condition.kind === "logical" && condition.operation === "not") {
    const [operand] = condition.operands;
    return operand?.kind === "subquery" && operand.form === "exists"
      ? joinOf("anti", left, operand, plan)
      : undefined;
  }
  if (condition.kind !== "subquery") return undefined;
  return condition.form === "exists" || condition.form === "any"
    ? joinOf("semi", left, condition, plan)
    : undefined;
}

function joinOf(
  join: "semi" | "anti",
  left: LogicalPlan,
  written: BoundSubquery,
  plan: PlanQuery,
): JoinNode | undefined {
  const subquery = bareExists(written);
  const { operands, operandRelation, test, captures, relation } = subquery;
  const nested = [...operands, ...captures.map(({ expression }) => expression)]
    .some((part) => someExpression(part, ({ kind }) => kind === "subquery"));
  // What no row is needed for is computed once.
  const fixed = subquery.form === "exists" && captures.length === 0;
  if (nested || fixed) return undefined;
  const condition = test &&
    replaceExpressions(
      test,
      (part) =>
        part.kind === "column" && part.relation === operandRelation
          ? operands[part.column]
          : undefined,
    );
  const right = plan(subquery.query, relation);
  return { kind: "join", join, left, right, condition, captures };
}
