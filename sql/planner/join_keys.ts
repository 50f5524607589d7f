/**
 * What a join's condition says: keys that are equal on both sides, and the rest.
 *
 * @module
 */
import type { BoundExpression } from "../analyzer/bound_expression.ts";
import { someExpression } from "../analyzer/walk.ts";
import { conjunctsOf } from "./conjuncts.ts";
import type { ColumnId, JoinNode, LogicalPlan } from "./logical_plan.ts";
import { outputOf } from "./plan_tree.ts";
import { isVolatile } from "./volatility.ts";

/** A set of columns. */
export class ColumnSet {
  readonly #relations = new Map<number, Set<number>>();

  /** The columns `ids`. */
  constructor(ids: Iterable<ColumnId>) {
    for (const { relation, column } of ids) {
      const columns = this.#relations.get(relation);
      if (columns === undefined) {
        this.#relations.set(relation, new Set([column]));
      } else columns.add(column);
    }
  }

  /** Whether the column is one of them. */
  has({ relation, column }: ColumnId): boolean {
    return this.#relations.get(relation)?.has(column) === true;
  }

  /** Whether the expression has one of them. */
  isUsedBy(expression: BoundExpression): boolean {
    return someExpression(
      expression,
      (part) => part.kind === "column" && this.has(part),
    );
  }

  /** Whether the expression has no other columns. */
  covers(expression: BoundExpression): boolean {
    return !someExpression(
      expression,
      (part) => part.kind === "column" && !this.has(part),
    );
  }
}

/** The columns that a node gives. */
export function columnsOf(plan: LogicalPlan): ColumnSet {
  return new ColumnSet(outputOf(plan));
}

/** Values that are equal in a pair of rows. */
export interface JoinKey {
  readonly left: BoundExpression;
  readonly right: BoundExpression;
  /** The condition that says so. */
  readonly condition: BoundExpression;
}

/** A condition taken apart. */
export interface JoinCondition {
  readonly keys: readonly JoinKey[];
  readonly rest: readonly BoundExpression[];
}

/** The keys that a join goes by, and what else its condition says. */
export function joinConditionOf(
  { left, right, condition, looped }: Pick<
    JoinNode,
    "left" | "right" | "condition" | "looped"
  >,
): JoinCondition {
  if (looped === true) return { keys: [], rest: conjunctsOf(condition) };
  const keys: JoinKey[] = [];
  const rest: BoundExpression[] = [];
  const lefts = columnsOf(left);
  const rights = columnsOf(right);
  for (const part of conjunctsOf(condition)) {
    const key = keyOf(part, lefts, rights);
    if (key === undefined) rest.push(part);
    else keys.push(key);
  }
  return { keys, rest };
}

function keyOf(
  condition: BoundExpression,
  lefts: ColumnSet,
  rights: ColumnSet,
): JoinKey | undefined {
  if (
    condition.kind !== "call" || condition.operator !== "=" ||
    isVolatile(condition)
  ) return undefined;
  const [first, second] = condition.args;
  for (const [left, right] of [[first!, second!], [second!, first!]] as const) {
    if (
      lefts.isUsedBy(left) && lefts.covers(left) && rights.isUsedBy(right) &&
      rights.covers(right)
    ) return { left, right, condition };
  }
  return undefined;
}
