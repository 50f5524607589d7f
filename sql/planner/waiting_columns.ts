/**
 * Calls that wait for storage, as columns computed apart.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { isSetCall } from "../analyzer/set_calls.ts";
import {
  childrenOf,
  replaceExpressions,
  someExpression,
} from "../analyzer/walk.ts";
import type { LogicalPlan } from "./logical_plan.ts";
import { columnRef } from "./plan_tree.ts";
import { isWaitingCall, waits } from "./volatility.ts";

/** Calls that wait for storage get a node of their own, inner ones first. */
export function separateWaits(
  newRelation: () => number,
  input: LogicalPlan,
  expressions: readonly BoundExpression[],
): [LogicalPlan, BoundExpression[]] {
  let plan = input;
  let current = [...expressions];
  while (current.some(waits)) {
    const relation = newRelation();
    const calls: BoundExpression[] = [];
    current = current.map((expression) =>
      replaceExpressions(expression, (part) => {
        if (!isWaitingCall(part) || childrenOf(part).some(waits)) {
          return undefined;
        }
        const column = calls.push(part) - 1;
        return columnRef({ relation, column }, part);
      })
    );
    plan = {
      kind: "compute",
      input: plan,
      relation,
      expressions: calls,
      waits: true,
    };
  }
  return [plan, current];
}

/**
 * Replaces the largest parts that wait and can be computed by themselves: those
 * without sets, aggregates and the like, which have columns of their own.
 */
export function replaceWaiting(
  expression: BoundExpression,
  replace: (part: BoundExpression) => BoundExpression,
): BoundExpression {
  return replaceExpressions(
    expression,
    (part) => waits(part) && standsAlone(part) ? replace(part) : undefined,
  );
}

function standsAlone(expression: BoundExpression): boolean {
  return !someExpression(
    expression,
    (part) =>
      isSetCall(part) || part.kind === "aggregate" || part.kind === "window" ||
      part.kind === "grouping",
  );
}

/** Parts that wait get a node of their own, each computed as a whole. */
export function separateWaiting(
  newRelation: () => number,
  input: LogicalPlan,
  expressions: readonly BoundExpression[],
): [LogicalPlan, BoundExpression[]] {
  const relation = newRelation();
  const computed: BoundExpression[] = [];
  const replaced = expressions.map((expression) =>
    replaceWaiting(expression, (part) => {
      const column = computed.push(part) - 1;
      return columnRef({ relation, column }, part);
    })
  );
  if (computed.length === 0) return [input, replaced];
  const plan: LogicalPlan = {
    kind: "compute",
    input,
    relation,
    expressions: computed,
    waits: true,
  };
  return [plan, replaced];
}
