/**
 * Pass: a join whose right side is run for each row of the left becomes one that
 * is run once.
 *
 * ```text
 * before  join semi, $0 = o.id             after  join semi on l.o = o.id
 *           scan orders o                           scan orders o
 *           filter l.o = $0                         scan lines l
 *             scan lines l
 * ```
 *
 * Conditions over what the right side takes from the left move up into the join's
 * condition; where something of it is left below, the join stays as it is.
 *
 * @module
 */
import type { BoundExpression, Capture } from "../analyzer/bound_expression.ts";
import { replaceExpressions, someExpression } from "../analyzer/walk.ts";
import { conjunction, conjunctsOf } from "../planner/conjuncts.ts";
import { expressionsOf } from "../planner/expressions_of.ts";
import { columnsOf } from "../planner/join_keys.ts";
import type { JoinNode, LogicalPlan } from "../planner/logical_plan.ts";
import { columnRef, inputsOf, mapPlan } from "../planner/plan_tree.ts";
import { isVolatile } from "../planner/volatility.ts";

/** Makes joins independent of rows where that is possible. */
export function decorrelate(plan: LogicalPlan): LogicalPlan {
  return mapPlan(plan, (node) => {
    if (node.kind !== "join") return node;
    const bare = bareRight(node);
    if (bare.captures.length === 0) return bare;
    const once = independent(bare);
    return once === undefined ? bare : bareRight(once);
  });
}

/** A semi- or anti-join without what only changes what its right side shows. */
function bareRight(join: JoinNode): JoinNode {
  const { right } = join;
  if (join.join !== "semi" && join.join !== "anti") return join;
  if (right.kind === "sort" || right.kind === "distinct") {
    return bareRight({ ...join, right: right.input });
  }
  if (right.kind !== "project" || right.expressions.some(isVolatile)) {
    return join;
  }
  // What it shows may take from the left, of which the condition speaks itself.
  const shown = right.expressions.map((each) =>
    withCaptures(each, join.captures)
  );
  const condition = join.condition && replaceExpressions(
    join.condition,
    (part) =>
      part.kind === "column" && part.relation === right.relation
        ? shown[part.column]
        : undefined,
  );
  return bareRight({ ...join, right: right.input, condition });
}

function independent(join: JoinNode): JoinNode | undefined {
  const slots = new Set(join.captures.map(({ slot }) => slot));
  const lifted: BoundExpression[] = [];
  const right = lift(join.right, slots, lifted);
  if (usesSlots(right, slots)) return undefined;
  const conditions = [...conjunctsOf(join.condition), ...lifted];
  return {
    ...join,
    right,
    condition: conjunction(
      conditions.map((each) => withCaptures(each, join.captures)),
    ),
    captures: [],
  };
}

/** The slots replaced by what they hold. */
function withCaptures(
  expression: BoundExpression,
  captures: readonly Capture[],
): BoundExpression {
  return replaceExpressions(
    expression,
    (part) =>
      part.kind === "outer"
        ? captures.find(({ slot }) => slot === part.slot)?.expression
        : undefined,
  );
}

/** Whether an expression takes something from one of the slots. */
export function hasSlot(
  expression: BoundExpression,
  slots: ReadonlySet<number>,
): boolean {
  return someExpression(
    expression,
    (part) => part.kind === "outer" && slots.has(part.slot),
  );
}

/** Whether a plan takes something from one of the slots. */
export function usesSlots(
  plan: LogicalPlan,
  slots: ReadonlySet<number>,
): boolean {
  const tests = plan.kind === "apply" || plan.kind === "init"
    ? plan.subqueries.flatMap(({ test }) => test === undefined ? [] : [test])
    : [];
  return [...expressionsOf(plan), ...tests].some((each) =>
    hasSlot(each, slots)
  ) ||
    inputsOf(plan).some((input) => usesSlots(input, slots));
}

/** What `condition` says besides the slots; the others go to `lifted`. */
function without(
  condition: BoundExpression | undefined,
  slots: ReadonlySet<number>,
  lifted: BoundExpression[],
): BoundExpression | undefined {
  const conditions = conjunctsOf(condition);
  const moving = conditions.filter((each) =>
    hasSlot(each, slots) && !isVolatile(each)
  );
  lifted.push(...moving);
  return conjunction(conditions.filter((each) => !moving.includes(each)));
}

/** `plan` without the conditions over the slots, which go to `lifted`. */
export function lift(
  plan: LogicalPlan,
  slots: ReadonlySet<number>,
  lifted: BoundExpression[],
): LogicalPlan {
  switch (plan.kind) {
    case "scan":
      return { ...plan, filter: without(plan.filter, slots, lifted) };
    case "filter": {
      const input = lift(plan.input, slots, lifted);
      const condition = without(plan.condition, slots, lifted);
      return condition === undefined ? input : { ...plan, input, condition };
    }
    case "project": {
      const own: BoundExpression[] = [];
      const input = lift(plan.input, slots, own);
      if (own.length === 0) return { ...plan, input };
      // What the conditions speak of comes up with them.
      const expressions = [...plan.expressions];
      const below = columnsOf(input);
      lifted.push(...own.map((each) =>
        replaceExpressions(each, (part) => {
          if (part.kind !== "column" || !below.has(part)) return undefined;
          const column = expressions.push(part) - 1;
          const { relation } = plan;
          return columnRef({ relation, column }, part, part.name);
        })
      ));
      return { ...plan, input, expressions };
    }
    case "join": {
      // A row that its side filters out still decides whether another has a
      // partner.
      if (plan.join === "full") return plan;
      const left = lift(plan.left, slots, lifted);
      if (plan.join !== "inner" || plan.captures.length > 0) {
        return { ...plan, left };
      }
      const right = lift(plan.right, slots, lifted);
      const condition = without(plan.condition, slots, lifted);
      return { ...plan, left, right, condition };
    }
    default:
      return plan;
  }
}
