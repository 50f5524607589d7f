/**
 * GROUP BY: the expressions, and the sets of them that rows are grouped by.
 *
 * | written | sets |
 * | --- | --- |
 * | `a, b` | `(a, b)` |
 * | `ROLLUP (a, b)` | `(a, b), (a), ()` |
 * | `CUBE (a, b)` | `(a, b), (a), (b), ()` |
 * | `GROUPING SETS (a, ROLLUP (b))` | `(a), (b), ()` |
 *
 * Entries side by side are multiplied: each set of one with each of the other.
 *
 * @module
 */
import { SqlError } from "../errors/sql_error.ts";
import type {
  Expression,
  GroupSyntax,
  SelectBody,
} from "../parser/expression_syntax.ts";
import { isComparable } from "./bind_conditional.ts";
import {
  findTarget,
  isBareName,
  noOperator,
  settle,
  type TargetList,
} from "./bind_order.ts";
import { refuseWindowWithin } from "./bind_window.ts";
import type { BoundExpression } from "./bound_expression.ts";
import { offsetOf } from "./coerce.ts";
import type { ExpressionBinder } from "./expression_binder.ts";
import { hasAggregate } from "./grouping.ts";
import { sameExpression } from "./walk.ts";

/** How many sets of groups a query may have. */
const SETS_MAX = 4096;
/** How many entries CUBE may have. */
const CUBE_ITEMS_MAX = 12;

/** Groups by number. */
type GroupSet = readonly number[];

/** GROUP BY, bound. */
export interface BoundGroups {
  readonly groupBy: readonly BoundExpression[];
  /** Absent: one set of all. */
  readonly groupingSets: readonly GroupSet[] | undefined;
}

/** Binds GROUP BY. */
export function bindGroupBy(
  binder: ExpressionBinder,
  { groupBy: items, groupDistinct }: SelectBody,
  targets: TargetList,
): BoundGroups {
  const groups = new GroupBinder(binder, targets);
  let sets: readonly GroupSet[] = [[]];
  for (const item of items) {
    const own = groups.sets(item);
    if (sets.length * own.length > SETS_MAX) throw tooManySets();
    sets = sets.flatMap((set) => own.map((other) => union(set, other)));
  }
  if (groupDistinct) sets = withoutRepeats(sets);
  const { all } = groups;
  const [first] = sets;
  const isPlain = sets.length === 1 && first!.length === all.length;
  return { groupBy: all, groupingSets: isPlain ? undefined : sets };
}

function tooManySets(): SqlError {
  return new SqlError(
    "54001",
    `too many grouping sets present (maximum ${SETS_MAX})`,
  );
}

function union(a: GroupSet, b: GroupSet): GroupSet {
  return [...new Set([...a, ...b])];
}

function withoutRepeats(sets: readonly GroupSet[]): readonly GroupSet[] {
  const seen = new Set<string>();
  return sets.filter((set) => {
    const key = [...set].sort((a, b) => a - b).join();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Numbers the expressions of one GROUP BY. */
class GroupBinder {
  readonly all: BoundExpression[] = [];
  readonly #binder: ExpressionBinder;
  readonly #targets: TargetList;

  constructor(binder: ExpressionBinder, targets: TargetList) {
    this.#binder = binder;
    this.#targets = targets;
  }

  /** The sets that an entry stands for. */
  sets(item: GroupSyntax): readonly GroupSet[] {
    switch (item.kind) {
      case "group":
        return [[this.#number(item.expression)]];
      case "list":
        return [item.items.map((each) => this.#number(each))];
      case "rollup": {
        const parts = item.items.map((each) => this.#part(each));
        return Array.from(
          { length: parts.length + 1 },
          (_, i) => parts.slice(0, parts.length - i).reduce(union, []),
        );
      }
      case "cube":
        return this.#cube(item.items, item.offset);
      case "sets": {
        const sets = item.items.flatMap((each) => this.sets(each));
        if (sets.length > SETS_MAX) throw tooManySets();
        return sets;
      }
    }
  }

  /** An entry of ROLLUP or CUBE, which is one set. */
  #part(item: GroupSyntax): GroupSet {
    return this.sets(item)[0]!;
  }

  #cube(items: readonly GroupSyntax[], offset: number): readonly GroupSet[] {
    if (items.length > CUBE_ITEMS_MAX) {
      throw new SqlError(
        "54011",
        `CUBE is limited to ${CUBE_ITEMS_MAX} elements`,
        { offset },
      );
    }
    const parts = items.map((each) => this.#part(each));
    const sets: GroupSet[] = [];
    for (let bits = (1 << parts.length) - 1; bits >= 0; bits--) {
      sets.push(
        parts.filter((_, i) => (bits >> (parts.length - 1 - i)) & 1)
          .reduce(union, []),
      );
    }
    return sets;
  }

  #number(item: Expression): number {
    const expression = groupExpression(this.#binder, item, this.#targets);
    if (!isComparable(this.#binder, expression.type.type)) {
      throw noOperator("an equality", expression);
    }
    const known = this.all.findIndex((group) =>
      sameExpression(group, expression)
    );
    return known >= 0 ? known : this.all.push(expression) - 1;
  }
}

function groupExpression(
  binder: ExpressionBinder,
  item: Expression,
  targets: TargetList,
): BoundExpression {
  const isInput = isBareName(item) &&
    binder.scope.findHere(item.path[0]!, item.offset) !== undefined;
  const position = isInput ? -1 : findTarget(item, targets, "GROUP BY");
  if (position < 0) return binder.coercer.settleUnknown(binder.bind(item));
  const { expression } = targets.all[position]!;
  if (hasAggregate(expression)) {
    throw new SqlError(
      "42803",
      "aggregate functions are not allowed in GROUP BY",
      { offset: offsetOf(expression) },
    );
  }
  refuseWindowWithin(
    expression,
    "42P20",
    "window functions are not allowed in GROUP BY",
  );
  return settle(binder, targets, position);
}
