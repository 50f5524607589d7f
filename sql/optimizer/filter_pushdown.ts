/**
 * Pass: a filter is evaluated where the rows are read.
 *
 * ```text
 * before  filter b > 1 AND n > 2              after  filter n > 2
 *           aggregate a, b, count(*) AS n              aggregate a, b, count(*) AS n
 *             scan t                                     scan t  filter b > 1
 * ```
 *
 * Conditions move below a filter, a sort and an aggregate (as far as they speak
 * of groups only) into a scan. A volatile condition, which may give another result
 * when it is evaluated for other rows, moves into a scan right below it only.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { replaceExpressions, someExpression } from "../analyzer/walk.ts";
import {
  type AggregateNode,
  type LogicalPlan,
  mapInput,
} from "../planner/logical_plan.ts";
import { isVolatile } from "../planner/planner.ts";
import { conjunction, conjunctsOf } from "./conjuncts.ts";

/** Moves filters towards the scans. */
export function pushFilters(plan: LogicalPlan): LogicalPlan {
  return plan.kind === "filter"
    ? push(plan.input, conjunctsOf(plan.condition))
    : mapInput(plan, pushFilters);
}

function filtered(
  input: LogicalPlan,
  conditions: readonly BoundExpression[],
): LogicalPlan {
  const condition = conjunction(conditions);
  return condition === undefined ? input : { kind: "filter", input, condition };
}

/** `plan` with `conditions` applied as low as they go. */
function push(
  plan: LogicalPlan,
  conditions: readonly BoundExpression[],
): LogicalPlan {
  switch (plan.kind) {
    case "scan": {
      const filter = conjunction([...conjunctsOf(plan.filter), ...conditions]);
      return { ...plan, filter };
    }
    case "filter":
      return pushFilters({
        ...plan,
        condition: conjunction([
          ...conjunctsOf(plan.condition),
          ...conditions,
        ])!,
      });
    case "sort": {
      const movable = conditions.filter((each) => !isVolatile(each));
      const input = push(plan.input, movable);
      return filtered({ ...plan, input }, conditions.filter(isVolatile));
    }
    case "aggregate":
      return pushBelowGroups(plan, conditions);
    default:
      return filtered(mapInput(plan, pushFilters), conditions);
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
    groups.length > 0 && !isVolatile(condition) &&
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
    ? push(plan.input, below)
    : pushFilters(plan.input);
  const above = conditions.filter((condition) => !onGroups(condition));
  return filtered({ ...plan, input }, above);
}
