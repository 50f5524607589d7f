/**
 * Pass: a filter is evaluated where the rows are read.
 *
 * ```text
 * before  filter b > 1 AND n > 2              after  filter n > 2
 *           aggregate a, b, count(*) AS n              aggregate a, b, count(*) AS n
 *             scan t                                     scan t  filter b > 1
 * ```
 *
 * Conditions move below a filter, a sort, a select list, an aggregate (as far as
 * they speak of groups only) and into the sides of joins, down to a scan. One that
 * no row of NULLs passes makes a left join an inner one. A volatile condition, which may give another result
 * when it is evaluated for other rows, moves into a scan right below it only.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { replaceExpressions, someExpression } from "../analyzer/walk.ts";
import { ColumnSet, columnsOf } from "../planner/join_keys.ts";
import type {
  AggregateNode,
  ComputeNode,
  JoinNode,
  LogicalPlan,
  ProjectNode,
} from "../planner/logical_plan.ts";
import { mapInputs } from "../planner/plan_tree.ts";
import { isVolatile } from "../planner/volatility.ts";
import { conjunction, conjunctsOf } from "../planner/conjuncts.ts";
import { impliedBy } from "./disjunctions.ts";

/** Moves filters towards the scans. */
export function pushFilters(plan: LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case "filter":
      return pushConditions(plan.input, conjunctsOf(plan.condition));
    case "join":
      return pushConditions(plan, []);
    default:
      return mapInputs(plan, pushFilters);
  }
}

function filtered(
  input: LogicalPlan,
  conditions: readonly BoundExpression[],
): LogicalPlan {
  const condition = conjunction(conditions);
  return condition === undefined ? input : { kind: "filter", input, condition };
}

/** `plan` with `conditions` applied as low as they go. */
export function pushConditions(
  plan: LogicalPlan,
  conditions: readonly BoundExpression[],
): LogicalPlan {
  switch (plan.kind) {
    case "scan": {
      const filter = conjunction([...conjunctsOf(plan.filter), ...conditions]);
      return { ...plan, filter };
    }
    case "append":
      return {
        ...plan,
        inputs: plan.inputs.map((input) => pushConditions(input, conditions)),
      };
    case "filter":
      return pushFilters({
        ...plan,
        condition: conjunction([
          ...conjunctsOf(plan.condition),
          ...conditions,
        ])!,
      });
    case "sort":
    case "distinct":
      return pushThrough(plan, conditions, (each) => !isVolatile(each));
    case "window": {
      // A condition on partitions holds for all rows of one or for none.
      const keys = new ColumnSet(
        plan.partitionBy.filter((key) => key.kind === "column"),
      );
      return pushThrough(
        plan,
        conditions,
        (each) => !isVolatile(each) && keys.covers(each),
      );
    }
    case "project_set": {
      const added = new ColumnSet(
        plan.calls.map((_, column) => ({ relation: plan.relation, column })),
      );
      return pushThrough(
        plan,
        conditions,
        (each) => !isVolatile(each) && !added.isUsedBy(each),
      );
    }
    case "apply": {
      const added = new ColumnSet(
        plan.subqueries.map((_, column) => ({
          relation: plan.relation,
          column,
        })),
      );
      const below = mapInputs(plan, pushFilters);
      return pushThrough(
        below.kind === "apply" ? { ...below, input: plan.input } : plan,
        conditions,
        (each) => !isVolatile(each) && !added.isUsedBy(each),
      );
    }
    case "project":
    case "compute":
      return pushBelowProject(plan, conditions);
    case "join":
      return pushIntoJoin(plan, conditions);
    case "aggregate":
      return pushBelowGroups(plan, conditions);
    default:
      return filtered(mapInputs(plan, pushFilters), conditions);
  }
}

/** The conditions that may, below `plan`; the others above it. */
function pushThrough(
  plan: Extract<
    LogicalPlan,
    { kind: "sort" | "distinct" | "apply" | "project_set" | "window" }
  >,
  conditions: readonly BoundExpression[],
  mayPass: (condition: BoundExpression) => boolean,
): LogicalPlan {
  const input = pushSome(plan.input, conditions.filter(mayPass));
  return filtered(
    { ...plan, input },
    conditions.filter((each) => !mayPass(each)),
  );
}

function pushSome(
  plan: LogicalPlan,
  conditions: readonly BoundExpression[],
): LogicalPlan {
  return conditions.length > 0
    ? pushConditions(plan, conditions)
    : pushFilters(plan);
}

/** Conditions on computed columns become conditions on what they are. */
function pushBelowProject(
  plan: ProjectNode | ComputeNode,
  conditions: readonly BoundExpression[],
): LogicalPlan {
  const { relation, expressions } = plan;
  const below: BoundExpression[] = [];
  const above: BoundExpression[] = [];
  for (const condition of conditions) {
    const moved = replaceExpressions(
      condition,
      (part) =>
        part.kind === "column" && part.relation === relation
          ? expressions[part.column]
          : undefined,
    );
    (isVolatile(moved) ? above : below).push(
      isVolatile(moved) ? condition : moved,
    );
  }
  return filtered({ ...plan, input: pushSome(plan.input, below) }, above);
}

/** Conditions on one side of a join hold before the rows are paired. */
function pushIntoJoin(
  plan: JoinNode,
  conditions: readonly BoundExpression[],
): LogicalPlan {
  const lefts = columnsOf(plan.left);
  const rights = columnsOf(plan.right);
  const fixed = conditions.filter((each) => !isVolatile(each));
  if (
    plan.join === "left" && fixed.some((each) => rejectsNulls(each, rights))
  ) return pushIntoJoin({ ...plan, join: "inner" }, conditions);
  const left: BoundExpression[] = [];
  const right: BoundExpression[] = [];
  const both: BoundExpression[] = [];
  const above = conditions.filter(isVolatile);
  const { join } = plan;
  for (const condition of fixed) {
    if (join === "full") above.push(condition);
    else if (lefts.covers(condition)) left.push(condition);
    else if (join !== "inner") above.push(condition);
    else if (rights.covers(condition)) right.push(condition);
    else both.push(condition);
  }
  for (const condition of conjunctsOf(plan.condition)) {
    const movable = join !== "full" && !isVolatile(condition);
    if (
      movable && (join === "inner" || join === "semi") &&
      lefts.covers(condition)
    ) left.push(condition);
    else if (movable && rights.covers(condition)) right.push(condition);
    else both.push(condition);
  }
  if (join === "inner") {
    left.push(...impliedByAll(both, lefts));
    right.push(...impliedByAll(both, rights));
  }
  return filtered({
    ...plan,
    left: pushSome(plan.left, left),
    right: pushSome(plan.right, right),
    condition: conjunction(both),
  }, above);
}

/** What ORs say of one side alone. */
function impliedByAll(
  conditions: readonly BoundExpression[],
  side: ColumnSet,
): BoundExpression[] {
  return conditions.map((each) => impliedBy(each, side))
    .filter((each) => each !== undefined);
}

/** Whether the condition is not true where all the columns are NULL. */
function rejectsNulls(condition: BoundExpression, columns: ColumnSet): boolean {
  if (condition.kind === "null_test") {
    return condition.negated && isStrictIn(condition.operand, columns);
  }
  return condition.kind === "call" && isStrictIn(condition, columns);
}

/** Whether the value is NULL where the columns are. */
function isStrictIn(expression: BoundExpression, columns: ColumnSet): boolean {
  switch (expression.kind) {
    case "column":
      return columns.has(expression);
    case "cast":
      return isStrictIn(expression.operand, columns);
    case "call":
      return expression.function.strict &&
        expression.args.some((arg) => isStrictIn(arg, columns));
    default:
      return false;
  }
}

/** Conditions on groups hold for all rows of a group or for none. */
function pushBelowGroups(
  plan: AggregateNode,
  conditions: readonly BoundExpression[],
): LogicalPlan {
  const { relation, groups } = plan;
  // Without GROUP BY there is one group even where no row is.
  const onGroups = (condition: BoundExpression): boolean =>
    groups.length > 0 && plan.sets === undefined && !isVolatile(condition) &&
    !someExpression(
      condition,
      (part) =>
        part.kind === "column" && part.relation === relation &&
        (part.column >= groups.length || isVolatile(groups[part.column]!)),
    );
  const below = conditions.filter(onGroups).map((condition) =>
    replaceExpressions(
      condition,
      (part) =>
        part.kind === "column" && part.relation === relation
          ? groups[part.column]
          : undefined,
    )
  );
  const input = below.length > 0
    ? pushConditions(plan.input, below)
    : pushFilters(plan.input);
  const above = conditions.filter((condition) => !onGroups(condition));
  return filtered({ ...plan, input }, above);
}
