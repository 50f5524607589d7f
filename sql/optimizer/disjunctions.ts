/**
 * Pass: what all branches of an OR say is said once, beside it.
 *
 * ```text
 * before  (a = b AND x = 1) OR (a = b AND x = 2)
 * after   a = b AND (x = 1 OR x = 2)
 * ```
 *
 * So a join has its key, and an index its bound. What is left of an OR may still
 * say something of one side of a join alone ({@linkcode impliedBy}), as
 * PostgreSQL's `extract_restriction_or_clauses` has it.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { sameExpression } from "../analyzer/walk.ts";
import { conjunction, conjunctsOf } from "../planner/conjuncts.ts";
import type { ColumnSet } from "../planner/join_keys.ts";
import type { LogicalPlan } from "../planner/logical_plan.ts";
import { mapPlan } from "../planner/plan_tree.ts";
import { isVolatile } from "../planner/volatility.ts";

/** Takes out of the ORs of a plan what their branches have in common. */
export function factorDisjunctions(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => {
    if (node.kind !== "filter" && node.kind !== "join") return node;
    const before = conjunctsOf(node.condition);
    const after = before.flatMap(factored);
    if (after.every((each, i) => each === before[i])) return node;
    return { ...node, condition: conjunction(after)! };
  });
}

/** The conditions that together are `condition`. */
function factored(condition: BoundExpression): readonly BoundExpression[] {
  const branches = branchesOf(condition);
  if (branches === undefined || isVolatile(condition)) return [condition];
  const [first, ...others] = branches.map(conjunctsOf);
  const common = first!.filter((part) =>
    others.every((branch) => branch.some((each) => sameExpression(each, part)))
  );
  if (common.length === 0) return [condition];
  const rests = [first!, ...others].map((branch) =>
    branch.filter((part) => !common.some((each) => sameExpression(each, part)))
  );
  // A branch that says nothing more is true wherever the others are.
  if (rests.some((rest) => rest.length === 0)) return common;
  return [...common, disjunction(condition, rests)];
}

/**
 * What an OR says of some columns alone; nothing if a branch does not speak of
 * them.
 */
export function impliedBy(
  condition: BoundExpression,
  columns: ColumnSet,
): BoundExpression | undefined {
  const branches = branchesOf(condition);
  if (branches === undefined || isVolatile(condition)) return undefined;
  const parts = branches.map((branch) =>
    conjunctsOf(branch).filter((part) =>
      columns.isUsedBy(part) && columns.covers(part)
    )
  );
  return parts.some((part) => part.length === 0)
    ? undefined
    : disjunction(condition, parts);
}

function branchesOf(
  condition: BoundExpression,
): readonly BoundExpression[] | undefined {
  return condition.kind === "logical" && condition.operation === "or"
    ? condition.operands
    : undefined;
}

function disjunction(
  like: BoundExpression,
  branches: readonly (readonly BoundExpression[])[],
): BoundExpression {
  return {
    kind: "logical",
    operation: "or",
    operands: branches.map((branch) => conjunction(branch)!),
    type: like.type,
    offset: like.offset,
  };
}
