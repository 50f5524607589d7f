/**
 * Pass: what is said of a column holds for the columns that are equal to it.
 *
 * ```text
 * before  join on a.id = b.a           after  join on a.id = b.a
 *           scan a  filter a.id = 5             scan a  filter a.id = 5
 *           scan b                              scan b  filter b.a = 5
 * ```
 *
 * In inner and semi-joins what each side says holds for the other; in left and
 * anti-joins what the left side says holds for rows of the right one that are
 * partners. Full joins keep all rows of both.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { conjunctsOf } from "../planner/conjuncts.ts";
import { columnsOf } from "../planner/join_keys.ts";
import type { JoinNode, LogicalPlan } from "../planner/logical_plan.ts";
import { mapInputs } from "../planner/plan_tree.ts";
import { Equivalences } from "./equivalences.ts";
import { pushConditions } from "./filter_pushdown.ts";
import { flattenJoins, isFreeJoin, rebuildJoins } from "./free_joins.ts";

/** Gives each side of a join what the other says of equal columns. */
export function deduceEqualities(plan: LogicalPlan): LogicalPlan {
  if (plan.kind !== "join") return mapInputs(plan, deduceEqualities);
  return isFreeJoin(plan)
    ? deduceBetween(plan)
    : mapInputs(deduceAcross(plan), deduceEqualities);
}

/** Inner joins: all inputs tell each other. */
function deduceBetween(plan: JoinNode): LogicalPlan {
  const { inputs, conditions } = flattenJoins(plan);
  const said = inputs.map(conditionsOf);
  const classes = new Equivalences([...conditions, ...said.flat()]);
  return rebuildJoins(
    plan,
    inputs.map((input, i) =>
      deduceEqualities(withFixed(input, classes, said[i]!))
    ),
  );
}

/** The other joins: the sides that may lose rows without a partner are told. */
function deduceAcross(plan: JoinNode): JoinNode {
  const { join, left, right, condition, captures } = plan;
  if (join === "full" || captures.length > 0) return plan;
  const lefts = conditionsOf(left);
  const rights = conditionsOf(right);
  const classes = new Equivalences([
    ...conjunctsOf(condition),
    ...lefts,
    ...rights,
  ]);
  return {
    ...plan,
    left: join === "semi" || join === "inner"
      ? withFixed(left, classes, lefts)
      : left,
    right: withFixed(right, classes, rights),
  };
}

function withFixed(
  input: LogicalPlan,
  classes: Equivalences,
  said: readonly BoundExpression[],
): LogicalPlan {
  const more = classes.fixedIn(columnsOf(input), said);
  return more.length === 0 ? input : pushConditions(input, more);
}

/** Conditions that hold for every row of a node. */
export function conditionsOf(plan: LogicalPlan): readonly BoundExpression[] {
  switch (plan.kind) {
    case "scan":
      return conjunctsOf(plan.filter);
    case "custom_scan":
      return [
        ...plan.told.map(({ expression }) => expression),
        ...conjunctsOf(plan.filter),
      ];
    case "index_lookup":
    case "bitmap_scan":
      return [...conjunctsOf(plan.condition), ...conjunctsOf(plan.filter)];
    case "index_scan":
      return [
        ...conjunctsOf(plan.range.condition),
        ...conjunctsOf(plan.filter),
      ];
    case "append": {
      // Inputs share the conditions that were moved into all of them.
      const [first, ...rest] = plan.inputs.map(conditionsOf);
      return first?.filter((each) =>
        rest.every((others) => others.includes(each))
      ) ?? [];
    }
    case "filter":
      return [...conjunctsOf(plan.condition), ...conditionsOf(plan.input)];
    case "join":
      return plan.join === "inner"
        ? [
          ...conjunctsOf(plan.condition),
          ...conditionsOf(plan.left),
          ...conditionsOf(plan.right),
        ]
        : plan.join === "full"
        ? []
        : conditionsOf(plan.left);
    case "apply":
    case "compute":
    case "distinct":
    case "sort":
    case "window":
      return conditionsOf(plan.input);
    default:
      return [];
  }
}
