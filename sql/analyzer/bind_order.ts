/**
 * ORDER BY and DISTINCT: what their entries mean.
 *
 * A bare name means a result column first in ORDER BY, a column of FROM first
 * in GROUP BY; a bare integer means a position in the select list; everything
 * else is an expression over FROM.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type { Expression, SortSyntax } from "../parser/expression_syntax.ts";
import { isComparable, isOrdered } from "./bind_conditional.ts";
import type { BoundExpression } from "./bound_expression.ts";
import type { BoundSort, BoundTarget } from "./bound_tree.ts";
import { sortCollation } from "./collations/collated.ts";
import { offsetOf } from "./coerce.ts";
import type { ExpressionBinder } from "./expression_binder.ts";
import { sortOrderOf } from "./sort_order.ts";
import { sameExpression } from "./walk.ts";

/** The targets of a query while they are found; ORDER BY adds hidden ones. */
export class TargetList {
  readonly #targets: BoundTarget[] = [];

  /** The targets so far. */
  get all(): readonly BoundTarget[] {
    return this.#targets;
  }

  /** The targets of the result. */
  get visible(): readonly BoundTarget[] {
    return this.#targets.filter(({ visible }) => visible);
  }

  /** Adds a target; returns its position. */
  add(target: BoundTarget): number {
    return this.#targets.push(target) - 1;
  }

  /** Replaces the expression at a position. */
  replace(position: number, expression: BoundExpression): void {
    this.#targets[position] = { ...this.#targets[position]!, expression };
  }

  /** The position of a target with that expression, added if need be. */
  positionOf(expression: BoundExpression): number {
    const found = this.#targets.findIndex((target) =>
      sameExpression(target.expression, expression)
    );
    if (found >= 0) return found;
    return this.add({ name: "?column?", expression, visible: false });
  }
}

/** ORDER BY: positions in the targets, which may grow. */
export function bindOrderBy(
  binder: ExpressionBinder,
  items: readonly SortSyntax[],
  targets: TargetList,
): BoundSort[] {
  const sorts: BoundSort[] = [];
  for (const item of items) {
    const found = findTarget(item.expression, targets, "ORDER BY");
    const target = found >= 0 ? found : targets.positionOf(
      binder.coercer.settleUnknown(binder.bind(item.expression)),
    );
    const expression = settle(binder, targets, target);
    if (item.operator !== undefined) {
      const { type } = expression.type;
      const { functions } = binder.state.options;
      functions.resolveOperator(item.operator, type, type, item.offset);
    }
    const order = sortOrderOf(item);
    if (!isOrdered(binder, expression.type.type)) {
      throw noOperator("an ordering", expression);
    }
    if (sorts.some((sort) => sort.target === target)) continue;
    sorts.push({ target, ...order, collation: sortCollation(expression) });
  }
  return sorts;
}

/** The type of a target that is sorted or grouped must be known. */
export function settle(
  binder: ExpressionBinder,
  targets: TargetList,
  position: number,
): BoundExpression {
  const { expression } = targets.all[position]!;
  const settled = binder.coercer.settleUnknown(expression);
  if (settled !== expression) targets.replace(position, settled);
  return settled;
}

/** Whether it is a name alone. */
export function isBareName(
  item: Expression,
): item is Extract<Expression, { kind: "column" }> {
  return item.kind === "column" && !item.star && item.path.length === 1;
}

/** The position of the result column that `item` names or numbers; -1. */
export function findTarget(
  item: Expression,
  targets: TargetList,
  clause: string,
): number {
  if (item.kind === "constant") {
    const { literal, offset } = item;
    if (literal.form !== "integer") {
      throw new SqlError("42601", `non-integer constant in ${clause}`, {
        offset,
      });
    }
    const { visible, all } = targets;
    const target = visible[literal.value - 1];
    if (target === undefined) {
      throw new SqlError(
        "42P10",
        `${clause} position ${literal.value} is not in select list`,
        { offset },
      );
    }
    return all.indexOf(target);
  }
  if (!isBareName(item)) return -1;
  const name = item.path[0]!;
  let found = -1;
  targets.all.forEach((target, position) => {
    if (!target.visible || target.name !== name) return;
    if (found < 0) {
      found = position;
    } else if (
      !sameExpression(targets.all[found]!.expression, target.expression)
    ) {
      throw new SqlError("42702", `${clause} "${name}" is ambiguous`, {
        offset: item.offset,
      });
    }
  });
  return found;
}

/** DISTINCT: all visible targets are compared. */
export function bindDistinct(
  binder: ExpressionBinder,
  targets: TargetList,
  orderBy: readonly BoundSort[],
): void {
  targets.all.forEach((target, position) => {
    if (!target.visible) return;
    const expression = settle(binder, targets, position);
    if (!isComparable(binder, expression.type.type)) {
      throw noOperator("an equality", expression);
    }
  });
  for (const { target } of orderBy) {
    const { visible, expression } = targets.all[target]!;
    if (visible) continue;
    throw new SqlError(
      "42P10",
      "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
      { offset: offsetOf(expression) },
    );
  }
}

/** ORDER BY, begun with the expressions of DISTINCT ON. */
export interface DistinctOn {
  /** How many of the first keys decide. */
  readonly count: number;
  readonly orderBy: readonly BoundSort[];
}

/**
 * DISTINCT ON: the first keys of ORDER BY must be of it, until all are there;
 * those that are missing come behind them.
 */
export function bindDistinctOn(
  binder: ExpressionBinder,
  items: readonly Expression[],
  targets: TargetList,
  orderBy: readonly BoundSort[],
): DistinctOn {
  const wanted = new Map<number, Expression>();
  for (const item of items) {
    const found = findTarget(item, targets, "DISTINCT ON");
    const target = found >= 0 ? found : targets.positionOf(
      binder.coercer.settleUnknown(binder.bind(item)),
    );
    const expression = settle(binder, targets, target);
    if (!isComparable(binder, expression.type.type)) {
      throw noOperator("an equality", expression);
    }
    wanted.set(target, item);
  }
  const first = orderBy.findIndex(({ target }) => !wanted.has(target));
  const leading = first < 0 ? orderBy : orderBy.slice(0, first);
  const given = new Set(leading.map(({ target }) => target));
  const missing = [...wanted].filter(([target]) => !given.has(target));
  if (missing.length > 0 && first >= 0) {
    const late = orderBy.slice(first)
      .find(({ target }) => wanted.has(target));
    const place = late?.target ?? missing[0]![0];
    throw new SqlError(
      "42P10",
      "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
      { offset: wanted.get(place)!.offset },
    );
  }
  const added = missing.map(([target]): BoundSort => ({
    target,
    descending: false,
    nullsFirst: false,
  }));
  return { count: wanted.size, orderBy: [...orderBy, ...added] };
}

/** `42883` for a type that is not compared so. */
export function noOperator(
  which: "an equality" | "an ordering",
  expression: BoundExpression,
): SqlError {
  const { displayName } = expression.type.type;
  const hint = which === "an ordering"
    ? "Use an explicit ordering operator or modify the query."
    : undefined;
  return new SqlError(
    "42883",
    `could not identify ${which} operator for type ${displayName}`,
    { offset: offsetOf(expression), ...(hint === undefined ? {} : { hint }) },
  );
}
